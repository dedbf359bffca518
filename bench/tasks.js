// @ts-check
/**
 * The second suite: what language models, translators, recurrences parallel in time, structured losses and decoders take.
 * As in workloads.js, a row is plain data, said exactly enough that every peer computes the same thing.
 *
 * Training rows are one step: forward, backward and AdamW (as in workloads.js), float32, no dropout.
 *  - `language`: tokens [batch, time] → mean cross entropy of the targets [batch, time]. `transformer`: learned positions, pre-norm
 *    blocks, exact GELU, logits by the table of tokens; `lstm`: table, one layer, linear head; `min-gru`: table, blocks x + minGru(norm(x)), then
 *    x + feed(norm(x)) (Feng et al. 2024), norm, linear head;
 *  - `translate`: sources of varying length [batch, keys] and targets [batch, time], teacher forcing. `transformer`: sinusoidal places, pre-norm;
 *    `gru`: bidirectional encoder, additive attention, all of it in full in src/models/translator;
 *  - `crf`: x[batch, time, in] → linear layer → linear-chain CRF with starts and ends, mean negative log-likelihood, sequences of varying length;
 *  - `ctc`: x[batch, time, in] → linear layer → log softmax → CTC, the mean of loss / labels as in PyTorch.
 * Generating rows write `length` tokens in each of `batch` sequences, behind a start token; ends are never written. `sample` draws from the
 * softmax, `beam` keeps `width` hypotheses of one sequence. One step is one whole call.
 */
import { buildLanguage } from '../dist/models/language/architectures.js';
import { buildTranslator } from '../dist/models/translator/architectures.js';
import { parameterList } from '../dist/nn/module.js';
import { fraction, optimizer } from './workloads.js';

/** Ids that are written; one more, the last, is read as the start. */
export const vocabulary = 64;
export const sizes = { reads: vocabulary + 1, writes: vocabulary };

const plain = { dropout: 0 };
const gpt = { size: 128, layers: 4, heads: 4, positions: 'learned', context: 256, ...plain };
const train = (name, rest) => ({ name, modes: ['train'], peers: ['seqwright', 'pytorch'], ...rest });
const write = (name, rest) => ({
  ...{ name, modes: ['generate'], length: 128 },
  peers: ['seqwright', rest.architecture === 'transformer' ? 'huggingface' : 'pytorch'],
  ...rest,
});
const language = (architecture, config, shape) => ({
  ...{ kind: 'language', architecture, ...shape },
  config: { ...config, context: shape.time },
});

/** @type {any[]} */
export const workloads = [
  train('lm-transformer', language('transformer', gpt, { batch: 32, time: 128 })),
  train('lm-lstm', language('lstm', { hidden: 256, embedding: 256, ...plain }, { batch: 32, time: 100 })),
  train('min-gru', language('min-gru', { size: 128, layers: 2, ...plain }, { batch: 8, time: 1024 })),
  train('seq2seq-transformer', {
    ...{ kind: 'translate', architecture: 'transformer', batch: 32, keys: 32, time: 32 },
    config: { size: 128, layers: 2, heads: 4, ...plain },
  }),
  train('seq2seq-gru', {
    ...{ kind: 'translate', architecture: 'gru', batch: 32, keys: 32, time: 32 },
    config: { size: 64, hidden: 128, ...plain },
  }),
  train('crf-9', { kind: 'crf', batch: 32, time: 100, in: 64, classes: 9 }),
  train('crf-45', { kind: 'crf', batch: 32, time: 50, in: 64, classes: 45 }),
  train('ctc', { kind: 'ctc', batch: 32, time: 200, in: 64, classes: 32, labels: 30 }),
  write('sample-lstm-1', {
    kind: 'sample',
    architecture: 'lstm',
    batch: 1,
    config: { hidden: 256, embedding: 256, ...plain },
  }),
  write('sample-lstm-16', {
    kind: 'sample',
    architecture: 'lstm',
    batch: 16,
    config: { hidden: 256, embedding: 256, ...plain },
  }),
  write('sample-gpt-1', {
    kind: 'sample',
    architecture: 'transformer',
    batch: 1,
    config: { ...gpt, activation: 'geluTanh' },
  }),
  write('sample-gpt-16', {
    kind: 'sample',
    architecture: 'transformer',
    batch: 16,
    config: { ...gpt, activation: 'geluTanh' },
  }),
  write('beam-lstm-4', {
    kind: 'beam',
    architecture: 'lstm',
    batch: 1,
    width: 4,
    config: { hidden: 256, embedding: 256, ...plain },
  }),
  write('beam-gpt-4', {
    kind: 'beam',
    architecture: 'transformer',
    batch: 1,
    width: 4,
    config: { ...gpt, activation: 'geluTanh' },
  }),
];

