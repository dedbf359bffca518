import { dataError, usageError } from '../../../core/errors.ts';
import { hash32 } from '../../../core/random.ts';
import { planBatches } from '../../../data/batch.ts';
import type { Model } from '../../../models/model.ts';
import { spanNetwork } from '../../../models/span/network.ts';
import { mostTokens, type SpanSpec } from '../../../models/span/spec.ts';
import { initialize } from '../../../nn/module.ts';
import { compile } from '../../../runtime/compile.ts';
import type { StateSpec } from '../../../runtime/program.ts';
import { fingerprintOf } from '../../checkpoint.ts';
import { type FitResult, fitJob, placeOf } from '../../fit-loop.ts';
import { type FitOptions, fitOptions, type RunOptions } from '../../options.ts';
import { type Starting, startWeights, type Weights, weightsText } from '../../start.ts';
import { stepProgram } from '../../step-program.ts';
import { type SpanData, withoutSpan } from './data.ts';
import { type EncodedPassage, passageEncoder, textSpan, tokensOf } from './encode.ts';
import { spanFeeder, spanTargets, type TokenSpan } from './feed.ts';
import { spanJudge, spanTaskLoss } from './loss.ts';
import { splitSpans } from './split.ts';
import { spanTokenizer } from './tokenizers.ts';

/** A span model before it has seen data. */
export interface SpanDefinition {
  /** A name in the registry of span architectures. */
  readonly architecture: string;
  /** What of its configuration differs from the defaults. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Of text: see `spanTokenizer`. */
  readonly tokenizer?: string | undefined;
  /** Tokens in a span at most; by default as many as the longest in training. */
  readonly longest?: number | undefined;
}

/** How a span model is trained. */
export interface SpanTrainOptions extends Partial<FitOptions>, RunOptions, Starting {
  /** Share of the records held back to choose the epoch, or records for it; 0: none, all epochs run. */
  validation?: number | SpanData;
}

/** A trained span model, and how its training went. */
export interface TrainedSpanModel {
  readonly model: Model<SpanSpec>;
  readonly fit: FitResult;
  readonly options: FitOptions;
  /** Records that were trained on. */
  readonly records: number;
  /** Answers that begin or end within a token: they were learned as the whole tokens. */
  readonly widened: number;
}

/** Records as tokens, and where their answers stand among them. */
interface Examples {
  readonly encoded: readonly EncodedPassage[];
  readonly spans: readonly TokenSpan[];
  /** Whose answer is not what whole tokens spell. */
  readonly widened: number;
}

/**
 * The specification of a span model for data: tokenizer, whether there are questions and unanswered ones, and the longest span come from
 * them. Throws a usage error for an architecture or an option that there is not.
 */
export function spanSpec(
  data: SpanData,
  { architecture, config = {}, tokenizer, longest }: SpanDefinition,
): SpanSpec {
  if (longest !== undefined && !(Number.isInteger(longest) && longest >= 1 && longest <= mostTokens))
    throw usageError(`longest: expected 1 to ${mostTokens} tokens in a span, received ${longest}.`);
  const { question } = data;
  const optional = withoutSpan(data) > 0;
  const bare: SpanSpec = {
    ...{ kind: 'span', architecture, config, question, optional, longest: 1 },
    tokenizer: spanTokenizer(data, tokenizer).toJSON(),
  };
  const { spans } = examplesOf(data, bare);
  const most = spans.reduce((m, span) => Math.max(m, span ? span.last - span.first + 1 : 1), 1);
  return { ...bare, config: spanNetwork(bare).config, longest: longest ?? most };
}

function examplesOf(data: SpanData, spec: SpanSpec): Examples {
  const encode = passageEncoder(spec);
  let widened = 0;
  const encoded = data.records.map(encode);
  const spans = data.records.map(({ id, passage, span }, i): TokenSpan => {
    if (span === null) {
      if (spec.optional) return null;
      throw dataError(
        `record "${id}" has no span; the model that was asked for always gives one. Leave it out.`,
      );
    }
    const { offsets } = encoded[i]!;
    const found = tokensOf(offsets, span);
    if (!found) throw dataError(`record "${id}": the answer at ${span.start}–${span.end} is blank.`);
    const spelled = textSpan(passage, offsets, found.first, found.last);
    if (spelled.start !== span.start || spelled.end !== span.end) widened++;
    return found;
  });
  return { encoded, spans, widened };
}

/**
 * Fits a span model; `validation` decides which epoch is kept and when to stop. The same data, options and seed give the same weights, and so
 * does a run that was killed and resumed. Throws as `fit` does.
 */
