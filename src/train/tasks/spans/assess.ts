import type { Model } from '../../../models/model.ts';
import type { SpanSpec } from '../../../models/span/spec.ts';
import type { CompileOptions } from '../../../runtime/compile.ts';
import type { Metrics, MetricValue } from '../../metrics/evaluation.ts';
import { baselineAnswers } from './baselines.ts';
import type { SpanData } from './data.ts';
import { type AnswerScore, type SpanMetricOptions, scoreOf, spanLead, spanMetrics } from './metrics.ts';
import { openSpanFinder, type SpanResult } from './predict.ts';

/** What a span model is held against, and where it runs. */
export interface SpanAssessOptions extends CompileOptions, SpanMetricOptions {
  /** What it was trained on: for the baselines. */
  train?: SpanData | undefined;
  /** Of how many records the probabilities of all places are kept, for drawing. */
  drawn?: number;
}

/** What is found out about a span model on held-out records. */
export interface SpanAssessment {
  /** Exact match and F1. */
  readonly metrics: Metrics;
  /** Of simple methods on the same records. */
  readonly baselines: Record<string, Metrics>;
  /** By how much the model's F1 exceeds that of the best baseline, which is chosen on the same records: that favours it. */
  readonly against: { readonly name: string; readonly lead: MetricValue } | undefined;
  readonly results: readonly SpanResult[];
  /** Of every record. */
  readonly scores: readonly AnswerScore[];
}

/** Evaluates a span model on held-out records beside simple methods that know the training data. */
export async function assessSpans(
  model: Pick<Model<SpanSpec>, 'spec' | 'weights'>,
  test: SpanData,
  { train, drawn = 4, seed = 42, resamples, level = 0.95, ...where }: SpanAssessOptions = {},
): Promise<SpanAssessment> {
  const results: SpanResult[] = [];
  const finder = await openSpanFinder(model, { ...where, tracks: drawn > 0 });
  try {
    for await (const { tracks, ...result } of finder.find(test.records))
      results.push({ ...result, ...(tracks && results.length < drawn && { tracks }) });
  } finally {
    await finder.close();
  }
  const options = { seed, level, ...(resamples !== undefined && { resamples }) };
  const said = results.map(({ answer }) => answer);
  const simple = train ? baselineAnswers(train, test, model.spec) : {};
  const baselines = Object.fromEntries(
    Object.entries(simple).map(([name, answers]) => [name, spanMetrics(test, answers, options)]),
  );
  const [best] = Object.keys(baselines).sort((a, b) => baselines[b]!.f1!.value! - baselines[a]!.f1!.value!);
  return {
    metrics: spanMetrics(test, said, options),
    baselines,
    against:
      best === undefined ? undefined : { name: best, lead: spanLead(test, said, simple[best]!, options) },
    results,
    scores: test.records.map((record, i) => scoreOf(test.kind, record, said[i]!)),
  };
}
