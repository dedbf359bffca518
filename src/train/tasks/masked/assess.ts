import { openMaskedReader } from '../../../models/masked/reader.ts';
import type { MaskedSpec } from '../../../models/masked/spec.ts';
import type { Model } from '../../../models/model.ts';
import type { CompileOptions } from '../../../runtime/compile.ts';
import type { Metrics } from '../../metrics/evaluation.ts';
import type { Scorer } from '../../metrics/scorers.ts';
import type { Corpus } from '../language/corpus.ts';
import { measured } from '../language/foretelling.ts';
import { type BesideMasked, chainsBeside, ratio } from './chains.ts';
import { encodeMasked } from './encode.ts';
import { blockSums, drawnOf, type PlaceBlock, placeBlocks, toldOneByOne } from './one-by-one.ts';
import { judgedRows, maskedCrossEntropy } from './train.ts';

/** What a masked model is held against, and where it runs. */
export interface MaskedAssessOptions extends CompileOptions {
  /** What the model was trained on, for Markov chains beside it. */
  train?: Corpus;
  /** Their orders. */
  orders?: readonly number[];
  /** Lengths of the cycle of their counts, the first letter of each text at its beginning; 1 by default, for codons 1 and 3. */
  periods?: readonly number[];
  seed?: number;
  resamples?: number;
  /** Places that are hidden one at a time at most, chosen by chance. */
  places?: number;
}

/** How well a model tells what is hidden in text that it has not seen. */
export interface MaskedAssessment {
  /**
   * `crossEntropy`, mean −ln P of the tokens that are hidden as in training (nats), and `accuracy`, the share that its first choice gets right;
   * `pseudoPerplexity` and `bitsPerToken`, of tokens hidden one at a time (Salazar et al. 2020); `bitsPerSymbol`, bits of a letter given
   * all others where the vocabulary spells an alphabet, else bits of a token over its letters.
   */
  readonly metrics: Metrics;
  /** By name: frequencies alone, and the best chain. */
  readonly baselines: Record<string, Metrics>;
  /** Of every order that was tried: chains that are told both sides (`twoSided`). */
  readonly chains: readonly BesideMasked[];
  /** Tokens that were hidden as in training. */
  readonly hidden: number;
  /** Letters (or tokens) that were hidden one at a time. */
  readonly places: number;
  readonly texts: number;
  /** What was drawn for the intervals, in words. */
  readonly drawn: string;
}

/**
 * Assesses a masked model on held-out texts, with bootstrap intervals over whole texts or, of fewer than 20, over blocks of places. With `train`,
 * beside Markov chains of the same letters (or tokens, where they spell no alphabet) that are told both sides as the model is; the best of them
 * is the best on the test data, which favours them.
 * @example (await assessMasked(model, test, { train })).metrics.bitsPerSymbol
 */
export async function assessMasked(
  { spec, weights }: Pick<Model<MaskedSpec>, 'spec' | 'weights'>,
  test: Corpus,
  {
    train,
    orders,
    periods,
    seed = 42,
    resamples = 1000,
    places = 20_000,
    ...where
  }: MaskedAssessOptions = {},
): Promise<MaskedAssessment> {
  const sequences = encodeMasked(spec, test);
  const reader = await openMaskedReader(spec, weights, where);
  try {
    const asTrained = await maskedCrossEntropy(reader, judgedRows(spec, sequences, seed));
    const { nats, asked, right } = asTrained;
    const told = await toldOneByOne(reader, spec, test, { seed, most: places });
    const [tokens, letters] = [placeBlocks(told.tokens), placeBlocks(told.letters)];
    const draws = { seed, resamples };
    const chains = train ? chainsBeside(spec, { train, test }, letters, { orders, periods, ...draws }) : [];
    return {
      metrics: {
        ...measured(ratio(['crossEntropy', 'accuracy'], [nats, right], asked), asked.length, draws),
        ...measured(onePlace(tokens), tokens.length, draws),
        ...measured(bitsPerLetter(letters), letters.length, draws),
      },
      baselines: namedBaselines(chains),
      chains,
      hidden: asked.reduce((a, b) => a + b, 0),
      places: told.letters.reduce((sum, own) => sum + own.length, 0),
      texts: test.texts.length,
      drawn: drawnOf(told.letters),
    };
  } finally {
    await reader.close();
  }
}

function onePlace(blocks: readonly PlaceBlock[]): Scorer {
  const mean = ratio(
    ['mean'],
    [blockSums(blocks, ({ nats }) => nats)],
    blockSums(blocks, () => 1),
  );
  return {
    names: ['pseudoPerplexity', 'bitsPerToken'],
    score(weights) {
      const [nats] = mean.score(weights) as [number];
      return [Math.exp(nats), nats / Math.LN2];
    },
  };
}

const bitsPerLetter = (blocks: readonly PlaceBlock[]): Scorer =>
  ratio(
    ['bitsPerSymbol'],
    [blockSums(blocks, ({ nats }) => nats / Math.LN2)],
    blockSums(blocks, ({ size }) => size),
  );

function namedBaselines(chains: readonly BesideMasked[]): Record<string, Metrics> {
  const [first] = chains;
  if (!first) return {};
  const bits = ({ metrics }: BesideMasked) => metrics.bitsPerSymbol!.value ?? Number.POSITIVE_INFINITY;
  const best = chains.reduce((a, b) => (bits(b) < bits(a) ? b : a));
  const name = ({ order, period }: BesideMasked) =>
    order === 0 && period === 1
      ? 'no context'
      : `Markov chain of order ${order}${period === 1 ? '' : ` and period ${period}`}, told both sides`;
  return { [name(first)]: first.metrics, [name(best)]: best.metrics };
}
