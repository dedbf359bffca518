import { openJudge } from '../../models/language/judge.ts';
import { languageSizes } from '../../models/language/network.ts';
import type { FitResult } from '../../train/fit-loop.ts';
import type { Metrics, MetricValue } from '../../train/metrics/index.ts';
import type { FitEvent } from '../../train/options.ts';
import type { Corpus } from '../../train/tasks/language/corpus.ts';
import { encodeCorpus } from '../../train/tasks/language/encode.ts';
import { bitsAhead, foretelling } from '../../train/tasks/language/foretelling.ts';
import { corpusNgrams } from '../../train/tasks/language/ngrams.ts';
import { languageSpec } from '../../train/tasks/language/spec.ts';
import { trainLanguageModel } from '../../train/tasks/language/train.ts';
import { assessMasked } from '../../train/tasks/masked/assess.ts';
import { trainMaskedModel } from '../../train/tasks/masked/train.ts';
import type { RecipeContext } from '../recipe.ts';
import type { DnaModel } from './importance.ts';

/** What is learned, and how. */
export interface LearnSettings {
  /** `masked`: what is hidden, given all around it; `autoregressive`: the next token, given those before. */
  readonly objective: 'masked' | 'autoregressive';
  readonly tokenizer: string;
  readonly masking: {
    readonly how: 'base' | 'span' | 'kmer';
    readonly share: number;
    readonly length: number;
  };
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
  /** Orders of the Markov chains beside it. */
  readonly orders: readonly number[];
  /** Letters that are hidden one at a time to measure bits, at most. */
  readonly places: number;
}

/** A Markov chain that was asked the same letters; `ahead`: by how many bits a base the model is ahead of it. */
export interface ChainBeside {
  readonly order: number;
  readonly metrics: Metrics;
  readonly ahead: MetricValue;
}

export interface Learned {
  readonly model: DnaModel;
  readonly fit: FitResult;
  readonly metrics: Metrics;
  readonly chains: readonly ChainBeside[];
  readonly drawn: string;
}

/** Trains a model of DNA and measures bits per base on what was held out, beside Markov chains that are told as much as it is. */
export function learnedLanguage(
  parts: { rest: Corpus; held: Corpus },
  settings: LearnSettings,
  context: RecipeContext,
): Promise<Learned> {
  return settings.objective === 'masked'
    ? learnedMasked(parts, settings, context)
    : learnedForetelling(parts, settings, context);
}

/** Networks of this size lose more by handing work to a second thread than they gain. */
const threads = 1;

const fitting = ({ training }: LearnSettings, { seed, device, signal, onEvent }: RecipeContext) => ({
  ...training,
  ...{ validation: 0.05, seed, threads, device },
  ...(signal && { signal }),
  onEvent: (event: FitEvent) => {
    if (event.kind !== 'batch') return;
    const { epoch, epochs, batch, batches, secondsLeft } = event;
    const done = (0.7 * (epoch - 1 + batch / batches)) / epochs;
    onEvent?.({ kind: 'progress', text: `epoch ${epoch} of ${epochs}`, done, secondsLeft });
  },
});

async function learnedMasked(
  { rest, held }: { rest: Corpus; held: Corpus },
  settings: LearnSettings,
  context: RecipeContext,
): Promise<Learned> {
  const { tokenizer, masking, model: config, orders, places } = settings;
  const definition = { architecture: 'transformer', config, tokenizer, masking };
  const { model, fit } = await trainMaskedModel(rest, definition, fitting(settings, context));
  const { seed, device } = context;
  const assessed = await assessMasked(model, held, {
    ...{ train: rest, orders, seed, places, device, threads },
  });
  return { model, fit, metrics: assessed.metrics, chains: assessed.chains, drawn: assessed.drawn };
}

async function learnedForetelling(
  { rest, held }: { rest: Corpus; held: Corpus },
  settings: LearnSettings,
  context: RecipeContext,
): Promise<Learned> {
  const { tokenizer, orders, model: config } = settings;
  const { seed, device } = context;
  // A convolution before the blocks would show what is to be foretold.
  const { kernel: _kernel, ...causal } = config;
  const definition = { architecture: 'transformer', config: causal, tokenizer };
  const { model, fit } = await trainLanguageModel(rest, definition, fitting(settings, context));
  const judged = encodeCorpus(model.spec, held);
  const judge = await openJudge(model.spec, model.weights, { device });
  const logs = await judge.logs(judged.sequences).finally(() => judge.close());
  const { metrics, drawn } = foretelling(logs, judged, { seed });
  // The chains count letters, whatever the model's tokens are: its bits per base are beside those of chains of bases.
  const letters = languageSpec(
    rest,
    definition.tokenizer === 'auto' ? definition : { ...definition, tokenizer: 'dna' },
  );
  const [learned, asked] = [encodeCorpus(letters, rest), encodeCorpus(letters, held)];
  const chains = orders.map((order): ChainBeside => {
    const ngram = corpusNgrams(learned, languageSizes(letters), order);
    const own = asked.sequences.map((tokens) => ngram.logs(tokens));
    return {
      order,
      metrics: foretelling(own, asked, { resamples: 0 }).metrics,
      ahead: bitsAhead(byText(logs), byText(own), wholeTexts(asked), { seed }),
    };
  });
  return { model, fit, metrics, chains, drawn };
}

/** Of each text the logarithm of its probability, so that models of other tokens can stand beside. */
const byText = (logs: readonly Float64Array[]): Float64Array[] =>
  logs.map((own) => Float64Array.of(own.reduce((a, b) => a + b, 0)));

const wholeTexts = (encoded: ReturnType<typeof encodeCorpus>): ReturnType<typeof encodeCorpus> => ({
  ...encoded,
  sequences: encoded.sequences.map(() => Int32Array.of(0)),
  tokens: encoded.sequences.length,
});
