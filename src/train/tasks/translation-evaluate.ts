import { openForced } from '../../models/translator/forced.ts';
import type { TrainedTranslator } from '../../models/translator/scorer.ts';
import { translatorTokenizers } from '../../models/translator/spec.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import { bleuScorer } from '../metrics/bleu.ts';
import { bootstrap } from '../metrics/bootstrap.ts';
import { chrfScorer } from '../metrics/chrf.ts';
import { editDistance, errorRateScorer, words } from '../metrics/edit.ts';
import type { Metrics } from '../metrics/evaluation.ts';
import { onceEach } from '../metrics/ranking.ts';
import type { Scorer } from '../metrics/scorers.ts';
import { weightedRatio } from '../metrics/text-scorer.ts';
import { encodePairs } from './translation.ts';
import { dictionary, withoutEnds } from './translation-baselines.ts';
import type { PairData } from './translation-data.ts';
import { type DecodeOptions, openTranslator, type Translated } from './translation-decode.ts';

/** How intervals are made. */
export interface TranslationMetricOptions {
  seed?: number;
  /** Bootstrap resamples of whole records; 0 gives no intervals. */
  resamples?: number | undefined;
  level?: number;
}

/** A mean over the records. */
function meanScorer(name: string, values: Float64Array): Scorer {
  const ones = new Float64Array(values.length).fill(1);
  return { names: [name], score: (weights) => [weightedRatio(values, ones, weights)] };
}

/**
 * Metrics of translations, each with its bootstrap interval over records: exactMatch (share of translations that are the reference to the
 * letter), chrf (0 to 100, as sacreBLEU computes it), editDistance (mean edits of tokens) and cer (edits of characters over all references); where
 * references hold white space, and so words, bleu (0 to 100) and wer (edits of words) too. `tokens` splits a text as the model does.
 */
export function translationMetrics(
  hypotheses: readonly string[],
  references: readonly string[],
  {
    tokens = words,
    seed = 42,
    resamples = 300,
    level = 0.95,
  }: TranslationMetricOptions & { tokens?: (text: string) => ArrayLike<unknown> } = {},
): Metrics {
  const split = (of: (text: string) => ArrayLike<unknown>) => ({
    hypotheses: hypotheses.map(of),
    references: references.map(of),
  });
  const own = split(tokens);
  const hasWords = references.some((truth) => /\s/.test(truth.trim()));
  const scorers = [
    meanScorer(
      'exactMatch',
      Float64Array.from(references, (truth, i) => Number(truth === hypotheses[i])),
    ),
    ...(hasWords ? [bleuScorer({ hypotheses, references })] : []),
    chrfScorer({ hypotheses, references }),
    meanScorer(
      'editDistance',
      Float64Array.from(own.references, (truth, i) => editDistance(truth, own.hypotheses[i]!)),
    ),
    ...(hasWords ? [errorRateScorer('wer', split(words))] : []),
    errorRateScorer(
      'cer',
      split((text) => [...text]),
    ),
  ];
  return withIntervals(scorers, references.length, { seed, resamples, level });
}

function withIntervals(
  scorers: readonly Scorer[],
  n: number,
  { seed, resamples, level }: { seed: number; resamples: number; level: number },
): Metrics {
  const bounds = bootstrap(scorers, n, { seed, resamples, level });
  return Object.fromEntries(
    scorers.flatMap(({ names, score }) =>
      score(onceEach(n)).map((value, m) => {
        const { low, high } = bounds[names[m]!]!;
        const bounded = Number.isFinite(value) && Number.isFinite(low);
        return [names[m]!, { value: Number.isFinite(value) ? value : null, ...(bounded && { low, high }) }];
      }),
    ),
  );
}

/** What a translator is held against, how it decodes, and where it runs. */
export interface TranslationAssessOptions extends CompileOptions, TranslationMetricOptions {
  /** What it was trained on: for the dictionary. */
  train?: PairData | undefined;
  decode?: DecodeOptions;
}

/** What is found out about a translator on held-out pairs. */
export interface TranslationAssessment {
  readonly translations: readonly Translated[];
  /** Those of `translationMetrics`, and the perplexity of the references by token. */
  readonly metrics: Metrics;
  /** Metrics of simple methods on the same pairs: the source itself, and a dictionary. */
  readonly baselines: Record<string, Metrics>;
}

/** Translates held-out pairs and compares with their references, beside copying the source and a word-by-word dictionary. */
export async function assessTranslator(
  model: TrainedTranslator,
  test: PairData,
  { train, decode, seed = 42, resamples, level = 0.95, ...where }: TranslationAssessOptions = {},
): Promise<TranslationAssessment> {
  const translator = await openTranslator(model, where);
  const translations: Translated[] = [];
  try {
    const texts = test.pairs.map(({ id, source }) => ({ id, text: source }));
    for await (const translated of translator.translate(texts, decode)) translations.push(translated);
  } finally {
    await translator.close();
  }
  const { target: tokenizer } = translatorTokenizers(model.spec);
  const options = { seed, resamples, level, tokens: (text: string) => tokenizer.encode(text) };
  const references = test.pairs.map(({ target }) => normalised(model, target));
  const metrics = translationMetrics(
    translations.map(({ translation }) => translation),
    references,
    options,
  );
  const simple = Object.entries(baselineTranslations(model, test, train)).map(([name, texts]) => [
    name,
    translationMetrics(texts, references, options),
  ]);
  return {
    translations,
    metrics: { ...metrics, perplexity: { value: await perplexity(model, test, where) } },
    baselines: Object.fromEntries(simple),
  };
}

/** A reference with its white space as a tokenizer of words writes it; other texts stay as they are. */
function normalised({ spec }: TrainedTranslator, text: string): string {
  const { target } = translatorTokenizers(spec);
  const again = target.decode(target.encode(text));
  return again === text.split(/\s+/u).filter(Boolean).join(' ') ? again : text;
}

/** What simple methods write. */
function baselineTranslations(model: TrainedTranslator, test: PairData, train: PairData | undefined) {
  const { target } = translatorTokenizers(model.spec);
  const copy = test.pairs.map(({ source }) => source);
  if (!train) return { copy };
  const { translate } = dictionary(withoutEnds(encodePairs(model.spec, train)));
  const byWord = encodePairs(model.spec, test).map(({ source }) => target.decode(translate(source)));
  return { copy, dictionary: byWord };
}

/** e to the mean −ln P of the tokens of the references, ends included. */
async function perplexity(model: TrainedTranslator, test: PairData, where: CompileOptions): Promise<number> {
  const forced = await openForced(model.spec, model.weights, where);
  try {
    const logs = await forced.score(encodePairs(model.spec, test));
    const tokens = logs.reduce((sum, { length }) => sum + length, 0);
    return Math.exp(-logs.reduce((sum, own) => sum + own.reduce((a, b) => a + b, 0), 0) / tokens);
  } finally {
    await forced.close();
  }
}
