import type { NodeGraph } from './node-graph.ts';

/** Columns that are known beforehand, such as holidays and prices, and how they are scaled. */
export interface CovariateSpec {
  readonly names: readonly string[];
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** What a forecaster says of a step that is still to come. */
export type ForecastOutput =
  /** The value below which the truth lies with each probability; `levels` rise, and one of them is 0.5, the point forecast. */
  | { readonly kind: 'quantiles'; readonly levels: readonly number[] }
  /** Mean and deviation of a normal distribution; `levels` are the quantiles that are written down of it. */
  | { readonly kind: 'gaussian'; readonly levels: readonly number[] }
  /** The probability of a 1, for targets that are 0 or 1 (notes that sound); one step ahead, at every step of a series. */
  | { readonly kind: 'binary' };

/** Everything but the weights that is needed to rebuild a forecaster: plain data, as it stands in `model.json`. */
export interface ForecasterSpec {
  readonly kind: 'forecaster';
  /** A name in the registry of forecasters. */
  readonly architecture: string;
  /** Its complete configuration, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The columns that are forecast, together. */
  readonly targets: readonly string[];
  /** Columns that are known of the steps to come, too. */
  readonly covariates?: CovariateSpec;
  /** Of a forecaster on a graph: its nodes, whose targets those are, and its edges. */
  readonly graph?: NodeGraph;
  /** Steps ahead. */
  readonly horizon: number;
  /** Steps that are looked back; of binary targets, how far a gradient reaches back in training. */
  readonly context: number;
  /** After how many steps the series is thought to repeat, for comparisons; 1: it is not. */
  readonly season: number;
  readonly output: ForecastOutput;
  /** Of each target in the training data, the deviation within series: values are read as (value − mean) / deviation, and written back. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** The columns of times and of the names of series, as the training table called them. */
  readonly columns: { readonly time: string | null; readonly group: string | null };
}

/** The most levels of quantiles, targets, and steps of horizon and of context. */
export const most = { levels: 99, targets: 1000, horizon: 10_000, context: 100_000 };

/** Numbers that the head gives for each step and target. */
export const outputWidth = (output: ForecastOutput): number =>
  output.kind === 'quantiles' ? output.levels.length : output.kind === 'gaussian' ? 2 : 1;

/** Where 0.5 stands among the levels. */
export const medianOf = (levels: readonly number[]): number => levels.indexOf(0.5);

/** Whether levels rise within (0, 1), with the median among them. */
export const areLevels = (levels: readonly number[]): boolean =>
  levels.length <= most.levels &&
  levels.every((q, i) => q > 0 && q < 1 && (i === 0 || q > levels[i - 1]!)) &&
  levels.includes(0.5);
