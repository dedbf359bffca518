import { constant, input, mul, sigmoid, softplus, sub, where } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { inferenceContext } from '../../nn/context.ts';
import { bind, type ParameterSpec } from '../../nn/module.ts';
import type { OnnxGraph } from '../kinds/kind.ts';
import { marksInputs, marksNetwork } from './network.ts';
import { type MarksSpec, shiftOf } from './spec.ts';

/** Logits [batch, bins, marks] as what is told of each bin: probabilities, and values in the unit of their track. */
export function markPredictions({ marks }: Pick<MarksSpec, 'marks'>, logits: Value): Value {
  const row = (numbers: readonly number[]) => constant(numbers, [numbers.length]);
  const probabilities = sigmoid(sub(logits, row(marks.map(shiftOf))));
  if (marks.every(({ kind }) => kind === 'binary')) return probabilities;
  const means = row(marks.map((mark) => (mark.kind === 'signal' ? mark.mean : 0)));
  const isSignal = constant(
    marks.map(({ kind }) => Number(kind === 'signal')),
    [marks.length],
    'bool',
  );
  return where(isSignal, mul(softplus(logits), means), probabilities);
}

/** The graph of prediction, which `model.onnx` holds. */
export function marksGraph(spec: MarksSpec): OnnxGraph {
  const inputs = marksInputs(spec);
  const weights = new Map<string, Value>();
  const values = (path: string, { shape }: ParameterSpec) => {
    const value = input(path, shape);
    weights.set(path, value);
    return value;
  };
  const logits = bind(marksNetwork(spec), values, inferenceContext())(inputs);
  return { inputs: { ...inputs }, outputs: { predictions: markPredictions(spec, logits) }, weights };
}
