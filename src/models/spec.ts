import type { CustomNetwork } from './custom-network.ts';
import type { FeatureSpec } from './features.ts';

/** What a model answers, and how its raw outputs become that answer. */
export type OutputSpec =
  /** One of several classes: softmax over the outputs. */
  | { readonly kind: 'classes'; readonly classes: readonly string[] }
  /** Any number of labels at once: a sigmoid for each output. */
  | { readonly kind: 'labels'; readonly classes: readonly string[] }
  /**
   * Numbers, in the units of the training table: output · deviation + mean; with `positive`, softplus(output) · deviation, which is never
   * negative.
   */
  | {
      readonly kind: 'values';
      readonly names: readonly string[];
      readonly positive: boolean;
      readonly mean: readonly number[];
      readonly deviation: readonly number[];
    };

/**
 * Everything but the weights that is needed to rebuild a model with one answer for each sequence: plain data, as it stands in
 * `model.json`, but for `network`.
 */
export interface ModelSpec {
  /** See `kinds`; this is the one that may be left out. */
  readonly kind?: 'answer';
  /** A name in the registry of architectures, or `custom`. */
  readonly architecture: string;
  /** The user's own network, where the architecture is `custom`: code, which no file holds. */
  readonly network?: CustomNetwork;
  /** Its complete configuration, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly alphabet: { readonly name: string; readonly letters: string };
  /** Names of the numeric tracks that go beside the sequence, in order. */
  readonly tracks: readonly string[];
  /** Columns of a table that are read beside the sequence, in order; none where it is left out. */
  readonly features?: readonly FeatureSpec[];
  readonly output: OutputSpec;
}

/** How many raw outputs the model's head has. */
export const outputCount = (output: OutputSpec): number =>
  output.kind === 'values' ? output.names.length : output.classes.length;
