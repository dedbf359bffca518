import { hash32 } from '../../core/random.ts';
import type { TokenPair } from '../../models/translator/forced.ts';
import { translatorNetwork, translatorSizes } from '../../models/translator/network.ts';
import type { TrainedTranslator } from '../../models/translator/scorer.ts';
import { type TranslatorSpec, translatorTokenizers } from '../../models/translator/spec.ts';
import { initialize } from '../../nn/module.ts';
import { fingerprintOf } from '../checkpoint.ts';
import { type FitResult, fitJob, placeOf } from '../fit-loop.ts';
import { type FitOptions, fitOptions, type RunOptions } from '../options.ts';
import { type Starting, startWeights, weightsText } from '../start.ts';
import { stepProgram } from '../step-program.ts';
import { type PairData, splitPairs } from './translation-data.ts';
import { openTranslationJudge, translationFeeder, translationLoss } from './translation-loss.ts';
import { type ScheduledSampling, trueShare } from './translation-sampling.ts';
import { type TokenUnit, tokenizerOf } from './translation-tokenizers.ts';

/** How a translator is fitted. */
export interface TranslatorFitOptions extends Partial<FitOptions>, Starting {
  /** The decoder learns with some tokens of its own; without it, with the true ones alone (teacher forcing). */
  sampling?: ScheduledSampling | undefined;
}

/**
 * Fits a translator to pairs of token sequences, whose targets end with their end; `validation` decides which epoch is kept and when to
 * stop. The same data, options and seed give the same weights, and so does a run that was killed and resumed. Throws as `fitJob` does.
 */
export async function fitTranslator(
  spec: TranslatorSpec,
  train: readonly TokenPair[],
  validation: readonly TokenPair[] | undefined,
  { start, sampling, ...given }: TranslatorFitOptions = {},
  run: RunOptions = {},
): Promise<FitResult> {
  const options = fitOptions(given);
  const { batchSize, maxTokens, seed, smoothing } = options;
  const share = sampling && trueShare(sampling);
  const feeder = translationFeeder(train, spec);
  const initial = startWeights(initialize(translatorNetwork(spec), seed), start);
  const loss = translationLoss(spec, {
    smoothing,
    ...(sampling && { pick: sampling.pick ?? 'argmax', passes: sampling.passes }),
  });
  const judge = validation && (await openTranslationJudge(spec, validation, initial, placeOf(run)));
  const began = start && { start: weightsText(initial) };
  try {
    return await fitJob<Int32Array>(
      {
        step: stepProgram(loss, initial, options),
        options,
        plan: (epoch) => feeder.plan({ batchSize, maxTokens, seed, epoch }),
        feed: (indices, { progress }) => ({
          ...feeder.feed(indices),
          ...(share && { share: 1 - share(progress) }),
        }),
        count: feeder.count,
        validate: judge?.loss,
        fingerprint: fingerprintOf(
          {
            spec,
            options,
            sampling,
            ...began,
            data: [train, validation].map((pairs) => pairs?.map(pairHash)),
          },
          [],
        ),
      },
      run,
    );
  } finally {
    await judge?.release();
  }
}

const pairHash = ({ source, target, read }: TokenPair) =>
  hash32(`${source.join()} ${target.join()} ${read?.join()}`);

/** Pairs of texts as tokens, each target with its end. */
export function encodePairs(spec: TranslatorSpec, { pairs }: Pick<PairData, 'pairs'>): TokenPair[] {
  const { source, target } = translatorTokenizers(spec);
  const end = translatorSizes(spec).writes - 1;
  return pairs.map((pair) => ({
    source: source.encode(pair.source),
    target: Int32Array.of(...target.encode(pair.target), end),
  }));
}

/** A translator before it has seen data: an architecture, what of its configuration differs from the defaults, and its tokens. */
export interface TranslatorDefinition {
  readonly architecture: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly sourceTokens?: TokenUnit;
  readonly targetTokens?: TokenUnit;
}

