// From labelled sequences to a saved model: read, split, train, evaluate, save, load, predict.
//
//   node examples/train-a-classifier.js                        3,186 built-in windows, into splice.model
//   node examples/train-a-classifier.js mine.fa mine.model     FASTA with the class in its headers: >id class=yes
import { fileURLToPath } from 'node:url';
import { assess, loadModel, openPredictor, readDataset, saveModel, split, train } from 'seqwright';

const builtIn = fileURLToPath(new URL('data/primate_splice.tsv', import.meta.url));
const [file = builtIn, output = 'splice.model'] = process.argv.slice(2);

// Labels may come from a column, from a pattern in the headers, or, as here, from a function of the record:
// `tags` are the key=value pairs of a FASTA header, or the cells of a table's row.
const records = await readDataset({ sequences: file, label: ({ tags }) => tags.class ?? tags.label });
console.log(`${records.records.length} records: ${records.target.classes.join(', ')}`);

// Relatives stay on one side, so that the figures speak of sequences unlike those that were learned from.
const { fit, test, note } = split(records, { test: 0.25, by: 'homology', seed: 1 });
console.log(note);

// Part of `fit` chooses the epoch that is kept. The same seed gives the same weights.
// In these windows a boundary is always at the same place: the network is told their length and keeps positions apart.
const length = Math.max(...records.records.map(({ sequence }) => sequence.length));
const definition = {
  architecture: 'cnn',
  config: { filters: [32], kernels: [9], pools: [2], length, pool: 'flatten' },
};
const { model, fit: course } = await train(definition, fit, { epochs: 12, seed: 1 });
console.log(`trained ${course.history.length} epochs, kept epoch ${course.bestEpoch}`);

// With `train`, simple baselines that learned from the same data stand beside.
const { evaluation, baselines } = await assess(model, test, { train: fit });
const { value, low, high } = evaluation.metrics.auroc;
console.log(`AUROC ${value.toFixed(2)}, 95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}`);
for (const [name, metrics] of Object.entries(baselines))
  console.log(`  ${name}: ${metrics.auroc.value.toFixed(2)}`);

await saveModel(output, model);
console.log(`saved ${output}`);

// Anywhere else: load it and predict, one record at a time, as many as there are.
const predictor = await openPredictor(await loadModel(output));
for await (const { id, values } of predictor.predict(test.records.slice(0, 3)))
  console.log(
    `${id}: ${records.target.classes.map((name, i) => `${name} ${values[i].toFixed(2)}`).join(', ')}`,
  );
await predictor.close();
