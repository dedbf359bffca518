import { usageError } from '../../core/errors.ts';
import { type Dim, dimMul } from '../../graph/dims.ts';
import { add, full, matmul, reshape, scan } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { Cell, CellSize, State } from '../cells.ts';
import { glorotUniform } from '../initializers.ts';
import { module, parameter } from '../module.ts';

export interface GraphRecurrentCall {
  /** [nodes, nodes]: row i holds how much node i hears of each node; rows of an adjacency matrix divided by their sums, for example. */
  readonly edges: Value;
  /** The state to start from, each value [batch · nodes, hidden]; zeros by default. */
  readonly initial?: State | undefined;
}

export interface GraphRecurrentResult {
  /** [time, batch, nodes, hidden] */
  readonly output: Value;
  /** The state after the last step, each value [batch · nodes, hidden]. */
  readonly final: State;
}

/**
 * A recurrent cell at every node of a graph, all with the same weights: at each step a node reads its own input and a message, the mean (by
 * `edges`) of what the nodes around it held after the step before (in the manner of Seo et al. 2018 and Li et al. 2018, of one hop
 * a step). x[time, batch, nodes, in] → output[time, batch, nodes, hidden]. With edges of zero every node is on its own.
 * @example graphRecurrent(gruCell(), { in: 2, hidden: 32 }) // speed and flow of road sensors
 */
export function graphRecurrent(cell: Cell, size: CellSize) {
  const own = cell.parameters(size);
  const width = own.weight!.shape[1]!;
  return module({
    params: { cell: own, message: parameter([size.hidden, width], { initial: glorotUniform }) },
    apply: (
      { cell: weights, message },
      x: Value,
      { edges, initial }: GraphRecurrentCall,
    ): GraphRecurrentResult => {
      const [time, batch, nodes, inputs] = x.shape as [Dim, Dim, Dim, Dim];
      if (x.shape.length !== 4 || edges.shape.length !== 2)
        throw usageError(
          `graphRecurrent: expected x of [time, batch, nodes, in] and edges of [nodes, nodes], received [${x.shape.join(', ')}] and [${edges.shape.join(', ')}].`,
        );
      const rows = dimMul(batch, nodes);
      const heard = (h: Value) =>
        reshape(matmul(edges, reshape(h, [batch, nodes, size.hidden])), [rows, size.hidden]);
      const start = initial ?? new Array<Value>(cell.states).fill(full([rows, size.hidden], 0));
      const projected = cell.project(weights, reshape(x, [time, rows, inputs]));
      const { outputs, carry } = scan({ carry: start, inputs: [projected] }, (state, [row]) => {
        const next = cell.step(weights, add(row!, matmul(heard(state[0]!), message)), state);
        return { carry: next, outputs: [next[0]!] };
      });
      return { output: reshape(outputs[0]!, [time, batch, nodes, size.hidden]), final: carry };
    },
  });
}
