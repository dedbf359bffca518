import type { Evaluation, Metrics } from '../train/metrics/index.ts';

/** Something a recipe promises, and whether it held. */
export interface Claim {
  id: string;
  text: string;
  value: number | null;
  met: boolean;
}

/** A file that was read, as it was: enough to tell whether it is the same again. */
export interface SourceFile {
  path: string;
  bytes?: number;
  records?: number;
  sha256?: string;
}

/** Records that were left out, why, and a few of their ids. */
export interface Skipped {
  reason: string;
  count: number;
  examples?: string[];
}

/** What went in. */
export interface DataSummary {
  records: number;
  /** How the task was understood, in words. */
  task?: string;
  alphabet?: string;
  /** Records of each class, or with each label. */
  classes?: { name: string; count: number }[];
  /** Length of every record. */
  lengths?: ArrayLike<number>;
  skipped?: Skipped[];
  sources?: SourceFile[];
}

/** One pass over the training data. */
export interface Epoch {
  epoch: number;
  trainLoss: number;
  validationLoss?: number | null;
  rate?: number;
}

/** The course of the training; `bestEpoch` is the one whose weights were kept. */
export interface Training {
  history: Epoch[];
  bestEpoch?: number;
  seconds?: number;
  parameters?: number;
}

/** How records were divided, and how like the test records are to what the model was trained on. */
export interface Leakage {
  /** The split in words: `random, stratified by class`. */
  split: string;
  parts?: { name: string; count: number }[];
  /** For every test record the similarity to its nearest training record, from 0 to 1. */
  nearest?: ArrayLike<number>;
  /** What similarity is: `share of common 8-mers, both strands`. */
  measure?: string;
  /** From where on records count as near-copies. */
  threshold?: number;
  /** The finding in words; made from `nearest` where absent. */
  sentence?: string;
}

/** What is needed to make the run again. */
export interface Manifest {
  command?: string;
  versions?: Record<string, string>;
  host?: Record<string, string | number>;
  config?: unknown;
  data?: SourceFile[];
}

/** A drawing of a recipe's own; `svg` is inserted as it is, so it must come from code, never from users. */
export interface Figure {
  title: string;
  caption?: string;
  svg: string;
}

/** A table of a recipe's own; everything in it is escaped. */
export interface Table {
  title: string;
  columns: string[];
  rows: (string | number | null)[][];
  note?: string;
}

/** All that a report can tell: plain data, from which HTML, JSON and terminal text are made. */
export interface RunReport {
  title: string;
  version: string;
  seed: number;
  seconds: number;
  recipe?: string;
  lead?: string;
  claims?: Claim[];
  data?: DataSummary;
  training?: Training;
  evaluation?: Evaluation;
  /** Metrics beside those of the evaluation. */
  metrics?: Metrics;
  baselines?: Record<string, Metrics>;
  /** Sequences by record id, to show beside the errors. */
  sequences?: Record<string, string>;
  leakage?: Leakage;
  /** Alarms beside those of the evaluation. */
  alarms?: string[];
  notes?: string[];
  figures?: Figure[];
  tables?: Table[];
  /** What was written where, relative to the output folder. */
  artifacts?: Record<string, string>;
  manifest?: Manifest;
}

/** The parts of a report that the terminal's summary needs. */
export type Summary = Partial<RunReport>;

/** All metrics of a report. */
export const allMetrics = ({ evaluation, metrics }: Summary): Metrics => ({
  ...evaluation?.metrics,
  ...metrics,
});

/** All alarms of a report, each once. */
export const allAlarms = ({ evaluation, alarms }: Summary): string[] => [
  ...new Set([...(alarms ?? []), ...(evaluation?.alarms ?? [])]),
];
