import { dataError, usageError } from '../core/errors.ts';
import type { Value } from '../graph/value.ts';
import type { Module } from '../nn/module.ts';
import type { AlphabetData } from './architectures/common-options.ts';
import type { SequenceInputs, SequenceModel } from './architectures/index.ts';

/** What the data decide of a network. */
export interface NetworkData {
  /** What `nn.oneHotInput` reads, and the letters' complements. */
  readonly alphabet: AlphabetData;
  /** Raw numbers that the network gives for each sequence: one for each class, label or value. */
  readonly outputs: number;
  /** Numbers beside each letter; 0 for none. */
  readonly tracks: number;
  /** Numbers of a table beside each sequence; 0 for none. */
  readonly features: number;
}

/**
 * A network of the user's own: given what the data decide, a module from a padded batch to raw outputs [batch, outputs], without a
 * final softmax or sigmoid.
 *
 * @example the best match of each of 16 motifs
 * const motifs = ({ alphabet, outputs }) =>
 *   module({
 *     params: { scan: conv1d({ in: 4, out: 16, kernel: 9 }), head: linear({ in: 16, out: outputs }) },
 *     apply: ({ scan, head }, { tokens, lengths }) =>
 *       head(maxOverTime(relu(scan(transpose(oneHotInput(tokens, alphabet), [0, 2, 1]))), lengths, 2)),
 *   });
 * const { model } = await train({ network: motifs }, dataset);
 */
export type CustomNetwork = (data: NetworkData) => Module<[SequenceInputs], Value>;

/** What `model.json` gives as the architecture of a network that only the user's program knows. */
export const customArchitecture = 'custom';

/** Builds a user's network. Throws a usage error for what is no module and for outputs of another shape. */
export function customModel(make: CustomNetwork, data: NetworkData): SequenceModel {
  const own = make(data) as Module<[SequenceInputs], Value> | undefined;
  if (own?.kind !== 'module')
    throw usageError('network: expected a function that returns module({ params, apply }).');
  const apply = own.apply as unknown as (bound: unknown, inputs: SequenceInputs) => Value;
  const checked = (bound: unknown, inputs: SequenceInputs) => {
    const outputs = apply(bound, inputs);
    const shape = outputs?.shape;
    if (shape?.length !== 2 || shape[1] !== data.outputs || outputs.dtype !== 'float32')
      throw usageError(
        `network: expected apply to return float32 [batch, ${data.outputs}], one raw number for each class, label or value; received ${shape ? `${outputs.dtype} [${shape.join(', ')}]` : typeof outputs}.`,
      );
    return { outputs, features: outputs };
  };
  return {
    kind: 'module',
    params: own.params,
    apply: checked as unknown as SequenceModel['apply'],
    architecture: customArchitecture,
    config: {},
    fixedLength: null,
  };
}

/**
 * Checks that a saved model and the network that was handed in go together: a model folder holds no code. Throws a data error where
 * the network is missing, a usage error where one is handed in for a model that needs none.
 */
export function checkNetwork(architecture: string, network: CustomNetwork | undefined, file: string): void {
  if (architecture === customArchitecture && !network)
    throw dataError(
      `${file} describes a network of the program that trained it, and a model folder holds no code. Load it in that program: loadModel(directory, { network }); model.onnx beside it runs anywhere.`,
    );
  if (architecture !== customArchitecture && network)
    throw usageError(
      `${file} describes a ${architecture}, which Seqwright builds itself. Leave network out.`,
    );
}
