import type { Shape } from '../../graph/dims.ts';
import type { Value } from '../../graph/value.ts';
import type { Module } from '../../nn/module.ts';
import { type ConfigOf, configure, defaultsOf, type Options } from '../architectures/options.ts';

/** How many token ids there are. */
export interface LanguageSizes {
  /** Ids that are read: those of the tokenizer and, as the last, the one that stands before every sequence. */
  readonly reads: number;
  /** Ids that are foretold: the same, or all but that one where sequences have no end. */
  readonly writes: number;
}

export interface LanguageResult {
  /** float32 [batch, time, writes]: place t tells of the token after the one that is read there. */
  readonly logits: Value;
  /** What the piece that follows is to be read with. */
  readonly states: readonly Value[];
}

/**
 * A network that foretells the next token: int32 tokens [batch, time] and, for a piece that continues another, the states that
 * reading that one left → logits and new states.
 */
export interface LanguageNetwork
  extends Module<[tokens: Value, states?: readonly Value[] | undefined], LanguageResult> {
  readonly architecture: string;
  /** The complete configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The shape of each state; `batch` comes first, and `past` is how many tokens were read where a state grows with them. */
  readonly states: readonly Shape[];
  /** Tokens that it sees at most, the one that it reads included; null where a state of fixed size carries all. */
  readonly sees: number | null;
  /** Tokens that a gradient reaches back in training. */
  readonly context: number;
  /** With the same parameters, for a loop inside the graph; of networks whose states grow. */
  readonly loop?: LoopNetwork | undefined;
}

/** Where a loop over tokens stands, for a network whose states grow. */
export interface LoopCall {
  /** What was read before the loop, as the network's states. */
  readonly past: readonly Value[];
  /** What the loop has read: the same with `steps` places, of which the first are filled. */
  readonly recent: readonly Value[];
  /** How many steps were taken before this one, an int32 scalar. */
  readonly step: Value;
}

/** One step of the loop: int32 tokens [batch] → logits [batch, writes], and `recent` with this step in it. */
export type LoopNetwork = Module<[tokens: Value, call: LoopCall], { logits: Value; recent: Value[] }>;

/** A kind of language network: options, and the network that they describe. */
export interface LanguageArchitecture {
  readonly name: string;
  readonly summary: string;
  readonly options: Options;
  readonly defaults: Readonly<Record<string, unknown>>;
  build(config: object, sizes: LanguageSizes): LanguageNetwork;
}

/** What an architecture's own function gives. */
export interface Built
  extends Module<[tokens: Value, states?: readonly Value[] | undefined], LanguageResult> {
  readonly states: readonly Shape[];
  readonly sees: number | null;
  readonly loop?: LoopNetwork;
}

/** Defines a language architecture. */
export function languageArchitecture<O extends Options>(
  name: string,
  summary: string,
  options: O,
  make: (config: ConfigOf<O> & { context: number }, sizes: LanguageSizes) => Built,
): LanguageArchitecture {
  return {
    name,
    summary,
    options,
    defaults: defaultsOf(options),
    build(given, sizes) {
      const config = configure(name, options, given) as ConfigOf<O> & { context: number };
      return { ...make(config, sizes), architecture: name, config, context: config.context };
    },
  };
}
