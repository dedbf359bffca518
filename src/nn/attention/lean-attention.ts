import { usageError } from '../../core/errors.ts';
import { type Dim, dimAdd, dimFloorDiv, dimMul, dimSub } from '../../graph/dims.ts';
import {
  add,
  expandDims,
  full,
  gather,
  iota,
  mul,
  pad,
  reshape,
  scalar,
  scan,
  slice,
  transpose,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type Attend, refuse } from './attend.ts';
import { attendTo } from './full-attention.ts';
import { scoreBias } from './score-bias.ts';

/**
 * The same values and gradients as `fullAttention`, with the queries taken `chunk` at a time (Rabe and Staats 2021): prediction
 * holds chunk × keys weights instead of queries × keys. Training still keeps all weights for the gradient. No weights are read out.
 */
export function leanAttention({ chunk = 128 } = {}): Attend {
  if (!Number.isInteger(chunk) || chunk < 1)
    throw usageError(`leanAttention: expected a chunk of 1 or more queries, received ${chunk}.`);
  return ({ query, key, value }, call = {}) => {
    refuse('leanAttention', call, ['allowed', 'drop']);
    const [batch, heads, queries, width] = query.shape as [Dim, Dim, Dim, Dim];
    const chunks = dimFloorDiv(dimAdd(queries, chunk - 1), chunk);
    const filled = pad(query, 2, 0, dimSub(dimMul(chunks, chunk), queries));
    const pieces = transpose(reshape(filled, [batch, heads, chunks, chunk, width]), [2, 0, 1, 3, 4]);
    // The result is also carried, so that each step ends with it and nothing of a step outlives it.
    const blank = full([batch, heads, chunk, value.shape[3]!], 0);
    const { outputs } = scan({ carry: [blank], inputs: [pieces, iota(chunks)] }, (_, [piece, index]) => {
      const first = add(iota(chunk), mul(index!, chunk));
      const positions = call.offset ? add(first, call.offset) : first;
      const bias = scoreBias(call, { positions, keys: key.shape[2]! });
      const { output } = attendTo({ query: keptInLoop(piece!), key, value }, call, bias);
      return { carry: [output], outputs: [output] };
    });
    const joined = reshape(transpose(outputs[0]!, [1, 2, 0, 3, 4]), [
      batch,
      heads,
      dimMul(chunks, chunk),
      value.shape[3]!,
    ]);
    return { output: slice(joined, 2, 0, queries) };
  };
}

// A scan moves all it can out of its loop, to do it for every step at once; here one step at a time is the point. A gather
// cannot be moved.
const keptInLoop = (x: Value): Value => gather(expandDims(x, 0), scalar(0, 'int32'));
