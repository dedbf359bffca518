import { gruCell, lstmCell } from '../../nn/cells.ts';
import { recurrentBody } from './bodies.ts';
import {
  convolutionOptions,
  dataOptions,
  inputOptions,
  poolSummary,
  readoutOptions,
  recurrentOptions,
  recurrentPools,
} from './common-options.ts';
import { choice } from './options.ts';
import { architecture } from './sequence-model.ts';

// Max and mean together see a motif anywhere and the composition of the whole, and send gradients to every position directly; the
// last states alone must carry everything through the whole loop.
const pool = choice('max+mean', recurrentPools, poolSummary);
const options = { ...dataOptions, ...inputOptions, ...recurrentOptions(64), ...readoutOptions([]) };

/** Long short-term memory over the letters. */
export const lstm = architecture(
  'lstm',
  'Long short-term memory over the letters: order and distance, at the price of a loop.',
  { ...options, pool },
  (inputs, config) => recurrentBody(inputs, config, lstmCell()),
);

/** Gated recurrent units over the letters. */
export const gru = architecture(
  'gru',
  'Gated recurrent units over the letters: as lstm with three quarters of the parameters.',
  { ...options, pool },
  (inputs, config) => recurrentBody(inputs, config, gruCell()),
);

/**
 * Convolutions find motifs, pooling shortens the sequence, and an LSTM in both directions reads their order and spacing (Quang and Xie
 * 2016, DanQ).
 */
export const cnnBilstm = architecture(
  'cnn-bilstm',
  'Convolutions find motifs, a bidirectional LSTM reads their order and spacing: the default for DNA windows.',
  {
    ...dataOptions,
    ...inputOptions,
    ...convolutionOptions([64], [11], [3]),
    ...recurrentOptions(64),
    pool,
    ...readoutOptions([64]),
  },
  (inputs, config) => recurrentBody(inputs, config, lstmCell()),
);

/** A bidirectional LSTM whose positions are weighed by additive attention; the weights are returned and say where it looked. */
export const attentionBilstm = architecture(
  'attention-bilstm',
  'A bidirectional LSTM with attention over positions: its weights say where the model looked.',
  options,
  (inputs, config) => recurrentBody(inputs, { ...config, pool: 'attention' }, lstmCell()),
);
