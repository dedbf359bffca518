import type { Target } from '../../data/target.ts';
import type { ColumnMetrics } from './column-metrics.ts';
import type { ConfidentError } from './confident-errors.ts';
import type { Curve, Scatter } from './curves.ts';
import type { CalibrationBin } from './probability.ts';

/** A metric's value, null where it is not defined, with its bootstrap interval where one can be given. */
export interface MetricValue {
  value: number | null;
  low?: number;
  high?: number;
}

/** Metrics by name, as `results.json` holds them. */
export type Metrics = Record<string, MetricValue>;

/** What evaluating predictions found out; plain data without NaN, ready for JSON. */
export interface Evaluation {
  kind: Target['kind'];
  count: number;
  /** Classes, labels or names of the values. */
  names: string[];
  metrics: Metrics;
  /** How the intervals were made; `groups` where whole groups were drawn. */
  intervals: { level: number; resamples: number; groups?: number };
  /** Metrics of each class, label or value. */
  columns: ColumnMetrics[];
  /** Rows are true, columns predicted classes. */
  confusion?: { classes: string[]; counts: number[][] };
  rocCurves?: Curve[];
  prCurves?: Curve[];
  /** Reliability diagram; `of` says which probability it speaks of. */
  calibration?: { of: string; bins: CalibrationBin[] };
  scatter?: Scatter[];
  /** Sentences that the reader must not miss. */
  alarms: string[];
  confidentErrors: ConfidentError[];
}
