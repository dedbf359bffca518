import { dataError } from '../../../core/errors.ts';
import { hash32 } from '../../../core/random.ts';
import { maskedNetwork } from '../../../models/masked/network.ts';
import { type MaskedReader, openMaskedReader } from '../../../models/masked/reader.ts';
import type { MaskedSpec } from '../../../models/masked/spec.ts';
import { maskedVocabulary } from '../../../models/masked/vocabulary.ts';
import type { Model } from '../../../models/model.ts';
import { initialize } from '../../../nn/module.ts';
import { fingerprintOf } from '../../checkpoint.ts';
import { type FitResult, fitJob, placeOf } from '../../fit-loop.ts';
import { type FitOptions, fitOptions, type RunOptions } from '../../options.ts';
import { type Starting, startWeights, weightsText } from '../../start.ts';
import { stepProgram } from '../../step-program.ts';
import { type Corpus, splitCorpus } from '../language/corpus.ts';
import { type LanguageBatch, type Piece, windowPlan } from '../language/plan.ts';
import { encodeMasked } from './encode.ts';
import { askedOf, maskedFeed, maskedLoss, maskedRows, piecesOf } from './loss.ts';
import type { MaskedSequence } from './masking.ts';
import { type MaskedModelDefinition, maskedSpec } from './spec.ts';

/** How a masked model is fitted, what chooses its epoch, and where it runs. */
export interface MaskedTrainOptions extends Partial<FitOptions>, RunOptions, Starting {
  /** Share of the corpus held back to choose the epoch, or a corpus for it; 0: none, all epochs run. */
  validation?: number | Corpus;
}

/** A trained masked model, and how its training went. */
export interface TrainedMaskedModel {
  readonly model: Model<MaskedSpec>;
  readonly fit: FitResult;
  readonly options: FitOptions;
  /** Tokens that were read in an epoch. */
  readonly tokens: number;
  /** Texts too short to hide anything in: fewer than two tokens, or none that may be hidden. */
  readonly skipped: number;
}

/**
 * Trains a model of what is hidden, given all around it (Devlin et al. 2019): what is hidden is drawn anew in every epoch (Liu et al. 2019), in
 * windows of the model's context. Keeps the epoch with the lowest loss on validation data, of which always the same is hidden. Losses of the
 * history are in nats per hidden token.
 *
 * Throws a usage error for an architecture, a masking or an option that there is not, a data error for a corpus in which nothing can be
 * hidden and for texts that the tokenizer cannot read.
 * @example
 * const corpus = await readCorpus('promoters.fa');
 * const { model } = await trainMaskedModel(corpus, { masking: { how: 'span' } }, { epochs: 20, seed: 1 });
 * await saveModel('promoters.model', model);
 */
export async function trainMaskedModel(
  corpus: Corpus,
  definition: MaskedModelDefinition = {},
  { validation = 0.1, start, ...given }: MaskedTrainOptions = {},
): Promise<TrainedMaskedModel> {
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
  const options = fitOptions(fitting);
  const { rest, held } = holdBack(corpus, validation, options.seed);
  const spec = maskedSpec(rest, definition);
  const learned = readable(spec, rest);
  const judged = held && readable(spec, held).sequences;
  if (learned.sequences.length === 0)
    throw dataError(
      'The corpus has no text of at least two tokens, one of which may be hidden; give longer texts.',
    );
  const run = { device, threads, worker, pool, checkpoint, resume, checkpointSeconds, onEvent, signal };
  const present = Object.fromEntries(Object.entries(run).filter(([, value]) => value !== undefined));
  const fit = await fitMasked(spec, learned.sequences, judged, { ...options, start }, present as RunOptions);
  const tokens = learned.sequences.reduce((sum, { length }) => sum + length, 0);
  const training = {
    task: 'masked',
    options,
    epochs: fit.history.length,
    bestEpoch: fit.bestEpoch,
    steps: fit.steps,
    texts: learned.sequences.length,
    tokens,
    sources: corpus.sources,
  };
  return {
    model: { spec, weights: fit.weights, training: JSON.parse(JSON.stringify(training)) },
    ...{ fit, options, tokens, skipped: learned.skipped },
  };
}

function holdBack(corpus: Corpus, validation: number | Corpus, seed: number) {
  if (typeof validation !== 'number') return { rest: corpus, held: validation };
  if (validation === 0) return { rest: corpus, held: undefined };
  return splitCorpus(corpus, { share: validation, seed });
}

