import { dimAdd } from '../../graph/dims.ts';
import { add, concat, pad, slice, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type ActivationName, activation, activations } from '../../nn/activations.ts';
import { type Cell, gruCell, lstmCell } from '../../nn/cells.ts';
import { conv1d } from '../../nn/conv1d.ts';
import { dropout } from '../../nn/dropout.ts';
import { linear } from '../../nn/linear.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { type Module, module } from '../../nn/module.ts';
import { layerNorm } from '../../nn/normalization.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { encoder } from '../../nn/transformer/index.ts';
import { type ConfigOf, choice, type Options, probability, whole, wholes } from '../architectures/options.ts';

/** Vectors of tokens → vectors of places: x[batch, time, in] and lengths → [batch, time, width]. Padding never changes a result. */
export interface TaggerBody {
  readonly width: number;
  readonly layers: Module<[x: Value, lengths: Value], Value>;
}

/** A way of looking at the places around each place. */
export interface TaggerArchitecture {
  readonly summary: string;
  readonly options: Options;
  build(inputs: number, config: Readonly<Record<string, unknown>>): TaggerBody;
}

const body = <O extends Options>(
  summary: string,
  options: O,
  build: (inputs: number, config: ConfigOf<O>) => TaggerBody,
): TaggerArchitecture => ({
  summary,
  options,
  build: (inputs, config) => build(inputs, config as ConfigOf<O>),
});

const recurrentOptions = {
  hidden: whole(64, 'Width of the recurrent state, in each direction.'),
  layers: whole(1, 'Recurrent layers.', { max: 64 }),
  between: probability(0.3, 'Dropout between recurrent layers.'),
};

function bothDirections(
  cell: Cell,
  inputs: number,
  { hidden, layers, between }: ConfigOf<typeof recurrentOptions>,
): TaggerBody {
  return {
    width: 2 * hidden,
    layers: module({
      params: {
        recurrent: recurrent(cell, { in: inputs, hidden, layers, bidirectional: true, dropout: between }),
      },
      apply: (own, x: Value, lengths: Value) =>
        transpose(own.recurrent(transpose(x, [1, 0, 2]), { lengths }).output, [1, 0, 2]),
    }),
  };
}

const activationOption = choice(
  'gelu',
  Object.keys(activations) as ActivationName[],
  'What follows each convolution.',
);

/** Convolutions whose dilation grows, each added to what it read: every place sees all within the sum of their reach. */
const dilatedCnn = body(
  'Dilated convolutions, each added to what it read: a wide view at little cost, and fast on long sequences.',
  {
    width: whole(64, 'Channels.'),
    kernel: whole(5, 'Places that each convolution reads.'),
    dilations: wholes([1, 2, 4, 8], 'Distance between those places, one convolution a number.', {
      atLeast: 1,
    }),
    activation: activationOption,
    between: probability(0.2, 'Dropout after each convolution.'),
  },
  (inputs, { width, kernel, dilations, activation: name, between }) => ({
    width,
    layers: module({
      params: {
        widen: linear({ in: inputs, out: width }),
        blocks: dilations.map((dilation) => ({
          norm: layerNorm({ size: width }),
          convolution: conv1d({ in: width, out: width, kernel, dilation }),
        })),
        drop: dropout({ rate: between }),
        norm: layerNorm({ size: width }),
      },
      apply: (own, x: Value, lengths: Value) => {
        const read = own.blocks.reduce((y, { norm, convolution }) => {
          const clean = zeroPadding(norm(y), lengths, 1);
          const seen = transpose(convolution(transpose(clean, [0, 2, 1])), [0, 2, 1]);
          return add(y, own.drop(activation(name)(seen)));
        }, own.widen(x));
        return zeroPadding(own.norm(read), lengths, 1);
      },
    }),
  }),
);

const cnnBilstm = body(
  'A convolution finds short patterns, a bidirectional LSTM puts them in order.',
  {
    filters: whole(64, 'Filters of the convolution.'),
    kernel: whole(7, 'Places that it reads.'),
    activation: activationOption,
    ...recurrentOptions,
  },
  (inputs, config) => {
    const { width, layers } = bothDirections(lstmCell(), config.filters, config);
    return {
      width,
      layers: module({
        params: {
          scan: conv1d({ in: inputs, out: config.filters, kernel: config.kernel }),
          layers,
        },
        apply: (own, x: Value, lengths: Value) => {
          const seen = own.scan(transpose(zeroPadding(x, lengths, 1), [0, 2, 1]));
          return own.layers(transpose(activation(config.activation)(seen), [0, 2, 1]), lengths);
        },
      }),
    };
  },
);

const transformer = body(
  'A transformer encoder: every place sees every other one.',
  {
    width: whole(64, 'Width of the blocks; a multiple of twice the heads.'),
    layers: whole(2, 'Blocks.', { max: 64 }),
    heads: whole(4, 'Heads of attention.'),
    positions: choice('rotary', ['rotary', 'alibi', 'none'], 'How places know where they are.'),
    between: probability(0.1, 'Dropout inside the blocks.'),
  },
  (inputs, { width, layers, heads, positions, between }) => ({
    width,
    layers: module({
      params: {
        widen: linear({ in: inputs, out: width }),
        encoder: encoder({ layers, size: width, heads, positions, dropout: between }),
      },
      apply: (own, x: Value, lengths: Value) => own.encoder(own.widen(x), { lengths }).output,
    }),
  }),
);

/** Logistic regression on what stands within a window: nothing between the input and the tags but one convolution. */
const windowed = body(
  'Logistic regression on a window around each place: the simple baseline.',
  { kernel: whole(15, 'Places in the window.') },
  (inputs, { kernel }) => ({
    width: inputs * kernel,
    layers: module({
      params: {},
      apply: (_own, x: Value, lengths: Value) => windowsOf(zeroPadding(x, lengths, 1), kernel),
    }),
  }),
);

/** All bodies by the names that the command line and model folders use. */
export const taggerBodies: Readonly<Record<string, TaggerArchitecture>> = {
  bilstm: body('A bidirectional LSTM: the usual tagger of words.', recurrentOptions, (inputs, config) =>
    bothDirections(lstmCell(), inputs, config),
  ),
  bigru: body(
    'A bidirectional GRU: as bilstm with three quarters of the parameters.',
    recurrentOptions,
    (inputs, config) => bothDirections(gruCell(), inputs, config),
  ),
  cnn: dilatedCnn,
  'cnn-bilstm': cnnBilstm,
  transformer,
  window: windowed,
};

/** What stands within `kernel` places around each: x[batch, time, in] → [batch, time, kernel · in], zero beyond the edges. */
function windowsOf(x: Value, kernel: number): Value {
  const time = x.shape[1]!;
  const before = Math.floor((kernel - 1) / 2);
  const wide = pad(x, 1, before, kernel - 1 - before);
  return concat(
    Array.from({ length: kernel }, (_, k) => slice(wide, 1, k, dimAdd(time, k))),
    2,
  );
}
