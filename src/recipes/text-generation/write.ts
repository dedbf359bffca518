import type { Decoded } from '../../decode/decoding.ts';
import { generateSequences } from '../../decode/language.ts';
import { nucleus } from '../../decode/sampling.ts';
import { openJudge } from '../../models/language/judge.ts';
import { languageSizes } from '../../models/language/network.ts';
import type { Metrics, MetricValue } from '../../train/metrics/index.ts';
import type { Corpus } from '../../train/tasks/language/corpus.ts';
import { encodeCorpus } from '../../train/tasks/language/encode.ts';
import { bitsAhead, foretelling } from '../../train/tasks/language/foretelling.ts';
import { corpusNgrams } from '../../train/tasks/language/ngrams.ts';
import { type TrainedLanguageModel, trainLanguageModel } from '../../train/tasks/language/train.ts';
import type { RecipeContext } from '../recipe.ts';

/** The network, what it is held against, and what it writes. */
export interface TextSettings {
  readonly architecture: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly tokenizer: string;
  /** Orders of the n-gram models beside it. */
  readonly orders: readonly number[];
  /** The claim is about orders up to this one. */
  readonly against: number;
  readonly samples: {
    readonly count: number;
    readonly length: number;
    readonly prompt: string;
    readonly topP: number;
  };
  readonly training: Readonly<Record<string, unknown>>;
}

/** How an n-gram model foretold the same text, and how far the network is ahead of it. */
export interface Beside {
  readonly order: number;
  readonly metrics: Metrics;
  /** Bits a character. */
  readonly ahead: MetricValue;
}

export interface Written {
  readonly trained: TrainedLanguageModel;
  readonly metrics: Metrics;
  readonly beside: readonly Beside[];
  readonly samples: readonly Decoded[];
  readonly drawn: string;
}

/** Trains the network, measures it and n-grams on the text that was held out, and lets it write. */
export async function writtenAndMeasured(
  { rest, held }: { rest: Corpus; held: Corpus },
  { architecture, model: config, tokenizer, orders, samples: asked, training }: TextSettings,
  { seed, threads, device, signal, onEvent }: RecipeContext,
): Promise<Written> {
  const trained = await trainLanguageModel(
    rest,
    { architecture, config, tokenizer },
    {
      ...training,
      ...{ validation: 0.05, seed, threads: Math.min(2, threads), device },
      ...(signal && { signal }),
      onEvent: (event) => {
        if (event.kind !== 'batch') return;
        const { epoch, epochs, batch, batches, secondsLeft } = event;
        const done = (0.9 * (epoch - 1 + batch / batches)) / epochs;
        onEvent?.({ kind: 'progress', text: `epoch ${epoch} of ${epochs}`, done, secondsLeft });
      },
    },
  );
  const { spec, weights } = trained.model;
  const judged = encodeCorpus(spec, held);
  const judge = await openJudge(spec, weights, { device });
  const logs = await judge.logs(judged.sequences).finally(() => judge.close());
  const { metrics, drawn } = foretelling(logs, judged, { seed });
  const learned = encodeCorpus(spec, rest);
  const beside = orders.map((order): Beside => {
    const ngram = corpusNgrams(learned, languageSizes(spec), order);
    const own = judged.sequences.map((tokens) => ngram.logs(tokens));
    return {
      order,
      metrics: foretelling(own, judged, { resamples: 0 }).metrics,
      ahead: bitsAhead(logs, own, judged, { seed }),
    };
  });
  const samples: Decoded[] = [];
  const { count, length, prompt, topP } = asked;
  const options = { count, length, seed, sample: nucleus(topP), device, ...(prompt !== '' && { prompt }) };
  for await (const sample of generateSequences(trained.model, options)) samples.push(sample);
  return { trained, metrics, beside, samples, drawn };
}
