import { randomStream } from '../../core/random.ts';
import { cast, expandDims, input, square, sub, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { gruCell, type State } from '../../nn/cells.ts';
import { linear } from '../../nn/linear.ts';
import { weightedMean } from '../../nn/losses.ts';
import { mask } from '../../nn/mask.ts';
import { module } from '../../nn/module.ts';
import { classState, encodedState, learnedState } from '../../nn/recurrence/initial-state.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { compile, type Device } from '../../runtime/compile.ts';
import { exportOnnx } from '../../runtime/program.ts';
import type { RunOptions } from '../../train/options.ts';
import type { Weights } from '../../train/start.ts';
import { type Feeds, floats, learn, whole } from '../learn.ts';
import { withWeights } from '../network.ts';
import type { Trajectories, Trajectory } from './trajectories.ts';

/** Where the state before the first value comes from. */
export const starts = ['zero', 'learned', 'class', 'encoded'] as const;
export type Start = (typeof starts)[number];

/** What decides the shape of a forecaster. */
export interface Shape {
  readonly start: Start;
  readonly hidden: number;
  readonly classes: number;
  readonly context: number;
}

/** What a forecaster is given, time first: values x[time, batch, 1], int32 kinds[batch], context[batch, numbers]. */
interface Given {
  readonly x: Value;
  readonly kinds: Value;
  readonly context: Value;
}

/** A GRU that forecasts the next value at each time, from the state that `start` gives it: [time, batch, 1]. */
const forecaster = ({ start, hidden, classes, context }: Shape) =>
  module({
    params: {
      read: recurrent(gruCell(), { in: 1, hidden }),
      learned: start === 'learned' ? learnedState({ hidden }) : undefined,
      kinds: start === 'class' ? classState({ hidden, classes }) : undefined,
      encoded: start === 'encoded' ? encodedState({ hidden, in: context }) : undefined,
      head: linear({ in: hidden, out: 1 }),
    },
    apply: (own, given: Given): Value => {
      const initial: State[] | undefined =
        own.learned?.(given.x.shape[1]!) ?? own.kinds?.(given.kinds) ?? own.encoded?.(given.context);
      return own.head(own.read(given.x, { initial }).output);
    },
  });

const givenInputs = ({ context }: Shape) => ({
  x: input('x', ['time', 'batch', 1]),
  kinds: input('kinds', ['batch'], 'int32'),
  context: input('context', ['batch', Math.max(1, context)]),
});

/** Mean and deviation of what was learned from: values go in and come out in these units. */
export interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

/** All values but the last as what is read, all but the first as what is to be forecast; padded to the longest. */
function batchOf(courses: readonly Trajectory[], { mean, deviation }: Scale, context: number) {
  const batch = courses.length;
  const time = Math.max(...courses.map(({ values }) => values.length)) - 1;
  const [x, y] = [new Float32Array(time * batch), new Float32Array(time * batch)];
  courses.forEach(({ values }, b) => {
    for (let t = 0; t + 1 < values.length; t++) {
      x[t * batch + b] = (values[t]! - mean) / deviation;
      y[t * batch + b] = (values[t + 1]! - mean) / deviation;
    }
  });
  const width = Math.max(1, context);
  return {
    read: {
      x: floats([time, batch, 1], x),
      kinds: whole(
        [batch],
        courses.map(({ kind }) => kind),
      ),
      context: floats(
        [batch, width],
        courses.flatMap((own) => (context > 0 ? own.context : [0])),
      ),
    },
    target: floats([time, batch, 1], y),
    lengths: whole(
      [batch],
      courses.map(({ values }) => values.length - 1),
    ),
  };
}

/** Fits a forecaster by mean squared error. */
export async function fitForecaster(
  shape: Shape,
  courses: readonly Trajectory[],
  scale: Scale,
  { batchSize, seed, ...options }: { batchSize: number; seed: number; [name: string]: unknown },
  run: RunOptions,
): Promise<Weights> {
  const given = givenInputs(shape);
  const target = input('target', ['time', 'batch', 1]);
  const lengths = input('lengths', ['batch'], 'int32');
  const { weights } = await learn(
    {
      root: forecaster(shape),
      inputs: { ...given, target, lengths },
      loss(model) {
        const real = expandDims(transpose(cast(mask(lengths, 'time'), 'float32'), [1, 0]), 2);
        return weightedMean(square(sub(model(given), target)), real);
      },
      batches(epoch) {
        const order = randomStream(seed, 'courses', epoch).shuffle(Int32Array.from(courses, (_, i) => i));
        const all: Feeds[] = [];
        for (let at = 0; at < order.length; at += batchSize) {
          const some = Array.from(order.subarray(at, at + batchSize), (i) => courses[i]!);
          const { read, ...rest } = batchOf(some, scale, shape.context);
          all.push({ ...read, ...rest });
        }
        return all;
      },
    },
    { seed, ...options },
    run,
  );
  return weights;
}

/** The forecast of each value but the first, of each trajectory, in the units of the values. */
export async function forecasts(
  shape: Shape,
  weights: Weights,
  courses: readonly Trajectory[],
  { mean, deviation }: Scale,
  { device }: { device: Device },
): Promise<Float64Array[]> {
  const given = givenInputs(shape);
  const { model, constants } = withWeights(forecaster(shape), weights);
  const used = usedInputs(shape, given);
  const program = await compile({ inputs: used, outputs: { y: model(given) }, constants }, { device });
  const { read } = batchOf(courses, { mean, deviation }, shape.context);
  const feeds = Object.fromEntries(Object.keys(used).map((name) => [name, read[name as keyof typeof read]]));
  const y = (await program.run(feeds)).y!.data;
  await program.release();
  return courses.map(({ values }, b) =>
    Float64Array.from({ length: values.length - 1 }, (_, t) => y[t * courses.length + b]! * deviation + mean),
  );
}

/** The inputs that the graph of prediction has: only those that its start looks at. */
const usedInputs = ({ start }: Shape, { x, kinds, context }: Given): Record<string, Value> => ({
  x,
  ...(start === 'class' && { kinds }),
  ...(start === 'encoded' && { context }),
});

/** The forecaster as an ONNX file; values are in units of `scale`, which its metadata hold. */
export function forecasterFile(shape: Shape, weights: Weights, scale: Scale): Uint8Array {
  const given = givenInputs(shape);
  const { model, constants } = withWeights(forecaster(shape), weights);
  return exportOnnx({ inputs: usedInputs(shape, given), outputs: { forecast: model(given) } }, constants, {
    scale: JSON.stringify(scale),
  });
}

/** Which starts the data allow. */
export const startsFor = ({ classes, context }: Trajectories): Start[] =>
  starts.filter(
    (start) => (start !== 'class' || classes.length > 1) && (start !== 'encoded' || context.length > 0),
  );