/**
 * The specification of a translator for pairs of texts: its vocabularies come from them. Throws a usage error for an architecture or an option
 * that there is not.
 */
export function translatorSpec(
  { pairs }: Pick<PairData, 'pairs'>,
  { architecture, config = {}, sourceTokens = 'auto', targetTokens = 'auto' }: TranslatorDefinition,
): TranslatorSpec {
  const spec: TranslatorSpec = {
    kind: 'translator',
    architecture,
    config,
    source: tokenizerOf(
      pairs.map(({ source }) => source),
      sourceTokens,
    ).toJSON(),
    target: tokenizerOf(
      pairs.map(({ target }) => target),
      targetTokens,
    ).toJSON(),
  };
  return { ...spec, config: translatorNetwork(spec).config };
}

/** How a translator is trained. */
export interface TranslatorTrainOptions extends TranslatorFitOptions, RunOptions {
  /** Share of the pairs held back to choose the epoch, or pairs for it; 0: none, all epochs run. */
  validation?: number | PairData;
}

/** A trained translator, and how its training went. */
export interface TrainedPairs {
  readonly model: TrainedTranslator & { readonly training: Readonly<Record<string, unknown>> };
  readonly fit: FitResult;
  readonly options: FitOptions;
  /** Target tokens that were learned from. */
  readonly tokens: number;
}

/** Fewer pairs than this are not worth splitting. */
const fewest = 20;

/**
 * Trains a translator on pairs of texts: fits, keeps the epoch with the lowest loss on validation pairs, and returns the model ready to be
 * saved. Pairs of one source stay on one side of the validation split.
 * @example
 * const { model } = await trainTranslator({ architecture: 'transformer' }, await readPairs('pairs.tsv'), { epochs: 20 });
 * await saveModel('mine.model', model);
 */
export async function trainTranslator(
  definition: TranslatorDefinition,
  data: PairData,
  { validation = 0.1, start, sampling, ...given }: TranslatorTrainOptions = {},
): Promise<TrainedPairs> {
  const { device, threads, worker, checkpoint, resume, checkpointSeconds, onEvent, signal, ...fitting } =
    given;
  const run = { device, threads, worker, checkpoint, resume, checkpointSeconds, onEvent, signal };
  const options = fitOptions(fitting);
  const { fitted, held } = holdBack(data, validation, options.seed);
  const spec = translatorSpec(fitted, definition);
  const tokens = encodePairs(spec, fitted);
  const fit = await fitTranslator(
    spec,
    tokens,
    held && encodePairs(spec, held),
    { ...options, sampling, start },
    Object.fromEntries(Object.entries(run).filter(([, value]) => value !== undefined)),
  );
  const lengths = tokens.map(({ source, target }) => [source.length, target.length] as const);
  const training = {
    task: 'translation',
    options,
    ...(sampling && { sampling }),
    epochs: fit.history.length,
    bestEpoch: fit.bestEpoch,
    steps: fit.steps,
    pairs: tokens.length,
    validationPairs: held?.pairs.length ?? 0,
    longestTarget: lengths.reduce((most, [, target]) => Math.max(most, target), 0),
    mostPerToken: lengths.reduce((most, [source, target]) => Math.max(most, target / (source + 1)), 0),
    sources: data.sources,
  };
  return {
    model: { spec, weights: fit.weights, training: JSON.parse(JSON.stringify(training)) },
    fit,
    options,
    tokens: lengths.reduce((sum, [, target]) => sum + target, 0),
  };
}

function holdBack(data: PairData, validation: number | PairData, seed: number) {
  if (typeof validation !== 'number') return { fitted: data, held: validation };
  if (validation === 0 || data.pairs.length < fewest) return { fitted: data, held: undefined };
  const { fit: fitted, test: held } = splitPairs(data, { test: validation, seed });
  return { fitted, held };
}
