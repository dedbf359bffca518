import { usageError } from '../core/errors.ts';
import type { Device } from '../runtime/compile.ts';
import type { ProgramPool } from '../runtime/program-pool.ts';
import type { MemoryEstimate } from './memory.ts';
import { type Optimizer, type OptimizerName, optimizers } from './optimizers.ts';
import { type ScheduleName, schedules } from './schedules.ts';

/** How a model is fitted: plain data, as configuration files and manifests hold it. */
export interface FitOptions {
  /** Passes over the training data at most. */
  epochs: number;
  batchSize: number;
  /** Positions in a batch at most, padding included. */
  maxTokens: number;
  optimizer: OptimizerName;
  /** The optimiser's own options, such as `decay` or `beta1`. */
  optimizerOptions: Record<string, number | boolean>;
  /** Base learning rate. */
  rate: number;
  schedule: ScheduleName;
  /** Limit of the gradients' global norm; 0: none. */
  clip: number;
  /** Penalty rate · Σ|w| by proximal steps: weights become exactly zero. */
  l1: number;
  /** Penalty ½ · rate · Σw², added to the gradient. */
  l2: number;
  /** Label smoothing of classes. */
  smoothing: number;
  /** `balanced`: classes count inversely to their frequency. */
  classWeights: 'none' | 'balanced';
  /** Group-DRO: how fast weight moves to the subgroups with the largest loss (see `groupDro`; the paper's is 0.01); 0: all records count alike. */
  groupDro: number;
  /** C of group-DRO: what is added to the loss of a subgroup of n records is C / √n. */
  groupAdjustment: number;
  /** Epochs without improvement on validation data before it stops; 0: never. */
  patience: number;
  /** Batches whose gradients are added up before one update. */
  accumulate: number;
  /** Decay of a running average of the weights that is used in place of the last weights (Polyak and Juditsky 1992); 0: none. */
  average: number;
  seed: number;
}

/** What is used where nothing else is said. */
export const defaultFitOptions: FitOptions = {
  epochs: 40,
  batchSize: 32,
  maxTokens: 262_144,
  optimizer: 'adamW',
  optimizerOptions: {},
  rate: 2e-3,
  schedule: 'cosine',
  clip: 1,
  l1: 0,
  l2: 0,
  smoothing: 0,
  classWeights: 'none',
  groupDro: 0,
  groupAdjustment: 0,
  patience: 8,
  accumulate: 1,
  average: 0,
  seed: 42,
};

/** A place for one checkpoint; a write must replace the former content whole or not at all. */
export interface CheckpointStore {
  /** What messages call it. */
  readonly name: string;
  read(): Promise<Uint8Array | undefined>;
  write(bytes: Uint8Array): Promise<void>;
}

/** Where and how the work runs; none of it changes what is computed. */
export interface RunOptions {
  device?: Device;
  threads?: number;
  /** Off the main thread (Node). */
  worker?: boolean;
  /** Where programs wait to be used again: for runs that train many models of one kind. */
  pool?: ProgramPool | undefined;
  /** Where progress is saved. */
  checkpoint?: CheckpointStore;
  /** Continue from the checkpoint where there is one. */
  resume?: boolean;
  /** At least this many seconds between checkpoints. */
  checkpointSeconds?: number;
  onEvent?: (event: FitEvent) => void;
  signal?: AbortSignal;
}

/** What training tells while it runs. */
export type FitEvent =
  /** Before anything is computed; whoever listens may ask what the largest batch will take, and throw where that is too much. */
  | { kind: 'planned'; memory: () => MemoryEstimate }
  | { kind: 'resumed'; epoch: number; step: number }
  | {
      kind: 'batch';
      epoch: number;
      epochs: number;
      batch: number;
      batches: number;
      loss: number;
      secondsLeft: number;
    }
  | {
      kind: 'epoch';
      epoch: number;
      epochs: number;
      trainLoss: number;
      validationLoss: number | null;
      best: boolean;
    }
  | { kind: 'stopped'; epoch: number; bestEpoch: number; reason: 'patience' | 'epochs' };

interface Range {
  low: number;
  high: number;
  whole?: boolean;
}
const ranges: Partial<Record<keyof FitOptions, Range>> = {
  epochs: { low: 1, high: 1e6, whole: true },
  batchSize: { low: 1, high: 1e6, whole: true },
  maxTokens: { low: 1, high: 1e9, whole: true },
  rate: { low: 1e-12, high: 1e3 },
  clip: { low: 0, high: 1e6 },
  l1: { low: 0, high: 1e6 },
  l2: { low: 0, high: 1e6 },
  smoothing: { low: 0, high: 0.999 },
  groupDro: { low: 0, high: 1e3 },
  groupAdjustment: { low: 0, high: 1e6 },
  patience: { low: 0, high: 1e6, whole: true },
  accumulate: { low: 1, high: 1e6, whole: true },
  average: { low: 0, high: 0.999999 },
  seed: { low: 0, high: Number.MAX_SAFE_INTEGER, whole: true },
};

/** Fills in the defaults; throws a usage error that names the option, what it may be and what it was. */
export function fitOptions(given: Partial<FitOptions> = {}): FitOptions {
  const unknown = Object.keys(given).find((key) => !(key in defaultFitOptions));
  if (unknown)
    throw usageError(
      `unknown training option "${unknown}"; the options are ${Object.keys(defaultFitOptions).join(', ')}.`,
    );
  const options = {
    ...defaultFitOptions,
    ...Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined)),
  };
  for (const [key, range] of Object.entries(ranges)) checkRange(key, options[key as keyof FitOptions], range);
  oneOf('optimizer', options.optimizer, Object.keys(optimizers));
  oneOf('schedule', options.schedule, Object.keys(schedules));
  oneOf('classWeights', options.classWeights, ['none', 'balanced']);
  optimizerOf(options);
  return options;
}

function checkRange(key: string, value: unknown, { low, high, whole }: Range): void {
  const fits =
    typeof value === 'number' && value >= low && value <= high && (!whole || Number.isInteger(value));
  if (!fits)
    throw usageError(
      `training option ${key}: expected a ${whole ? 'whole ' : ''}number from ${low} to ${high}, received ${JSON.stringify(value)}.`,
    );
}

function oneOf(key: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw usageError(
      `training option ${key}: expected one of ${allowed.join(', ')}, received ${JSON.stringify(value)}.`,
    );
}

/** The optimiser that the options name. */
export function optimizerOf({ optimizer, optimizerOptions }: FitOptions): Optimizer {
  const made = optimizers[optimizer](optimizerOptions);
  const known = Object.keys(optimizers[optimizer]({}).options);
  const unknown = Object.keys(optimizerOptions).find((key) => !known.includes(key));
  if (unknown) throw usageError(`unknown option "${unknown}" of ${optimizer}; it has ${known.join(', ')}.`);
  return made;
}
