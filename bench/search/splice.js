// @ts-check
/**
 * How the model of the recipe `splice` was chosen: inner 5-fold cross-validation inside the training part of the first of
 * ten outer folds. The outer test parts play no role. Run after `npm run build`:
 *
 *   node bench/search/splice.js            # all candidates; hours on 2 cores
 *   node bench/search/splice.js cnn mixed  # candidates whose names contain one of these
 */
import { crossValidate, evaluateMetrics, foldIndices, readDataset, subset } from '../../dist/index.js';

const data = await readDataset({ sequences: 'examples/data/primate_splice.tsv', label: 'label' });
const outer = foldIndices(data, { folds: 10, seed: 42 }).splits[0];
const inside = subset(data, outer.train);
const { splits } = foldIndices(inside, { folds: 5, seed: 7 });

const aligned = { length: 60, pools: [1], dense: [] };
const cnn = (filters, kernel, dropout, more = {}) => ({
  architecture: 'cnn',
  config: { ...aligned, pool: 'flatten', filters: [filters], kernels: [kernel], dropout, ...more },
});
const mixed = (filters, kernel, hidden, dropout, more = {}) => ({
  architecture: 'cnn-bilstm',
  config: { ...aligned, pool: 'flatten', filters: [filters], kernels: [kernel], hidden, dropout, ...more },
});
const attention = { pool: 'attention', position: 'learned' };
const slow = { epochs: 30, rate: 2e-3, optimizerOptions: { decay: 0.3 } };

/** @type {Record<string, [definition: { architecture: string, config: object }, options: object]>} */
const candidates = {
  'cnn 32x3': [cnn(32, 3, 0.7), slow],
  'cnn 32x3, averaged weights': [cnn(32, 3, 0.7), { ...slow, average: 0.99 }],
  'cnn 32x3, smoothing': [cnn(32, 3, 0.7), { ...slow, smoothing: 0.1 }],
  'cnn 64x3, dropout 0.8': [cnn(64, 3, 0.8), slow],
  'cnn 3-mer embeddings': [cnn(32, 1, 0.7, { encoding: 'kmer', k: 3, embedding: 16 }), slow],
  'cnn-bilstm attention 32x3, 32': [mixed(32, 3, 32, 0.3, attention), { ...slow, epochs: 15 }],
  'cnn-bilstm attention 32x3, 32, dropout 0.5': [mixed(32, 3, 32, 0.5, attention), { ...slow, epochs: 15 }],
  'cnn-bilstm attention 32x3, 16, batches of 64': [
    mixed(32, 3, 16, 0.5, attention),
    { ...slow, epochs: 15, batchSize: 64, rate: 5e-3 },
  ],
  'cnn-bilstm attention 32x3, 32, batches of 64': [
    mixed(32, 3, 32, 0.5, attention),
    { ...slow, epochs: 15, batchSize: 64, rate: 5e-3 },
  ],
  'cnn-bilstm attention 32x5, 24, batches of 64': [
    mixed(32, 5, 24, 0.5, attention),
    { ...slow, epochs: 12, batchSize: 64, rate: 5e-3 },
  ],
  'cnn-bilstm flatten 32x3, 16': [mixed(32, 3, 16, 0.7), { ...slow, epochs: 15 }],
};

const wanted = process.argv.slice(2);
const ensemble = Number(process.env.ENSEMBLE ?? 3);
for (const [name, [definition, options]] of Object.entries(candidates)) {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
  const { runs, seconds } = await crossValidate(definition, inside, splits, {
    seeds: [1],
    ensemble,
    ...options,
  });
  const accuracyOf = (predictions) => evaluateMetrics(predictions, { resamples: 0 }).accuracy.value;
  const { members, metrics } = runs[0];
  const single = members.map(accuracyOf);
  const mean = single.reduce((a, b) => a + b, 0) / single.length;
  console.log(
    `${name}: single ${mean.toFixed(4)} (${single.map((v) => v.toFixed(3)).join(' ')}), ensemble of ${ensemble} ${metrics.accuracy.value.toFixed(4)}; ${(seconds / ensemble / 5).toFixed(1)} s a model`,
  );
}
