import { usageError } from '../../core/errors.ts';
import type { Value } from '../../graph/value.ts';
import type { Module } from '../../nn/module.ts';
import { type ConfigOf, configure, defaultsOf, type Options } from '../architectures/options.ts';
import { convolutionMasked } from './convolutions.ts';
import { transformerMasked } from './transformer.ts';

export interface MaskedResult {
  /** float32 [batch, time, reads]: what stands in each place itself. */
  readonly logits: Value;
  /** float32 [batch, time, size]; 0 in padding. */
  readonly hidden: Value;
  /** Weights of each layer's heads [batch, heads, time, time]; none of networks without attention. */
  readonly attention: readonly Value[];
}

/** A network that tells what is hidden: int32 tokens [batch, time] and lengths [batch]. */
export type MaskedModule = Module<[tokens: Value, lengths: Value], MaskedResult>;

export interface MaskedNetwork extends MaskedModule {
  readonly architecture: string;
  /** The complete configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Tokens that it reads at once at most: longer sequences are read in windows. */
  readonly context: number;
  /** Width of `hidden`. */
  readonly size: number;
}

/** A kind of masked network: options, and the network that they describe. */
export interface MaskedArchitecture {
  readonly name: string;
  readonly summary: string;
  readonly options: Options;
  readonly defaults: Readonly<Record<string, unknown>>;
  build(config: object, reads: number): MaskedNetwork;
}

/** An architecture's own function; its options have `size` and `context`. */
export interface MaskedDefinition<O extends Options> {
  readonly name: string;
  readonly summary: string;
  readonly options: O;
  make(config: ConfigOf<O>, reads: number): MaskedModule;
}

function maskedArchitecture<O extends Options>({
  name,
  summary,
  options,
  make,
}: MaskedDefinition<O>): MaskedArchitecture {
  return {
    ...{ name, summary, options },
    defaults: defaultsOf(options),
    build(given, reads) {
      const config = configure(name, options, given);
      const { context, size } = config as unknown as { context: number; size: number };
      return { ...make(config, reads), architecture: name, config, context, size };
    },
  };
}

/** All masked architectures by the names that the command line and model folders use. */
export const maskedArchitectures: Readonly<Record<string, MaskedArchitecture>> = Object.fromEntries(
  [maskedArchitecture(transformerMasked), maskedArchitecture(convolutionMasked)].map((architecture) => [
    architecture.name,
    architecture,
  ]),
);

/** Builds the masked architecture called `name`; throws a usage error that lists the known names, or names the option that does not fit. */
export function buildMasked(name: string, config: object, reads: number): MaskedNetwork {
  if (!Object.hasOwn(maskedArchitectures, name))
    throw usageError(
      `There is no masked model "${name}"; choose ${Object.keys(maskedArchitectures).join(' or ')}.`,
    );
  return maskedArchitectures[name]!.build(config, reads);
}
