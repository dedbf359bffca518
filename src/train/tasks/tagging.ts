import { dataError, usageError } from '../../core/errors.ts';
import { hash32 } from '../../core/random.ts';
import { planBatches } from '../../data/batch.ts';
import { firstViolation, tagConstraints } from '../../models/tagger/constraints.ts';
import { taggerNetwork } from '../../models/tagger/network.ts';
import type { TaggerSpec, TagRules } from '../../models/tagger/spec.ts';
import { type VocabularyOptions, wordInput } from '../../models/tagger/vocabulary.ts';
import { initialize } from '../../nn/module.ts';
import { compile } from '../../runtime/compile.ts';
import type { StateSpec } from '../../runtime/program.ts';
import { type FitResult, fitJob, placeOf } from '../fit-loop.ts';
import { type FitOptions, fitOptions, type RunOptions } from '../options.ts';
import { type Starting, startWeights, type Weights, weightsText } from '../start.ts';
import { stepProgram } from '../step-program.ts';
import { type TaggedData, tokenTotal } from './tagging-data.ts';
import { taggingFeeder } from './tagging-feed.ts';
import { taggingJudge, taggingLoss } from './tagging-loss.ts';
import { splitTagged } from './tagging-split.ts';

/** A tagger before it has seen data: a body and what of its configuration differs from the defaults. */
export interface TaggerDefinition {
  readonly architecture: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Of words. */
  readonly vocabulary?: VocabularyOptions;
  /** Transitions that are allowed beside those of the tags' own scheme, see `TagRules`. */
  readonly allowed?: TagRules['allowed'];
  /** False: nothing is forbidden, whatever scheme the tags follow. */
  readonly constrained?: boolean;
}

/** How a tagger is trained. */
export interface TaggerTrainOptions extends Partial<FitOptions>, RunOptions, Starting {
  /** Share of the sequences held back to choose the epoch, or sequences for it; 0: none, all epochs run. */
  validation?: number | TaggedData;
  /** Words become unknown in training with probability x / (x + how often they occur). */
  wordDropout?: number;
}

/** A trained tagger. */
export interface TaggerModel {
  readonly spec: TaggerSpec;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly training: Readonly<Record<string, unknown>>;
}

/** A trained tagger, and how its training went. */
export interface TrainedTagger {
  readonly model: TaggerModel;
  readonly fit: FitResult;
  readonly options: FitOptions;
  /** Tokens that were trained on. */
  readonly tokens: number;
}

/**
 * The specification of a tagger for data: vocabulary, tags and rules come from them. Throws a usage error for a body or an option that
 * there is not, and for rules that no tags can keep; a data error where the data break the rules.
 */
export function taggerSpec(
  data: TaggedData,
  { architecture, config = {}, vocabulary, allowed = null, constrained = true }: TaggerDefinition,
): TaggerSpec {
  const spec: TaggerSpec = {
    kind: 'tagger',
    architecture,
    config,
    input:
      data.kind === 'letters'
        ? { kind: 'letters', alphabet: data.alphabet! }
        : wordInput(
            data.sequences.map(({ tokens }) => tokens),
            vocabulary,
          ),
    tags: data.tags,
    rules: { scheme: constrained ? data.scheme : 'none', allowed },
  };
  return { ...spec, config: taggerNetwork(spec).config };
}

/** Throws a data error that names the sequence whose tags break the rules: no chain could ever learn it. */
export function refuseViolations({ sequences, tags }: TaggedData, { rules }: TaggerSpec): void {
  const constraints = tagConstraints(tags, rules);
  if (!constraints) return;
  for (const { id, truth } of sequences) {
    const at = firstViolation(truth, constraints);
    if (at < 0) continue;
    const name = (t: number) => tags[truth[t]!] ?? 'the beginning';
    const what =
      at === truth.length
        ? `ends with ${name(at - 1)}`
        : `has ${name(at)} after ${name(at - 1)} at token ${at + 1}`;
    throw dataError(
      `sequence "${id}" ${what}, which the rules of the tags do not allow. Correct it, or allow that transition.`,
    );
  }
}

/** Weights that make rare tags count as much as common ones: n / (k · n_c); 1 for a tag that does not occur. */
export function balancedTagWeights({ sequences, tags }: TaggedData): number[] {
  const counts = new Float64Array(tags.length);
  for (const { truth } of sequences) for (const tag of truth) if (tag >= 0) counts[tag]!++;
  const total = counts.reduce((a, b) => a + b, 0);
  return Array.from(counts, (count) => (count === 0 ? 1 : total / (tags.length * count)));
}

/**
 * Fits a tagger to tagged sequences; `validation` decides which epoch is kept and when to stop. The same data, options and seed give the
 * same weights, and so does a run that was killed and resumed. Throws as `fit` does.
 */
