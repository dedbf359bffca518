import { usageError } from '../../core/errors.ts';
import { categorical } from '../hmm/emissions/categorical.ts';
import { type Hmm, hmm } from '../hmm/model.ts';
import { checkMatrix, type MotifMatrix, reverseComplementMatrix } from './matrix.ts';

/** A motif of a chain, and how often a site begins where one could, on the strand that is read and on the other one. */
export interface ChainMotif {
  readonly matrix: MotifMatrix;
  readonly rates: readonly [forward: number, reverse: number];
}

/** A background in which sites of motifs stand: all that the hidden Markov model is made of. */
export interface MotifChain {
  readonly motifs: readonly ChainMotif[];
  /** P(letter) outside the sites. */
  readonly background: readonly number[];
  /** The complement of each letter, for sites on both strands; null for sites as they are read alone. */
  readonly complement: ArrayLike<number> | null;
  /** P(the sequence ends) wherever no site is under way. */
  readonly end: number;
}

/** The complement of A C G T as tokens 0 to 3. */
export const dnaComplement: readonly number[] = [3, 2, 1, 0];

/**
 * The background + motif-chain model. From a silent state between letters a path goes to the background, which emits one letter and comes
 * back, or through all positions of a motif, or of its reverse complement, and back. Sequences begin and end
 * between letters, so that no site is cut off, and with equal rates the model gives a sequence and its reverse complement the same probability.
 *
 * State 0 is the background; then come, motif by motif, the states of the strand that is read (`1+1`, `1+2` …) and those of the other
 * one (`1-1` …), in the order in which letters are read; the last state is the silent one. Throws a usage error for
 * rows that are no probabilities and for rates that leave the background none.
 * @example motifChainHmm({ motifs: [{ matrix: [[1, 0, 0, 0], [0, 0, 0, 1]], rates: [0.1, 0] }], background: [0.25, 0.25, 0.25, 0.25], complement: null, end: 0.01 })
 */
export function motifChainHmm({ motifs, background, complement, end }: MotifChain): Hmm<ArrayLike<number>> {
  checkMatrix([background], background.length);
  for (const { matrix } of motifs) checkMatrix(matrix, background.length);
  const rows: (readonly number[])[] = [background];
  const states: { name: string; emission: number | null; letter: string }[] = [
    { name: 'background', emission: 0, letter: '.' },
  ];
  const entrances: [number, number][] = [];
  const edges: [number, number, number][] = [];
  motifs.forEach(({ matrix, rates }, m) => {
    const strands = complement ? [matrix, reverseComplementMatrix(matrix, complement)] : [matrix];
    strands.forEach((strand, s) => {
      entrances.push([states.length, rates[s]!]);
      strand.forEach((row, i) => {
        if (i + 1 < strand.length) edges.push([states.length, states.length + 1, 1]);
        states.push({ name: `${m + 1}${'+-'[s]}${i + 1}`, emission: rows.length, letter: '><'[s]! });
        rows.push(row);
      });
    });
  });
  const between = states.length;
  const free = 1 - end - entrances.reduce((sum, [, rate]) => sum + rate, 0);
  if (!(free > 0 && end >= 0 && entrances.every(([, rate]) => rate >= 0)))
    throw usageError(
      `Rates of motifs and of the end sum to ${1 - free}; expected numbers from 0 whose sum is below 1.`,
    );
  states.push({ name: 'between', emission: null, letter: '' });
  edges.push([0, between, 1], [between, 0, free]);
  for (const [first, rate] of entrances) edges.push([between, first, rate]);
  for (const last of lastStates(motifs, complement)) edges.push([last, between, 1]);
  return hmm({
    states,
    start: states.map((_, s) => +(s === between)),
    end: states.map((_, s) => (s === between ? end : 0)),
    edges,
    emissions: categorical(rows),
  });
}

/** The first state of each motif on each strand, in the order of the states. */
export function firstStates(
  motifs: readonly ChainMotif[],
  complement: MotifChain['complement'],
): readonly (readonly [forward: number, reverse: number])[] {
  let next = 1;
  return motifs.map(({ matrix: { length } }) => {
    const first = next;
    next += complement ? 2 * length : length;
    return [first, complement ? first + length : -1] as const;
  });
}

function lastStates(motifs: readonly ChainMotif[], complement: MotifChain['complement']): number[] {
  return firstStates(motifs, complement).flatMap((firsts, m) =>
    firsts.filter((first) => first >= 0).map((first) => first + motifs[m]!.matrix.length - 1),
  );
}
