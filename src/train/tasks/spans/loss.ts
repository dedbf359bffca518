import { input } from '../../../graph/library.ts';
import type { Value } from '../../../graph/value.ts';
import { buildSpan, spanInputs } from '../../../models/span/network.ts';
import type { SpanSpec } from '../../../models/span/spec.ts';
import { inferenceContext } from '../../../nn/context.ts';
import type { ParameterSpec } from '../../../nn/module.ts';
import { spanLoss } from '../../../nn/structured/index.ts';
import type { LossDefinition } from '../../step-program.ts';

/** Learning to point at spans: −½ (ln P(first) + ln P(last)) of the true places, the mean over the records; see `spanTargets`. */
export function spanTaskLoss(spec: SpanSpec): LossDefinition {
  const inputs = spanInputs(spec);
  const [first, last] = [input('first', ['batch'], 'int32'), input('last', ['batch'], 'int32')];
  return {
    inputs: { ...inputs, first, last },
    loss: (values, context) => spanLoss(buildSpan(spec, inputs, values, context), first, last),
  };
}

/** What a model loses on a batch without dropout: the measure that chooses the epoch. */
export function spanJudge(spec: SpanSpec) {
  const { inputs, loss } = spanTaskLoss(spec);
  const weights = new Map<string, Value>();
  const value = (path: string, { shape }: ParameterSpec) => {
    const parameter = input(path, shape);
    weights.set(path, parameter);
    return parameter;
  };
  return { inputs, outputs: { loss: loss(value, inferenceContext()) as Value }, weights };
}
