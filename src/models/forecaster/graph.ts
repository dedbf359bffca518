import { add, constant, div, input, mul, sigmoid, sub } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { inferenceContext } from '../../nn/context.ts';
import { type AnyModule, bind, type ParameterSpec } from '../../nn/module.ts';
import type { OnnxGraph } from '../kinds/kind.ts';
import { type Forecast, frameNetwork, windowNetwork } from './network.ts';
import type { ForecasterSpec } from './spec.ts';

/** The network of a forecaster, whichever of the two it is. */
export const forecasterNetwork = (spec: ForecasterSpec): AnyModule =>
  (spec.output.kind === 'binary' ? frameNetwork(spec) : windowNetwork(spec)) as unknown as AnyModule;

function weightInputs() {
  const weights = new Map<string, Value>();
  const values = (path: string, { shape }: ParameterSpec) => {
    const value = input(path, shape);
    weights.set(path, value);
    return value;
  };
  return { weights, values };
}

/** What is known of the steps that are looked back and of those to come, scaled; undefined where nothing is. */
export const covariateInput = ({ context, horizon, covariates }: ForecasterSpec): Value | undefined =>
  covariates && input('covariates', ['batch', context + horizon, covariates.names.length]);

/** A traced forecaster in units of the training data's deviation from its mean. */
export function windowGraph(spec: ForecasterSpec) {
  const { weights, values: bound } = weightInputs();
  const shape = ['batch', spec.context, spec.targets.length];
  const values = input('values', shape);
  const seen = input('seen', shape);
  const covariates = covariateInput(spec);
  const forecast = bind(windowNetwork(spec), bound, inferenceContext())(values, seen, covariates);
  const inputs: Record<string, Value> = { values, seen, ...(covariates && { covariates }) };
  return { inputs, outputs: { ...forecast } as Record<string, Value>, weights };
}

/** A traced forecaster of binary targets. */
export function frameGraph(spec: ForecasterSpec) {
  const { weights, values: bound } = weightInputs();
  const frames = input('frames', ['batch', 'time', spec.targets.length]);
  const logits = bind(frameNetwork(spec), bound, inferenceContext())(frames);
  return { inputs: { frames }, outputs: { logits }, weights };
}

/** What goes into `model.onnx`: values in the units of the training table, in and out. */
export function forecasterGraph(spec: ForecasterSpec): OnnxGraph {
  if (spec.output.kind === 'binary') {
    const { inputs, outputs, weights } = frameGraph(spec);
    return { inputs, outputs: { probabilities: sigmoid(outputs.logits) }, weights };
  }
  const { weights, values: bound } = weightInputs();
  const shape = ['batch', spec.context, spec.targets.length];
  const values = input('values', shape);
  const seen = input('seen', shape);
  const { mean, deviation } = spec;
  const column = (of: readonly number[]) => constant(of, [of.length, 1]);
  const row = (of: readonly number[]) => constant(of, [of.length]);
  const scaled = div(sub(values, row(mean)), row(deviation));
  const covariates = covariateInput(spec);
  const known =
    covariates && div(sub(covariates, row(spec.covariates!.mean)), row(spec.covariates!.deviation));
  const forecast: Forecast = bind(windowNetwork(spec), bound, inferenceContext())(scaled, seen, known);
  const outputs: OnnxGraph['outputs'] =
    'quantiles' in forecast
      ? { quantiles: add(mul(forecast.quantiles, column(deviation)), column(mean)) }
      : {
          mean: add(mul(forecast.mean, row(deviation)), row(mean)),
          deviation: mul(forecast.deviation, row(deviation)),
        };
  return { inputs: { values, seen, ...(covariates && { covariates }) }, outputs, weights };
}
