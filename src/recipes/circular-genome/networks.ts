import { randomStream } from '../../core/random.ts';
import type { Alphabet } from '../../data/alphabet.ts';
import type { Dim } from '../../graph/dims.ts';
import { concat, input, reshape, slice, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { gruCell } from '../../nn/cells.ts';
import { oneHotInput } from '../../nn/input.ts';
import { linear } from '../../nn/linear.ts';
import { meanSquaredError } from '../../nn/losses.ts';
import { bind, initialize, module } from '../../nn/module.ts';
import { circularRecurrent, randomRotation } from '../../nn/recurrence/circular.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import { exportOnnx } from '../../runtime/program.ts';
import { type FitResult, fitJob } from '../../train/fit-loop.ts';
import { type FitOptions, fitOptions, type RunOptions } from '../../train/options.ts';
import { stepProgram } from '../../train/step-program.ts';
import { withWeights } from '../network.ts';
import type { Circle } from './circles.ts';

/** A network over circles. */
export interface Shape {
  readonly alphabet: Alphabet;
  readonly hidden: number;
  /** Rounds: 1 reads the cut circle as a line. */
  readonly passes: number;
}

/**
 * A number at each place of a circle: tokens[batch, time] → [batch, time], by a GRU that goes round `passes` times. With `doubled`, a line of
 * two copies is read in one pass, and the second copy answers. The parameters are the same whatever the reading.
 */
export const circularNetwork = (
  { alphabet, hidden, passes }: Shape,
  { doubled = false }: { doubled?: boolean } = {},
) =>
  module({
    params: {
      body: circularRecurrent(gruCell(), { in: alphabet.size, hidden, passes }),
      head: linear({ in: hidden, out: 1 }),
    },
    apply: (own, tokens: Value) => {
      const [batch, time] = tokens.shape as [Dim, Dim];
      const read = doubled ? concat([tokens, tokens], 1) : tokens;
      const x = transpose(oneHotInput(read, { table: alphabet.table(), size: alphabet.size }), [1, 0, 2]);
      const { output } = own.body(x);
      const answered = doubled ? slice(output, 0, time) : output;
      return transpose(reshape(own.head(answered), [time, batch]), [1, 0]);
    },
  });

/** How a network is trained. */
export interface TrainCircles {
  readonly shape: Shape;
  /** Cut each circle at a random place in each step. */
  readonly rotation: boolean;
  readonly unit: number;
  readonly training: Partial<FitOptions>;
  readonly seed: number;
}

/** Fits a network to circles of one length. */
export async function trainCircles(
  circles: readonly Circle[],
  { shape, rotation, unit, training, seed }: TrainCircles,
  run: RunOptions,
): Promise<FitResult> {
  const options = fitOptions({ ...training, seed, patience: 0 });
  const own = circularNetwork(shape);
  const learner = module({
    params: { network: own, rotate: randomRotation() },
    apply: ({ network, rotate }, tokens: Value, truth: Value, lengths: Value) => {
      const [cut, target] = rotation ? rotate([tokens, truth], lengths) : [tokens, truth];
      return meanSquaredError(network(cut!), target!);
    },
  });
  const inputs = {
    tokens: input('tokens', ['batch', 'time'], 'int32'),
    truth: input('truth', ['batch', 'time']),
    lengths: input('lengths', ['batch'], 'int32'),
  };
  const step = stepProgram(
    {
      inputs,
      loss: (values, context) => bind(learner, values, context)(inputs.tokens, inputs.truth, inputs.lengths),
    },
    initialize(learner, seed),
    options,
  );
  const fitted = await fitJob<readonly Circle[]>(
    {
      step,
      options,
      plan: (epoch) => batches(circles, options.batchSize, seed, epoch),
      feed: (batch) => feedOf(batch, unit),
      count: (batch) => batch.length,
      fingerprint: '',
    },
    run,
  );
  // The learner holds the network under its own name.
  const weights = new Map([...fitted.weights].map(([path, w]) => [path.replace(/^network\./, ''), w]));
  return { ...fitted, weights };
}

function batches(circles: readonly Circle[], size: number, seed: number, epoch: number): Circle[][] {
  const order = randomStream(seed, 'circle batches', epoch).shuffle([...circles]);
  return Array.from({ length: Math.ceil(order.length / size) }, (_, b) =>
    order.slice(b * size, (b + 1) * size),
  );
}

function feedOf(batch: readonly Circle[], unit: number) {
  const time = batch[0]!.tokens.length;
  const shape = [batch.length, time];
  const all = tokensOf(batch.map(({ tokens }) => tokens));
  const truth = new Float32Array(batch.length * time);
  batch.forEach((circle, b) => {
    truth.set(
      circle.truth.map((y) => y / unit),
      b * time,
    );
  });
  return {
    tokens: { dtype: 'int32' as const, shape, data: all },
    truth: { dtype: 'float32' as const, shape, data: truth },
    lengths: {
      dtype: 'int32' as const,
      shape: [batch.length],
      data: new Int32Array(batch.length).fill(time),
    },
  };
}

function tokensOf(circles: readonly Int32Array[]): Int32Array {
  const time = circles[0]!.length;
  const all = new Int32Array(circles.length * time);
  circles.forEach((tokens, b) => {
    all.set(tokens, b * time);
  });
  return all;
}

/** A way of reading circles: predicts every place of circles of one length. */
export interface Reader {
  readonly predict: (circles: readonly Int32Array[]) => Promise<Float32Array[]>;
  readonly release: () => Promise<void>;
}

/** Compiles a network with known weights. */
export async function openReader(
  shape: Shape,
  weights: ReadonlyMap<string, Float32Array>,
  { doubled, ...where }: CompileOptions & { doubled: boolean },
): Promise<Reader> {
  const { model, constants } = withWeights(circularNetwork(shape, { doubled }), weights);
  const tokens = input('tokens', ['batch', 'time'], 'int32');
  const program = await compile({ inputs: { tokens }, outputs: { track: model(tokens) }, constants }, where);
  return {
    async predict(circles) {
      const time = circles[0]!.length;
      const data = tokensOf(circles);
      const { track } = await program.run({
        tokens: { dtype: 'int32', shape: [circles.length, time], data },
      });
      return circles.map((_, b) => (track!.data as Float32Array).slice(b * time, (b + 1) * time));
    },
    release: () => program.release(),
  };
}

/** The network as an ONNX file: tokens int32 [batch, time] → track [batch, time] in standard deviations of the training truth. */
export function circularOnnx(
  shape: Shape,
  weights: ReadonlyMap<string, Float32Array>,
  unit: number,
): Uint8Array {
  const { model, constants } = withWeights(circularNetwork(shape), weights);
  const tokens = input('tokens', ['batch', 'time'], 'int32');
  const metadata = { letters: shape.alphabet.letters, unit: `${unit}`, passes: `${shape.passes}` };
  return exportOnnx({ inputs: { tokens }, outputs: { track: model(tokens) } }, constants, metadata);
}
