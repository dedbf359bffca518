import { randomStream } from '../../core/random.ts';
import { dna } from '../../data/alphabet.ts';
import type { Dataset, SequenceRecord } from '../../data/dataset.ts';

/** How many sequences of which length. */
export interface Portion {
  readonly length: number;
  readonly count: number;
}

/** The mark stands in the first tenth: the dependency reaches across at least nine tenths of the sequence. */
const first = 0.1;

/** What is asked: which mark it was, or whether the last letter is the same mark again. */
export const questions = ['recall', 'compare'] as const;
export type Question = (typeof questions)[number];

/** The question, and the share of C among the letters between the marks: where it is 0 nothing but the mark stands out. */
export interface TaskOptions {
  readonly question?: Question;
  readonly noise?: number;
}

/**
 * Sequences of A and C with one mark, G or T, in the first tenth. `recall`: which mark was it? (The latch of Bengio, Simard and Frasconi
 * 1994.) `compare`: another mark is the last letter; is it the same? Then neither mark tells anything without the other, and no
 * weighted sum of counts answers.
 * @example recall: CGACACAACA is G. compare: GCACAACACG is same, CGACACAACT different.
 */
export function markedSequences(
  portions: readonly Portion[],
  seed: number,
  { question = 'recall', noise = 0.5 }: TaskOptions = {},
): Dataset {
  const records: SequenceRecord[] = [];
  const truth: number[] = [];
  for (const { length, count } of portions) {
    const random = randomStream(seed, 'marks', length);
    for (let i = 0; i < count; i++) {
      const letters = Array.from({ length }, (): string => (random.uniform() < noise ? 'C' : 'A'));
      const [mark, last] = [random.below(2), random.below(2)];
      letters[random.below(Math.max(1, Math.floor(first * length)))] = 'GT'[mark]!;
      if (question === 'compare') letters[length - 1] = 'GT'[last]!;
      records.push({ id: `${length}/${i + 1}`, sequence: letters.join('') });
      truth.push(question === 'compare' ? Number(mark !== last) : mark);
    }
  }
  const classes = question === 'compare' ? ['same', 'different'] : ['G', 'T'];
  const task = {
    recall: 'which mark, G or T, stands in the first tenth.',
    compare: 'whether the last letter is the mark that stands in the first tenth.',
  }[question];
  return {
    records,
    alphabet: dna,
    target: { kind: 'classes', classes, truth: Int32Array.from(truth) },
    tracks: [],
    sources: [],
    skipped: [],
    notes: [`Task: ${task}`],
  };
}
