import { ngramCounts } from '../../../markov/ngram/counts.ts';
import { type NgramModel, ngramModel } from '../../../markov/ngram/model.ts';
import type { MaskedSpec } from '../../../models/masked/spec.ts';
import { maskedVocabulary } from '../../../models/masked/vocabulary.ts';
import type { Metrics, MetricValue } from '../../metrics/evaluation.ts';
import type { Scorer } from '../../metrics/scorers.ts';
import type { Corpus } from '../language/corpus.ts';
import { measured } from '../language/foretelling.ts';
import { encodeMasked } from './encode.ts';
import { blockSums, type PlaceBlock } from './one-by-one.ts';
import { twoSided } from './two-sided.ts';

/** A Markov chain that was asked the same places. */
export interface BesideMasked {
  readonly order: number;
  /** 3: with counts of its own for each place of a codon; 1: with one for all. */
  readonly period: number;
  readonly metrics: Metrics;
  /** By how many bits a symbol the model is ahead, with its interval on the same draws for both. */
  readonly ahead: MetricValue;
}

export interface BesideOptions {
  readonly orders?: readonly number[] | undefined;
  readonly periods?: readonly number[] | undefined;
  readonly seed: number;
  readonly resamples: number;
}

/** Markov chains of several orders and periods, learned from `train`, asked the places of blocks of `test` from both sides. */
export function chainsBeside(
  spec: MaskedSpec,
  { train, test }: { train: Corpus; test: Corpus },
  blocks: readonly PlaceBlock[],
  { orders, periods, seed, resamples }: BesideOptions,
): BesideMasked[] {
  const [learned, asked] = [symbolsOf(spec, train), symbolsOf(spec, test)];
  const ours = blockSums(blocks, ({ nats }) => nats / Math.LN2);
  const sizes = blockSums(blocks, ({ size }) => size);
  const shapes = (periods ?? usualPeriods(spec)).flatMap((period) =>
    (orders ?? usualOrders(learned.kinds)).map((order) => ({ order, period })),
  );
  return shapes.map((shape) => {
    const chain = markovChain(learned.sequences, learned.kinds, shape);
    const theirs = blockSums(blocks, ({ at }, text) => {
      const symbols = asked.sequences[text]!;
      return -Math.log2(twoSided(chain, symbols, at)[symbols[at]!]!);
    });
    const bits = ratio(['bitsPerSymbol'], [theirs], sizes);
    const ahead = ratio(['ahead'], [theirs.map((own, i) => own - ours[i]!)], sizes);
    return {
      ...shape,
      metrics: measured(bits, blocks.length, { seed, resamples: 0 }),
      ahead: measured(ahead, blocks.length, { seed, resamples }).ahead!,
    };
  });
}

/** What chains count: letters of the alphabet that the tokens spell (−1: none of them), or tokens. */
function symbolsOf(spec: MaskedSpec, corpus: Corpus): { sequences: readonly Int32Array[]; kinds: number } {
  const { alphabet, writes } = maskedVocabulary(spec);
  if (!alphabet) return { sequences: encodeMasked(spec, corpus), kinds: writes };
  const { ids, size } = alphabet;
  const known = (letter: string) => {
    const id = ids[letter.charCodeAt(0)] ?? -1;
    return id < size ? id : -1;
  };
  return { sequences: corpus.texts.map((text) => Int32Array.from(text, known)), kinds: size };
}

/** Orders that stand beside a masked model; of large vocabularies none that looks far, which would take long. */
export const usualOrders = (kinds: number): number[] =>
  kinds <= 6 ? [0, 1, 2, 3, 4, 5, 6, 8] : kinds <= 100 ? [0, 1, 2, 3] : [0];

/** Who reads codons knows where they begin: then chains that know it stand beside it, too. */
const usualPeriods = ({ tokenizer }: MaskedSpec): number[] => (tokenizer.kind === 'codons' ? [1, 3] : [1]);

/** A Markov chain of the symbols of sequences, smoothed after Witten and Bell (1991), or Kneser and Ney (1995) where there are many kinds. */
export function markovChain(
  sequences: readonly Int32Array[],
  kinds: number,
  { order, period = 1 }: { order: number; period?: number },
): NgramModel {
  const counts = ngramCounts({ vocabulary: kinds, order, period });
  for (const symbols of sequences) counts.add(symbols);
  return ngramModel(counts, { smoothing: { kind: kinds <= 16 ? 'witten-bell' : 'kneser-ney' } });
}

/** Sums over counts, each record weighted alike above and below. */
export const ratio = (
  names: readonly string[],
  sums: readonly ArrayLike<number>[],
  counts: ArrayLike<number>,
): Scorer => {
  const weighted = (weights: Float64Array, of: ArrayLike<number>) =>
    weights.reduce((sum, weight, i) => sum + weight * of[i]!, 0);
  return {
    names,
    score(weights) {
      const count = weighted(weights, counts);
      return sums.map((of) => weighted(weights, of) / count);
    },
  };
};
