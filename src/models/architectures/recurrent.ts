import { elmanCell, gruCell, lstmCell } from '../../nn/cells.ts';
import { diagonal, minGru } from '../../nn/recurrence/linear-recurrent.ts';
import { layersOf, recurrentBody } from './bodies.ts';
import {
  convolutionOptions,
  dataOptions,
  initialOption,
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
const cellOptions = { ...options, ...initialOption, pool };

/** The plain recurrent network (Elman 1990). */
export const elman = architecture(
  'elman',
  'The plain recurrent network: for comparison; what it should keep for long, it forgets.',
  cellOptions,
  (inputs, config) => recurrentBody(inputs, config, layersOf(elmanCell(), config.initial)),
);

/** Long short-term memory over the letters. */
export const lstm = architecture(
  'lstm',
  'Long short-term memory over the letters: order and distance, at the price of a loop.',
  cellOptions,
  (inputs, config) => recurrentBody(inputs, config, layersOf(lstmCell(), config.initial)),
);

/** Gated recurrent units over the letters. */
export const gru = architecture(
  'gru',
  'Gated recurrent units over the letters: as lstm with three quarters of the parameters.',
  cellOptions,
  (inputs, config) => recurrentBody(inputs, config, layersOf(gruCell(), config.initial)),
);

/** Minimal gated units (Feng et al. 2024), whose gates do not read the state: all steps are computed side by side. */
export const minGruModel = architecture(
  'min-gru',
  'Minimal gated units: gates that read the letters alone, so that long sequences are read in parallel.',
  { ...options, pool },
  (inputs, config) => recurrentBody(inputs, config, minGru),
);

/** A diagonal linear recurrence (Orvieto et al. 2023): each unit forgets at its own, learned, rate. */
export const diagonalModel = architecture(
  'diagonal',
  'A linear recurrence with one learned rate of forgetting a unit: the cheapest memory over long sequences.',
  { ...options, pool },
  (inputs, config) => recurrentBody(inputs, config, diagonal),
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
    ...initialOption,
    pool,
    ...readoutOptions([64]),
  },
  (inputs, config) => recurrentBody(inputs, config, layersOf(lstmCell(), config.initial)),
);

/** A bidirectional LSTM whose positions are weighed by additive attention; the weights are returned and say where it looked. */
export const attentionBilstm = architecture(
  'attention-bilstm',
  'A bidirectional LSTM with attention over positions: its weights say where the model looked.',
  { ...options, ...initialOption },
  (inputs, config) =>
    recurrentBody(inputs, { ...config, pool: 'attention' }, layersOf(lstmCell(), config.initial)),
);
