import type { Shape } from '../../graph/dims.ts';
import type { Value } from '../../graph/value.ts';
import type { Module } from '../../nn/module.ts';
import { type ConfigOf, configure, defaultsOf, type Options } from '../architectures/options.ts';

/** How many token ids there are. */
export interface TranslatorSizes {
  /** Ids that a source may hold, its end among them as the last. */
  readonly reads: number;
  /** Ids that are written, the end among them as the last. The id after it stands before every target and is read alone. */
  readonly writes: number;
}

/** A source that was read. */
export interface Encoded {
  /** A vector for each place, [batch, keys, width]. */
  readonly memory: Value;
  /** How many places are real, int32 [batch]. */
  readonly lengths: Value;
  /** What a decoder that carries states begins with, of the shapes of `states`. */
  readonly initial: readonly Value[];
}

/** Tokens of the decoder's own in place of those of the truth (Bengio et al. 2015). */
export interface OwnTokens {
  /** The share of places where it reads its own token, a scalar. */
  readonly share: Value;
  /** `argmax`: its most probable token; `sample`: one drawn from its distribution. */
  readonly pick: 'argmax' | 'sample';
  /**
   * Of a decoder that reads all places at once: how often it foretells them anew from what it read the time before, so that errors can
   * follow from errors; 1 by default. A recurrent decoder goes on from its own tokens in any case.
   */
  readonly passes?: number;
}

export interface Decoded {
  /** [batch, time, writes]: place t tells of the token after the one that is read there. */
  readonly logits: Value;
  /** Where it looked in the source, [batch, time, keys], adding up to 1; only from networks that attend. */
  readonly attention?: Value;
  /** What the piece that follows is to be read with. */
  readonly states: readonly Value[];
}

/** The two halves of an encoder–decoder, bound to their parameters. */
export interface Halves {
  /** int32 tokens [batch, keys] and lengths [batch]; padding never changes a result. */
  encode(tokens: Value, lengths: Value): Encoded;
  /**
   * int32 tokens [batch, time], each that which stands before the one to be foretold, and, for a piece that continues another, the states
   * that reading that one left.
   */
  decode(
    source: Encoded,
    tokens: Value,
    call?: { states?: readonly Value[]; own?: OwnTokens | undefined },
  ): Decoded;
}

/** A network from sequence to sequence. */
export interface TranslatorNetwork extends Module<[], Halves> {
  readonly architecture: string;
  /** The complete configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Width of a vector of memory. */
  readonly width: number;
  /** The shape of each state; `batch` comes first, and `past` is how many tokens were read where a state grows with them. */
  readonly states: readonly Shape[];
  /** Whether it tells where it looked. */
  readonly attends: boolean;
}

/** A kind of translator: options, and the network that they describe. */
export interface TranslatorArchitecture {
  readonly name: string;
  readonly summary: string;
  readonly options: Options;
  readonly defaults: Readonly<Record<string, unknown>>;
  build(config: object, sizes: TranslatorSizes): TranslatorNetwork;
}

/** What an architecture's own function gives. */
export type BuiltTranslator = Module<[], Halves> & Pick<TranslatorNetwork, 'width' | 'states' | 'attends'>;

/** Defines a translator's architecture. */
export const translatorArchitecture = <O extends Options>(
  name: string,
  summary: string,
  options: O,
  make: (config: ConfigOf<O>, sizes: TranslatorSizes) => BuiltTranslator,
): TranslatorArchitecture => ({
  name,
  summary,
  options,
  defaults: defaultsOf(options),
  build(given, sizes) {
    const config = configure(name, options, given);
    return { ...make(config, sizes), architecture: name, config };
  },
});