/** The texts in which something can be hidden beside something that is seen. */
function readable(spec: MaskedSpec, corpus: Corpus): { sequences: Int32Array[]; skipped: number } {
  const { maskable } = maskedVocabulary(spec);
  const all = encodeMasked(spec, corpus);
  const sequences = all.filter((tokens) => tokens.length >= 2 && tokens.some((token) => maskable[token]));
  return { sequences, skipped: all.length - sequences.length };
}

/** A batch of windows and the epoch that decides what is hidden of them. */
interface EpochBatch extends LanguageBatch {
  readonly epoch: number;
}

async function fitMasked(
  spec: MaskedSpec,
  sequences: readonly Int32Array[],
  judged: readonly Int32Array[] | undefined,
  { start, ...options }: FitOptions & { start: Starting['start'] },
  run: RunOptions,
): Promise<FitResult> {
  const network = maskedNetwork(spec);
  const { context } = network;
  const { batchSize, maxTokens, seed, smoothing } = options;
  const { mask } = maskedVocabulary(spec);
  const lengths = Int32Array.from(sequences, ({ length }) => length);
  const initial = startWeights(initialize(network, seed), start);
  const step = stepProgram(maskedLoss(spec, { smoothing }), initial, options);
  const reader =
    judged && judged.length > 0 ? await openMaskedReader(spec, initial, placeOf(run)) : undefined;
  const asked = reader && judgedRows(spec, judged!, seed);
  const rowsOf = remembered((batch: EpochBatch) =>
    maskedRows(spec, sequences, piecesOf(batch), { seed, purpose: batch.epoch }),
  );
  const plan = (epoch: number): EpochBatch[] =>
    windowPlan(lengths, { ...{ context, batchSize, maxTokens, seed, epoch }, ends: true }).map((batch) => ({
      ...batch,
      epoch,
    }));
  try {
    return await fitJob(
      {
        ...{ step, options, plan },
        feed: (batch) => maskedFeed(rowsOf(batch), mask),
        count: (batch) => askedOf(rowsOf(batch)),
        validate:
          reader &&
          (async (weights) => {
            await reader.load(weights);
            return (await maskedCrossEntropy(reader, asked!)).crossEntropy;
          }),
        fingerprint: fingerprintOf(
          {
            ...{ spec, options },
            ...(start && { start: weightsText(initial) }),
            data: [sequences, judged].map((all) => all?.map((tokens) => hash32(tokens.join()))),
          },
          [],
        ),
      },
      run,
    );
  } finally {
    await reader?.close();
  }
}

/** The last answer is kept: what a batch is fed with is counted right after. */
function remembered<K, V>(make: (key: K) => V): (key: K) => V {
  let last: { key: K; value: V } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, value: make(key) };
    return last.value;
  };
}

/** Whole sequences, or windows side by side of long ones. */
const wholePieces = (sequences: readonly Int32Array[], context: number): Piece[] =>
  sequences.flatMap(({ length }, sequence) => {
    const count = Math.ceil(length / context);
    return Array.from({ length: count }, (_, i): Piece => {
      const from = Math.round((i * length) / count);
      return {
        ...{ sequence, from, fresh: true, begins: false },
        count: Math.round(((i + 1) * length) / count) - from,
      };
    });
  });

/** What a model is judged by: of whole sequences the same is hidden for the same seed, all of it read as the mask. */
export const judgedRows = (
  spec: MaskedSpec,
  sequences: readonly Int32Array[],
  seed: number,
): MaskedSequence[] =>
  maskedRows(spec, sequences, wholePieces(sequences, maskedNetwork(spec).context), {
    ...{ seed, purpose: 'judged' },
    replacement: { mask: 1, random: 0 },
  });

/** −ln P of hidden tokens as the mean over all, the sums and counts of each row, and the share that the model's first choice gets right. */
export async function maskedCrossEntropy(
  reader: MaskedReader,
  rows: readonly MaskedSequence[],
): Promise<{
  crossEntropy: number;
  accuracy: number;
  nats: Float64Array;
  asked: Float64Array;
  right: Float64Array;
}> {
  const [nats, asked, right] = [rows, rows, rows].map(() => new Float64Array(rows.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const places = rows.map(({ runs }) =>
    runs.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i)),
  );
  await reader.read(
    rows.map(({ inputs }, i) => ({ tokens: inputs, places: places[i]! })),
    (row, place, logs) => {
      const truth = rows[row]!.targets[places[row]![place]!]!;
      nats[row]! -= logs[truth]!;
      asked[row]!++;
      if (logs.every((log) => log <= logs[truth]!)) right[row]!++;
    },
  );
  const total = (of: Float64Array) => of.reduce((a, b) => a + b, 0);
  return {
    ...{ nats, asked, right },
    crossEntropy: total(nats) / total(asked),
    accuracy: total(right) / total(asked),
  };
}
