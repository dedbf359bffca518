import * as g from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import type { SequenceInputs } from '../models/architectures/index.ts';
import { buildNetwork, networkInputs } from '../models/network.ts';
import type { ModelSpec, OutputSpec } from '../models/spec.ts';
import { binaryCrossEntropy, crossEntropy, meanSquaredError } from '../nn/losses.ts';
import { type GroupDroOptions, groupDro } from './group-dro.ts';
import type { LossDefinition } from './step-program.ts';

/** How the records of labelled data count. */
export interface SupervisedOptions {
  readonly classWeights?: readonly number[] | undefined;
  /** The batch says how much each record counts. */
  readonly weighted?: boolean;
  /** Label smoothing of classes. */
  readonly smoothing?: number;
  /** The batch says of which subgroup each record is, and the worst of them counts. */
  readonly robust?: GroupDroOptions | undefined;
}

/** Learning one answer for each sequence: classes, labels or values, as the spec's output says. */
export function supervised(
  spec: ModelSpec,
  { classWeights, weighted = false, smoothing = 0, robust }: SupervisedOptions = {},
): LossDefinition {
  const inputs = batchInputs(spec, { weighted, grouped: robust !== undefined });
  return {
    inputs: { ...inputs },
    loss(values, context) {
      const { logits, members = [logits] } = buildNetwork(spec, inputs, values, context);
      // The networks of an ensemble learn each by itself: the loss of their mean would make them rely on one another.
      const lossOf = (sampleWeights: Value | undefined) => {
        const options = { classWeights, sampleWeights, smoothing };
        const losses = members.map((own) => taskLoss(spec.output, own, inputs.target, options));
        return g.mul(g.sumOf(losses), 1 / losses.length);
      };
      const { weight, subgroup } = inputs;
      if (!robust || !subgroup) return lossOf(weight);
      return groupDro((own) => lossOf(weight ? g.mul(own, weight) : own), subgroup, robust);
    },
  };
}

/** The inputs that carry a batch. */
function batchInputs(spec: ModelSpec, { weighted, grouped }: { weighted: boolean; grouped: boolean }) {
  const { output } = spec;
  const target =
    output.kind === 'classes'
      ? g.input('target', ['batch'], 'int32')
      : g.input('target', ['batch', output.kind === 'labels' ? output.classes.length : output.names.length]);
  return {
    ...networkInputs(spec),
    target,
    ...(weighted && { weight: g.input('weight', ['batch']) }),
    ...(grouped && { subgroup: g.input('subgroup', ['batch'], 'int32') }),
  } as SequenceInputs & { readonly target: Value; readonly weight?: Value; readonly subgroup?: Value };
}

/** The loss of raw outputs; targets of `values` arrive in the model's own units (see `OutputSpec`). */
export function taskLoss(
  output: OutputSpec,
  logits: Value,
  target: Value,
  {
    classWeights,
    sampleWeights,
    smoothing = 0,
  }: {
    classWeights?: readonly number[] | undefined;
    sampleWeights?: Value | undefined;
    smoothing?: number;
  } = {},
): Value {
  const constant = (numbers: readonly number[]) => g.constant(numbers, [numbers.length]);
  const perRow = sampleWeights && g.expandDims(sampleWeights, 1);
  switch (output.kind) {
    case 'classes':
      return crossEntropy(logits, target, {
        smoothing,
        sampleWeights,
        weights: classWeights && constant(classWeights),
      });
    case 'labels':
      return binaryCrossEntropy(logits, target, {
        sampleWeights: perRow,
        positiveWeights: classWeights && constant(classWeights),
      });
    case 'values':
      return meanSquaredError(output.positive ? g.softplus(logits) : logits, target, {
        sampleWeights: perRow,
      });
  }
}
