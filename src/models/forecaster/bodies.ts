import { transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type Cell, gruCell, lstmCell } from '../../nn/cells.ts';
import { dropout } from '../../nn/dropout.ts';
import { linear } from '../../nn/linear.ts';
import { type Module, module } from '../../nn/module.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { graphRecurrent } from '../../nn/relations/graph-recurrent.ts';
import { encoder } from '../../nn/transformer/stacks.ts';
import { type ConfigOf, choice, probability, whole, yesNo } from '../architectures/options.ts';

/**
 * What reads a series up to each step and no further: x[batch, time, in] → [batch, time, width]; of a graph x[batch, time, nodes, in] →
 * [batch, time, nodes, width] by its edges [nodes, nodes].
 */
export type Body = Module<[x: Value, edges?: Value], Value>;

const shared = {
  dropout: probability(0.1, 'Dropout between layers and before the answer.'),
  highway: yesNo(
    true,
    'A linear forecast of the steps seen is added to that of the network (Lai et al. 2018); not for binary targets.',
  ),
  window: choice(
    'shift',
    ['none', 'shift', 'standardise'],
    'What is read relative to itself. shift: to the last value seen; standardise: to mean and deviation of the steps seen (Kim et al. 2022); not for binary targets.',
  ),
};

export const recurrentOptions = {
  hidden: whole(64, 'Width of the recurrent state.'),
  layers: whole(1, 'Recurrent layers.', { max: 64 }),
  inputDropout: probability(0, 'Dropout on what is read.'),
  ...shared,
};

export const graphOptions = {
  ...recurrentOptions,
  hops: whole(
    2,
    'Edges that an answer looks along: as many steps ahead, what flows along them can be foreseen.',
    { min: 0, max: 16 },
  ),
};

export const transformerOptions = {
  size: whole(64, 'Width of the vector of each step; a multiple of heads.'),
  layers: whole(2, 'Blocks.', { max: 64 }),
  heads: whole(4, 'Heads of attention.', { max: 1024 }),
  ...shared,
};

/** Layers of one cell, one direction: the state at a step knows of nothing after it. Dropout masks stay for all steps (Gal and Ghahramani 2016). */
export function recurrentBody(
  cell: Cell,
  { hidden, layers, inputDropout, dropout: rate }: ConfigOf<typeof recurrentOptions>,
  inputs: number,
): Body {
  return module({
    params: {
      read: dropout({ rate: inputDropout, sharedAxes: [0] }),
      layers: Array.from({ length: layers }, (_, l) =>
        recurrent(cell, { in: l === 0 ? inputs : hidden, hidden }),
      ),
      drop: dropout({ rate, sharedAxes: [0] }),
    },
    apply: (own, x: Value) => {
      let y = own.read(transpose(x, [1, 0, 2]));
      for (const layer of own.layers) y = own.drop(layer(y).output);
      return transpose(y, [1, 0, 2]);
    },
  });
}

export const lstmBody = (config: ConfigOf<typeof recurrentOptions>, inputs: number): Body =>
  recurrentBody(lstmCell(), config, inputs);
export const gruBody = (config: ConfigOf<typeof recurrentOptions>, inputs: number): Body =>
  recurrentBody(gruCell(), config, inputs);

/** Layers of one cell at every node of a graph, the same at all of them, that hear of the nodes around them one step later. */
export function graphBody(
  cell: Cell,
  { hidden, layers, inputDropout, dropout: rate }: ConfigOf<typeof recurrentOptions>,
  inputs: number,
): Body {
  return module({
    params: {
      read: dropout({ rate: inputDropout, sharedAxes: [0] }),
      layers: Array.from({ length: layers }, (_, l) =>
        graphRecurrent(cell, { in: l === 0 ? inputs : hidden, hidden }),
      ),
      drop: dropout({ rate, sharedAxes: [0] }),
    },
    apply: (own, x: Value, edges?: Value) => {
      let y = own.read(transpose(x, [1, 0, 2, 3]));
      for (const layer of own.layers) y = own.drop(layer(y, { edges: edges! }).output);
      return transpose(y, [1, 0, 2, 3]);
    },
  });
}

export const graphLstmBody = (config: ConfigOf<typeof recurrentOptions>, inputs: number): Body =>
  graphBody(lstmCell(), config, inputs);
export const graphGruBody = (config: ConfigOf<typeof recurrentOptions>, inputs: number): Body =>
  graphBody(gruCell(), config, inputs);

/** Causal pre-norm blocks with rotary positions. */
export const transformerBody = (
  { size, layers, heads, dropout: rate }: ConfigOf<typeof transformerOptions>,
  inputs: number,
): Body =>
  module({
    params: {
      widen: linear({ in: inputs, out: size }),
      encoder: encoder({ layers, size, heads, causal: true, positions: 'rotary', dropout: rate }),
      drop: dropout({ rate }),
    },
    apply: (own, x: Value) => own.drop(own.encoder(own.widen(x)).output),
  });
