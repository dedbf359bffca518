import { randomStream } from '../../core/random.ts';
import { reverseComplement } from '../../data/alphabet.ts';
import { type Dataset, subset } from '../../data/dataset.ts';
import { eulerShuffle } from '../../data/euler-shuffle.ts';
import type { Predictions } from '../../train/metrics/index.ts';

/** A way to read a sequence. */
export interface Reading {
  readonly name: string;
  readonly read: (sequence: string) => string;
}

/** The ways in which test sequences are read; the reverse complement only for nucleic acids. `keep`: the shuffle keeps words of so many letters. */
export function readings({ alphabet }: Dataset, { keep, seed }: { keep: number; seed: number }): Reading[] {
  const shuffles = randomStream(seed, 'order', 'kept words');
  const letters = randomStream(seed, 'order', 'letters');
  return [
    { name: 'forward', read: (sequence) => sequence },
    { name: 'reversed', read: (sequence) => [...sequence].reverse().join('') },
    ...(alphabet.complement
      ? [{ name: 'reverse complement', read: (s: string) => reverseComplement(s, alphabet) }]
      : []),
    { name: `shuffled, ${keep}-mers kept`, read: (sequence) => eulerShuffle(sequence, keep, shuffles) },
    { name: 'shuffled letters', read: (sequence) => eulerShuffle(sequence, 1, letters) },
  ];
}

/** The records read in every way, one after the other, under the same labels. */
export function readAll(dataset: Dataset, ways: readonly Reading[]): Dataset {
  const everyone = ways.flatMap(() => dataset.records.map((_, i) => i));
  const all = subset(dataset, everyone);
  const n = dataset.records.length;
  const records = all.records.map((record, i) => ({
    ...record,
    sequence: ways[Math.floor(i / n)]!.read(record.sequence),
  }));
  return { ...all, records };
}

/** Predictions of `readAll` apart again, one for each way. */
export function apart(values: Float64Array, like: Predictions): Predictions[] {
  const size = like.values.length;
  return Array.from({ length: values.length / size }, (_, way) => ({
    ...like,
    values: values.slice(way * size, (way + 1) * size),
  }));
}
