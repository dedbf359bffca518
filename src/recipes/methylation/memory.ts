import { type Dim, dimSub } from '../../graph/dims.ts';
import {
  add,
  concat,
  constant,
  expandDims,
  input,
  matmul,
  mul,
  scan,
  sigmoid,
  slice,
  split,
  square,
  sub,
  sum,
  sumOf,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { ones } from '../../nn/initializers.ts';
import { meanSquaredError } from '../../nn/losses.ts';
import { type AnyModule, initialize, module, parameter } from '../../nn/module.ts';
import { tiedCell } from '../../nn/recurrence/tied-cell.ts';
import { compile } from '../../runtime/compile.ts';
import { exportOnnx } from '../../runtime/program.ts';
import type { FitResult } from '../../train/fit-loop.ts';
import type { FitOptions, RunOptions } from '../../train/options.ts';
import type { Weights } from '../../train/start.ts';
import { floats, learn } from '../learn.ts';
import { withWeights } from '../network.ts';
import type { Series } from './series.ts';

/** Forget gate and candidate; no output gate: what is remembered is what is said. */
const cell = tiedCell({ outputGate: false });

/** 1 where a row's site meets its own unit, in each of the two gates. */
const ownOnly = (sites: number) =>
  constant(
    Array.from({ length: 2 * sites * sites }, (_, i) => +(Math.floor(i / (2 * sites)) === i % sites)),
    [sites, 2 * sites],
  );

/**
 * One tied cell for each site (c′ = f∘c + (1 − f)∘g, g logistic), which reads that site and itself. Log odds x[time, 1, sites], cells
 * before the first time first[1, sites] → cell and forget gate after each time, forecast of the next fraction, all [time, 1, sites], and
 * how far the network is from plain smoothing: gates that depend on anything, candidates
 * that are not the fraction itself.
 */
const memoryNetwork = (sites: number) => {
  const { weight, recurrent, bias } = cell.parameters({ in: sites, hidden: sites });
  return module({
    params: {
      weight: weight!,
      recurrent: recurrent!,
      bias: bias!,
      slope: parameter([sites], { initial: ones }),
      level: parameter([sites]),
    },
    apply: (own, x: Value, first: Value) => {
      const mask = ownOnly(sites);
      const kept = { weight: mul(own.weight, mask), recurrent: mul(own.recurrent, mask), bias: own.bias };
      const projected = cell.project(kept, x);
      const { outputs } = scan({ carry: [first, first], inputs: [projected] }, (state, [row]) => {
        const next = cell.step(kept, row!, state);
        return { carry: next, outputs: [next[1]!] };
      });
      const cells = outputs[0]!;
      const before = concat([expandDims(first, 0), slice(cells, 0, 0, dimSub(cells.shape[0] as Dim, 1))], 0);
      const [forget] = split(add(projected, matmul(before, kept.recurrent)), -1, [sites, sites]);
      const [forgetWeight, candidateWeight] = split(kept.weight, -1, [sites, sites]);
      const [, candidateBias] = split(kept.bias, -1, [sites, sites]);
      const identity = slice(mask, 1, 0, sites);
      return {
        cell: cells,
        forget: sigmoid(forget!),
        forecast: add(mul(cells, own.slope), own.level),
        dependence: sumOf([
          sum(square(kept.recurrent)),
          sum(square(forgetWeight!)),
          sum(square(sub(candidateWeight!, identity))),
          sum(square(candidateBias!)),
        ]),
      };
    },
  });
};

/** Fractions are read as log odds, whose logistic they are; what is at 0 or 1 is moved so far away from it. */
const edge = 0.005;
const logOdds = (y: number): number => {
  const inside = Math.min(1 - edge, Math.max(edge, y));
  return Math.log(inside / (1 - inside));
};

/** The start: exponential smoothing with f = ½, its candidate the fraction itself. */
function startWeights(sites: number, seed: number): Map<string, Float32Array> {
  const weights = initialize(memoryNetwork(sites) as unknown as AnyModule, seed);
  const diagonal = new Float32Array(2 * sites * sites);
  for (let s = 0; s < sites; s++) diagonal[s * 2 * sites + sites + s] = 1;
  weights.set('weight', diagonal);
  weights.set('recurrent', new Float32Array(diagonal.length));
  return weights;
}

/** What the cells do over a whole series, each [times · sites]; `forecast` at t is of t + 1. */
export interface Memory {
  readonly cell: Float32Array;
  readonly forget: Float32Array;
  readonly forecast: Float32Array;
}

const inputs = (sites: number) => ({ x: input('x', ['time', 1, sites]), first: input('first', [1, sites]) });

const feeds = ({ sites, fractions }: Series, times: number) => {
  const n = sites.length;
  return {
    x: floats([times, 1, n], Float32Array.from(fractions.subarray(0, times * n), logOdds)),
    first: floats([1, n], fractions.subarray(0, n)),
  };
};

/** Times at the start that count for nothing: the cells have seen too little. */
export const warmUp = 20;

/**
 * Fits the cells to forecast the next fraction, on the first `times` of a series. `steady`: what it costs to be other than
 * plain smoothing, so that a gate is a number that can be read rather than a second model.
 */
export function fitMemory(
  series: Series,
  { times, steady, ...options }: Partial<FitOptions> & { times: number; steady: number },
  run: RunOptions,
): Promise<FitResult> {
  const n = series.sites.length;
  const given = inputs(n);
  const target = input('target', [dimSub('time', warmUp), 1, n]);
  const last = times - 1;
  const batch = {
    ...feeds(series, last),
    target: floats([last - warmUp, 1, n], series.fractions.subarray((warmUp + 1) * n, times * n)),
  };
  return learn(
    {
      root: memoryNetwork(n),
      inputs: { ...given, target },
      loss(model) {
        const { forecast, dependence } = model(given.x, given.first);
        const counted = slice(forecast, 0, warmUp);
        return add(mul(meanSquaredError(counted, target), n), mul(dependence, steady));
      },
      batches: () => [batch],
      initial: startWeights(n, options.seed ?? 42),
    },
    { schedule: 'cosine', optimizer: 'adam', ...options },
    run,
  );
}

/** Reads a whole series with fitted cells. */
export async function remember(series: Series, weights: Weights, { device }: RunOptions): Promise<Memory> {
  const n = series.sites.length;
  const given = inputs(n);
  const { model, constants } = withWeights(memoryNetwork(n), weights);
  const { dependence: _, ...outputs } = model(given.x, given.first);
  const program = await compile({ inputs: given, outputs, constants }, { ...(device && { device }) });
  const found = await program.run(feeds(series, series.times.length));
  await program.release();
  const copy = (name: string) => found[name]!.data.slice() as Float32Array;
  return { cell: copy('cell'), forget: copy('forget'), forecast: copy('forecast') };
}

/** The network as an ONNX file: log odds x[time, 1, sites] and first cells first[1, sites] → cell, forget, forecast. */
export function memoryFile({ sites }: Series, weights: Weights): Uint8Array {
  const given = inputs(sites.length);
  const { model, constants } = withWeights(memoryNetwork(sites.length), weights);
  const { dependence: _, ...outputs } = model(given.x, given.first);
  return exportOnnx({ inputs: given, outputs }, constants, { sites: JSON.stringify(sites) });
}
