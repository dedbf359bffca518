import { tokenLogProbabilities } from '../../../core/scorer.ts';
import { openJudge } from '../../../models/language/judge.ts';
import { languageSizes } from '../../../models/language/network.ts';
import type { LanguageSpec } from '../../../models/language/spec.ts';
import type { MarkovLanguage } from '../../../models/markov/language.ts';
import type { Model } from '../../../models/model.ts';
import type { CompileOptions } from '../../../runtime/compile.ts';
import type { Metrics } from '../../metrics/evaluation.ts';
import type { Corpus } from './corpus.ts';
import { encodeCorpus } from './encode.ts';
import { foretelling } from './foretelling.ts';
import { corpusNgrams, usualOrders } from './ngrams.ts';

/** A network with its weights, or a Markov model. */
export type AssessedLanguage = Pick<Model<LanguageSpec>, 'spec' | 'weights'> | MarkovLanguage;

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
  model: AssessedLanguage,
  test: Corpus,
  { train, orders, seed = 42, resamples = 1000, ...where }: LanguageAssessOptions = {},
): Promise<LanguageAssessment> {
  const encoded = encodeCorpus(model.spec, test);
  const logs = await logsOf(model, encoded.sequences, where);
  const { metrics, drawn } = foretelling(logs, encoded, { seed, resamples });
  const sizes = languageSizes(model.spec);
  const learned = train && encodeCorpus(model.spec, train);
  const ngrams = (learned ? (orders ?? usualOrders(sizes)) : []).map((order) => {
    const ngram = corpusNgrams(learned!, sizes, order);
    const own = encoded.sequences.map((tokens) => ngram.logs(tokens));
    return { order, metrics: foretelling(own, encoded, { resamples: 0 }).metrics };
  });
  return {
    metrics,
    baselines: namedBaselines(ngrams),
    ngrams,
    tokens: encoded.tokens,
    symbols: encoded.symbols.reduce((a, b) => a + b, 0),
    texts: test.texts.length,
    drawn,
  };
}

async function logsOf(
  model: AssessedLanguage,
  sequences: readonly Int32Array[],
  where: CompileOptions,
): Promise<Float64Array[]> {
  if (!('scorer' in model)) {
    const judge = await openJudge(model.spec, model.weights, where);
    return judge.logs(sequences).finally(() => judge.close());
  }
  const found: Float64Array[] = [];
  for (const tokens of sequences) found.push(await tokenLogProbabilities(model.scorer, tokens, undefined));
  return found;
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
