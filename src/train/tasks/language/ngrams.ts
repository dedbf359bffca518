import { ngramCounts } from '../../../markov/ngram/counts.ts';
import { type NgramModel, ngramModel } from '../../../markov/ngram/model.ts';
import type { Smoothing } from '../../../markov/ngram/smoothing.ts';
import type { LanguageSizes } from '../../../models/language/architecture.ts';
import type { EncodedCorpus } from './encode.ts';

/** Alphabets up to here are smoothed after Witten and Bell, larger vocabularies after Kneser and Ney. */
const smallAlphabet = 16;

/** Orders that stand beside a language model: as far back as counting pays. */
export const usualOrders = ({ writes }: LanguageSizes): number[] =>
  writes <= 6 ? [0, 2, 4, 6, 8, 10] : writes <= 64 ? [0, 1, 2, 3, 4, 5, 6] : [0, 1, 2, 3, 4, 5];

/**
 * An n-gram model of the tokens of a corpus, looking `order` tokens back: interpolated, after Witten and Bell (1991) for small alphabets
 * and modified Kneser–Ney (Chen and Goodman 1998) for larger ones. With `period` it counts apart for each place of a cycle
 * that begins with every text: 3 for letters of codons.
 */
export function corpusNgrams(
  { sequences, ends }: EncodedCorpus,
  { reads, writes }: LanguageSizes,
  order: number,
  { period = 1 }: { period?: number } = {},
): NgramModel {
  const counts = ngramCounts({ vocabulary: writes, order, end: ends ? reads - 1 : null, period });
  for (const tokens of sequences) counts.add(tokens);
  const smoothing: Smoothing =
    writes <= smallAlphabet ? { kind: 'witten-bell' } : { kind: 'kneser-ney', discounts: 3 };
  return ngramModel(counts, { smoothing });
}
