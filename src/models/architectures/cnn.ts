import { convolutionalBody } from './bodies.ts';
import {
  convolutionOptions,
  dataOptions,
  inputOptions,
  poolSummary,
  pools,
  readoutOptions,
} from './common-options.ts';
import { choice } from './options.ts';
import { architecture } from './sequence-model.ts';

/**
 * Convolutions as motif scanners, the best match of each taken over the sequence. The first kernel is as wide as a binding site, the
 * second sees neighbouring matches together.
 * @example cnn.build({ alphabet, outputs: 2 }) // tokens[batch, time] → logits[batch, 2]
 */
export const cnn = architecture(
  'cnn',
  'Convolutions as motif scanners and the best match of each: fast, and the first thing to try on short motifs.',
  {
    ...dataOptions,
    ...inputOptions,
    ...convolutionOptions([64, 64], [11, 5], [2, 1]),
    pool: choice('max', pools, poolSummary),
    ...readoutOptions([64]),
  },
  convolutionalBody,
);
