import { type Dim, dimMul } from '../../graph/dims.ts';
import {
  add,
  argMax,
  broadcastTo,
  equal,
  expandDims,
  full,
  gather,
  greater,
  iota,
  less,
  max,
  mul,
  reshape,
  scan,
  transpose,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { mask } from '../mask.ts';
import type { CrfCall } from './crf-loss.ts';
import type { CrfPotentials } from './crf-potentials.ts';

/**
 * The best sequence of tags (Viterbi 1967): potentials → tags int32 [batch, time], −1 in padding, and its score [batch]. Of several best
 * ones, that with the smaller tag numbers from the end.
 */
export function crfDecode(
  { emissions, transitions, start, end }: CrfPotentials,
  { lengths }: CrfCall = {},
): { tags: Value; score: Value } {
  const [batch, time, count] = emissions.shape as [Dim, Dim, number];
  const stay = broadcastTo(iota(count), [batch, count]);
  const forward = scan(
    { carry: [full([batch, count], 0)], inputs: [transpose(emissions, [1, 0, 2]), iota(time)] },
    ([before], [row, t]) => {
      const moves = add(expandDims(before!, 2), transitions);
      const next = add(where(equal(t!, 0), start, max(moves, 1)), row!);
      const from = argMax(moves, 1);
      if (!lengths) return { carry: [next], outputs: [from] };
      const real = expandDims(less(t!, lengths), 1);
      return { carry: [where(real, next, before!)], outputs: [where(real, from, stay)] };
    },
  );
  const final = add(forward.carry[0]!, end);
  const rows = mul(iota(batch), count);
  const backward = scan(
    { carry: [argMax(final, 1)], inputs: [forward.outputs[0]!], reverse: true },
    ([tag], [from]) => ({
      carry: [gather(reshape(from!, [dimMul(batch, count)]), add(rows, tag!))],
      outputs: [tag!],
    }),
  );
  const tags = transpose(backward.outputs[0]!);
  const score = max(final, 1);
  if (!lengths) return { tags, score };
  return { tags: where(mask(lengths, time), tags, -1), score: where(greater(lengths, 0), score, 0) };
}
