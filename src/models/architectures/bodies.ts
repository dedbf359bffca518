import { transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { Cell } from '../../nn/cells.ts';
import { type Module, module } from '../../nn/module.ts';
import { learnedState } from '../../nn/recurrence/initial-state.ts';
import {
  type RecurrentCall,
  type RecurrentOptions,
  type RecurrentResult,
  recurrent,
} from '../../nn/recurrent.ts';
import type { InitialState, PoolName, recurrentOptions } from './common-options.ts';
import { type ConvolutionConfig, convolutions, pooledLength } from './convolutions.ts';
import type { ConfigOf } from './options.ts';
import { pooledWidth, timePool } from './readout.ts';
import type { Body } from './sequence-model.ts';

interface Pooling {
  readonly pool: PoolName;
  readonly length: number | null;
  readonly dropout: number;
}
export type RecurrentConfig = ConfigOf<ReturnType<typeof recurrentOptions>>;

/** Convolutions, then a pool over positions. */
export function convolutionalBody(inputs: number, config: ConvolutionConfig & Pooling): Body {
  const channels = config.filters[config.filters.length - 1]!;
  const length = config.length === null ? null : pooledLength(config.length, config);
  const pooling = { pool: config.pool, channels, length, timeAxis: 2 } as const;
  return {
    width: pooledWidth(pooling),
    layers: module({
      params: { convolutions: convolutions(inputs, config), pool: timePool(pooling) },
      apply: (own, x: Value, lengths: Value) => {
        const { x: y, lengths: after } = own.convolutions(transpose(x, [0, 2, 1]), lengths);
        return own.pool(y, after);
      },
    }),
  };
}

type RecurrentLayers = Module<[x: Value, call: RecurrentCall], RecurrentResult>;

/** Layers of a cell, step by step, from zero or from a state that is learned. */
export const layersOf =
  (cell: Cell, initial: InitialState = 'zero') =>
  (options: RecurrentOptions) => {
    if (initial === 'zero') return recurrent(cell, options);
    const { hidden, layers = 1, bidirectional = false } = options;
    return module({
      params: {
        inner: recurrent(cell, options),
        start: learnedState({ hidden, states: cell.states, count: layers * (bidirectional ? 2 : 1) }),
      },
      apply: (own, x: Value, { lengths }: RecurrentCall = {}): RecurrentResult =>
        own.inner(x, { lengths, initial: own.start(x.shape[1]!) }),
    });
  };

/** Recurrent layers, after convolutions if there are any, then a pool over positions. */
export function recurrentBody(
  inputs: number,
  config: RecurrentConfig & Pooling & Partial<ConvolutionConfig>,
  recurrence: (options: RecurrentOptions) => unknown,
): Body {
  const front = config.filters ? (config as ConvolutionConfig) : undefined;
  const { hidden, layers, bidirectional, dropout } = config;
  const channels = hidden * (bidirectional ? 2 : 1);
  const length = front && config.length !== null ? pooledLength(config.length, front) : config.length;
  const pooling = { pool: config.pool, channels, length, timeAxis: 0 } as const;
  const width = front ? front.filters[front.filters.length - 1]! : inputs;
  return {
    width: pooledWidth(pooling),
    layers: module({
      params: {
        convolutions: front && convolutions(inputs, front),
        recurrent: recurrence({ in: width, hidden, layers, bidirectional, dropout }) as RecurrentLayers,
        pool: timePool(pooling),
      },
      apply: (own, x: Value, lengths: Value) => {
        const before = own.convolutions?.(transpose(x, [0, 2, 1]), lengths);
        const steps = before ? transpose(before.x, [2, 0, 1]) : transpose(x, [1, 0, 2]);
        const after = before?.lengths ?? lengths;
        const { output, final } = own.recurrent(steps, { lengths: after });
        // `last` takes the states of the top layer, one for each direction.
        return own.pool(output, after, final.slice(bidirectional ? -2 : -1));
      },
    }),
  };
}