const product = (shape) => shape.reduce((a, b) => a * b, 1);

/** Parameters of what is no whole model, named as ours. */
const headParameters = ({ kind, in: width, classes }) => [
  { path: 'head.weight', shape: [width, classes] },
  { path: 'head.bias', shape: [classes] },
  ...(kind === 'crf'
    ? [
        { path: 'crf.transitions', shape: [classes, classes] },
        { path: 'crf.start', shape: [classes] },
        { path: 'crf.end', shape: [classes] },
      ]
    : []),
];

function listOf(workload) {
  const { kind, architecture, config } = workload;
  if (kind === 'crf' || kind === 'ctc') return headParameters(workload);
  const build = kind === 'translate' ? buildTranslator : buildLanguage;
  return parameterList(build(architecture, config, sizes)).map(({ path, spec }) => ({
    path,
    shape: spec.shape,
  }));
}

/** Every parameter, by our paths and in our layouts ([in, out]); scales are such that nothing saturates and every weight shows. */
export function parametersOf(workload) {
  return listOf(workload).map(({ path, shape }) => {
    const norm = /norm\.weight$/i.test(path);
    const table = /(embedding|Table|positions\.weight)$/.test(path);
    return {
      ...{ name: path, shape, offset: norm ? 1 : 0 },
      scale: shape.length === 1 ? 0.1 : table ? 0.2 : 1 / Math.sqrt(shape[0]),
    };
  });
}

const floats = (seed, count) => Float32Array.from({ length: count }, (_, i) => 2 * fraction(seed, i) - 1);
const ids = (seed, count, below) =>
  Int32Array.from({ length: count }, (_, i) => Math.floor(fraction(seed, i) * below));

/** Half of the rows come twice with different answers, so that the loss has a floor (see workloads.js). */
function twice(data, batch) {
  const row = data.length / batch;
  for (let b = 1; b < batch / 2; b += 2) data.copyWithin(b * row, (b - 1) * row, b * row);
  return data;
}

function dataOf(workload) {
  const { kind, batch, time, keys, in: width, classes, labels } = workload;
  const int = (name, shape, data) => ({ name, shape, data });
  if (kind === 'language')
    return [
      int('tokens', [batch, time], twice(ids(1, batch * time, vocabulary), batch)),
      int('targets', [batch, time], ids(2, batch * time, vocabulary)),
    ];
  if (kind === 'translate')
    return [
      int('source', [batch, keys], twice(ids(1, batch * keys, vocabulary), batch)),
      int(
        'sourceLengths',
        [batch],
        Int32Array.from({ length: batch }, (_, b) => keys - (b % 4) * Math.floor(keys / 8)),
      ),
      int('target', [batch, time], ids(2, batch * time, vocabulary)),
      int('labels', [batch, time], ids(3, batch * time, vocabulary)),
    ];
  if (kind !== 'crf' && kind !== 'ctc') return [];
  const x = { name: 'x', shape: [batch, time, width], data: twice(floats(1, batch * time * width), batch) };
  const lengths = int(
    'lengths',
    [batch],
    Int32Array.from({ length: batch }, (_, b) => time - (b % 4) * Math.floor(time / 8)),
  );
  if (kind === 'crf') return [x, lengths, int('tags', [batch, time], ids(2, batch * time, classes))];
  return [
    ...[x, lengths],
    int(
      'targets',
      [batch, labels],
      ids(2, batch * labels, classes - 1).map((id) => id + 1),
    ),
    int(
      'targetLengths',
      [batch],
      Int32Array.from({ length: batch }, (_, b) => labels - (b % 5)),
    ),
  ];
}

/** All numbers that a peer starts from. */
export const tensorsOf = (workload) => [
  ...dataOf(workload),
  ...parametersOf(workload).map(({ name, shape, scale, offset }, k) => ({
    name,
    shape,
    data: floats(100 + k, product(shape)).map((x) => offset + scale * x),
  })),
];

export const suite = {
  name: 'language',
  title: 'Benchmarks: language models, structured losses, decoding',
  source: 'bench/tasks.js',
  file: 'benchmarks-language',
  command: 'npm run bench -- --suite language',
  peers: ['seqwright', 'pytorch', 'huggingface'],
  scripts: { seqwright: 'tasks.js', pytorch: 'tasks.py', huggingface: 'huggingface.py' },
  modes: ['train', 'generate'],
  workloads,
  optimizer,
  tensorsOf,
  parametersOf,
  /** Tokens written, or read, in a step. */
  tokensOf: ({ kind, batch, time, keys = 0, length }) =>
    kind === 'sample' || kind === 'beam' ? batch * length : batch * (time + keys),
};
