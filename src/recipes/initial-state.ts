import { usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';
import { version } from '../core/version.ts';
import { randomSplit } from '../data/split/random.ts';
import type { RunReport } from '../report/run-report.ts';
import { checkWhole } from './built-in-data.ts';
import {
  fitForecaster,
  forecasterFile,
  forecasts,
  type Scale,
  type Start,
  startsFor,
} from './initial-state/forecaster.ts';
import { stateReport } from './initial-state/report.ts';
import {
  plantedTrajectories,
  readTrajectories,
  type Trajectories,
  type Trajectory,
} from './initial-state/trajectories.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `initial-state` may be told. */
export interface InitialStateConfig {
  /** Of the example: trajectories, their length, and the deviation of the noise on their values. */
  readonly count: number;
  readonly length: number;
  readonly noise: number;
  readonly hidden: number;
  /** Networks of each kind, with first weights of their own. */
  readonly seeds: number;
  /** How many of the first forecasts count as early. */
  readonly early: number;
  /** By what share the early error must fall, at least. */
  readonly margin: number;
  /** Give each trajectory the class and context of another: then knowing them helps nothing, and the claim must fail. */
  readonly exchanged: boolean;
  readonly test: number;
  readonly training: { readonly batchSize: number; readonly [name: string]: unknown };
}

export const initialStateDefaults: InitialStateConfig = {
  count: 900,
  length: 30,
  noise: 0.3,
  hidden: 16,
  seeds: 3,
  early: 4,
  margin: 0.1,
  exchanged: false,
  test: 0.3,
  training: { epochs: 30, batchSize: 32, rate: 1e-2 },
};

/** What a recurrent network knows before it reads anything. */
export const initialState: Recipe = {
  id: 'initial-state',
  title: 'The initial state',
  summary:
    'Trajectories + what is known before they begin → forecasts by GRUs whose first state is zero, learned, looked up by class or encoded from a vector.',
  claim:
    'A first state that knows the class or the context forecasts the early values better than one of zero, by at least 10 %, and no longer so later.',
  input: {
    what: 'a table (CSV, TSV) with one row a value: columns id and value, a column class and/or further columns of numbers (the context of a trajectory).',
    options: [],
  },
  defaults: { ...initialStateDefaults },
  async run(given, context) {
    const config = { ...initialStateDefaults, ...given } as InitialStateConfig;
    const { count, length, hidden, seeds, early, training, margin, test } = config;
    checkWhole({
      count,
      length,
      hidden,
      seeds,
      early,
      epochs: training.epochs,
      batchSize: training.batchSize,
    });
    if (!(margin >= 0 && margin < 1))
      throw usageError(`margin: expected a share from 0 to below 1, received ${margin}.`);
    if (!(test > 0 && test < 1))
      throw usageError(`test: expected a share between 0 and 1, received ${test}.`);
    if (length < 2 * early + 2)
      throw usageError(
        `length: expected at least ${2 * early + 2} values, twice early and two more, received ${length}.`,
      );
    const data = context.input
      ? await readTrajectories(context.input.path)
      : plantedTrajectories({
          ...config,
          count: context.quick ? Math.min(count, 500) : count,
          seed: context.seed,
        });
    return runInitialState(data, config, context, { builtIn: !context.input });
  },
};

/** Forecasts of the test by one kind of start: one entry a seed, one list a trajectory. */
export interface Forecasted {
  readonly start: Start;
  readonly bySeed: readonly (readonly Float64Array[])[];
}

/** All that a run found out. */
export interface InitialStateFindings {
  readonly data: Trajectories;
  readonly config: InitialStateConfig;
  readonly fit: readonly Trajectory[];
  readonly test: readonly Trajectory[];
  readonly scale: Scale;
  readonly forecasted: readonly Forecasted[];
  readonly builtIn: boolean;
}

/** The recipe on trajectories. */
export async function runInitialState(
  data: Trajectories,
  config: InitialStateConfig,
  context: RecipeContext,
  { builtIn }: { builtIn: boolean },
): Promise<RecipeResult> {
  const began = performance.now();
  const { seed, device, signal } = context;
  const known = config.exchanged ? exchanged(data.all, seed) : data.all;
  const { train, test: held } = randomSplit(known.length, { test: config.test, seed });
  const [fit, test] = [train, held].map((indices) => Array.from(indices, (i) => known[i]!)) as [
    Trajectory[],
    Trajectory[],
  ];
  const scale = scaleOf(fit);
  const shape = { hidden: config.hidden, classes: data.classes.length, context: data.context.length };
  const seeds = Array.from({ length: context.quick ? 1 : config.seeds }, (_, s) => seed + s);
  const starts = startsFor(data);
  const forecasted: Forecasted[] = [];
  let file: Uint8Array | undefined;
  for (const [k, start] of starts.entries()) {
    const bySeed: Float64Array[][] = [];
    for (const [s, own] of seeds.entries()) {
      context.onEvent?.({
        kind: 'progress',
        text: `${start}, network ${s + 1} of ${seeds.length}`,
        done: (k + s / seeds.length) / starts.length,
      });
      const options = { ...config.training, seed: own };
      const weights = await fitForecaster({ ...shape, start }, fit, scale, options, {
        device,
        ...(signal && { signal }),
      });
      bySeed.push(await forecasts({ ...shape, start }, weights, test, scale, { device }));
      if (k === starts.length - 1 && s === 0) file = forecasterFile({ ...shape, start }, weights, scale);
    }
    forecasted.push({ start, bySeed });
  }
  const report: RunReport = {
    title: initialState.title,
    recipe: initialState.id,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    ...stateReport({ data, config, fit, test, scale, forecasted, builtIn }, context),
  };
  return { report, extraFiles: { 'forecaster.onnx': file! } };
}

function scaleOf(courses: readonly Trajectory[]): Scale {
  const values = courses.flatMap((own) => own.values);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length) || 1;
  return { mean, deviation };
}

/** What is known of a trajectory is what is known of another. */
function exchanged(all: readonly Trajectory[], seed: number): Trajectory[] {
  const order = randomStream(seed, 'exchanged').shuffle(Int32Array.from(all, (_, i) => i));
  return all.map((own, i) => ({ ...own, kind: all[order[i]!]!.kind, context: all[order[i]!]!.context }));
}
