import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../graph/evaluate.ts';
import { constant } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import type { Value } from '../../graph/value.ts';
import { inferenceContext } from '../../nn/context.ts';
import { chainLoss, taggingLoss } from './tagging-loss.ts';

const k = 3;

/** All ways to fill in a sequence, with their scores. */
function paths(emissions: number[][], transitions: number[], start: number[], end: number[]) {
  const found: { tags: number[]; score: number }[] = [];
  const walk = (tags: number[], score: number) => {
    const t = tags.length;
    if (t === emissions.length) {
      found.push({ tags, score: score + end[tags[t - 1]!]! });
      return;
    }
    for (let tag = 0; tag < k; tag++) {
      const step = t === 0 ? start[tag]! : transitions[tags[t - 1]! * k + tag]!;
      walk([...tags, tag], score + step + emissions[t]![tag]!);
    }
  };
  walk([], 0);
  return found;
}

const logSum = (scores: number[]) => Math.log(scores.reduce((sum, s) => sum + Math.exp(s), 0));

describe('chainLoss', () => {
  it('is −log of the share of all ways that agree with what is known, per known token', () => {
    const number = fc.integer({ min: -20, max: 20 }).map((n) => n / 10);
    const numbers = (n: number) => fc.array(number, { minLength: n, maxLength: n });
    const row = fc.record({ emissions: numbers(k), truth: fc.integer({ min: -1, max: k - 1 }) });
    const sequence = fc.array(row, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(sequence, { minLength: 1, maxLength: 3 }),
        numbers(k * k),
        numbers(k),
        numbers(k),
        (batch, transitions, start, end) => {
          const time = Math.max(...batch.map((rows) => rows.length));
          const known = batch.flat().filter(({ truth }) => truth >= 0).length;
          const expected = batch.reduce((sum, rows) => {
            const all = paths(
              rows.map((r) => r.emissions),
              transitions,
              start,
              end,
            );
            const right = all.filter(({ tags }) =>
              rows.every(({ truth }, t) => truth < 0 || truth === tags[t]),
            );
            return sum + logSum(all.map((p) => p.score)) - logSum(right.map((p) => p.score));
          }, 0);
          const padded = <T>(
            of: (r: { emissions: number[]; truth: number }) => T[],
            fill: T,
            width: number,
          ) =>
            batch.flatMap((rows) => [
              ...rows.flatMap(of),
              ...new Array<T>((time - rows.length) * width).fill(fill),
            ]);
          const potentials = {
            emissions: constant(
              padded((r) => r.emissions, 7, k),
              [batch.length, time, k],
            ),
            transitions: constant(transitions, [k, k]),
            start: constant(start, [k]),
            end: constant(end, [k]),
          };
          const target = constant(
            padded((r) => [r.truth], -1, 1),
            [batch.length, time],
            'int32',
          );
          const lengths = constant(
            batch.map((rows) => rows.length),
            [batch.length],
            'int32',
          );
          const value = (partial: boolean) =>
            evaluate([chainLoss(potentials, target, lengths, { partial })], new Map())[0]!.data[0]!;
          expect(value(true)).toBeCloseTo(expected / Math.max(known, 1), 4);
          if (known === batch.flat().length) expect(value(false)).toBeCloseTo(expected / known, 4);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('taggingLoss', () => {
  it('of places apart weighs and smooths each known tag, by hand', () => {
    const spec = {
      kind: 'tagger',
      architecture: 'window',
      config: { output: 'softmax', kernel: 1, dropout: 0 },
      input: { kind: 'letters', alphabet: { name: 'dna', letters: 'ACGT' } },
      tags: ['a', 'b'],
      rules: { scheme: 'none', allowed: null },
    } as const;
    const [classWeights, smoothing] = [[1, 3], 0.2];
    // Logits of each letter: the head's row, as its one-hot row picks it.
    const head = [0.5, -1, 2, 0.3, -0.7, 0.1, 1.5, 1.4];
    const { inputs, loss } = taggingLoss(spec, { classWeights, smoothing });
    const value = loss(
      (path, { shape }) => constant(path === 'head.weight' ? head : new Array(shape[0]!).fill(0), shape),
      inferenceContext(),
    ) as Value;
    const rows = [
      { letters: [0, 1, 3], tags: [0, 1, -1] },
      { letters: [2], tags: [1] },
    ];
    const flat = (of: (row: (typeof rows)[number]) => number[], fill: number) =>
      rows.flatMap((row) => [...of(row), ...new Array(3 - of(row).length).fill(fill)]);
    const given = new Map([
      [
        inputs.tokens!,
        tensor(
          [2, 3],
          flat((r) => r.letters, 16),
        ),
      ],
      [inputs.lengths!, tensor([2], [3, 1])],
      [
        inputs.target!,
        tensor(
          [2, 3],
          flat((r) => r.tags, -1),
        ),
      ],
    ]);
    let [total, weight] = [0, 0];
    for (const { letters, tags } of rows)
      letters.forEach((letter, t) => {
        const tag = tags[t]!;
        if (tag < 0) return;
        const logits = head.slice(2 * letter, 2 * letter + 2);
        const all = logSum(logits);
        logits.forEach((x, k) => {
          const share = (k === tag ? 1 - smoothing : 0) + smoothing / 2;
          total += share * classWeights[k]! * (all - x);
        });
        weight += classWeights[tag]!;
      });
    expect(evaluate([value], given)[0]!.data[0]).toBeCloseTo(total / weight, 6);
  });

  it('refuses class weights and smoothing for a chain', () => {
    const spec = {
      kind: 'tagger',
      architecture: 'window',
      config: { output: 'crf' },
      input: { kind: 'letters', alphabet: { name: 'dna', letters: 'ACGT' } },
      tags: ['a', 'b'],
      rules: { scheme: 'none', allowed: null },
    } as const;
    expect(() => taggingLoss(spec, { smoothing: 0.1 })).toThrow(/go with the output softmax/);
    expect(() => taggingLoss(spec, { classWeights: [1, 2] })).toThrow(/go with the output softmax/);
  });
});
