import { argMax, input, logSoftmax, max, softmax, sub, sum, where } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { inferenceContext } from '../../nn/context.ts';
import { mask, zeroPadding } from '../../nn/mask.ts';
import type { ParameterSpec } from '../../nn/module.ts';
import { type CrfPotentials, crfDecode, crfLogPartition, crfMarginals } from '../../nn/structured/index.ts';
import { tagConstraints } from './constraints.ts';
import { buildTagger, taggerInputs } from './network.ts';
import type { TaggerSpec } from './spec.ts';

/** The graph of prediction; `weights` are its inputs that hold parameters, by path. */
export interface TaggerGraph {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: {
    /** float32 [batch, time, tags] */
    readonly emissions: Value;
    /** float32 [tags, tags], from row to column, and [tags]. */
    readonly transitions: Value;
    readonly start: Value;
    readonly end: Value;
    /** The best tags of the whole sequence (Viterbi), int32 [batch, time]; −1 in padding. */
    readonly tags: Value;
    /** The probability of each tag at each place, float32 [batch, time, tags]; 0 in padding. */
    readonly probabilities: Value;
    /** ln of the probability of the best tags together, float32 [batch]. */
    readonly logProbability: Value;
  };
  readonly weights: ReadonlyMap<string, Value>;
}

type Decoded = Pick<TaggerGraph['outputs'], 'tags' | 'probabilities' | 'logProbability'>;

function decodedTogether(potentials: CrfPotentials, lengths: Value): Decoded {
  const { tags, score } = crfDecode(potentials, { lengths });
  return {
    tags,
    probabilities: crfMarginals(potentials, { lengths }),
    logProbability: sub(score, crfLogPartition(potentials, { lengths })),
  };
}

/** The same where no tag has a say in its neighbours: without a loop over time, which long sequences feel. */
function decodedApart({ emissions }: CrfPotentials, lengths: Value): Decoded {
  const real = mask(lengths, emissions.shape[1]!);
  const best = max(logSoftmax(emissions), 2);
  return {
    tags: where(real, argMax(emissions, 2), -1),
    probabilities: zeroPadding(softmax(emissions), lengths, 1),
    logProbability: sum(where(real, best, 0), 1),
  };
}

/** The graph that tags: best tags and probabilities beside the scores that they come from. */
export function taggerGraph(spec: TaggerSpec): TaggerGraph {
  const inputs = taggerInputs(spec);
  const weights = new Map<string, Value>();
  const parameterInput = (path: string, { shape }: ParameterSpec) => {
    const value = input(path, shape);
    weights.set(path, value);
    return value;
  };
  const potentials = buildTagger(spec, inputs, parameterInput, inferenceContext());
  const { lengths } = inputs;
  const apart = spec.config.output === 'softmax' && !tagConstraints(spec.tags, spec.rules);
  return {
    inputs: { ...inputs },
    outputs: { ...potentials, ...(apart ? decodedApart : decodedTogether)(potentials, lengths) },
    weights,
  };
}
