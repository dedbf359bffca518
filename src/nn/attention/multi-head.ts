import { usageError } from '../../core/errors.ts';
import { add, concat, iota, size as sizeOf } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { dropout as dropLayer } from '../dropout.ts';
import { linear } from '../linear.ts';
import { module } from '../module.ts';
import { alibiSlopes } from '../positions/alibi.ts';
import { type RotaryOptions, rotary } from '../positions/rotary.ts';
import {
  type Attend,
  type AttendCall,
  type Attended,
  type AttentionCache,
  joinHeads,
  splitHeads,
} from './attend.ts';
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
  /** `cache` of a call that read what lies before x: its places are seen as if they stood in front of x. `lengths` count them in. */
  past?: AttentionCache | undefined;
}

export interface MultiHeadResult extends Attended {
  /** Give it as `past` to the call that reads what follows. */
  readonly cache: AttentionCache;
}

/**
 * Attention by several heads, each with projections of its own (Vaswani et al. 2017): x[batch, time, size] → output [batch, time, size]
 * and, where the method forms them, weights of each head [batch, heads, time, keys]. `lengths` (int32 [batch]) are those of what
 * is looked at. A decoder that writes token by token hands `cache` on as `past` and reads each token once. Output in padding is finite and means nothing.
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
    apply: (own, x: Value, call: MultiHeadCall = {}): MultiHeadResult => {
      const { memory = x, lengths, allowed, past } = call;
      const offset = past ? sizeOf(past.key.shape[2]!, 'int32') : call.offset;
      let query = splitHeads(own.query(x), heads);
      let key = splitHeads(own.key(memory), heads);
      let value = splitHeads(own.value(memory), heads);
      if (kind === 'rotary') {
        if (memory !== x)
          throw usageError('multiHeadAttention: rotary positions are for a sequence that looks at itself.');
        const places = iota(x.shape[1]!);
        const at = call.positions ?? (offset ? add(places, offset) : places);
        [query, key] = [rotary(query, at, turn), rotary(key, at, turn)];
      }
      if (past) [key, value] = [concat([past.key, key], 2), concat([past.value, value], 2)];
      const drop = own.context.training && dropout > 0 ? { drop: own.drop } : {};
      const attended = attend({ query, key, value }, { lengths, causal, offset, allowed, slopes, ...drop });
      return { ...attended, output: own.output(joinHeads(attended.output)), cache: { key, value } };
    },
  });
}
