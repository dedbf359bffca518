import { usageError } from '../../core/errors.ts';
import { type Dim, dimSub } from '../../graph/dims.ts';
import {
  add,
  concat,
  expandDims,
  full,
  matmul,
  mul,
  reverseSequence,
  scan,
  sigmoid,
  size,
  slice,
  split,
  tanh,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type Cell, elmanCell, gruCell, lstmCell, type State } from '../cells.ts';
import { zeroPadding } from '../mask.ts';
import { module } from '../module.ts';
import type { RecurrentOptions } from '../recurrent.ts';
import { tiedCell } from './tied-cell.ts';

type Own = Readonly<Record<string, Value>>;
/** Gate values at all steps, from what a step owes to the input and the output of the step before. */
type ReadGates = (own: Own, projected: Value, before: Value) => Record<string, Value>;

const parts = (x: Value, count: number): Value[] => {
  const width = (x.shape[x.shape.length - 1] as number) / count;
  return split(x, -1, new Array<number>(count).fill(width));
};
const sums = ({ recurrent }: Own, projected: Value, before: Value): Value =>
  add(projected, matmul(before, recurrent!));

/** The cells whose gates can be read, and how their state and gates are called. */
const readers: Record<TracedCell, { cell: Cell; states: readonly string[]; gates: ReadGates }> = {
  elman: { cell: elmanCell(), states: ['hidden'], gates: () => ({}) },
  lstm: {
    cell: lstmCell(),
    states: ['hidden', 'cell'],
    gates(own, projected, before) {
      const [i, f, g, o] = parts(sums(own, projected, before), 4);
      return { input: sigmoid(i!), forget: sigmoid(f!), candidate: tanh(g!), output: sigmoid(o!) };
    },
  },
  gru: {
    cell: gruCell(),
    states: ['hidden'],
    gates(own, projected, before) {
      const [xr, xz, xn] = parts(projected, 3);
      const [hr, hz, hn] = parts(matmul(before, own.recurrent!), 3);
      const reset = sigmoid(add(xr!, hr!));
      const candidate = tanh(add(xn!, mul(reset, add(hn!, own.recurrentBias!))));
      return { reset, update: sigmoid(add(xz!, hz!)), candidate };
    },
  },
  tied: {
    cell: tiedCell(),
    states: ['hidden', 'cell'],
    gates(own, projected, before) {
      const [f, g, o] = parts(sums(own, projected, before), 3);
      return { forget: sigmoid(f!), candidate: sigmoid(g!), output: sigmoid(o!) };
    },
  },
};

export type TracedCell = 'elman' | 'lstm' | 'gru' | 'tied';

/** All that one direction of one layer held at each step, each [time, batch, hidden] and 0 in padding, in the order of the sequence. */
export interface RecurrentTrace {
  /** `hidden`, and `cell` of an LSTM. */
  readonly states: Readonly<Record<string, Value>>;
  /** By name: `input`, `forget`, `candidate`, `output` of an LSTM; `reset`, `update`, `candidate` of a GRU. */
  readonly gates: Readonly<Record<string, Value>>;
}

/**
 * A recurrent layer that tells all its states and gates at every step: parameters and results as `recurrent` with the same cell and options,
 * so that it reads the weights that the other learned. x[time, batch, in], lengths int32 [batch] → output[time, batch, hidden ·
 * directions] and one trace a layer, forward and backward.
 * @example recurrentTrace('lstm', { in: 4, hidden: 32 }) // traces[0].forward.gates.forget: what is kept, base by base
 */
export function recurrentTrace(
  kind: TracedCell,
  { in: inputs, hidden, layers = 1, bidirectional = false }: Omit<RecurrentOptions, 'dropout'>,
) {
  if (!Object.hasOwn(readers, kind))
    throw usageError(`recurrentTrace: expected ${Object.keys(readers).join(', ')}, received "${kind}".`);
  const { cell } = readers[kind];
  const directions = bidirectional ? 2 : 1;
  const sizes = Array.from({ length: layers }, (_, l) => ({
    in: l === 0 ? inputs : hidden * directions,
    hidden,
  }));
  return module({
    params: {
      layers: sizes.map((each) => ({
        forward: cell.parameters(each),
        backward: bidirectional ? cell.parameters(each) : undefined,
      })),
    },
    apply: (own, x: Value, { lengths }: { lengths?: Value | undefined } = {}) => {
      const ends = lengths ?? add(full([x.shape[1]!], 0, 'int32'), size(x.shape[0]!, 'int32'));
      let output = x;
      const traces = own.layers.map(({ forward, backward }) => {
        const trace = {
          forward: traceOf(kind, forward, { x: output, ends, hidden }),
          backward: backward && traceOf(kind, backward, { x: output, ends, hidden, reverse: true }),
        };
        const both = [trace.forward, ...(trace.backward ? [trace.backward] : [])];
        output = concat(
          both.map(({ states }) => states.hidden!),
          2,
        );
        return trace;
      });
      return { output, traces };
    },
  });
}

function traceOf(
  kind: TracedCell,
  own: Own,
  { x, ends, hidden, reverse = false }: { x: Value; ends: Value; hidden: number; reverse?: boolean },
): RecurrentTrace {
  const { cell, states, gates } = readers[kind];
  const turned = (v: Value) => (reverse ? reverseSequence(v, ends, 0) : v);
  const projected = turned(cell.project(own as never, x));
  const zero = full([x.shape[1]!, hidden], 0);
  const start: State = states.map(() => zero);
  const { outputs } = scan({ carry: start, inputs: [projected] }, (state, [row]) => {
    const next = cell.step(own as never, row!, state);
    return { carry: next, outputs: next };
  });
  const [h] = outputs as [Value];
  const before = concat([expandDims(zero, 0), slice(h, 0, 0, dimSub(h.shape[0] as Dim, 1))], 0);
  const shown = (v: Value) => zeroPadding(turned(v), ends, 0);
  const record = (pairs: readonly (readonly [string, Value])[]) =>
    Object.fromEntries(pairs.map(([name, v]) => [name, shown(v)]));
  return {
    states: record(states.map((name, i) => [name, outputs[i]!] as const)),
    gates: record(Object.entries(gates(own, projected, before))),
  };
}
