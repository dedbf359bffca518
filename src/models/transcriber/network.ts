import {
  add,
  cast,
  constant,
  div,
  expandDims,
  input,
  maximum,
  mul,
  sqrt,
  square,
  sub,
  sum,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { dropout } from '../../nn/dropout.ts';
import { embedding } from '../../nn/embedding.ts';
import { linear } from '../../nn/linear.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { type Module, module } from '../../nn/module.ts';
import { tokenizerFrom } from '../../tokenize/description.ts';
import { configure } from '../architectures/options.ts';
import {
  type FrameConfig,
  type HeadConfig,
  type SymbolConfig,
  transcriberArchitectures,
  transcriberOptions,
} from './architectures.ts';
import { type FrontConfig, front, strideOf } from './front.ts';
import { type TranscriberInput, type TranscriberSpec, targetTokenizer } from './spec.ts';

/** A padded batch: frames float32 [batch, time, channels] or ids of symbols int32 [batch, time], and lengths int32 [batch]. */
export interface TranscriberInputs {
  readonly frames?: Value;
  readonly symbols?: Value;
  readonly lengths: Value;
}

/** What a network says of a batch. */
export interface TranscriberOutputs {
  /** float32 [batch, steps, classes]; class 0 is the blank. */
  readonly logits: Value;
  /** How many steps of each are real, int32 [batch]. */
  readonly steps: Value;
}

/** A network, and what decoders and length checks must know of it. */
export interface TranscriberNetwork {
  readonly config: Readonly<Record<string, unknown>>;
  /** How many places of the input become one step. */
  readonly stride: number;
  /** Tokens, and the blank. */
  readonly classes: number;
  readonly network: Module<[TranscriberInputs], TranscriberOutputs>;
}

/** The inputs that carry a batch, with named dimensions. */
export const transcriberInputs = ({ input: what }: Pick<TranscriberSpec, 'input'>): TranscriberInputs => ({
  ...(what.kind === 'frames'
    ? { frames: input('frames', ['batch', 'time', what.channels.length]) }
    : { symbols: input('symbols', ['batch', 'time'], 'int32') }),
  lengths: input('lengths', ['batch'], 'int32'),
});

/**
 * The network that a spec describes. Frames arrive in units of the training data (see `standardised`).
 * Throws a usage error for an unknown architecture, and for options that it does not have or accept.
 */
export function transcriberNetwork(spec: TranscriberSpec): TranscriberNetwork {
  const { architecture, input: what } = spec;
  const options = transcriberOptions(architecture, what.kind);
  const config = configure(`the transcriber ${architecture}`, options, spec.config) as FrontConfig &
    FrameConfig &
    SymbolConfig &
    HeadConfig;
  const classes = targetTokenizer(spec).size + 1;
  const reader = what.kind === 'frames' ? frameReader(what, config) : symbolReader(what, config);
  const convolutions = front(reader.width, config);
  const { filters } = config;
  const body = transcriberArchitectures[architecture]!.build(
    filters[filters.length - 1] ?? reader.width,
    config,
  );
  return {
    ...{ config, stride: strideOf(config), classes },
    network: module({
      params: {
        reader: reader.layers,
        front: convolutions,
        body: body.layers,
        drop: dropout({ rate: config.dropout }),
        head: linear({ in: body.width, out: classes }),
      },
      apply: (own, inputs: TranscriberInputs): TranscriberOutputs => {
        const { x, lengths } = own.front(own.reader(inputs), inputs.lengths);
        return { logits: own.head(own.drop(own.body(x, lengths))), steps: lengths };
      },
    }),
  };
}

/** Vectors of places, zero in padding. */
interface Reader {
  readonly width: number;
  readonly layers: Module<[TranscriberInputs], Value>;
}

function frameReader(
  { channels }: TranscriberInput & { kind: 'frames' },
  { normalise }: FrameConfig,
): Reader {
  return {
    width: channels.length,
    layers: module({
      params: {},
      apply: (_own, { frames, lengths }: TranscriberInputs) => {
        const clean = zeroPadding(frames!, lengths, 1);
        return normalise === 'record' ? ofOwnScale(clean, lengths) : clean;
      },
    }),
  };
}

/** A channel that never changes stays 0 instead of being blown up. */
const leastVariance = 1e-6;

/** Each record by its own mean and deviation, channel by channel: x[batch, time, channels], zero in padding before and after. */
function ofOwnScale(x: Value, lengths: Value): Value {
  const count = expandDims(cast(maximum(lengths, 1), 'float32'), 1, 2);
  const centred = zeroPadding(sub(x, div(sum(x, 1, { keep: true }), count)), lengths, 1);
  const variance = div(sum(square(centred), 1, { keep: true }), count);
  return div(centred, sqrt(add(variance, leastVariance)));
}

function symbolReader(
  { tokens }: TranscriberInput & { kind: 'symbols' },
  { embedding: size }: SymbolConfig,
): Reader {
  const rows = tokenizerFrom(tokens, 'the tokenizer of what is read').size;
  return {
    width: size,
    layers: module({
      params: { symbols: embedding({ rows, size }) },
      apply: (own, { symbols, lengths }: TranscriberInputs) => zeroPadding(own.symbols(symbols!), lengths, 1),
    }),
  };
}

/** Frames in units of the training data: (value − mean) / deviation. */
export function standardised(
  frames: Value,
  { mean, deviation }: TranscriberInput & { kind: 'frames' },
): Value {
  const row = (of: readonly number[]) => constant(of, [of.length]);
  return mul(sub(frames, row(mean)), row(deviation.map((d) => 1 / d)));
}
