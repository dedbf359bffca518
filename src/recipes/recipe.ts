import type { DatasetOptions } from '../data/dataset-options.ts';
import type { AnyModel } from '../models/model.ts';
import type { RunReport } from '../report/run-report.ts';
import type { Device } from '../runtime/compile.ts';

/** What a recipe tells while it runs: a sentence to keep, or how far it is (`done` from 0 to 1). */
export type RecipeEvent =
  | { readonly kind: 'note'; readonly text: string }
  | {
      readonly kind: 'progress';
      readonly text: string;
      readonly done: number;
      readonly secondsLeft?: number;
    };

/** Options that say how labelled sequences are to be read; each recipe names those that it reads. */
export type InputOption =
  | 'labels'
  | 'id'
  | 'label'
  | 'labelFrom'
  | 'sequence'
  | 'group'
  | 'ambiguous'
  | 'alphabet'
  | 'task';

/** The options of `DatasetOptions` that say where the labels of sequences are. */
export const labelling = ['labels', 'id', 'label', 'labelFrom', 'sequence'] as const;

/** What `--input` is, in words that complete "Input: …", and the options beside it that the recipe reads; others are refused. */
export interface InputKind {
  readonly what: string;
  readonly options: readonly InputOption[];
}

/** The user's own file, and what was said on how to read it: only options that the recipe reads. */
export interface RecipeInput {
  readonly path: string;
  readonly options?: Readonly<Pick<DatasetOptions, InputOption>>;
}

/** The input as what reads labelled sequences takes it. */
export const labelledSequences = ({ path, options }: RecipeInput): DatasetOptions => ({
  sequences: path,
  ...options,
});

/** Where and how a recipe runs; nothing but `seed`, `quick` and `input` changes what it finds. */
export interface RecipeContext {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RecipeEvent) => void;
  readonly threads: number;
  readonly device: Device;
  readonly seed: number;
  /** A smaller run that ends within seconds; its figures are worth less, and the report says so. */
  readonly quick: boolean;
  /** The user's own files of the same kind; without them the recipe takes its built-in example. */
  readonly input?: RecipeInput;
}

/** What a run leaves behind. `extraFiles`: contents by file name, written beside the report. */
export interface RecipeResult {
  readonly report: RunReport;
  readonly model?: AnyModel;
  readonly extraFiles?: Readonly<Record<string, string | Uint8Array>>;
}

/**
 * A complete piece of work under one name: data → model → training → evaluation → report. `claim` is what it must show;
 * the run checks it and says whether it held. `defaults` is its complete configuration as plain JSON: what `init` writes
 * and `run` fills a user's file up with.
 */
export interface Recipe {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly claim: string;
  /** What it runs on; left out where it takes no files. */
  readonly input?: InputKind;
  readonly defaults: Readonly<Record<string, unknown>>;
  run(config: Readonly<Record<string, unknown>>, context: RecipeContext): Promise<RecipeResult>;
}
