import { usageError } from '../../core/errors.ts';
import { add, iota } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { dropout as dropLayer } from '../dropout.ts';
import { linear } from '../linear.ts';
import { module } from '../module.ts';
import { alibiSlopes } from '../positions/alibi.ts';
import { type RotaryOptions, rotary } from '../positions/rotary.ts';
import { type Attend, type AttendCall, type Attended, joinHeads, splitHeads } from './attend.ts';
import { fullAttention } from './full-attention.ts';

export interface MultiHeadOptions {
  /** Width of the queries and of the result. */
  size: number;
  heads: number;
  /** Width of what is looked at where it is another sequence. */
  memory?: number;
  /** Which queries see which keys, and how that is computed. */
  attend?: Attend;
  causal?: boolean;
  /** How scores know of positions: not at all, by turning queries and keys, or by a penalty on distance. */
  positions?: 'none' | 'rotary' | 'alibi';
  rotary?: RotaryOptions;
  bias?: boolean;
  /** On the weights. */
  dropout?: number;
}

export interface MultiHeadCall extends Pick<AttendCall, 'lengths' | 'offset' | 'allowed'> {
  /** What is looked at, [batch, keys, memory]; the queries' own sequence by default. */
  memory?: Value | undefined;
  /** Where the places of x lie, int32 [time] or [batch, time], for rotary positions; 0, 1, 2, … by default. */
  positions?: Value | undefined;
}

/**
 * Attention by several heads, each with projections of its own (Vaswani et al. 2017): x[batch, time, size] → output [batch, time, size]
 * and, where the method forms them, weights of each head [batch, heads, time, keys]. `lengths` (int32 [batch]) are those of what
 * is looked at. Output in padding is finite and means nothing.
 * @example multiHeadAttention({ size: 64, heads: 4, causal: true, positions: 'rotary' })
 */
export function multiHeadAttention({
  size,
  heads,
  memory: memorySize = size,
  attend = fullAttention(),
  causal = false,
  positions: kind = 'none',
  rotary: turn = {},
  bias = true,
  dropout = 0,
}: MultiHeadOptions) {
  if (size % heads !== 0)
    throw usageError(`multiHeadAttention: ${heads} heads do not divide a size of ${size} evenly.`);
  const slopes = kind === 'alibi' ? alibiSlopes(heads) : undefined;
  return module({
    params: {
      query: linear({ in: size, out: size, bias }),
      key: linear({ in: memorySize, out: size, bias }),
      value: linear({ in: memorySize, out: size, bias }),
      output: linear({ in: size, out: size, bias }),
      drop: dropLayer({ rate: dropout }),
    },
    apply: (own, x: Value, call: MultiHeadCall = {}): Attended => {
      const { memory = x, lengths, offset, allowed } = call;
      let query = splitHeads(own.query(x), heads);
      let key = splitHeads(own.key(memory), heads);
      const value = splitHeads(own.value(memory), heads);
      if (kind === 'rotary') {
        if (memory !== x)
          throw usageError('multiHeadAttention: rotary positions are for a sequence that looks at itself.');
        const places = call.positions ?? iota(x.shape[1]!);
        const at = offset ? add(places, offset) : places;
        [query, key] = [rotary(query, at, turn), rotary(key, at, turn)];
      }
      const drop = own.context.training && dropout > 0 ? { drop: own.drop } : {};
      const attended = attend({ query, key, value }, { lengths, causal, offset, allowed, slopes, ...drop });
      return { ...attended, output: own.output(joinHeads(attended.output)) };
    },
  });
}
