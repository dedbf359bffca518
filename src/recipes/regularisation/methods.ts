import type { Dataset } from '../../data/dataset.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import { asPredictions } from '../../train/assess.ts';
import type { HistoryEntry } from '../../train/checkpoint.ts';
import { type CalibrationBin, evaluate, type Metrics, type Predictions } from '../../train/metrics/index.ts';
import { predictWithDropout } from '../../train/monte-carlo-dropout.ts';
import { openScorer } from '../../train/score-dataset.ts';
import { type TrainedModel, train } from '../../train/train-model.ts';
import type { RegularisationConfig } from './config.ts';

/** The parts of the data. */
export interface Parts {
  readonly fit: Dataset;
  readonly held: Dataset;
  readonly test: Dataset;
}

/** What one way of regularising came to on the test, one entry a seed. */
export interface Method {
  readonly name: string;
  readonly metrics: readonly Metrics[];
  /** Calibration of the first seed. */
  readonly bins: readonly CalibrationBin[];
  /** Which probability the bins speak of. */
  readonly of: string;
  /** Dropout rate, and whether dropout was on in prediction. */
  readonly rate?: number;
  readonly sampled?: boolean;
  /** The course of the first seed, where records were held back to stop it. */
  readonly history?: readonly HistoryEntry[];
  readonly bestEpoch?: number;
}

/** Where the networks are trained, and who is told. */
export interface MethodOptions extends CompileOptions {
  readonly length: number | null;
  readonly seeds: readonly number[];
  readonly onDone: (text: string, share: number) => void;
  readonly signal?: AbortSignal;
}

/** A network to be trained, and the ways in which it then predicts. */
interface Trial {
  readonly name: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly training?: Readonly<Record<string, unknown>>;
  readonly stops?: boolean;
  readonly rate?: number;
}

const trialsOf = ({ rates, members, networkPenalty, dropout }: RegularisationConfig): Trial[] => [
  { name: 'nothing', model: { dropout: 0 } },
  { name: 'early stopping', model: { dropout: 0 }, stops: true },
  { name: `L2 ${networkPenalty}`, model: { dropout: 0 }, training: { l2: networkPenalty } },
  ...[...new Set([dropout, ...rates])]
    .sort((a, b) => a - b)
    .map((rate) => ({ name: `dropout ${rate}`, model: { dropout: rate }, rate })),
  { name: `ensemble of ${members}, dropout ${dropout}`, model: { dropout, members } },
];

/** Trains a network in every way with every seed and measures it on the test; the first ensemble is kept. */
export async function fitMethods(
  parts: Parts,
  config: RegularisationConfig,
  { length, seeds, onDone, ...where }: MethodOptions,
): Promise<{ methods: Method[]; kept: TrainedModel; values: Float64Array }> {
  const trials = trialsOf(config);
  const methods: Method[] = [];
  let last: { kept: TrainedModel; values: Float64Array } | undefined;
  for (const [t, trial] of trials.entries()) {
    const plain: Predictions[] = [];
    const sampled: Predictions[] = [];
    let first: TrainedModel | undefined;
    for (const [s, seed] of seeds.entries()) {
      const trained = await trainTrial(parts, config, trial, { ...where, length, seed });
      const values = await predictTest(trained, parts.test, where);
      plain.push(asPredictions(parts.test, values));
      if (!first) last = { kept: trained, values };
      first ??= trained;
      if (trial.rate !== undefined) {
        const drawn = await predictWithDropout(trained.model, parts.test, {
          ...where,
          passes: config.passes,
          seed,
        });
        sampled.push(asPredictions(parts.test, drawn.values));
      }
      onDone(
        `${trial.name}, network ${s + 1} of ${seeds.length}`,
        (t + (s + 1) / seeds.length) / trials.length,
      );
    }
    const { rate } = trial;
    const course = trial.stops && { history: first!.fit.history, bestEpoch: first!.fit.bestEpoch };
    methods.push({ ...measured(trial.name, plain), ...course, ...(rate !== undefined && { rate }) });
    if (rate !== undefined) methods.push({ ...measured(`MC dropout ${rate}`, sampled), rate, sampled: true });
  }
  return { methods, ...last! };
}

function trainTrial(
  { fit, held }: Parts,
  { architecture, model, training }: RegularisationConfig,
  trial: Trial,
  { length, seed, ...where }: CompileOptions & { length: number | null; seed: number; signal?: AbortSignal },
): Promise<TrainedModel> {
  // Positions mean something only where all sequences have one length.
  const shape = length === null ? { pool: 'max' } : { pool: 'flatten', length };
  const config = { ...shape, ...model, ...trial.model };
  return train({ architecture, config }, fit, {
    ...training,
    ...trial.training,
    ...where,
    validation: trial.stops ? held : 0,
    patience: 0,
    seed,
  });
}

async function predictTest(
  { model }: TrainedModel,
  test: Dataset,
  { device, threads }: CompileOptions,
): Promise<Float64Array> {
  const scorer = await openScorer(model.spec, test, model.weights, {
    ...(device && { device }),
    ...(threads && { threads }),
  });
  return scorer.predict().finally(() => scorer.release());
}

/** Metrics with intervals of the first seed, without of the others. */
function measured(name: string, all: readonly Predictions[]): Method {
  const evaluations = all.map((predictions, s) => evaluate(predictions, s === 0 ? {} : { resamples: 0 }));
  const { calibration } = evaluations[0]!;
  return {
    name,
    metrics: evaluations.map(({ metrics }) => metrics),
    bins: calibration?.bins ?? [],
    of: calibration?.of ?? 'probability',
  };
}
