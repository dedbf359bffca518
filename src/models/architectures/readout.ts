import { usageError } from '../../core/errors.ts';
import type { Dim } from '../../graph/dims.ts';
import { concat, reshape, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type ActivationName, activation } from '../../nn/activations.ts';
import type { State } from '../../nn/cells.ts';
import { dropout } from '../../nn/dropout.ts';
import { heUniform } from '../../nn/initializers.ts';
import { linear } from '../../nn/linear.ts';
import { type TimeAxis, zeroPadding } from '../../nn/mask.ts';
import { module } from '../../nn/module.ts';
import { attentionPool, maxOverTime, meanOverTime } from '../../nn/pooling.ts';
import type { PoolName } from './common-options.ts';
import type { SequenceFeatures } from './sequence-model.ts';

export interface TimePoolOptions {
  pool: PoolName;
  channels: number;
  /** Positions, where they are kept apart. */
  length: number | null;
  /** [time, batch, channels] (0, recurrent) or [batch, channels, time] (2, convolutional). */
  timeAxis: 0 | 2;
  /** How many final states there are, for `last`. */
  directions?: number;
}

/** Features that `timePool` gives. */
export function pooledWidth({
  pool,
  channels,
  length,
}: Pick<TimePoolOptions, 'pool' | 'channels' | 'length'>): number {
  if (pool === 'max+mean') return 2 * channels;
  if (pool !== 'flatten') return channels;
  if (length === null)
    throw usageError(
      'pool: flatten keeps every position, so it needs the length of the sequences; set length.',
    );
  return channels * length;
}

/** Positions → one vector per sequence: [batch, features], with attention weights [batch, time] where these pool. */
export const timePool = ({ pool, channels, timeAxis }: TimePoolOptions) =>
  module({
    params: {
      attention:
        pool === 'attention' ? attentionPool({ in: channels, timeAxis: timeAxis === 0 ? 0 : 1 }) : undefined,
    },
    apply: ({ attention }, x: Value, lengths: Value, final: readonly State[] = []): SequenceFeatures => {
      if (attention) {
        const { pooled, weights } = attention(timeAxis === 0 ? x : transpose(x, [0, 2, 1]), lengths);
        return { features: pooled, attention: weights };
      }
      if (pool === 'last')
        return {
          features: concat(
            final.map(([h]) => h!),
            1,
          ),
        };
      if (pool === 'flatten') return { features: flatten(x, lengths, timeAxis) };
      const max = () => maxOverTime(x, lengths, timeAxis);
      const mean = () => meanOverTime(x, lengths, timeAxis);
      if (pool === 'max+mean') return { features: concat([max(), mean()], 1) };
      return { features: pool === 'max' ? max() : mean() };
    },
  });

function flatten(x: Value, lengths: Value, timeAxis: TimeAxis): Value {
  const clean = zeroPadding(x, lengths, timeAxis);
  const rows = timeAxis === 0 ? transpose(clean, [1, 0, 2]) : clean;
  const [batch, a, b] = rows.shape as [Dim, number, number];
  return reshape(rows, [batch, a * b]);
}

/** Dropout, dense layers and the linear head: features[batch, in] → outputs[batch, out] (logits or values, without an activation). */
export const readout = ({
  in: inputs,
  out,
  dense,
  dropout: rate,
  activation: name = 'relu',
}: {
  in: number;
  out: number;
  dense: readonly number[];
  dropout: number;
  activation?: ActivationName;
}) =>
  module({
    params: {
      drop: dropout({ rate }),
      dense: dense.map((width, i) => linear({ in: dense[i - 1] ?? inputs, out: width, initial: heUniform })),
      head: linear({ in: dense[dense.length - 1] ?? inputs, out }),
    },
    apply: (own, features: Value) =>
      own.head(own.dense.reduce((x, layer) => own.drop(activation(name)(layer(x))), own.drop(features))),
  });
