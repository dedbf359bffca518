import { usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';

/** Any model of sequences: P(a class) of each, in order. */
export type SequenceProbabilities = (sequences: readonly string[]) => Promise<ArrayLike<number>>;

/** What a word does to a model's answer. */
export interface Reliance {
  readonly word: string;
  /** Mean change of ln(P / (1 − P)) when the word is put into a sequence. */
  readonly effect: number;
  /** Standard error of that mean over the sequences. */
  readonly error: number;
}

export interface RelianceOptions {
  /** The words to try, or the length of words of which all are tried. */
  readonly words: readonly string[] | number;
  /** Letters that words are made of. */
  readonly letters?: string;
  readonly seed?: number;
  /** From where and up to where a word may stand, counted from 0; anywhere if not given. */
  readonly within?: readonly [from: number, to: number];
}

/** Probabilities are kept this far from 0 and 1, so that log-odds stay finite. */
const edge = 1e-6;

/**
 * What a model leans on: puts each word into each background sequence, in place of letters at a random place that is the same for all words,
 * and takes the mean change of the log-odds (marginalisation, as in Shrikumar et al. 2017 and in tools for regulatory DNA). The strongest first.
 *
 * Throws a usage error where a background is shorter than a word.
 * @example
 * const scan = await kmerReliance(probabilities, backgrounds, { words: 6, letters: 'ACGT' });
 * scan[0] // { word: 'TATAAT', effect: 3.1, error: 0.2 }, say
 */
export async function kmerReliance(
  probabilities: SequenceProbabilities,
  backgrounds: readonly string[],
  { words, letters = 'ACGT', seed = 42, within }: RelianceOptions,
): Promise<Reliance[]> {
  const all = typeof words === 'number' ? allWords(words, letters) : words;
  const longest = Math.max(...all.map(({ length }) => length));
  const random = randomStream(seed, 'reliance');
  const places = backgrounds.map((sequence) => {
    const [from, to] = within ?? [0, sequence.length];
    const room = Math.min(to, sequence.length) - from - longest;
    if (room < 0)
      throw usageError(
        `reliance: a word of ${longest} letters has no room in ${sequence.length} letters from ${from} to ${to}.`,
      );
    return from + random.below(room + 1);
  });
  const before = Array.from(await probabilities(backgrounds), logOdds);
  const scan: Reliance[] = [];
  // Some words at a time, so that memory does not grow with their number.
  const chunk = Math.max(1, Math.floor(20_000 / backgrounds.length));
  for (let w = 0; w < all.length; w += chunk) {
    const some = all.slice(w, w + chunk);
    const changed = some.flatMap((word) =>
      backgrounds.map((s, i) => s.slice(0, places[i]) + word + s.slice(places[i]! + word.length)),
    );
    const after = Array.from(await probabilities(changed), logOdds);
    some.forEach((word, i) => {
      const changes = before.map((odds, b) => after[i * backgrounds.length + b]! - odds);
      scan.push({ word, ...meanAndError(changes) });
    });
  }
  return scan.sort((a, b) => b.effect - a.effect);
}

/** All words of `k` letters, in the order of the letters. */
export const allWords = (k: number, letters: string): string[] =>
  Array.from({ length: k }).reduce<string[]>(
    (words) => words.flatMap((word) => [...letters].map((letter) => word + letter)),
    [''],
  );

const logOdds = (p: number) => {
  const kept = Math.min(1 - edge, Math.max(edge, p));
  return Math.log(kept / (1 - kept));
};

function meanAndError(values: readonly number[]): { effect: number; error: number } {
  const n = values.length;
  const effect = values.reduce((a, b) => a + b, 0) / n;
  const squares = values.reduce((sum, v) => sum + (v - effect) ** 2, 0);
  return { effect, error: n > 1 ? Math.sqrt(squares / (n - 1) / n) : Number.NaN };
}
