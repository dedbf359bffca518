import { add, concat, reverseSequence, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { elmanCell, gruCell, lstmCell } from '../../nn/cells.ts';
import { dropout } from '../../nn/dropout.ts';
import { linear } from '../../nn/linear.ts';
import { module } from '../../nn/module.ts';
import { layerNorm } from '../../nn/normalization.ts';
import { circularRecurrent } from '../../nn/recurrence/circular.ts';
import { dilatedRecurrent } from '../../nn/recurrence/dilated.ts';
import { hierarchicalRecurrent } from '../../nn/recurrence/hierarchical.ts';
import { selective } from '../../nn/recurrence/selective.ts';
import { tiedCell } from '../../nn/recurrence/tied-cell.ts';
import { recurrentBody } from './bodies.ts';
import {
  dataOptions,
  inputOptions,
  poolSummary,
  pools,
  readoutOptions,
  recurrentOptions,
  recurrentPools,
} from './common-options.ts';
import { type ConfigOf, choice, probability, whole, wholes, yesNo } from './options.ts';
import { pooledWidth, timePool } from './readout.ts';
import { architecture, type Body } from './sequence-model.ts';

const cells = { lstm: lstmCell, gru: gruCell, elman: elmanCell, tied: tiedCell };
type CellName = keyof typeof cells;
const cell = (initial: CellName) =>
  choice(
    initial,
    Object.keys(cells) as CellName[],
    'What is carried from step to step; tied: an LSTM whose input gate is what the forget gate leaves.',
  );
const common = { ...dataOptions, ...inputOptions };
const pool = choice('max+mean', pools, poolSummary);

const hierarchicalOptions = {
  ...common,
  cell: cell('lstm'),
  hidden: whole(64, 'Width of the state of either level, in each direction.'),
  bidirectional: yesNo(true, 'Read in both directions.'),
  window: whole(64, 'Letters that the lower level sums up in one step of the upper one.'),
  pool: choice('max+mean', recurrentPools, poolSummary),
  ...readoutOptions([]),
};

/** Windows read side by side, their summaries in order, then a pool over windows. */
function hierarchicalBody(inputs: number, config: ConfigOf<typeof hierarchicalOptions>): Body {
  const { hidden, bidirectional, window } = config;
  const channels = hidden * (bidirectional ? 2 : 1);
  const length = config.length === null ? null : Math.ceil(config.length / window);
  const pooling = { pool: config.pool, channels, length, timeAxis: 0 } as const;
  return {
    width: pooledWidth(pooling),
    layers: module({
      params: {
        levels: hierarchicalRecurrent(cells[config.cell](), { in: inputs, hidden, bidirectional, window }),
        pool: timePool(pooling),
      },
      apply: (own, x: Value, given: Value) => {
        const { windows, lengths } = own.levels(transpose(x, [1, 0, 2]), { lengths: given });
        return own.pool(windows.output, lengths, windows.final);
      },
    }),
  };
}

/** Two levels of recurrence (El Hihi and Bengio 1995): gradients cross windows, not letters. */
export const hierarchical = architecture(
  'hierarchical',
  'One recurrence sums up windows, another reads the summaries: far dependencies in few steps.',
  hierarchicalOptions,
  hierarchicalBody,
);

const dilatedOptions = {
  ...common,
  cell: cell('gru'),
  hidden: whole(48, 'Width of the recurrent state, in each direction.'),
  bidirectional: yesNo(true, 'Read in both directions.'),
  dilations: wholes([1, 4, 16, 64], 'How many letters back the state of each layer lies.', { atLeast: 1 }),
  pool,
  ...readoutOptions([]),
};

/** Dilated recurrences in one or both directions, then a pool over positions. */
function dilatedBody(inputs: number, config: ConfigOf<typeof dilatedOptions>): Body {
  const { hidden, dilations, bidirectional, length } = config;
  const channels = hidden * (bidirectional ? 2 : 1);
  const pooling = { pool: config.pool, channels, length, timeAxis: 0 } as const;
  const direction = () =>
    dilatedRecurrent(cells[config.cell](), { in: inputs, hidden, dilations: [...dilations] });
  return {
    width: pooledWidth(pooling),
    layers: module({
      params: {
        forward: direction(),
        backward: bidirectional ? direction() : undefined,
        pool: timePool(pooling),
      },
      apply: (own, given: Value, lengths: Value) => {
        const x = transpose(given, [1, 0, 2]);
        const ahead = own.forward(x, { lengths });
        if (!own.backward) return own.pool(ahead, lengths);
        const turned = (y: Value) => reverseSequence(y, lengths);
        return own.pool(concat([ahead, turned(own.backward(turned(x), { lengths }))], 2), lengths);
      },
    }),
  };
}

/** Dilated recurrence (Chang et al. 2017): each layer's state comes from further back. */
export const dilatedRnn = architecture(
  'dilated-rnn',
  'Recurrent layers whose states come from ever further back: far dependencies in few steps.',
  dilatedOptions,
  dilatedBody,
);

/** Two passes around a circular molecule: its first letters are read knowing its last. */
export const circular = architecture(
  'circular',
  'Recurrent layers that go round twice, for circular molecules: where they were cut open matters little.',
  {
    ...common,
    cell: cell('lstm'),
    ...recurrentOptions(64),
    passes: whole(2, 'How often the circle is read; the last time counts.', { max: 16 }),
    pool: choice('max+mean', recurrentPools, poolSummary),
    ...readoutOptions([]),
  },
  (inputs, config) =>
    recurrentBody(inputs, config, (options) =>
      circularRecurrent(cells[config.cell](), { ...options, passes: config.passes }),
    ),
);

const selectiveOptions = {
  ...common,
  size: whole(64, 'Width of the vector of each place.'),
  layers: whole(2, 'Blocks.', { max: 64 }),
  states: whole(16, 'Numbers that each channel keeps.', { max: 1024 }),
  kernel: whole(4, 'Letters that the convolution before each scan sees.', { min: 2, max: 64 }),
  bidirectional: yesNo(true, 'Read in both directions, by blocks of their own.'),
  blockDropout: probability(0.1, 'Dropout on what each block adds.'),
  pool,
  ...readoutOptions([]),
};

/** Pre-norm residual Mamba blocks, one for each direction, then a pool over positions. */
function selectiveBody(inputs: number, config: ConfigOf<typeof selectiveOptions>): Body {
  const { size, layers, states, kernel, bidirectional, length, blockDropout } = config;
  const pooling = { pool: config.pool, channels: size, length, timeAxis: 0 } as const;
  const scan = () => selective({ size, states, kernel });
  return {
    width: pooledWidth(pooling),
    layers: module({
      params: {
        widen: linear({ in: inputs, out: size }),
        blocks: Array.from({ length: layers }, () => ({
          norm: layerNorm({ size }),
          forward: scan(),
          backward: bidirectional ? scan() : undefined,
        })),
        drop: dropout({ rate: blockDropout }),
        norm: layerNorm({ size }),
        pool: timePool(pooling),
      },
      apply: (own, given: Value, lengths: Value) => {
        const turned = (y: Value) => reverseSequence(y, lengths);
        const last = own.blocks.reduce(
          (x, { norm, forward, backward }) => {
            const read = norm(x);
            const ahead = forward(read, { lengths }).output;
            const back = backward && turned(backward(turned(read), { lengths }).output);
            return add(x, own.drop(back ? add(ahead, back) : ahead));
          },
          own.widen(transpose(given, [1, 0, 2])),
        );
        return own.pool(own.norm(last), lengths);
      },
    }),
  };
}

/** Selective state space (Mamba; Gu and Dao 2023), in both directions (as Caduceus, Schiff et al. 2024). */
export const selectiveModel = architecture(
  'selective',
  'Selective state space (Mamba): what is kept depends on what is read; grows linearly with length.',
  selectiveOptions,
  selectiveBody,
);
