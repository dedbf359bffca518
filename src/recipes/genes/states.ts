import type { Dim } from '../../graph/dims.ts';
import { concat, constant, full, gather, reshape, where } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { constant as same } from '../../nn/initializers.ts';
import { module, parameter } from '../../nn/module.ts';
import { type CrfPotentials, forbiddenScore } from '../../nn/structured/index.ts';

/**
 * The chain steps over three bases at a time. A step is intergenic (0), or the codon that begins at its first, second or third base is read on either
 * strand, as inside, start or stop of a gene: 1 + 2 strands · 3 frames · 3 kinds.
 */
export const stateCount = 19;
const kinds = { inside: 0, start: 1, stop: 2 } as const;
export type CodonKind = keyof typeof kinds;

/** Strand 0 is the forward one. */
export const stateOf = (strand: number, frame: number, kind: CodonKind): number =>
  1 + 9 * strand + 3 * frame + kinds[kind];

/** The codon at which a gene begins when it is met from the left, and that at which it ends. */
export const leftEnd = (strand: number): CodonKind => (strand === 0 ? 'start' : 'stop');
export const rightEnd = (strand: number): CodonKind => (strand === 0 ? 'stop' : 'start');

/** Where each learned step stands in the vector of them: what is alike in all frames is one number. */
export const learnedSteps = {
  begin: (strand: number) => strand,
  finish: (strand: number) => 2 + strand,
  /** A gene follows at once on another one. */
  touch: (left: number, right: number) => 4 + 2 * left + right,
  /** The next gene has begun before this one ends. */
  cover: (left: number, right: number) => 8 + 2 * left + right,
  count: 12,
} as const;

/** What each step from row to column scores, as its place in that vector, or `count` for nothing; −1 where it may not happen. */
export function stepTable(): Int8Array {
  const { begin, finish, touch, cover, count: free } = learnedSteps;
  const table = new Int8Array(stateCount * stateCount).fill(-1);
  const allow = (from: number, to: number, place: number) => {
    table[from * stateCount + to] = place;
  };
  const frames = [0, 1].flatMap((strand) => [0, 1, 2].map((frame) => ({ strand, frame })));
  allow(0, 0, free);
  for (const { strand, frame } of frames) {
    const inside = stateOf(strand, frame, 'inside');
    const left = stateOf(strand, frame, leftEnd(strand));
    const right = stateOf(strand, frame, rightEnd(strand));
    allow(0, left, begin(strand));
    allow(left, inside, free);
    allow(inside, inside, free);
    allow(inside, right, free);
    allow(right, 0, finish(strand));
    for (const next of frames) {
      allow(right, stateOf(next.strand, next.frame, leftEnd(next.strand)), touch(strand, next.strand));
      // In the same frame one gene cannot reach under the other: a stop would stand inside it.
      if (next.strand !== strand || next.frame !== frame)
        allow(right, stateOf(next.strand, next.frame, 'inside'), cover(strand, next.strand));
    }
  }
  return table;
}

/**
 * A chain over reading frames: scores of codons[batch, steps, 18] in the order of the states → potentials of a CRF. An intergenic step
 * scores 0, and so does going on as before; steps that differ in their frames alone share one parameter.
 */
export const frameChain = () =>
  module({
    params: { steps: parameter([learnedSteps.count], { initial: same(-4) }) },
    apply: ({ steps }, codons: Value): CrfPotentials => {
      const [batch, time] = codons.shape as [Dim, Dim];
      const table = Array.from(stepTable());
      const places = constant(
        table.map((place) => Math.max(0, place)),
        [table.length],
        'int32',
      );
      const scores = gather(concat([steps, constant([0], [1])], 0), places);
      const square = [stateCount, stateCount];
      const allowed = constant(
        table.map((place) => Number(place >= 0)),
        square,
        'bool',
      );
      // A window may begin and end anywhere, within a gene too.
      const anywhere = full([stateCount], 0);
      return {
        emissions: concat([full([batch, time, 1], 0), codons], 2),
        transitions: where(allowed, reshape(scores, square), forbiddenScore),
        start: anywhere,
        end: anywhere,
      };
    },
  });
