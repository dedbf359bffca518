import { failure } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { dimSub } from '../../graph/dims.ts';
import { grad } from '../../graph/grad.ts';
import { input, mul, reshape, slice, sum, sumOf } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { Cell } from '../../nn/cells.ts';
import { type Module, module } from '../../nn/module.ts';
import { recurrent } from '../../nn/recurrent.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import { withWeights } from '../network.ts';

/**
 * How the gradient falls with distance: log₁₀ of the norm of ∂(v·h_T)/∂x_{T−k} for k = 0, 1, … steps back from the end, for a direction v
 * drawn at random.
 */
export type Decay = Float64Array;

export interface ProbeOptions extends CompileOptions {
  readonly steps: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Letters drawn at random, one-hot, or normal numbers where the layer does not read letters: [steps, 1, width]. */
export function randomInput(
  steps: number,
  width: number,
  seed: number,
  { letters = true } = {},
): Float32Array {
  const random = randomStream(seed, 'probe input');
  const x = new Float32Array(steps * width);
  if (letters) for (let t = 0; t < steps; t++) x[t * width + random.below(width)] = 1;
  else for (let i = 0; i < x.length; i++) x[i] = random.normal();
  return x;
}

const tensor = (shape: number[], data: Float32Array): HostTensor => ({ dtype: 'float32', shape, data });

/** Steps that are differentiated in one go: few enough that nothing leaves the range of single precision on the way. */
const piece = 30;

/** One layer with known weights, and what it reads. */
export interface ProbedCell {
  readonly cell: Cell;
  readonly hidden: number;
  readonly width: number;
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** [steps, 1, width] */
  readonly x: Float32Array;
}

/**
 * Probes a recurrent layer piece by piece, from the end to the beginning: the state before each piece is kept from the way there, and
 * what flows back out of a piece is scaled to norm 1 before it flows into the one before, its logarithm being kept. So the memory is
 * that of one piece however many steps there are, and norms of 10⁻⁵⁰⁰⁰ are measured in single precision.
 */
export async function probeCell(
  { cell, hidden, width, weights, x }: ProbedCell,
  options: ProbeOptions,
): Promise<Decay> {
  const { steps, seed, signal, ...place } = options;
  const root = module({
    params: { layer: recurrent(cell, { in: width, hidden }) },
    apply: ({ layer }, part: Value, initial: readonly Value[]) =>
      layer(part, { initial: [initial] }).final[0]!,
  });
  const names = Array.from({ length: cell.states }, (_, s) => `state${s}`);
  const inputs = {
    x: input('x', ['time', 1, width]),
    ...Object.fromEntries(names.map((name) => [name, input(name, [1, hidden])])),
  } as Record<string, Value>;
  const flowing = Object.fromEntries(names.map((name) => [`d${name}`, input(`d${name}`, [1, hidden])]));
  const { model, constants } = withWeights(root, weights);
  const before = names.map((name) => inputs[name]!);
  const after = model(inputs.x!, before);
  const forward = await compile(
    { inputs, outputs: Object.fromEntries(after.map((v, s) => [`next ${names[s]}`, v])), constants },
    place,
  );
  const loss = sumOf(after.map((v, s) => sum(mul(v, flowing[`d${names[s]}`]!))));
  const [dx, ...back] = grad(loss, [inputs.x!, ...before]);
  const backward = await compile(
    {
      inputs: { ...inputs, ...flowing },
      outputs: { dx: dx!, ...Object.fromEntries(back.map((v, s) => [`next d${names[s]}`, v])) },
      constants,
    },
    place,
  );
  try {
    const part = (at: number) => {
      const time = Math.min(piece, steps - at);
      return tensor([time, 1, width], x.subarray(at * width, (at + time) * width));
    };
    let state = Object.fromEntries(
      names.map((name) => [name, tensor([1, hidden], new Float32Array(hidden))]),
    );
    const kept: (typeof state)[] = [];
    for (let at = 0; at < steps; at += piece) {
      kept.push(state);
      const next = await forward.run({ x: part(at), ...state });
      state = Object.fromEntries(
        names.map((name) => [name, tensor([1, hidden], next[`next ${name}`]!.data.slice() as Float32Array)]),
      );
    }
    const decay = new Float64Array(steps);
    let scale = 0;
    let flow = direction(names, hidden, seed);
    for (let p = kept.length - 1; p >= 0; p--) {
      if (signal?.aborted) throw failure('interrupted; nothing was saved.');
      const from = p * piece;
      const found = await backward.run({ x: part(from), ...kept[p]!, ...flow });
      const rows = found.dx!.data as Float32Array;
      for (let t = 0; t * width < rows.length; t++)
        decay[steps - 1 - (from + t)] = Math.log10(normOf(rows.subarray(t * width, (t + 1) * width))) + scale;
      const flowed = names.map((name) => found[`next d${name}`]!.data as Float32Array);
      const norm = Math.hypot(...flowed.map(normOf));
      if (!(norm > 0)) return decay.fill(Number.NEGATIVE_INFINITY, steps - from);
      scale += Math.log10(norm);
      flow = Object.fromEntries(
        names.map((name, s) => [
          `d${name}`,
          tensor(
            [1, hidden],
            flowed[s]!.map((d) => d / norm),
          ),
        ]),
      );
    }
    return decay;
  } finally {
    await forward.release();
    await backward.release();
  }
}

/** A direction in what the layer gives out, of norm 1; what else it carries is not asked for. */
export function direction(
  names: readonly string[],
  hidden: number,
  seed: number,
): Record<string, HostTensor> {
  const random = randomStream(seed, 'probe direction');
  const v = Float32Array.from({ length: hidden }, () => random.normal());
  const norm = normOf(v);
  return Object.fromEntries(
    names.map((name, s) => [
      `d${name}`,
      tensor([1, hidden], s === 0 ? v.map((d) => d / norm) : new Float32Array(hidden)),
    ]),
  );
}

/** What the norm is multiplied by on its way back, so that smaller ones can be told from 0: norms from 10⁻⁶⁸ on. */
const lift = 1e30;

/** Probes any network x[time, 1, width] → h[1, hidden] in one pass through all steps. Below its range the norm is −∞. */
export async function probeWhole(
  { root, hidden, width, weights, x }: Omit<ProbedCell, 'cell'> & { root: Module<[Value], Value> },
  { steps, seed, signal: _, ...place }: ProbeOptions,
): Promise<Decay> {
  const given = input('x', ['time', 1, width]);
  const v = input('v', [1, hidden]);
  const { model, constants } = withWeights(root, weights);
  const [dx] = grad(sum(mul(model(given), mul(v, lift))), [given]);
  const program = await compile({ inputs: { x: given, v }, outputs: { dx: dx! }, constants }, place);
  try {
    const found = await program.run({
      x: tensor([steps, 1, width], x),
      v: direction(['v'], hidden, seed).dv!,
    });
    const all = found.dx!.data as Float32Array;
    return Float64Array.from({ length: steps }, (_, k) => {
      const at = (steps - 1 - k) * width;
      return Math.log10(normOf(all.subarray(at, at + width))) - Math.log10(lift);
    });
  } finally {
    await program.release();
  }
}

/** In double precision: the squares of small numbers would leave the range of single. */
const normOf = (v: Float32Array): number => Math.sqrt(v.reduce((sum, d) => sum + d * d, 0));

/** The last row of [time, 1, hidden]: [1, hidden]. */
export const lastRow = (output: Value, hidden: number): Value =>
  reshape(slice(output, 0, dimSub(output.shape[0]!, 1)), [1, hidden]);