export async function fitSpans(
  spec: SpanSpec,
  train: SpanData,
  validation: SpanData | undefined,
  { start, ...given }: Partial<FitOptions> & Starting = {},
  run: RunOptions = {},
): Promise<FitResult & { widened: number }> {
  const options = fitOptions(given);
  const { batchSize, maxTokens, seed } = options;
  const { encoded, spans, widened } = examplesOf(train, spec);
  const feeder = spanFeeder(encoded, spec);
  const initial = startWeights(initialize(spanNetwork(spec), seed), start);
  const judge = validation && (await openJudge(spec, validation, initial, run));
  const began = start && { start: weightsText(initial) };
  try {
    const fit = await fitJob<Int32Array>(
      {
        step: stepProgram(spanTaskLoss(spec), initial, options),
        options,
        plan: (epoch) => planBatches(feeder.lengths, { batchSize, maxTokens, seed, epoch }),
        feed: (indices) => ({ ...feeder.inputs(indices), ...spanTargets(spans, indices, spec) }),
        count: (indices) => indices.length,
        validate: judge?.loss,
        fingerprint: fingerprintOf({ spec, options, ...began, data: [train, validation].map(textOf) }, []),
      },
      run,
    );
    return { ...fit, widened };
  } finally {
    await judge?.release();
  }
}

/** Differs where the data do. */
const textOf = (data: SpanData | undefined) =>
  data?.records.map(
    ({ id, passage, question, span }) =>
      `${id}\t${hash32(passage)}\t${hash32(question ?? '')}\t${span ? `${span.start} ${span.end}` : ''}`,
  );

/** Takes the loss on records that are encoded once, with whatever weights are at hand. */
async function openJudge(spec: SpanSpec, data: SpanData, initial: Weights, run: RunOptions) {
  const { inputs, outputs, weights } = spanJudge(spec);
  const state = Object.fromEntries(
    [...weights].map(([path, value]): [string, StateSpec] => [path, { value, initial: initial.get(path)! }]),
  );
  const { encoded, spans } = examplesOf(data, spec);
  const feeder = spanFeeder(encoded, spec);
  const program = await compile({ inputs, outputs, state }, placeOf(run));
  const plan = planBatches(feeder.lengths, { batchSize: 64, maxTokens: 65_536, shuffle: false });
  return {
    async loss(next: Weights) {
      await program.load(Object.fromEntries(next));
      let sum = 0;
      for (const indices of plan) {
        const { loss } = await program.run({
          ...feeder.inputs(indices),
          ...spanTargets(spans, indices, spec),
        });
        sum += loss!.data[0]! * indices.length;
      }
      return sum / Math.max(encoded.length, 1);
    },
    release: () => program.release(),
  };
}

/** Fewer records than this are not worth splitting: the validation loss would be noise. */
const fewest = 20;

/**
 * Trains a model that points at the span of a passage: fits, keeps the epoch with the lowest loss on validation records, and returns it ready
 * to be saved. Start and end are learned as two pointers by cross-entropy; where records have no span, "none" is a place of its own.
 *
 * @example
 * const data = await readSpans({ sequences: 'mrna.fa', spans: 'cds.bed' });
 * const { model } = await trainSpans({ architecture: 'cnn-bilstm' }, data, { epochs: 20, seed: 1 });
 */
export async function trainSpans(
  definition: SpanDefinition,
  data: SpanData,
  { validation = 0.1, start, ...given }: SpanTrainOptions = {},
): Promise<TrainedSpanModel> {
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
  const present = Object.fromEntries(Object.entries(run).filter(([, v]) => v !== undefined)) as RunOptions;
  const options = fitOptions(fitting);
  const { fitted, held } = holdBack(data, validation, options.seed);
  const spec = spanSpec(fitted, definition);
  const known = held && usable(held, spec);
  const { widened, ...fit } = await fitSpans(
    spec,
    fitted,
    known,
    { ...options, ...(start && { start }) },
    present,
  );
  const training = {
    ...{ task: 'spans', options },
    ...{ epochs: fit.history.length, bestEpoch: fit.bestEpoch, steps: fit.steps },
    records: fitted.records.length,
    withoutSpan: withoutSpan(fitted),
    validationRecords: known?.records.length ?? 0,
    sources: data.sources,
  };
  return {
    model: { spec, weights: fit.weights, training: JSON.parse(JSON.stringify(training)) },
    ...{ fit, options, records: fitted.records.length, widened },
  };
}

/** Records without a span say nothing of a model that always gives one. */
const usable = (data: SpanData, { optional }: SpanSpec): SpanData =>
  optional ? data : { ...data, records: data.records.filter(({ span }) => span !== null) };

function holdBack(data: SpanData, validation: number | SpanData, seed: number) {
  if (typeof validation !== 'number') return { fitted: data, held: validation };
  if (validation === 0 || data.records.length < fewest) return { fitted: data, held: undefined };
  const { fit: fitted, test: held } = splitSpans(data, { test: validation, seed });
  return { fitted, held };
}
