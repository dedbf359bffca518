import { usageError } from '../../core/errors.ts';
import {
  add,
  cast,
  constant,
  div,
  expandDims,
  input,
  less,
  maximum,
  mul,
  not,
  oneHot,
  sub,
  sum,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { buildTagger, taggerInputs } from '../../models/tagger/network.ts';
import type { TaggerSpec } from '../../models/tagger/spec.ts';
import { inferenceContext } from '../../nn/context.ts';
import { crossEntropy } from '../../nn/losses.ts';
import type { ParameterSpec } from '../../nn/module.ts';
import { type CrfPotentials, crfLogPartition, crfScore, forbiddenScore } from '../../nn/structured/index.ts';
import type { LossDefinition } from '../step-program.ts';

/** How tokens count. */
export interface TaggingLossOptions {
  /** Some tokens have no truth. */
  readonly partial?: boolean;
  /** One weight a tag; softmax only. */
  readonly classWeights?: readonly number[] | undefined;
  /** Label smoothing; softmax only. */
  readonly smoothing?: number;
}

/** The number that stands for no truth in `target`. */
const ignored = -1;

/**
 * Learning one tag for each token: −log p(tags | sequence) of the chain, or of each tag by itself, per token whose truth is known. Where a
 * chain's truth is known in part, the tags that are not known are summed over.
 * Throws a usage error for class weights or smoothing with a chain, which have no meaning there.
 */
export function taggingLoss(spec: TaggerSpec, options: TaggingLossOptions = {}): LossDefinition {
  const { classWeights, smoothing = 0 } = options;
  const chain = spec.config.output === 'crf';
  if (chain && (classWeights || smoothing > 0))
    throw usageError(
      'class weights and label smoothing go with the output softmax: a chain is scored as a whole. Use output=softmax, or leave them out.',
    );
  const inputs = taggerInputs(spec);
  const target = input('target', ['batch', 'time'], 'int32');
  return {
    inputs: { ...inputs, target },
    loss: (values, context) => {
      const potentials = buildTagger(spec, inputs, values, context);
      if (chain) return chainLoss(potentials, target, inputs.lengths, options);
      const weights = classWeights && constant(classWeights, [classWeights.length]);
      return crossEntropy(potentials.emissions, target, { ignored, smoothing, weights });
    },
  };
}

/** The negative log-likelihood of chains per token whose truth is known: potentials, target int32 [batch, time] (−1: not known) → scalar. */
export function chainLoss(
  potentials: CrfPotentials,
  target: Value,
  lengths: Value,
  { partial = false }: Pick<TaggingLossOptions, 'partial'> = {},
): Value {
  const isKnown = not(less(target, 0));
  const count = sum(cast(partial ? isKnown : lengths, 'float32'));
  const right = partial
    ? crfLogPartition(clamped(potentials, target, isKnown), { lengths })
    : crfScore(potentials, target, { lengths });
  return div(sum(sub(crfLogPartition(potentials, { lengths }), right)), maximum(count, 1));
}

/** The chain in which a token whose tag is known can have no other one: its sum runs over all ways to fill in the rest. */
function clamped(potentials: CrfPotentials, target: Value, isKnown: Value): CrfPotentials {
  const { emissions } = potentials;
  const tags = emissions.shape[2] as number;
  const others = sub(1, oneHot(where(isKnown, target, 0), tags));
  const barred = mul(others, expandDims(cast(isKnown, 'float32'), 2));
  return { ...potentials, emissions: add(emissions, mul(barred, forbiddenScore)) };
}

/** What a model loses on a batch without dropout, weights or smoothing: the measure that chooses the epoch. */
export function taggingJudge(
  spec: TaggerSpec,
  { partial = false }: Pick<TaggingLossOptions, 'partial'> = {},
) {
  const { inputs, loss } = taggingLoss(spec, { partial });
  const weights = new Map<string, Value>();
  const value = (path: string, { shape }: ParameterSpec) => {
    const parameter = input(path, shape);
    weights.set(path, parameter);
    return parameter;
  };
  return { inputs, outputs: { loss: loss(value, inferenceContext()) as Value }, weights };
}
