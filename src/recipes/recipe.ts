import type { DatasetOptions } from '../data/dataset-options.ts';
import type { Model } from '../models/model.ts';
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
  readonly input?: DatasetOptions;
}

/** What a run leaves behind. `extraFiles`: contents by file name, written beside the report. */
export interface RecipeResult {
  readonly report: RunReport;
  readonly model?: Model;
  readonly extraFiles?: Readonly<Record<string, string>>;
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
  readonly defaults: Readonly<Record<string, unknown>>;
  run(config: Readonly<Record<string, unknown>>, context: RecipeContext): Promise<RecipeResult>;
}
