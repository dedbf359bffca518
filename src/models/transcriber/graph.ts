import { input, logSoftmax } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { inferenceContext } from '../../nn/context.ts';
import { bind, type ParameterSpec } from '../../nn/module.ts';
import { standardised, type TranscriberInputs, transcriberInputs, transcriberNetwork } from './network.ts';
import type { TranscriberSpec } from './spec.ts';

/** The graph of prediction; `weights` are its inputs that hold parameters, by path. */
export interface TranscriberGraph {
  readonly inputs: TranscriberInputs;
  readonly outputs: {
    /** Natural logarithms, float32 [batch, steps, classes]; class 0 is the blank. */
    readonly logProbabilities: Value;
    /** How many steps of each record are real, int32 [batch]. */
    readonly steps: Value;
  };
  readonly weights: ReadonlyMap<string, Value>;
}

/** Traces a transcriber; with `raw`, frames come in the units of the training file. */
export function transcriberGraph(spec: TranscriberSpec, { raw = false } = {}): TranscriberGraph {
  const inputs = transcriberInputs(spec);
  const weights = new Map<string, Value>();
  const parameterInput = (path: string, { shape }: ParameterSpec) => {
    const value = input(path, shape);
    weights.set(path, value);
    return value;
  };
  const network = bind(transcriberNetwork(spec).network, parameterInput, inferenceContext());
  const read =
    raw && spec.input.kind === 'frames'
      ? { ...inputs, frames: standardised(inputs.frames!, spec.input) }
      : inputs;
  const { logits, steps } = network(read);
  return { inputs, outputs: { logProbabilities: logSoftmax(logits), steps }, weights };
}