export async function fitTagger(
  spec: TaggerSpec,
  train: TaggedData,
  validation: TaggedData | undefined,
  { start, wordDropout = 0.25, ...given }: Partial<FitOptions> & Starting & { wordDropout?: number } = {},
  run: RunOptions = {},
): Promise<FitResult> {
  const options = fitOptions(given);
  if (!(wordDropout >= 0 && Number.isFinite(wordDropout)))
    throw usageError(`wordDropout: expected a number of at least 0, received ${wordDropout}.`);
  refuseViolations(train, spec);
  const { batchSize, maxTokens, seed, smoothing } = options;
  const feeder = taggingFeeder(train.sequences, spec);
  const initial = startWeights(initialize(taggerNetwork(spec), seed), start);
  const classWeights = options.classWeights === 'balanced' ? balancedTagWeights(train) : undefined;
  const loss = taggingLoss(spec, { partial: isPartial(train), classWeights, smoothing });
  const judge = validation && (await openJudge(spec, validation, initial, run));
  const began = start && { start: weightsText(initial) };
  try {
    return await fitJob<Int32Array>(
      {
        step: stepProgram(loss, initial, options),
        options,
        plan: (epoch) => planBatches(feeder.lengths, { batchSize, maxTokens, seed, epoch }),
        feed: (indices, { step }) => ({
          ...feeder.inputs(indices, { strength: wordDropout, seed, step }),
          target: feeder.target(indices),
        }),
        count: (indices) => feeder.known(indices),
        validate: judge?.loss,
        fingerprint: fingerprintOf({ spec, options, wordDropout, ...began }, [train, validation]),
      },
      run,
    );
  } finally {
    await judge?.release();
  }
}

const isPartial = ({ sequences }: TaggedData) => sequences.some(({ truth }) => truth.includes(-1));

/** Takes the loss on sequences that are encoded once, with whatever weights are at hand. */
async function openJudge(spec: TaggerSpec, data: TaggedData, initial: Weights, run: RunOptions) {
  const { inputs, outputs, weights } = taggingJudge(spec, { partial: isPartial(data) });
  const state = Object.fromEntries(
    [...weights].map(([path, value]): [string, StateSpec] => [path, { value, initial: initial.get(path)! }]),
  );
  const program = await compile({ inputs, outputs, state }, placeOf(run));
  const { lengths, inputs: feeds, target, known } = taggingFeeder(data.sequences, spec);
  const plan = planBatches(lengths, { batchSize: 64, maxTokens: 65_536, shuffle: false });
  return {
    async loss(next: Weights) {
      await program.load(Object.fromEntries(next));
      let [sum, count] = [0, 0];
      for (const indices of plan) {
        const { loss } = await program.run({ ...feeds(indices), target: target(indices) });
        sum += loss!.data[0]! * known(indices);
        count += known(indices);
      }
      return sum / Math.max(count, 1);
    },
    release: () => program.release(),
  };
}

function fingerprintOf(settings: unknown, sets: readonly (TaggedData | undefined)[]): string {
  const texts = sets.map((data) =>
    data?.sequences.map(
      ({ id, tokens, truth }) => `${id}\t${hash32(Array.from(tokens).join(' '))}\t${truth.join()}`,
    ),
  );
  const text = JSON.stringify([settings, texts]);
  return [text, `second ${text}`].map((t) => hash32(t).toString(16).padStart(8, '0')).join('');
}

/** Fewer sequences than this are not worth splitting: the validation loss would be noise. */
const fewest = 20;

/**
 * Trains a tagger: fits, keeps the epoch with the lowest loss on validation sequences, and returns it ready to be saved. Words that only
 * stand in validation sequences stay unknown.
 *
 * @example
 * const { model } = await trainTagger({ architecture: 'bilstm' }, data, { epochs: 20, seed: 1 });
 * const tagger = await openTagger(model);
 */
export async function trainTagger(
  definition: TaggerDefinition,
  data: TaggedData,
  { validation = 0.1, start, wordDropout = 0.25, ...given }: TaggerTrainOptions = {},
): Promise<TrainedTagger> {
  const {
    device,
    threads,
    worker,
    pool,
    checkpoint,
    resume,
    checkpointSeconds,
    onEvent,
    signal,
    ...fitting
  } = given;
  const run = { device, threads, worker, pool, checkpoint, resume, checkpointSeconds, onEvent, signal };
  const options = fitOptions(fitting);
  const { fitted, held } = holdBack(data, validation, options.seed);
  const spec = taggerSpec(fitted, definition);
  const present = Object.fromEntries(Object.entries(run).filter(([, v]) => v !== undefined)) as RunOptions;
  const result = await fitTagger(
    spec,
    fitted,
    held,
    { ...options, wordDropout, ...(start && { start }) },
    present,
  );
  const training = {
    options,
    wordDropout,
    epochs: result.history.length,
    bestEpoch: result.bestEpoch,
    steps: result.steps,
    sequences: fitted.sequences.length,
    tokens: tokenTotal(fitted),
    validationSequences: held?.sequences.length ?? 0,
    sources: data.sources,
  };
  return {
    model: { spec, weights: result.weights, training: JSON.parse(JSON.stringify(training)) },
    fit: result,
    options,
    tokens: tokenTotal(fitted),
  };
}

function holdBack(data: TaggedData, validation: number | TaggedData, seed: number) {
  if (typeof validation !== 'number') return { fitted: data, held: validation };
  if (validation === 0 || data.sequences.length < fewest) return { fitted: data, held: undefined };
  const { fit: fitted, test: held } = splitTagged(data, { test: validation, seed });
  return { fitted, held };
}
