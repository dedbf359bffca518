import { randomStream } from '../../core/random.ts';
import { input, softmax, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { gruCell } from '../../nn/cells.ts';
import { dropout } from '../../nn/dropout.ts';
import { embedding } from '../../nn/embedding.ts';
import { linear } from '../../nn/linear.ts';
import { crossEntropy } from '../../nn/losses.ts';
import { module } from '../../nn/module.ts';
import { meanOverTime } from '../../nn/pooling.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import { exportOnnx } from '../../runtime/program.ts';
import type { FitResult } from '../../train/fit-loop.ts';
import type { RunOptions } from '../../train/options.ts';
import type { Weights } from '../../train/start.ts';
import { type Feeds, learn, whole } from '../learn.ts';
import { withWeights } from '../network.ts';
import type { Numbered } from './generative.ts';

/** What decides the shape of the classifier; move `vocabulary` is one that was not known, `vocabulary` + 1 is padding. */
export interface ClassifierShape {
  readonly vocabulary: number;
  readonly classes: number;
  readonly embedding: number;
  readonly hidden: number;
  readonly dropout: number;
}

/** Moves → vectors → GRU → mean over the moves → openings: tokens[batch, time], lengths[batch] → [batch, classes]. */
const classifier = ({ vocabulary, classes, embedding: size, hidden, dropout: rate }: ClassifierShape) =>
  module({
    params: {
      moves: embedding({ rows: vocabulary + 2, size, padding: vocabulary + 1 }),
      read: recurrent(gruCell(), { in: size, hidden }),
      drop: dropout({ rate }),
      head: linear({ in: hidden, out: classes }),
    },
    apply: (own, tokens: Value, lengths: Value): Value => {
      const read = own.read(transpose(own.moves(tokens), [1, 0, 2]), { lengths }).output;
      return own.head(own.drop(meanOverTime(read, lengths, 0)));
    },
  });

const inputs = () => ({
  tokens: input('tokens', ['batch', 'time'], 'int32'),
  lengths: input('lengths', ['batch'], 'int32'),
});

/** Games side by side, padded to the longest. */
function batchOf(games: readonly Int32Array[], { vocabulary }: ClassifierShape): Feeds {
  const time = Math.max(...games.map(({ length }) => length));
  const tokens = new Int32Array(games.length * time).fill(vocabulary + 1);
  games.forEach((game, b) => {
    for (const [t, token] of game.entries()) tokens[b * time + t] = token < 0 ? vocabulary : token;
  });
  return {
    tokens: whole([games.length, time], tokens),
    lengths: whole(
      [games.length],
      games.map(({ length }) => length),
    ),
  };
}

/** How the classifier learns: `steps` at least, so that few games are seen more often. */
export interface ClassifierTraining {
  readonly epochs: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly rate: number;
  readonly [name: string]: unknown;
}

/** Learns to tell openings by cross-entropy. */
export function fitClassifier(
  shape: ClassifierShape,
  { tokens, truth }: Numbered,
  { epochs, steps, batchSize, seed, ...options }: ClassifierTraining & { seed: number },
  run: RunOptions,
): Promise<FitResult> {
  const given = inputs();
  const target = input('target', ['batch'], 'int32');
  const batches = Math.ceil(tokens.length / batchSize);
  return learn(
    {
      root: classifier(shape),
      inputs: { ...given, target },
      loss: (model) => crossEntropy(model(given.tokens, given.lengths), target),
      batches(epoch) {
        const order = randomStream(seed, 'games', epoch).shuffle(Int32Array.from(tokens, (_, i) => i));
        return Array.from({ length: batches }, (_, b) => {
          const some = Array.from(order.subarray(b * batchSize, (b + 1) * batchSize));
          return {
            ...batchOf(
              some.map((i) => tokens[i]!),
              shape,
            ),
            target: whole(
              [some.length],
              some.map((i) => truth[i]!),
            ),
          };
        });
      },
    },
    { seed, batchSize, ...options, epochs: Math.max(epochs, Math.ceil(steps / batches)) },
    run,
  );
}

/** P(opening | moves), games × classes. */
export async function networkPosterior(
  shape: ClassifierShape,
  weights: Weights,
  tested: readonly Int32Array[],
  { pool, ...where }: CompileOptions,
): Promise<Float64Array> {
  const given = inputs();
  const { model, constants } = withWeights(classifier(shape), weights);
  const outputs = { p: softmax(model(given.tokens, given.lengths)) };
  const program = await compile({ inputs: given, outputs, constants }, where);
  try {
    return Float64Array.from((await program.run(batchOf(tested, shape))).p!.data);
  } finally {
    await program.release();
  }
}

/** The classifier as an ONNX file; its metadata hold the moves and the openings that its numbers stand for. */
export function classifierFile(
  shape: ClassifierShape,
  weights: Weights,
  names: { moves: readonly string[]; openings: readonly string[] },
): Uint8Array {
  const given = inputs();
  const { model, constants } = withWeights(classifier(shape), weights);
  return exportOnnx(
    { inputs: given, outputs: { probabilities: softmax(model(given.tokens, given.lengths)) } },
    constants,
    { moves: JSON.stringify(names.moves), openings: JSON.stringify(names.openings) },
  );
}
