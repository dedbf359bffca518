import type { Dim } from '../../graph/dims.ts';
import { input, logSoftmax, slice } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { inferenceContext } from '../../nn/context.ts';
import { bind, type ParameterSpec } from '../../nn/module.ts';
import { meanOverTime } from '../../nn/pooling.ts';
import { buildMasked, type MaskedNetwork } from './architecture.ts';
import type { MaskedSpec } from './spec.ts';
import { maskedVocabulary } from './vocabulary.ts';

/** The network that a spec describes. Throws a usage error for an unknown architecture, and for options that it does not have or accept. */
export const maskedNetwork = (spec: MaskedSpec): MaskedNetwork =>
  buildMasked(spec.architecture, spec.config, maskedVocabulary(spec).reads);

/** Logits of the tokens that may be the answer: the mask itself may not, where it is an id of its own. */
export const answerLogits = (logits: Value, writes: number): Value =>
  (logits.shape[2] as number) === writes ? logits : slice(logits, 2, 0, writes);

/** A traced masked model; `weights` are its inputs that hold parameters, by path. */
export interface MaskedGraph {
  readonly network: MaskedNetwork;
  /** int32 [batch, time] */
  readonly tokens: Value;
  /** int32 [batch] */
  readonly lengths: Value;
  /** float32 [batch, time, writes] */
  readonly logits: Value;
  /** The same as natural logarithms of probabilities. */
  readonly logProbabilities: Value;
  /** float32 [batch, time, size]; 0 in padding. */
  readonly hidden: Value;
  /** The mean of `hidden` over a sequence, float32 [batch, size]. */
  readonly embedding: Value;
  /** Weights of each layer's heads, [batch, heads, time, time]. */
  readonly attention: readonly Value[];
  readonly weights: ReadonlyMap<string, Value>;
}

/** The graph of prediction. */
export function maskedGraph(spec: MaskedSpec): MaskedGraph {
  const network = maskedNetwork(spec);
  const weights = new Map<string, Value>();
  const parameterInput = (path: string, { shape }: ParameterSpec) => {
    const value = input(path, shape as Dim[]);
    weights.set(path, value);
    return value;
  };
  const tokens = input('tokens', ['batch', 'time'], 'int32');
  const lengths = input('lengths', ['batch'], 'int32');
  const result = bind(network, parameterInput, inferenceContext())(tokens, lengths);
  const logits = answerLogits(result.logits, maskedVocabulary(spec).writes);
  return {
    ...{ network, tokens, lengths, logits, weights },
    logProbabilities: logSoftmax(logits),
    hidden: result.hidden,
    embedding: meanOverTime(result.hidden, lengths),
    attention: result.attention,
  };
}
