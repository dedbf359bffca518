import { usageError } from '../../core/errors.ts';
import { type Dim, dimAdd, dimFloorDiv, dimMul, dimSub } from '../../graph/dims.ts';
import { add, iota, mul, pad, reshape, scan, slice, transpose } from '../../graph/library.ts';
import { type Attend, refuse } from './attend.ts';
import { attendTo } from './full-attention.ts';
import { scoreBias } from './score-bias.ts';

/**
 * The same values and gradients as `fullAttention`, with the queries taken `chunk` at a time (Rabe and Staats 2021): only
 * chunk × keys weights are held at a time, in training too, where the gradient computes them again. No weights are read out.
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
    const inputs = [pieces, iota(chunks)];
    const { outputs } = scan({ carry: [], inputs, rematerialize: true }, (_, [piece, index]) => {
      const first = add(iota(chunk), mul(index!, chunk));
      const positions = call.offset ? add(first, call.offset) : first;
      const bias = scoreBias(call, { positions, keys: key.shape[2]! });
      return { carry: [], outputs: [attendTo({ query: piece!, key, value }, call, bias).output] };
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
