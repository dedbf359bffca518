import { usageError } from '../core/errors.ts';
import { alphabetByName } from '../data/alphabet.ts';
import { add, constant, input, mul, sigmoid, softmax, softplus } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { type Context, inferenceContext } from '../nn/context.ts';
import { bind, type ParameterSpec } from '../nn/module.ts';
import { buildModel, type SequenceInputs, type SequenceModel } from './architectures/index.ts';
import { customModel } from './custom-network.ts';
import { featureWidth } from './features.ts';
import { type ModelSpec, type OutputSpec, outputCount } from './spec.ts';

/** What a network gives. */
export interface NetworkOutputs {
  /** float32 [batch, outputs] */
  readonly logits: Value;
  /** float32 [batch, features]: what the last layer reads, one vector a sequence. */
  readonly features: Value;
  /** float32 [batch, time′], adding up to 1; only from architectures that attend. time′ is time divided by the pooling before it. */
  readonly attention?: Value;
  /** Of an ensemble: the logits of each network, whose mean `logits` is. */
  readonly members?: readonly Value[];
}

/** The part of a configuration that the rest of a spec decides. */
function decidedBySpec({ alphabet: { name, letters }, tracks, features, output }: ModelSpec) {
  const alphabet = alphabetByName(name, letters);
  const { size, complement } = alphabet;
  return {
    alphabet: {
      size,
      table: Array.from(alphabet.table()),
      complement: complement ? Array.from(complement) : null,
    },
    outputs: outputCount(output),
    tracks: tracks.length,
    features: featureWidth(features),
  };
}

/**
 * The module that a spec describes: its architecture or the user's own network, built for its alphabet, tracks and outputs.
 * Throws a usage error for an unknown architecture, and for options that it does not have or accept.
 */
export function network(spec: ModelSpec): SequenceModel {
  const decided = decidedBySpec(spec);
  if (spec.network) return customModel(spec.network, decided);
  const twice = Object.keys(decided).find((key) => Object.hasOwn(spec.config, key));
  if (twice !== undefined)
    throw usageError(
      `the option ${twice} follows from alphabet, tracks, features and output of the model; leave it out.`,
    );
  return buildModel(spec.architecture, { ...spec.config, ...decided });
}

/**
 * A spec with every option of its architecture filled in, so that it means the same when defaults change. Throws as `network` does.
 * @example completeSpec({ architecture: 'cnn', config: {}, alphabet: dna, tracks: [], output: { kind: 'classes', classes: ['no', 'yes'] } })
 */
export function completeSpec(spec: ModelSpec): ModelSpec {
  const decided = decidedBySpec(spec);
  const { name, letters } = spec.alphabet;
  const config = Object.entries(network(spec).config).filter(([key]) => !Object.hasOwn(decided, key));
  return { ...spec, alphabet: { name, letters }, config: Object.fromEntries(config) };
}

/** The inputs that a model's graph begins with, with named dimensions `batch` and `time`. */
export const networkInputs = ({
  tracks,
  features,
}: Pick<ModelSpec, 'tracks' | 'features'>): SequenceInputs => ({
  tokens: input('tokens', ['batch', 'time'], 'int32'),
  lengths: input('lengths', ['batch'], 'int32'),
  ...(tracks.length > 0 && { tracks: input('tracks', ['batch', 'time', tracks.length]) }),
  ...(features && features.length > 0 && { features: input('features', ['batch', featureWidth(features)]) }),
});

/**
 * The graph from inputs to logits. `values` gives each parameter's value, asked once for each in the order of
 * `parameterList(network(spec))`; `context` tells training from prediction. Training and prediction both call this.
 */
export function buildNetwork(
  spec: ModelSpec,
  inputs: SequenceInputs,
  values: (path: string, parameter: ParameterSpec) => Value,
  context: Context,
): NetworkOutputs {
  const { outputs, ...others } = bind(network(spec), values, context)(inputs);
  return { logits: outputs, ...others };
}

/**
 * Raw outputs as what the user asked for: probabilities of classes (softmax) or labels (sigmoid), or values in the units of the training
 * table: output · deviation + mean, and softplus(output) · deviation for positive ones. [batch, outputs] → the same shape.
 */
export function predictionValues(output: OutputSpec, logits: Value): Value {
  switch (output.kind) {
    case 'classes':
      return softmax(logits);
    case 'labels':
      return sigmoid(logits);
    case 'values': {
      const row = (numbers: readonly number[]) => constant(numbers, [outputCount(output)]);
      return output.positive
        ? mul(softplus(logits), row(output.deviation))
        : add(mul(logits, row(output.deviation)), row(output.mean));
    }
  }
}

/** The graph of prediction; `weights` are its inputs that hold parameters, by path. */
export interface InferenceGraph {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: { readonly predictions: Value; readonly attention?: Value };
  readonly weights: ReadonlyMap<string, Value>;
}

/** The graph that predicts: inputs tokens, lengths and (where the model has them) tracks and features; predictions [batch, outputs]. */
export function inferenceGraph(spec: ModelSpec, context: Context = inferenceContext()): InferenceGraph {
  const inputs = networkInputs(spec);
  const weights = new Map<string, Value>();
  const parameterInput = (path: string, { shape }: ParameterSpec) => {
    const value = input(path, shape);
    weights.set(path, value);
    return value;
  };
  const { logits, attention } = buildNetwork(spec, inputs, parameterInput, context);
  return {
    inputs: { ...inputs },
    outputs: { predictions: predictionValues(spec.output, logits), ...(attention && { attention }) },
    weights,
  };
}
