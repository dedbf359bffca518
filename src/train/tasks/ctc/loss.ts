import { planBatches } from '../../../data/batch.ts';
import { cast, div, input, maximum, sum } from '../../../graph/library.ts';
import type { Value } from '../../../graph/value.ts';
import { transcriberInputs, transcriberNetwork } from '../../../models/transcriber/network.ts';
import { paddedRecords, placesOf } from '../../../models/transcriber/runner.ts';
import { blank, type TranscriberSpec } from '../../../models/transcriber/spec.ts';
import { type Context, inferenceContext } from '../../../nn/context.ts';
import { bind, type ParameterSpec } from '../../../nn/module.ts';
import { ctcLosses } from '../../../nn/structured/ctc-loss.ts';
import type { HostTensor } from '../../../runtime/backend.ts';
import { type CompileOptions, compile } from '../../../runtime/compile.ts';
import type { StateSpec } from '../../../runtime/program.ts';
import type { Weights } from '../../start.ts';
import type { LossDefinition } from '../../step-program.ts';
import type { Example } from './encode.ts';

const targetInputs = () => ({
  target: input('target', ['batch', 'labels'], 'int32'),
  targetLengths: input('targetLengths', ['batch'], 'int32'),
});

/** A batch whose losses are to be known: each record's −ln P(transcription | input), [batch]. */
function tracedLosses(spec: TranscriberSpec) {
  const read = transcriberInputs(spec);
  const written = targetInputs();
  return {
    inputs: { ...read, ...written },
    losses(values: (path: string, parameter: ParameterSpec) => Value, context: Context): Value {
      const { logits, steps } = bind(transcriberNetwork(spec).network, values, context)(read);
      return ctcLosses(logits, written.target, {
        lengths: steps,
        targetLengths: written.targetLengths,
        blank,
      });
    },
  };
}

/**
 * −ln P of the transcriptions given what was read, summed over all alignments (CTC; Graves et al. 2006), for each token that is to be written, the
 * mean over the batch; a transcription without tokens counts as one. So a batch of long records counts as much a token as one of short ones.
 */
export function transcriptionLoss(spec: TranscriberSpec): LossDefinition {
  const { inputs, losses } = tracedLosses(spec);
  return {
    inputs,
    loss: (values, context) =>
      div(sum(losses(values, context)), sum(cast(maximum(inputs.targetLengths, 1), 'float32'))),
  };
}

const tokensOf = ({ target }: Example) => Math.max(1, target.length);

/** Examples in batches, by length. */
export function transcriptionFeeder(examples: readonly Example[], spec: TranscriberSpec) {
  const lengths = Int32Array.from(examples, ({ input: read }) => placesOf(read, spec));
  return {
    plan: (options: {
      batchSize: number;
      maxTokens: number;
      seed?: number;
      epoch?: number;
      shuffle?: boolean;
    }) => planBatches(lengths, options),
    feed(indices: Int32Array): Record<string, HostTensor> {
      const batch = Array.from(indices, (i) => examples[i]!);
      // A column at least: a batch of silence has no token at all.
      const labels = batch.reduce((most, example) => Math.max(most, tokensOf(example)), 1);
      const data = new Int32Array(batch.length * labels);
      batch.forEach(({ target }, b) => {
        target.forEach((token, i) => {
          data[b * labels + i] = token + 1;
        });
      });
      return {
        ...paddedRecords(
          batch.map(({ input: read }) => read),
          spec,
        ),
        target: { dtype: 'int32', shape: [batch.length, labels], data },
        targetLengths: {
          dtype: 'int32',
          shape: [batch.length],
          data: Int32Array.from(batch, ({ target }) => target.length),
        },
      };
    },
    /** Tokens to be written. */
    count: (indices: Int32Array) => indices.reduce((total, i) => total + tokensOf(examples[i]!), 0),
  };
}

/** −ln P of each example, and the mean for each token, with whatever weights are at hand. */
export interface TranscriptionJudge {
  losses(weights: Weights): Promise<Float64Array>;
  loss(weights: Weights): Promise<number>;
  release(): Promise<void>;
}

/** Compiles the losses of examples. */
export async function openTranscriptionJudge(
  spec: TranscriberSpec,
  examples: readonly Example[],
  initial: Weights,
  where: CompileOptions = {},
): Promise<TranscriptionJudge> {
  const { inputs, losses } = tracedLosses(spec);
  const parameters = new Map<string, Value>();
  const found = losses((path, { shape }) => {
    const value = input(path, shape);
    parameters.set(path, value);
    return value;
  }, inferenceContext());
  const state: Record<string, StateSpec> = Object.fromEntries(
    [...parameters].map(([path, value]) => [path, { value, initial: initial.get(path)! }]),
  );
  const program = await compile({ inputs, outputs: { losses: found }, state }, where);
  const feeder = transcriptionFeeder(examples, spec);
  const plan = feeder.plan({ batchSize: 64, maxTokens: 65_536, shuffle: false });
  const each = async (weights: Weights) => {
    await program.load(Object.fromEntries(weights));
    const all = new Float64Array(examples.length);
    for (const indices of plan) {
      const { losses: own } = await program.run(feeder.feed(indices));
      indices.forEach((i, b) => {
        all[i] = own!.data[b]!;
      });
    }
    return all;
  };
  return {
    losses: each,
    async loss(weights) {
      const all = await each(weights);
      const tokens = examples.reduce((total, example) => total + tokensOf(example), 0);
      return all.reduce((total, own) => total + own, 0) / tokens;
    },
    release: () => program.release(),
  };
}
