import { dataError } from '../../../core/errors.ts';
import { randomStream } from '../../../core/random.ts';
import { planBatches } from '../../../data/batch.ts';
import { marksNetwork } from '../../../models/marks/network.ts';
import { openMarksRunner } from '../../../models/marks/runner.ts';
import type { MarksSpec } from '../../../models/marks/spec.ts';
import { marksWindows } from '../../../models/marks/stretch.ts';
import type { Model } from '../../../models/model.ts';
import { type AnyModule, initialize } from '../../../nn/module.ts';
import { fingerprintOf } from '../../checkpoint.ts';
import { type FitJob, type FitResult, fitJob, placeOf } from '../../fit-loop.ts';
import { type FitOptions, fitOptions, type RunOptions } from '../../options.ts';
import { type Starting, startWeights, weightsText } from '../../start.ts';
import { stepProgram } from '../../step-program.ts';
import type { MarksData } from './data.ts';
import { type MarksDefinition, marksSpec, requireMarks } from './definition.ts';
import { knownIn, lossOfPredictions, lossRanges, type MarkedPiece, markedFeed, marksLoss } from './loss.ts';
import { binTotal } from './split.ts';

/** How a model of marks is fitted, what chooses its epoch, and where it runs. */
export interface MarksTrainOptions extends Partial<FitOptions>, RunOptions, Starting {
  /** Stretches that choose the epoch; without them all epochs run. */
  validation?: MarksData | undefined;
  /** Read windows on a random strand in training (default: where letters have complements). */
  reverseComplement?: boolean | undefined;
}

/** A trained model of marks, and how its training went. */
export interface TrainedMarks {
  readonly model: Model<MarksSpec>;
  readonly fit: FitResult;
  readonly options: FitOptions;
  /** Windows of an epoch. */
  readonly windows: number;
}

/** An epoch goes through so many windows; of more, each epoch takes others. */
const mostAnEpoch = 2 ** 14;

/**
 * Trains a model of several marks of every bin. The windows of each epoch have edges of their own, on a random strand, and count for the bins
 * that they answer alone. The loss is the share that is still to be learned, the mean over marks: 1 knows nothing but how common each mark
 * is. The same data, options and seed give the same weights.
 *
 * Throws a usage error for an architecture or an option that there is not, a data error for marks of which there is nothing to learn.
 * @example
 * const data = await readMarks('genome.fa', { marks: [{ name: 'H3K4me3', path: 'k4.bed' }], bin: 32 });
 * const { fit, validation, test } = splitMarks(data, { test: 'chr8', core: 96 });
 * const { model } = await trainMarks(fit, { architecture: 'bilstm' }, { validation });
 */
export async function trainMarks(
  train: MarksData,
  definition: MarksDefinition,
  { validation, start, reverseComplement, ...given }: MarksTrainOptions = {},
): Promise<TrainedMarks> {
  const {
    device,
    threads,
    worker,
    checkpoint,
    resume,
    checkpointSeconds,
    onEvent,
    signal,
    pool,
    ...fitting
  } = given;
  const run = { device, threads, worker, checkpoint, resume, checkpointSeconds, onEvent, signal, pool };
  const present = Object.fromEntries(Object.entries(run).filter(([, value]) => value !== undefined));
  const options = fitOptions(fitting);
  const balanced = options.classWeights === 'balanced';
  const spec = marksSpec(train, { balanced, ...definition });
  if (validation) requireMarks(spec, validation);
  const strands = reverseComplement ?? train.alphabet.complement !== undefined;
  if (strands && !train.alphabet.complement)
    throw dataError(`only dna and rna have another strand; the data are ${train.alphabet.name}.`);
  const initial = startWeights(initialize(marksNetwork(spec) as unknown as AnyModule, options.seed), start);
  const fingerprint = fingerprintOf(
    {
      ...{ spec, options, strands },
      ...(start && { start: weightsText(initial) }),
      data: [train, validation].map((data) => data && dataText(data)),
    },
    [],
  );
  const setting = { spec, train, validation, options, initial, strands, fingerprint };
  const fit = await fitMarks(setting, present as RunOptions);
  const windows = Math.min(mostAnEpoch, piecesOf(setting, 0).length);
  const training = {
    ...{ task: 'marks', options, epochs: fit.history.length, bestEpoch: fit.bestEpoch, steps: fit.steps },
    ...{ windows, bins: binTotal(train), bothStrands: strands, sources: train.sources },
  };
  return {
    model: { spec, weights: fit.weights, training: JSON.parse(JSON.stringify(training)) },
    ...{ fit, options, windows },
  };
}

interface Setting {
  readonly spec: MarksSpec;
  readonly train: MarksData;
  readonly validation: MarksData | undefined;
  readonly options: FitOptions;
  readonly initial: Map<string, Float32Array>;
  readonly strands: boolean;
  readonly fingerprint: string;
}

async function fitMarks(setting: Setting, run: RunOptions): Promise<FitResult> {
  const { spec, train, validation, options, initial, fingerprint } = setting;
  const { batchSize, maxTokens, seed } = options;
  const ranges = lossRanges(train, spec);
  const step = stepProgram(marksLoss(spec, ranges), initial, options);
  const judge = validation && (await openMarksRunner(spec, initial, placeOf(run)));
  const job: FitJob<readonly MarkedPiece[]> = {
    ...{ step, options, fingerprint },
    plan(epoch) {
      const pieces = piecesOf(setting, epoch);
      const lengths = Int32Array.from(pieces, ({ window }) => (window.end - window.start) * spec.bin);
      return planBatches(lengths, { batchSize, maxTokens, seed, epoch }).map((indices) =>
        Array.from(indices, (i) => pieces[i]!),
      );
    },
    feed: (batch) => markedFeed(spec, batch),
    count: (batch) => batch.reduce((sum, piece) => sum + knownIn(piece, spec.marks.length), 0),
    validate:
      judge &&
      (async (weights) => {
        await judge.load(weights);
        const found: Float32Array[] = [];
        for (const stretch of validation!.stretches) found.push(await judge.run(stretch));
        return lossOfPredictions(spec, ranges, validation!.stretches, found);
      }),
  };
  try {
    return await fitJob(job, run);
  } finally {
    await judge?.close();
  }
}

/** The windows of an epoch that hold anything to learn: edges and strands are its own. */
function piecesOf({ spec, train, options, strands }: Setting, epoch: number): MarkedPiece[] {
  const random = randomStream(options.seed, 'windows', epoch);
  const pieces = train.stretches.flatMap((stretch): MarkedPiece[] =>
    marksWindows(stretch.bins, spec, random.below(spec.core)).map((window) => ({ stretch, window })),
  );
  const told = pieces.filter((piece) => knownIn(piece, spec.marks.length) > 0);
  const order = Int32Array.from(told, (_, i) => i);
  const chosen = told.length > mostAnEpoch ? random.shuffle(order).slice(0, mostAnEpoch) : order;
  return Array.from(chosen, (i) => ({ ...told[i]!, reverse: strands && random.below(2) === 1 }));
}

/** Differs where the data do. */
const dataText = ({ stretches }: MarksData) =>
  stretches.map(({ chrom, start, tokens, tracks, truth }) => [
    ...[chrom, start, hashBytes(tokens)],
    ...[tracks, truth].map(({ buffer, byteOffset, byteLength }) =>
      hashBytes(new Uint8Array(buffer, byteOffset, byteLength)),
    ),
  ]);

/** 32-bit FNV-1a. */
function hashBytes(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}
