import { usageError } from '../../core/errors.ts';
import type { Options } from '../../models/architectures/options.ts';
import { languageArchitectures } from '../../models/language/architectures.ts';
import { openJudge } from '../../models/language/judge.ts';
import { languageSizes } from '../../models/language/network.ts';
import { maskedArchitectures } from '../../models/masked/architecture.ts';
import type { FitResult } from '../../train/fit-loop.ts';
import type { Metrics, MetricValue } from '../../train/metrics/index.ts';
import type { FitEvent } from '../../train/options.ts';
import { type EncodedCorpus, encodeCorpus } from '../../train/tasks/language/encode.ts';
import { bitsAhead, foretelling } from '../../train/tasks/language/foretelling.ts';
import { corpusNgrams } from '../../train/tasks/language/ngrams.ts';
import { languageSpec } from '../../train/tasks/language/spec.ts';
import { trainLanguageModel } from '../../train/tasks/language/train.ts';
import { assessMasked } from '../../train/tasks/masked/assess.ts';
import { trainMaskedModel } from '../../train/tasks/masked/train.ts';
import type { RecipeContext } from '../recipe.ts';
import type { DnaModel } from './importance.ts';
import type { Parts } from './parts.ts';

/** What is learned, and how. */
export interface LearnSettings {
  /** `masked`: what is hidden, given all around it; `autoregressive`: the next token, given those before. */
  readonly objective: 'masked' | 'autoregressive';
  /** A name in the registry of masked or of language architectures. */
  readonly architecture: string;
  readonly tokenizer: string;
  readonly masking: {
    readonly how: 'base' | 'span' | 'kmer';
    readonly share: number;
    readonly length: number;
  };
  /** Options of the architecture; of a transformer's defaults only those count that another architecture has, too. */
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
  /** Orders of the Markov chains beside it. */
  readonly orders: readonly number[];
  /** Lengths of the cycle of their counts, which begins with every sequence; null: 1, and for codons 3 besides. */
  readonly periods: readonly number[] | null;
  /** Letters that are hidden one at a time to measure bits, at most. */
  readonly places: number;
}

/** A Markov chain that was asked the same letters; `ahead`: by how many bits a base the model is ahead of it. */
export interface ChainBeside {
  readonly order: number;
  /** 3: with counts of its own for each place of a codon. */
  readonly period: number;
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
  parts: Pick<Parts, 'rest' | 'held' | 'validation'>,
  settings: LearnSettings,
  context: RecipeContext,
): Promise<Learned> {
  return settings.objective === 'masked'
    ? learnedMasked(parts, settings, context)
    : learnedForetelling(parts, settings, context);
}

/** Throws a usage error for an architecture that there is not, or that does not do what is asked. */
export function architectureOf({
  objective,
  architecture,
}: Pick<LearnSettings, 'objective' | 'architecture'>): { readonly options: Options } {
  const known = objective === 'masked' ? maskedArchitectures : languageArchitectures;
  if (!Object.hasOwn(known, architecture))
    throw usageError(
      `architecture: expected one of ${Object.keys(known).join(', ')} for ${objective}, received ${JSON.stringify(architecture)}.`,
    );
  return known[architecture]!;
}

/** What was set of the model, but for the transformer's options that another architecture knows nothing of. */
function configOf(settings: LearnSettings): Record<string, unknown> {
  const { options } = architectureOf(settings);
  return Object.fromEntries(
    Object.entries(settings.model).filter(
      ([name]) => Object.hasOwn(options, name) || !transformerOptions.has(name),
    ),
  );
}
const transformerOptions = new Set(Object.keys(maskedArchitectures.transformer!.options));

/** Periods of the chains beside it. */
export const periodsOf = ({
  periods,
  tokenizer,
}: Pick<LearnSettings, 'periods' | 'tokenizer'>): readonly number[] =>
  periods ?? (tokenizer === 'codons' ? [1, 3] : [1]);

/** Networks of this size lose more by handing work to a second thread than they gain. */
const threads = 1;

