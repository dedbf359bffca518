import { dna } from '../../data/alphabet.ts';
import { dnaComplement, motifChainHmm } from '../../markov/motif/chain.ts';
import { overRepresentedWords } from '../../markov/motif/seeds.ts';
import { type MotifSite, motifSites } from '../../markov/motif/sites.ts';
import type { Site } from './compare.ts';
import type { Planted } from './simulate.ts';

/** The sites that the planted parameters themselves lead to. */
export function idealSites({ sequences, motifs, frequencies, background }: Planted): MotifSite[] {
  const letters = sequences.reduce((sum, { length }) => sum + length, 0);
  const chain = {
    motifs: motifs.map((matrix, m) => {
      const rate = (frequencies[m]! * sequences.length) / letters / 2;
      return { matrix, rates: [rate, rate] as const };
    }),
    background,
    complement: dnaComplement,
    end: sequences.length / letters,
  };
  return motifSites(
    motifChainHmm(chain),
    chain,
    sequences.map((text) => dna.encode(text)),
  );
}

/** Where the most over-represented words stand, on either strand, with at most one other letter. */
export function wordSites(
  sequences: readonly string[],
  { count, length }: { count: number; length: number },
): Site[] {
  const tokens = sequences.map((text) => dna.encode(text));
  const words = overRepresentedWords(tokens, { length, count, size: 4, complement: dnaComplement });
  return words.flatMap(({ letters }, motif) =>
    (['+', '-'] as const).flatMap((strand) => {
      const own = strand === '+' ? letters : letters.map((letter) => 3 - letter).reverse();
      return tokens.flatMap((sequence, i) =>
        Array.from({ length: Math.max(0, sequence.length - length + 1) }, (_, start) => start)
          .filter((start) => own.filter((letter, k) => sequence[start + k] !== letter).length <= 1)
          .map((start): Site => ({ sequence: i, motif, start, end: start + length, strand })),
      );
    }),
  );
}
