// @ts-check
/**
 * How the model for the GUE transcription-factor sets 0 and 1 was chosen: trained on train.csv, judged on dev.csv; test.csv is not read.
 * Run after `npm run build`, with the folder that holds 0/ and 1/:
 *
 *   node bench/search/gue.js ../shared/data/bench/gue_tf           # all candidates
 *   node bench/search/gue.js ../shared/data/bench/gue_tf cnn       # candidates whose names contain one of these
 */
import { join } from 'node:path';
import { evaluateMetrics, predictDataset, readDataset, train } from '../../dist/index.js';

const [folder, ...wanted] = process.argv.slice(2);
const threads = Number(process.env.THREADS ?? 1);
const cnn = (filters, kernels, pools, more = {}) => ({
  architecture: 'cnn',
  config: { filters, kernels, pools, dense: [64], dropout: 0.5, reverseComplement: 'shared', ...more },
});
const mixed = (filters, kernel, hidden, more = {}) => ({
  architecture: 'cnn-bilstm',
  config: {
    ...{ filters: [filters], kernels: [kernel], pools: [4], hidden, dense: [64], dropout: 0.5 },
    ...{ pool: 'max+mean', ...more },
  },
});
const fast = { epochs: 6, rate: 2e-3, batchSize: 64, optimizerOptions: { decay: 0.1 } };

/** @type {Record<string, [definition: { architecture: string, config: object }, options: object]>} */
const candidates = {
  'cnn 64x15, max, shared strands': [cnn([64], [15], [1]), fast],
  'cnn 64x15, max, one strand': [cnn([64], [15], [1], { reverseComplement: 'none' }), fast],
  'cnn 64x11-64x5, max+mean': [cnn([64, 64], [11, 5], [2, 1], { pool: 'max+mean' }), fast],
  'cnn-bilstm 64x11, 32, augmented': [mixed(64, 11, 32, { reverseComplement: 'augment' }), fast],
  'cnn-bilstm 64x11, 32, averaged strands': [mixed(64, 11, 32, { reverseComplement: 'average' }), fast],
  'cnn-bilstm 96x15, 48, averaged strands, 10 epochs': [
    mixed(96, 15, 48, { reverseComplement: 'average' }),
    { ...fast, epochs: 10 },
  ],
  'cnn-bilstm 64x11, 32, averaged strands, 12 epochs, averaged weights': [
    mixed(64, 11, 32, { reverseComplement: 'average' }),
    { ...fast, epochs: 12, average: 0.998 },
  ],
  'cnn-bilstm 64x11, 64, averaged strands, 12 epochs': [
    mixed(64, 11, 64, { reverseComplement: 'average' }),
    { ...fast, epochs: 12 },
  ],
  'cnn-bilstm 64x11, 32, averaged strands, batch norm, 8 epochs': [
    mixed(64, 11, 32, { reverseComplement: 'average', normalization: 'batch' }),
    { ...fast, epochs: 8 },
  ],
  'cnn-bilstm 128x11, 64, averaged strands, 8 epochs': [
    mixed(128, 11, 64, { reverseComplement: 'average' }),
    { ...fast, epochs: 8 },
  ],
  // What gue.json holds, and gue.test.ts among the slow tests trains.
  'two of cnn-bilstm 128x11, 64, averaged strands, 8 epochs': [
    mixed(128, 11, 64, { reverseComplement: 'average', members: 2 }),
    { ...fast, epochs: 8, seed: 42 },
  ],
};

for (const set of ['0', '1']) {
  const read = (part) => readDataset({ sequences: join(folder, set, `${part}.csv`), label: 'label' });
  const [fit, dev] = [await read('train'), await read('dev')];
  for (const [name, [definition, options]] of Object.entries(candidates)) {
    if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
    const { model, fit: run } = await train(definition, fit, {
      validation: dev,
      threads,
      seed: 1,
      ...options,
    });
    const { auroc, accuracy } = evaluateMetrics(await predictDataset(model, dev), { resamples: 0 });
    const losses = run.history.map(({ validationLoss }) => validationLoss.toFixed(3)).join(' ');
    console.log(
      `tf/${set} ${name}: dev AUC ${auroc.value.toFixed(4)}, accuracy ${accuracy.value.toFixed(3)}; ${run.seconds.toFixed(0)} s; dev loss ${losses}`,
    );
  }
}
