import { openJudge } from '../../../models/language/judge.ts';
import { languageSizes } from '../../../models/language/network.ts';
import type { LanguageSpec } from '../../../models/language/spec.ts';
import type { Model } from '../../../models/model.ts';
import type { CompileOptions } from '../../../runtime/compile.ts';
import { bootstrap } from '../../metrics/bootstrap.ts';
import type { Metrics } from '../../metrics/evaluation.ts';
import type { Scorer } from '../../metrics/scorers.ts';
import type { Corpus } from './corpus.ts';
import { type EncodedCorpus, encodeCorpus } from './encode.ts';
import { corpusNgrams, usualOrders } from './ngrams.ts';

/** What a language model is held against, and where it runs. */
export interface LanguageAssessOptions extends CompileOptions {
  /** What the model was trained on, for n-gram models beside it. */
  train?: Corpus;
  /** Their orders. */
  orders?: readonly number[];
  seed?: number;
  resamples?: number;
}

/** How well a model foretells text that it has not seen. */
export interface LanguageAssessment {
  /**
   * `crossEntropy`, mean −ln P of a token (nats); `perplexity`, its exponential; `bitsPerSymbol`, −log₂ P of everything over the number of
   * letters, whatever the tokens are. The ends of whole texts are foretold as well and cost bits, but are no letters.
   */
  readonly metrics: Metrics;
  /** The same of n-gram models, by name: the one that looks at no context, and the best. */
  readonly baselines: Record<string, Metrics>;
  /** Of every order that was tried. */
  readonly ngrams: readonly { readonly order: number; readonly metrics: Metrics }[];
  readonly tokens: number;
  readonly symbols: number;
  readonly texts: number;
  /** What was drawn for the intervals, in words. */
  readonly drawn: string;
}

/**
 * Perplexity and bits per symbol on held-out texts, with bootstrap intervals over whole texts or, of fewer than 20, over blocks of
 * neighbouring tokens (moving-block bootstrap without overlap; Künsch 1989). With `train`, beside n-gram models of the same tokens; the
 * best of them is the best on the test data, which favours them.
 */
export async function assessLanguage(
  model: Pick<Model<LanguageSpec>, 'spec' | 'weights'>,
  test: Corpus,
  { train, orders, seed = 42, resamples = 1000, ...where }: LanguageAssessOptions = {},
): Promise<LanguageAssessment> {
  const encoded = encodeCorpus(model.spec, test);
  const judge = await openJudge(model.spec, model.weights, where);
  const logs = await judge.logs(encoded.sequences).finally(() => judge.close());
  const blocks = blocksOf(encoded);
  const metrics = languageMetrics(logs, encoded, blocks, { seed, resamples });
  const sizes = languageSizes(model.spec);
  const learned = train && encodeCorpus(model.spec, train);
  const ngrams = (learned ? (orders ?? usualOrders(sizes)) : []).map((order) => {
    const ngram = corpusNgrams(learned!, sizes, order);
    const own = encoded.sequences.map((tokens) => ngram.logs(tokens));
    return { order, metrics: languageMetrics(own, encoded, blocks, { seed, resamples: 0 }) };
  });
  return {
    metrics,
    baselines: namedBaselines(ngrams),
    ngrams,
    tokens: encoded.tokens,
    symbols: encoded.symbols.reduce((a, b) => a + b, 0),
    texts: test.texts.length,
    drawn: blocks.whole ? 'texts' : `blocks of ${blocks.each} tokens`,
  };
}

function namedBaselines(ngrams: LanguageAssessment['ngrams']): Record<string, Metrics> {
  const bits = ({ metrics }: { metrics: Metrics }) =>
    metrics.bitsPerSymbol!.value ?? Number.POSITIVE_INFINITY;
  const [first] = ngrams;
  if (!first) return {};
  const best = ngrams.reduce((a, b) => (bits(b) < bits(a) ? b : a));
  const name = (order: number) => (order === 0 ? 'no context' : `n-gram, order ${order}`);
  return { [name(first.order)]: first.metrics, [name(best.order)]: best.metrics };
}

/** What the bootstrap draws: where each block begins in its text, and of how many tokens it is. */
interface Blocks {
  readonly whole: boolean;
  readonly each: number;
  readonly list: readonly { readonly sequence: number; readonly from: number; readonly to: number }[];
}

const enoughTexts = 20;

function blocksOf({ sequences, tokens }: EncodedCorpus): Blocks {
  const whole = sequences.length >= enoughTexts;
  const each = whole ? Number.POSITIVE_INFINITY : Math.max(50, Math.ceil(tokens / 200));
  const list = sequences.flatMap(({ length }, sequence) => {
    const count = Math.max(1, Math.round(length / each));
    return Array.from({ length: count }, (_, i) => ({
      sequence,
      from: Math.round((i * length) / count),
      to: Math.round(((i + 1) * length) / count),
    }));
  });
  return { whole, each, list };
}

function languageMetrics(
  logs: readonly Float64Array[],
  { symbols, sequences }: EncodedCorpus,
  { list }: Blocks,
  options: { seed: number; resamples: number },
): Metrics {
  const of = list.map(({ sequence, from, to }) => {
    let nats = 0;
    for (let i = from; i < to; i++) nats -= logs[sequence]![i]!;
    return {
      nats,
      tokens: to - from,
      symbols: (symbols[sequence]! * (to - from)) / sequences[sequence]!.length,
    };
  });
  const scorer: Scorer = {
    names: ['crossEntropy', 'perplexity', 'bitsPerSymbol'],
    score(weights) {
      let [nats, tokens, letters] = [0, 0, 0];
      of.forEach((block, i) => {
        nats += weights[i]! * block.nats;
        tokens += weights[i]! * block.tokens;
        letters += weights[i]! * block.symbols;
      });
      return [nats / tokens, Math.exp(nats / tokens), nats / Math.LN2 / letters];
    },
  };
  const values = scorer.score(new Float64Array(of.length).fill(1));
  const bounds = options.resamples > 0 ? bootstrap([scorer], of.length, options) : {};
  const finite = (x: number | undefined) => (x !== undefined && Number.isFinite(x) ? x : undefined);
  return Object.fromEntries(
    scorer.names.map((name, i) => {
      const [low, high] = [finite(bounds[name]?.low), finite(bounds[name]?.high)];
      const value = finite(values[i]) ?? null;
      return [name, { value, ...(low !== undefined && high !== undefined && { low, high }) }];
    }),
  );
}
