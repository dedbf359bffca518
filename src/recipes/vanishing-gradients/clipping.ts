import { randomStream } from '../../core/random.ts';
import { input } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { Cell } from '../../nn/cells.ts';
import { linear } from '../../nn/linear.ts';
import { crossEntropy } from '../../nn/losses.ts';
import { bind, initialize, module } from '../../nn/module.ts';
import { recurrent } from '../../nn/recurrent.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import { fitOptions } from '../../train/options.ts';
import { stepProgram } from '../../train/step-program.ts';

/** A task of memory: the class is the first letter, the last state must tell it. */
export interface MemoryTask extends CompileOptions {
  /** Letters of a sequence: the gradient must travel so far. */
  readonly length: number;
  readonly steps: number;
  readonly rate: number;
  readonly clip: number;
  readonly hidden: number;
  readonly seed: number;
}

/** How a training went: loss and norm of the whole gradient (before clipping) at each step, until it ended or stopped being a number. */
export interface Course {
  readonly losses: readonly number[];
  readonly norms: readonly number[];
  /** Right answers over the last steps, each on a batch that was not seen before. */
  readonly accuracy: number;
  /** Steps after which all numbers were still numbers. */
  readonly finite: number;
}

const batch = 32;
const classes = 2;
const letters = 4;

/**
 * Trains a cell on the task of memory with plain gradient descent, which hides nothing: the step is the gradient. `recurrent` is a
 * factor for the first recurrent weights.
 */
export async function trainOnMemory(
  cell: Cell,
  { recurrent: factor }: { recurrent: number },
  { length, steps, rate, clip, hidden, seed, ...place }: MemoryTask,
): Promise<Course> {
  const root = module({
    params: { layer: recurrent(cell, { in: letters, hidden }), head: linear({ in: hidden, out: classes }) },
    apply: ({ layer, head }, x: Value) => head(layer(x).final[0]![0]!),
  });
  const initial = new Map(
    [...initialize(root, seed)].map(([path, w]) => [
      path,
      path.endsWith('.recurrent') ? w.map((v) => v * factor) : w,
    ]),
  );
  const x = input('x', ['time', 'batch', letters]);
  const target = input('target', ['batch'], 'int32');
  let logits: Value | undefined;
  const step = stepProgram(
    {
      inputs: { x, target },
      loss(values, context) {
        logits = bind(root, values, context)(x);
        return crossEntropy(logits, target);
      },
    },
    initial,
    fitOptions({ optimizer: 'sgd', rate, clip, seed }),
  );
  const program = await compile({ ...step, outputs: { ...step.outputs, logits: logits! } }, place);
  const random = randomStream(seed, 'memory task');
  const [losses, norms]: [number[], number[]] = [[], []];
  let [right, asked, finite] = [0, 0, 0];
  try {
    for (let i = 0; i < steps; i++) {
      const { x: given, target: truth } = draw(length, random);
      const found = await program.run({
        x: given,
        target: truth,
        rate,
        seed,
        step: i,
        ...step.optimizer.scalars(i + 1),
      });
      const [loss, norm] = [found.loss!.data[0]!, found.norm!.data[0]!];
      losses.push(loss);
      norms.push(norm);
      if (!Number.isFinite(loss) || !Number.isFinite(norm)) break;
      finite++;
      if (i < steps - Math.ceil(steps / 5)) continue;
      const guesses = found.logits!.data;
      truth.data.forEach((y: number, b: number) => {
        right += +(guesses[2 * b + y]! > guesses[2 * b + 1 - y]!);
        asked++;
      });
    }
  } finally {
    await program.release();
  }
  return { losses, norms, accuracy: asked > 0 ? right / asked : 0.5, finite };
}

/** A batch: the first letter is A or C and gives the class, all others are any. */
function draw(length: number, random: ReturnType<typeof randomStream>) {
  const target = Int32Array.from({ length: batch }, () => random.below(classes));
  const x = new Float32Array(length * batch * letters);
  for (let t = 0; t < length; t++)
    for (let b = 0; b < batch; b++)
      x[(t * batch + b) * letters + (t === 0 ? target[b]! : random.below(letters))] = 1;
  return {
    x: { dtype: 'float32', shape: [length, batch, letters], data: x } satisfies HostTensor,
    target: { dtype: 'int32' as const, shape: [batch], data: target },
  };
}
