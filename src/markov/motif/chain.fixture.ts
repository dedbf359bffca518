import * as fc from 'fast-check';
import { type RandomStream, randomStream } from '../../core/random.ts';
import { dnaComplement, type MotifChain } from './chain.ts';

/** Random probabilities, none of them zero. */
export function distribution(random: RandomStream, size = 4): number[] {
  const raw = Array.from({ length: size }, () => 0.02 + random.uniform());
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((x) => x / sum);
}

/** A random chain of one to three motifs of one to four positions, with a background that is the same on both strands. */
export function randomChain(seed: number, { strands = 2, equal = false } = {}): MotifChain {
  const random = randomStream(seed, 'random chain');
  const at = 0.1 + 0.3 * random.uniform();
  const motifs = Array.from({ length: 1 + random.below(3) }, () => {
    const rate = 0.01 + 0.1 * random.uniform();
    const other = equal ? rate : 0.01 + 0.1 * random.uniform();
    return {
      matrix: Array.from({ length: 1 + random.below(4) }, () => distribution(random)),
      rates: [rate, strands === 2 ? other : 0] as const,
    };
  });
  return {
    motifs,
    background: [at, 0.5 - at, 0.5 - at, at],
    complement: strands === 2 ? dnaComplement : null,
    end: 0.05,
  };
}

export const tokens = fc
  .array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 14 })
  .map((list) => Int32Array.from(list));

export const reversed = (sequence: Int32Array) => sequence.map((t) => (t < 4 ? 3 - t : t)).reverse();

/** Random letters with words of a motif written over them: `word` draws one, `places` says how many and where. */
export function withWords(
  random: RandomStream,
  { count, length, words }: { count: number; length: number; words: readonly (() => number[] | null)[] },
): Int32Array[] {
  return Array.from({ length: count }, () => {
    const sequence = Int32Array.from({ length }, () => random.below(4));
    // Each word has a part of the sequence for itself.
    const part = Math.floor(length / words.length);
    words.forEach((draw, i) => {
      const word = draw();
      if (!word) return;
      const own = random.below(2) === 0 ? word : word.map((t) => 3 - t).reverse();
      sequence.set(own, i * part + random.below(part - own.length + 1));
    });
    return sequence;
  });
}

/** Draws a word with every letter kept with probability 0.9, in a share of the sequences. */
export const noisyWord =
  (random: RandomStream, word: string, { share = 0.8 } = {}) =>
  (): number[] | null =>
    random.uniform() > share
      ? null
      : Array.from(word, (letter) => (random.uniform() < 0.9 ? 'ACGT'.indexOf(letter) : random.below(4)));