const fitting = ({ training }: LearnSettings, { seed, device, signal, onEvent }: RecipeContext) => ({
  ...training,
  ...{ seed, threads, device },
  ...(signal && { signal }),
  onEvent: (event: FitEvent) => {
    if (event.kind !== 'batch') return;
    const { epoch, epochs, batch, batches, secondsLeft } = event;
    const done = (0.7 * (epoch - 1 + batch / batches)) / epochs;
    onEvent?.({ kind: 'progress', text: `epoch ${epoch} of ${epochs}`, done, secondsLeft });
  },
});

async function learnedMasked(
  { rest, held, validation }: Pick<Parts, 'rest' | 'held' | 'validation'>,
  settings: LearnSettings,
  context: RecipeContext,
): Promise<Learned> {
  const { architecture, tokenizer, masking, orders, places } = settings;
  const definition = { architecture, config: configOf(settings), tokenizer, masking };
  const { model, fit } = await trainMaskedModel(rest, definition, {
    ...fitting(settings, context),
    validation,
  });
  const { seed, device } = context;
  const assessed = await assessMasked(model, held, {
    ...{ train: rest, orders, periods: periodsOf(settings), seed, places, device, threads },
  });
  return { model, fit, metrics: assessed.metrics, chains: assessed.chains, drawn: assessed.drawn };
}

async function learnedForetelling(
  { rest, held, validation }: Pick<Parts, 'rest' | 'held' | 'validation'>,
  settings: LearnSettings,
  context: RecipeContext,
): Promise<Learned> {
  const { architecture, tokenizer } = settings;
  const { seed, device } = context;
  const definition = { architecture, config: configOf(settings), tokenizer };
  const { model, fit } = await trainLanguageModel(rest, definition, {
    ...fitting(settings, context),
    validation,
  });
  const judged = encodeCorpus(model.spec, held);
  const judge = await openJudge(model.spec, model.weights, { device });
  const logs = await judge.logs(judged.sequences).finally(() => judge.close());
  const { metrics, drawn } = foretelling(logs, judged, { seed });
  const chains = foretellingChains({ rest, held }, settings).map(({ logs: own, encoded, ...chain }) => ({
    ...chain,
    ahead: bitsAhead(byText(logs), byText(own), wholeTexts(encoded), { seed }),
  }));
  return { model, fit, metrics, chains, drawn };
}

/** A chain that foretells letters, and ln P of each of what it was asked. */
export interface ForetellingChain extends Omit<ChainBeside, 'ahead'> {
  readonly logs: readonly Float64Array[];
  readonly encoded: EncodedCorpus;
}

/** Markov chains of letters and, where whole sequences are told, their ends: they stand beside models of whatever tokens. */
export function foretellingChains(
  { rest, held }: Pick<Parts, 'rest' | 'held'>,
  settings: Pick<LearnSettings, 'orders' | 'periods' | 'tokenizer'>,
): ForetellingChain[] {
  const letters = languageSpec(rest, { architecture: 'lstm', tokenizer: 'dna' });
  const [learned, encoded] = [encodeCorpus(letters, rest), encodeCorpus(letters, held)];
  return periodsOf(settings).flatMap((period) =>
    settings.orders.map((order) => {
      const ngram = corpusNgrams(learned, languageSizes(letters), order, { period });
      const logs = encoded.sequences.map((tokens) => ngram.logs(tokens));
      const { metrics } = foretelling(logs, encoded, { resamples: 0 });
      return { order, period, metrics, logs, encoded };
    }),
  );
}

/** Of each text the logarithm of its probability, so that models of other tokens can stand beside. */
const byText = (logs: readonly Float64Array[]): Float64Array[] =>
  logs.map((own) => Float64Array.of(own.reduce((a, b) => a + b, 0)));

const wholeTexts = (encoded: ReturnType<typeof encodeCorpus>): ReturnType<typeof encodeCorpus> => ({
  ...encoded,
  sequences: encoded.sequences.map(() => Int32Array.of(0)),
  tokens: encoded.sequences.length,
});
