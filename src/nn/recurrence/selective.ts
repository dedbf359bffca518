import { usageError } from '../../core/errors.ts';
import { type Dim, dimMul } from '../../graph/dims.ts';
import {
  add,
  concat,
  conv1d as correlate,
  exp,
  expandDims,
  full,
  gather,
  iota,
  matmul,
  mul,
  neg,
  reshape,
  size,
  softplus,
  split,
  transpose,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { silu } from '../activations.ts';
import type { State } from '../cells.ts';
import { heUniform, type Initializer, ones, uniform } from '../initializers.ts';
import { linear } from '../linear.ts';
import { zeroPadding } from '../mask.ts';
import { module, parameter } from '../module.ts';
import { linearRecurrence } from './linear-recurrence.ts';
import { finalState } from './linear-recurrent.ts';

/** What a selective scan reads at each step: x and delta[time, batch, channels], toState and fromState[time, batch, states]. */
export interface SelectiveInputs {
  readonly x: Value;
  readonly delta: Value;
  readonly toState: Value;
  readonly fromState: Value;
  /** [channels, states], below 0. */
  readonly rates: Value;
}

/**
 * The selective state space of Mamba (Gu and Dao 2023), S6: each channel keeps `states` numbers, h′ = exp(delta · rates)∘h + delta · x ·
 * toState, y = h · fromState. All steps run in parallel by chunks; the states of all steps, time · batch · channels · states
 * numbers, are held at once, so cut long inputs into pieces and carry `final` over. → y[time, batch, channels].
 */
export function selectiveScan(
  { x, delta, toState, fromState, rates }: SelectiveInputs,
  {
    initial,
    lengths,
    chunk,
  }: { initial?: Value | undefined; lengths?: Value | undefined; chunk?: number | undefined } = {},
): { output: Value; final: Value } {
  const [time, batch, channels] = x.shape as [Dim, Dim, number];
  const states = rates.shape[1] as number;
  const decay = exp(mul(expandDims(delta, 3), rates));
  const input = mul(expandDims(mul(delta, x), 3), expandDims(toState, 2));
  const h = linearRecurrence(decay, input, { initial, chunk });
  const output = reshape(matmul(h, expandDims(fromState, 3)), [time, batch, channels]);
  const flat = reshape(h, [time, batch, channels * states]);
  const start = initial && reshape(initial, [batch, channels * states]);
  return { output, final: reshape(finalState(flat, start, lengths), [batch, channels, states]) };
}

export interface SelectiveOptions {
  /** Width of input and output. */
  size: number;
  /** Inner channels are this many times as wide. */
  expand?: number;
  /** Numbers kept by each channel. */
  states?: number;
  /** Steps that the convolution before the scan sees. */
  kernel?: number;
  /** Numbers that delta is computed from. */
  rank?: number;
  chunk?: number | undefined;
}

export interface SelectiveCall {
  lengths?: Value | undefined;
  /** `final` of the piece before. */
  initial?: State | undefined;
}

/**
 * A Mamba block (Gu and Dao 2023): x is widened twice; one copy passes a causal convolution, silu and `selectiveScan`, and is gated by
 * silu of the other; a product brings it back. x[time, batch, size] → output of the same shape (0 in padding), and the state
 * [inputs of the convolution [kernel − 1, batch, inner], h [batch, inner, states]] with which the next piece of a stream goes on.
 */
export function selective({
  size: width,
  expand = 2,
  states = 16,
  kernel = 4,
  rank = Math.ceil(width / 16),
  chunk,
}: SelectiveOptions) {
  const inner = expand * width;
  if (!Number.isInteger(inner) || !Number.isInteger(kernel) || kernel < 2)
    throw usageError(
      `selective: expected a whole number of inner channels and a kernel of 2 or more steps, received ${inner} and ${kernel}.`,
    );
  return module({
    params: {
      widen: linear({ in: width, out: 2 * inner, bias: false }),
      convolution: {
        weight: parameter([inner, 1, kernel], { initial: heUniform }),
        bias: parameter([inner]),
      },
      select: linear({ in: inner, out: rank + 2 * states, bias: false }),
      delta: {
        weight: parameter([rank, inner], { initial: uniform(rank ** -0.5) }),
        bias: parameter([inner], { initial: stepSizes }),
      },
      logRates: parameter([inner, states], { initial: countingLogs, decay: false }),
      skip: parameter([inner], { initial: ones }),
      narrow: linear({ in: inner, out: width, bias: false }),
    },
    apply: (own, x: Value, { lengths, initial }: SelectiveCall = {}): { output: Value; final: State } => {
      const batch = x.shape[1]!;
      const [main, gate] = split(own.widen(x), 2, [inner, inner]) as [Value, Value];
      const before = initial?.[0] ?? full([kernel - 1, batch, inner], 0);
      const joined = concat([before, main], 0);
      const { weight, bias } = own.convolution;
      const seen = correlate(transpose(joined, [1, 2, 0]), weight, { groups: inner, bias });
      const active = silu(transpose(seen, [2, 0, 1]));
      const [low, toState, fromState] = split(own.select(active), 2, [rank, states, states]) as [
        Value,
        Value,
        Value,
      ];
      const delta = softplus(add(matmul(low, own.delta.weight), own.delta.bias));
      const rates = neg(exp(own.logRates));
      const scanned = selectiveScan(
        { x: active, delta, toState, fromState, rates },
        { initial: initial?.[1], lengths, chunk },
      );
      const mixed = mul(add(scanned.output, mul(own.skip, active)), silu(gate));
      const output = own.narrow(mixed);
      return {
        output: lengths ? zeroPadding(output, lengths, 0) : output,
        final: [lastRows(joined, lengths, kernel - 1), scanned.final],
      };
    },
  });
}

/** The last `count` rows before each sequence's end, of x[count + time, batch, width] whose first `count` rows lie before the sequence. */
function lastRows(x: Value, lengths: Value | undefined, count: number): Value {
  const [all, batch, width] = x.shape as [Dim, Dim, Dim];
  const time = size(all, 'int32');
  const ends = lengths ? expandDims(lengths, 0) : add(time, -count);
  const rows = add(ends, expandDims(iota(count), 1));
  const at = add(mul(rows, size(batch, 'int32')), iota(batch));
  return gather(reshape(x, [dimMul(all, batch), width]), at);
}

// As the authors start them: rates −1, −2, … −states in every channel; step sizes softplus(bias) from 0.001 to 0.1.
const countingLogs: Initializer = {
  name: 'countingLogs',
  fill: ([rows, columns]) =>
    Float64Array.from({ length: rows! * columns! }, (_, i) => Math.log((i % columns!) + 1)),
};
const stepSizes: Initializer = {
  name: 'stepSizes',
  fill: (shape, random) =>
    Float64Array.from({ length: shape[0]! }, () => {
      const step = 10 ** (-3 + 2 * random.uniform());
      return step + Math.log(-Math.expm1(-step));
    }),
};
