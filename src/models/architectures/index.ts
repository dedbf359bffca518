import { usageError } from '../../core/errors.ts';
import { cnn } from './cnn.ts';
import { dilatedCnn } from './dilated.ts';
import { circular, dilatedRnn, hierarchical, selectiveModel } from './far-recurrent.ts';
import { attentionBilstm, cnnBilstm, diagonalModel, elman, gru, lstm, minGruModel } from './recurrent.ts';
import type { Architecture, SequenceModel } from './sequence-model.ts';
import { cnnTransformer, transformer } from './transformer.ts';

export type { AlphabetData } from './common-options.ts';
export type { ConfigOf, Option, Options } from './options.ts';
export type {
  Architecture,
  GivenConfig,
  SequenceInputs,
  SequenceModel,
  SequenceOutputs,
} from './sequence-model.ts';
export {
  attentionBilstm,
  circular,
  cnn,
  cnnBilstm,
  cnnTransformer,
  diagonalModel,
  dilatedCnn,
  dilatedRnn,
  elman,
  gru,
  hierarchical,
  lstm,
  minGruModel,
  selectiveModel,
  transformer,
};

/** All architectures by the names that the command line and model folders use. */
export const architectures: Readonly<Record<string, Architecture>> = {
  cnn,
  lstm,
  gru,
  'cnn-bilstm': cnnBilstm,
  'attention-bilstm': attentionBilstm,
  elman,
  'min-gru': minGruModel,
  diagonal: diagonalModel,
  hierarchical,
  'dilated-rnn': dilatedRnn,
  selective: selectiveModel,
  circular,
  'dilated-cnn': dilatedCnn,
  transformer,
  'cnn-transformer': cnnTransformer,
};

/** Builds the architecture called `name`; throws a usage error that lists the known names, or names the option that does not fit. */
export function buildModel(name: string, config: object): SequenceModel {
  if (!Object.hasOwn(architectures, name))
    throw usageError(`There is no model "${name}"; choose ${Object.keys(architectures).join(', ')}.`);
  return architectures[name]!.build(config);
}
