import { type Dim, dimAdd } from '../../graph/dims.ts';
import { add, input, reshape, slice } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { inferenceContext } from '../../nn/context.ts';
import type { ParameterSpec } from '../../nn/module.ts';
import { buildSpan, spanInputs } from './network.ts';
import type { SpanSpec } from './spec.ts';

/** The graph of prediction; `weights` are its inputs that hold parameters, by path. */
export interface SpanGraph {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: {
    /** ln P of each token to be the first, and the last, of the span: float32 [batch, time]; below −1e29 in padding. */
    readonly start: Value;
    readonly end: Value;
    /** ln P that there is none, start and end together as of a span; where that may be. float32 [batch] */
    readonly none?: Value;
  };
  readonly weights: ReadonlyMap<string, Value>;
}

/** The graph that points at spans; which span is best is for `bestSpans` to find. */
export function spanGraph(spec: SpanSpec): SpanGraph {
  const inputs = spanInputs(spec);
  const weights = new Map<string, Value>();
  const parameterInput = (path: string, { shape }: ParameterSpec) => {
    const value = input(path, shape);
    weights.set(path, value);
    return value;
  };
  const { start, end } = buildSpan(spec, inputs, parameterInput, inferenceContext());
  if (!spec.optional) return { inputs: { ...inputs }, outputs: { start, end }, weights };
  const [batch, time] = inputs.passage.shape as [Dim, Dim];
  const first = (x: Value) => reshape(slice(x, 1, 0, 1), [batch]);
  const rest = (x: Value) => slice(x, 1, 1, dimAdd(time, 1));
  return {
    inputs: { ...inputs },
    outputs: { start: rest(start), end: rest(end), none: add(first(start), first(end)) },
    weights,
  };
}
