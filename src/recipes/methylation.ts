import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { lstmCell } from '../nn/cells.ts';
import { tiedCell } from '../nn/recurrence/tied-cell.ts';
import type { RunReport } from '../report/run-report.ts';
import { checkWhole } from './built-in-data.ts';
import { type Excursion, excursion } from './methylation/bounds.ts';
import { fitMemory, type Memory, memoryFile, remember } from './methylation/memory.ts';
import { memoryReport } from './methylation/report.ts';
import { plantedSeries, readSeries, type Series } from './methylation/series.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `methylation` may be told. */
export interface MethylationConfig {
  /** Of the example: smoothing factors that are planted, times, reads behind each fraction, and how strongly sites return to their level. */
  readonly factors: readonly number[];
  readonly steps: number;
  readonly reads: number;
  readonly returning: number;
  /** Share of the times, the last ones, that is tested. */
  readonly test: number;
  /** What it costs a gate to depend on anything, and a candidate to be other than the fraction; 0 lets them. */
  readonly steady: number;
  readonly training: Readonly<Record<string, unknown>>;
}

export const methylationDefaults: MethylationConfig = {
  factors: [0.3, 0.5, 0.7, 0.8, 0.9, 0.95],
  steps: 2000,
  reads: 30,
  returning: 0.03,
  test: 0.25,
  steady: 1e-3,
  training: { epochs: 300, rate: 0.06 },
};

/** Memory that can be read: a cell that stays a fraction, and gates that are smoothing factors. */
export const methylation: Recipe = {
  id: 'methylation',
  title: 'Methylation memory',
  summary:
    'Time series of methylation fractions → forecasts by an LSTM with tied gates and logistic candidate, whose forget gate is a smoothing factor.',
  claim: 'The cell stays within 0 and 1 for any input, and the planted smoothing factors are recovered.',
  input: {
    what: 'a table (CSV, TSV) with one row a time and one column of fractions from 0 to 1 for each site; a column called time may name the rows.',
    options: [],
  },
  defaults: { ...methylationDefaults },
  async run(given, context) {
    const config = { ...methylationDefaults, ...given } as MethylationConfig;
    checkConfig(config);
    const steps = context.quick ? Math.min(config.steps, 1200) : config.steps;
    const series = context.input
      ? await readSeries(context.input.path)
      : plantedSeries({ ...config, steps, seed: context.seed });
    return runMethylation(series, config, context, { builtIn: !context.input });
  },
};

function checkConfig({ factors, steps, reads, returning, test, steady, training }: MethylationConfig): void {
  checkWhole({ steps, reads, epochs: training.epochs });
  if (!Array.isArray(factors) || factors.length === 0 || factors.some((f) => !(f >= 0 && f < 1)))
    throw usageError(`factors: expected numbers from 0 to below 1, received ${JSON.stringify(factors)}.`);
  if (!(returning >= 0 && returning <= 1))
    throw usageError(`returning: expected a number from 0 to 1, received ${returning}.`);
  if (!(test > 0 && test < 0.9))
    throw usageError(`test: expected a share above 0 and below 0.9, received ${test}.`);
  if (!(steady >= 0)) throw usageError(`steady: expected a number of at least 0, received ${steady}.`);
  if (steps < 40) throw usageError(`steps: expected at least 40, received ${steps}.`);
}

/** All that a run found out. */
export interface MethylationFindings {
  readonly series: Series;
  readonly memory: Memory;
  /** Times that were learned from; the rest is the test. */
  readonly learned: number;
  readonly excursions: { readonly tied: Excursion; readonly lstm: Excursion };
  readonly config: MethylationConfig;
  readonly builtIn: boolean;
}

/** The recipe on a table of fractions; `builtIn`: `config.factors` are those that were planted. */
export async function runMethylation(
  series: Series,
  config: MethylationConfig,
  context: RecipeContext,
  { builtIn }: { builtIn: boolean },
): Promise<RecipeResult> {
  const began = performance.now();
  const { seed, device, signal } = context;
  const learned = Math.round(series.times.length * (1 - config.test));
  const fit = await fitMemory(
    series,
    { ...config.training, seed, times: learned, steady: config.steady },
    {
      device,
      ...(signal && { signal }),
      onEvent: (event) =>
        event.kind === 'epoch' &&
        context.onEvent?.({
          kind: 'progress',
          text: `step ${event.epoch} of ${event.epochs}`,
          done: (0.9 * event.epoch) / event.epochs,
        }),
    },
  );
  const memory = await remember(series, fit.weights, { device });
  const excursions = {
    tied: await excursion(tiedCell({ outputGate: false }), { seed, device }),
    lstm: await excursion(lstmCell(), { seed, device }),
  };
  const { extraFiles, ...rest } = memoryReport(
    { series, memory, learned, excursions, config, builtIn },
    context,
  );
  const parameters = [...fit.weights.values()].reduce((sum, { length }) => sum + length, 0);
  const report: RunReport = {
    title: methylation.title,
    recipe: methylation.id,
    version,
    seconds: (performance.now() - began) / 1000,
    training: { history: fit.history, bestEpoch: fit.bestEpoch, seconds: fit.seconds, parameters },
    ...rest,
  };
  return { report, extraFiles: { ...extraFiles, 'memory.onnx': memoryFile(series, fit.weights) } };
}
