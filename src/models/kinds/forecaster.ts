import { parameterList } from '../../nn/module.ts';
import {
  type Field,
  fieldError,
  listField,
  namesField,
  numbersField,
  readConfig,
  textField,
  within,
} from '../fields.ts';
import { forecasterGraph, forecasterNetwork } from '../forecaster/graph.ts';
import { forecasterConfig } from '../forecaster/network.ts';
import { nodeTargets, readGraph } from '../forecaster/node-graph.ts';
import {
  areLevels,
  type CovariateSpec,
  type ForecasterSpec,
  type ForecastOutput,
  most,
} from '../forecaster/spec.ts';
import type { ModelKind } from './kind.ts';

/**
 * The next steps of time series. `model.onnx` has the inputs `values` float32 [batch, context, targets], in the units of the training
 * table, the latest step last, and `seen` float32 of that shape, 1 where a value was observed and 0 where it is missing or before the series
 * began; where covariates are known, `covariates` float32 [batch, context + horizon, covariates] in their units; its outputs are `quantiles` float32 [batch, horizon, targets, levels], or `mean` and `deviation` float32 [batch, horizon, targets].
 * Of binary targets the input is `frames` float32 [batch, time, targets], the first of them all 0, and the output `probabilities` of that
 * shape: place t tells of the frame after it.
 */
export const forecaster: ModelKind<ForecasterSpec> = {
  what: 'a forecaster of time series',
  verbs: 'seqwright predict and seqwright evaluate',
  readSpec(field) {
    const targets = namesField(within(field, 'targets'), 1);
    if (targets.length > most.targets)
      throw fieldError(within(field, 'targets'), `at most ${most.targets} names`);
    const covariates = within(field, 'covariates');
    const known = covariates.value === undefined ? undefined : readCovariates(covariates);
    const graph = within(field, 'graph');
    const read = graph.value === undefined ? undefined : readGraph(graph);
    if (read && nodeTargets(read).join('\n') !== targets.join('\n'))
      throw fieldError(within(field, 'targets'), 'the targets of every node');
    return {
      kind: 'forecaster',
      architecture: textField(within(field, 'architecture'), { max: 100 }),
      config: readConfig(within(field, 'config')),
      targets,
      ...(read && { graph: read }),
      ...(known && { covariates: known }),
      horizon: countField(within(field, 'horizon'), most.horizon),
      context: countField(within(field, 'context'), most.context),
      season: countField(within(field, 'season'), most.context),
      output: readOutput(within(field, 'output')),
      mean: numbersField(within(field, 'mean'), targets.length),
      deviation: numbersField(within(field, 'deviation'), targets.length, { positive: true }),
      columns: {
        time: nameOrNull(within(within(field, 'columns'), 'time')),
        group: nameOrNull(within(within(field, 'columns'), 'group')),
      },
    };
  },
  completeSpec: (spec) => ({ ...spec, config: forecasterConfig(spec) }),
  parameters: (spec) => parameterList(forecasterNetwork(spec)),
  onnx: forecasterGraph,
  /**
   * `seqwright.targets`, JSON list: the columns that are forecast; `seqwright.horizon`, steps ahead; `seqwright.output`, JSON with `kind`
   * (quantiles, gaussian or binary) and its `levels`; of all but binary targets `seqwright.context`, the steps that are looked back.
   */
  metadata: ({ targets, horizon, context, output, covariates }) => ({
    'seqwright.targets': JSON.stringify(targets),
    ...(covariates && { 'seqwright.covariates': JSON.stringify(covariates.names) }),
    'seqwright.horizon': String(horizon),
    'seqwright.output': JSON.stringify(output),
    ...(output.kind !== 'binary' && { 'seqwright.context': String(context) }),
  }),
};

function readCovariates(field: Field): CovariateSpec {
  const names = namesField(within(field, 'names'), 1);
  if (names.length > most.targets) throw fieldError(within(field, 'names'), `at most ${most.targets} names`);
  return {
    names,
    mean: numbersField(within(field, 'mean'), names.length),
    deviation: numbersField(within(field, 'deviation'), names.length, { positive: true }),
  };
}

function countField(field: Field, largest: number): number {
  const { value } = field;
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > largest)
    throw fieldError(field, `a whole number from 1 to ${largest}`);
  return value as number;
}

const nameOrNull = (field: Field): string | null => (field.value === null ? null : textField(field));

function readOutput(field: Field): ForecastOutput {
  const kind = within(field, 'kind');
  if (kind.value === 'binary') return { kind: 'binary' };
  if (kind.value !== 'quantiles' && kind.value !== 'gaussian')
    throw fieldError(kind, 'quantiles, gaussian or binary');
  const place = within(field, 'levels');
  const levels = listField(place, 1, ({ value }) => value as number);
  if (!levels.every((q) => typeof q === 'number') || !areLevels(levels))
    throw fieldError(place, 'rising numbers between 0 and 1 with 0.5 among them');
  return { kind: kind.value, levels };
}
