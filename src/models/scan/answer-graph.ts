import { dimMul } from '../../graph/dims.ts';
import { full, input } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { inferenceContext } from '../../nn/context.ts';
import { bind, type ParameterSpec } from '../../nn/module.ts';
import { overlappingCnn, type Sharing, type WindowRows } from '../architectures/overlapping.ts';
import { buildNetwork, network, predictionValues } from '../network.ts';
import type { ModelSpec } from '../spec.ts';

/** A graph that answers for windows. */
export interface AnswerGraph {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly predictions: Value;
  readonly weights: ReadonlyMap<string, Value>;
}

function parameterInputs() {
  const weights = new Map<string, Value>();
  const value = (path: string, { shape }: ParameterSpec) => {
    const held = input(path, shape);
    weights.set(path, held);
    return held;
  };
  return { weights, value };
}

/** A model over windows of one width, tokens[batch, width]: no masks, as none has padding. */
export function windowGraph(spec: ModelSpec, width: number): AnswerGraph {
  const { weights, value } = parameterInputs();
  const tokens = input('tokens', ['batch', width], 'int32');
  const lengths = full(['batch'], width, 'int32');
  const { logits } = buildNetwork(spec, { tokens, lengths }, value, inferenceContext());
  return { inputs: { tokens }, predictions: predictionValues(spec.output, logits), weights };
}

/** The same model over rows of windows that overlap, which share what they have in common: see `overlappingCnn`. */
export function rowGraph(spec: ModelSpec, windows: WindowRows, shared: Sharing): AnswerGraph {
  const { weights, value } = parameterInputs();
  const { width, step, count } = windows;
  const rows = input('rows', ['rows', width + (count - 1) * step], 'int32');
  const all = dimMul('rows', count);
  const inputs = {
    rows,
    beginnings: input('beginnings', [all, shared.beginning], 'int32'),
    endings: input('endings', [all, shared.ending], 'int32'),
  };
  const net = overlappingCnn(network(spec), windows, shared);
  const logits = bind(net, value, inferenceContext())(inputs);
  return { inputs, predictions: predictionValues(spec.output, logits), weights };
}
