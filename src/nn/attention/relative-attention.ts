import { usageError } from '../../core/errors.ts';
import {
  add,
  and,
  cast,
  concat,
  expandDims,
  floor,
  gather,
  iota,
  less,
  maximum,
  minimum,
  mul,
  size as sizeOf,
  sub,
  transpose,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { dropout as dropLayer } from '../dropout.ts';
import { linear } from '../linear.ts';
import { module, parameter } from '../module.ts';
import { joinHeads, splitHeads } from './attend.ts';
import { attendTo } from './full-attention.ts';
import type { MultiHeadCall, MultiHeadOptions, MultiHeadResult } from './multi-head.ts';
import { scoreBias } from './score-bias.ts';

export interface RelativeAttentionOptions
  extends Pick<MultiHeadOptions, 'size' | 'heads' | 'memory' | 'causal' | 'dropout'> {
  /** Distances up to this have a bias of their own, on either side. */
  reach?: number;
  /** Keys beyond the reach share the bias of the last distance on their side, or are hidden: then nothing depends on how many there are. */
  beyond?: 'shared' | 'hidden';
  /** Places of what is looked at for one place of the queries: a query at t stands at ⌊rate · t⌋ there. */
  rate?: number;
}

/**
 * Attention by several heads whose scores know of positions by a learned number for each distance from query to key (Raffel et al. 2020,
 * with one bucket a distance up to `reach`). Where it stands in a sequence makes no difference to a query, so that what was learned on
 * short sequences holds on long ones, to the letter where what is `beyond` its reach is hidden. Called as `multiHeadAttention` is; the memory may be another sequence, of another pace (`rate`).
 * @example relativeAttention({ size: 64, heads: 4, memory: 64, rate: 3 }) // residues that look at their codons
 */
export function relativeAttention({
  size,
  heads,
  memory: memorySize = size,
  causal = false,
  dropout = 0,
  reach = 16,
  beyond = 'shared',
  rate = 1,
}: RelativeAttentionOptions) {
  if (size % heads !== 0)
    throw usageError(`relativeAttention: ${heads} heads do not divide a size of ${size} evenly.`);
  if (!(rate > 0)) throw usageError(`relativeAttention: expected a rate above 0, received ${rate}.`);
  return module({
    params: {
      query: linear({ in: size, out: size }),
      key: linear({ in: memorySize, out: size }),
      value: linear({ in: memorySize, out: size }),
      output: linear({ in: size, out: size }),
      distances: parameter([2 * reach + 1, heads], { decay: false }),
      drop: dropLayer({ rate: dropout }),
    },
    apply: (own, x: Value, call: MultiHeadCall = {}): MultiHeadResult => {
      const { memory = x, lengths, allowed, past } = call;
      const query = splitHeads(own.query(x), heads);
      let key = splitHeads(own.key(memory), heads);
      let value = splitHeads(own.value(memory), heads);
      if (past) [key, value] = [concat([past.key, key], 2), concat([past.value, value], 2)];
      const offset = past ? sizeOf(past.key.shape[2]!, 'int32') : call.offset;
      const first = iota(x.shape[1]!);
      const positions = offset ? add(first, offset) : first;
      const keys = key.shape[2]!;
      const distance = sub(iota(keys), expandDims(atRate(positions, rate), 1));
      const bucket = add(maximum(minimum(distance, reach), -reach), reach);
      const near = transpose(gather(own.distances, bucket), [2, 0, 1]);
      const within = and(less(-reach - 1, distance), less(distance, reach + 1));
      const seen = beyond === 'shared' ? allowed : allowed ? and(allowed, within) : within;
      const hidden = scoreBias({ lengths, causal, allowed: seen }, { positions, keys });
      const drop = own.context.training && dropout > 0 ? { drop: own.drop } : {};
      const attended = attendTo(
        { query, key, value },
        { lengths, allowed: seen, ...drop },
        hidden ? add(near, hidden) : near,
      );
      return { ...attended, output: own.output(joinHeads(attended.output)), cache: { key, value } };
    },
  });
}

const atRate = (positions: Value, rate: number): Value =>
  rate === 1 ? positions : cast(floor(mul(cast(positions, 'float32'), rate)), 'int32');
