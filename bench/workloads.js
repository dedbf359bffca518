// @ts-check
/**
 * What is measured, said exactly enough that every peer computes the same thing.
 *
 * A workload is plain data. Sequences come as `[batch, time, in]` numbers (recurrent models) or as one-hot
 * `[batch, 4, time]` (models that start with a convolution; a peer may lay them out anew before the clock runs).
 * The model is, in this order:
 *  - `conv`: each convolution has stride 1, padding `same`, a bias, and is followed by relu;
 *  - `pool`: maximum over windows of so many places, without overlap;
 *  - `recurrent`: zero initial state, PyTorch's gate equations and order, directions concatenated; one bias, and for
 *    the GRU a second one on the recurrent product of its candidate;
 *  - `transformer`: blocks x + attention(norm(x)), then x + feed(norm(x)) (so many heads, exact GELU, no dropout, layer norms with
 *    epsilon 1e-5), each place seeing all, or with `causal` those before it; then a last norm. x has the width `in` throughout;
 *  - `readout` over time: the last state, the mean, or the maximum;
 *  - `head`: a linear layer to 2 classes, mean cross entropy.
 * A training step is forward, backward and AdamW (rate 1e-3, betas 0.9 and 0.999, epsilon 1e-8, decay 0.01) in
 * float32; the input needs no gradient. Inference gives the logits.
 */

/** @typedef {{ out: number, kernel: number }} Convolution */
/** @typedef {{ cell: 'elman' | 'lstm' | 'gru', hidden: number, layers: number, bidirectional: boolean }} Recurrent */
/** @typedef {{ layers: number, heads: number, feed: number, causal: boolean }} Transformer */
/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} model
 * @property {'small' | 'medium'} size
 * @property {number} batch
 * @property {number} time
 * @property {number} in
 * @property {Convolution[]} conv
 * @property {number} pool 1 = none
 * @property {Recurrent | null} recurrent
 * @property {Transformer | null} transformer
 * @property {'last' | 'mean' | 'max'} readout
 * @property {number} classes
 */
/** @typedef {{ name: string, shape: number[], scale: number, offset?: number }} Parameter */

export const optimizer = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01 };

/** Training steps whose losses are compared between peers: the first needs the forward pass, the rest the update. */
export const checkedSteps = 5;

const small = { batch: 16, time: 100, in: 32, hidden: 64 };
const medium = { batch: 32, time: 200, in: 64, hidden: 128 };

/** @returns {Workload} */
function recurrent(model, cell, size, { layers = 1, bidirectional = false } = {}) {
  const { hidden, ...shape } = size === 'small' ? small : medium;
  return {
    ...{ name: `${model}-${size}`.toLowerCase(), model, size, ...shape, conv: [], pool: 1, classes: 2 },
    recurrent: { cell, hidden, layers, bidirectional },
    transformer: null,
    readout: layers === 1 ? 'last' : 'mean',
  };
}

/** @returns {Workload} */
function cnn(size) {
  return {
    ...{ name: `cnn-${size}`, model: 'CNN', size, batch: 64, time: size === 'small' ? 200 : 1000, in: 4 },
    conv: [
      { out: 64, kernel: 15 },
      { out: 64, kernel: 7 },
    ],
    ...{ pool: 1, recurrent: null, transformer: null, readout: 'max', classes: 2 },
  };
}

/** @returns {Workload} */
function cnnBiLstm(size) {
  const width = size === 'small' ? 32 : 64;
  const shape = size === 'small' ? { batch: 32, time: 200 } : { batch: 64, time: 1000 };
  return {
    ...{ name: `cnn-bilstm-${size}`, model: 'CNN-BiLSTM', size, ...shape, in: 4 },
    conv: [{ out: width, kernel: 15 }],
    ...{ pool: 4, transformer: null, readout: 'mean', classes: 2 },
    recurrent: { cell: 'lstm', hidden: width, layers: 1, bidirectional: true },
  };
}

/** @returns {Workload} */
function transformer(model, size, causal) {
  const shape =
    size === 'small'
      ? { batch: 32, time: 128, in: 128, heads: 4 }
      : { batch: 8, time: 512, in: 256, heads: 8 };
  const { heads, ...rest } = shape;
  return {
    ...{ name: `${model.toLowerCase()}-${size}`, model, size, ...rest, conv: [], pool: 1, classes: 2 },
    recurrent: null,
    transformer: { layers: 2, heads, feed: 4 * rest.in, causal },
    readout: 'mean',
  };
}

/** @type {Workload[]} */
export const workloads = /** @type {const} */ (['small', 'medium']).flatMap((size) => [
  recurrent('Elman', 'elman', size),
  recurrent('LSTM', 'lstm', size),
  recurrent('GRU', 'gru', size),
  recurrent('BiLSTM', 'lstm', size, { layers: 2, bidirectional: true }),
  cnn(size),
  cnnBiLstm(size),
  transformer('Transformer', size, false),
  transformer('Causal', size, true),
]);

const gates = { elman: 1, lstm: 4, gru: 3 };

/** @returns {{ layer: number, reverse: boolean, width: number }[]} one entry for each layer and direction */
function recurrentParts(workload) {
  const { hidden, layers, bidirectional } = workload.recurrent;
  const first = workload.conv.at(-1)?.out ?? workload.in;
  const directions = bidirectional ? [false, true] : [false];
  return Array.from({ length: layers }, (_, layer) =>
    directions.map((reverse) => ({ layer, reverse, width: layer ? hidden * directions.length : first })),
  ).flat();
}

/**
 * Every parameter in the order of the data file, laid out as in PyTorch and, biases apart, named so: `conv0.weight`
 * [out, in, kernel], `rnn.weight_ih_l0_reverse` [gates · hidden, in], `rnn.bias_l0` [gates · hidden], `rnn.bias_hn_l0`
 * [hidden], `head.weight` [classes, in].
 * @param {Workload} workload
 * @returns {Parameter[]}
 */
export function parametersOf(workload) {
  const list = [];
  let width = workload.in;
  for (const [k, { out, kernel }] of workload.conv.entries()) {
    const scale = 1 / Math.sqrt(width * kernel);
    list.push({ name: `conv${k}.weight`, shape: [out, width, kernel], scale });
    list.push({ name: `conv${k}.bias`, shape: [out], scale });
    width = out;
  }
  if (workload.recurrent) {
    const { cell, hidden, bidirectional } = workload.recurrent;
    const rows = gates[cell] * hidden;
    const scale = 1 / Math.sqrt(hidden);
    for (const part of recurrentParts(workload)) {
      const end = `l${part.layer}${part.reverse ? '_reverse' : ''}`;
      list.push({ name: `rnn.weight_ih_${end}`, shape: [rows, part.width], scale });
      list.push({ name: `rnn.weight_hh_${end}`, shape: [rows, hidden], scale });
      list.push({ name: `rnn.bias_${end}`, shape: [rows], scale });
      if (cell === 'gru') list.push({ name: `rnn.bias_hn_${end}`, shape: [hidden], scale });
    }
    width = hidden * (bidirectional ? 2 : 1);
  }
  for (let b = 0; b < (workload.transformer?.layers ?? 0); b++) list.push(...blockParameters(b, workload));
  if (workload.transformer) list.push(...normParameters('norm', width));
  const scale = 1 / Math.sqrt(width);
  list.push({ name: 'head.weight', shape: [workload.classes, width], scale });
  list.push({ name: 'head.bias', shape: [workload.classes], scale });
  return list;
}

/** @returns {Parameter[]} */
const normParameters = (name, width) => [
  { name: `${name}.weight`, shape: [width], scale: 0.1, offset: 1 },
  { name: `${name}.bias`, shape: [width], scale: 0.1 },
];

/** @returns {Parameter[]} as in PyTorch's TransformerEncoderLayer */
function blockParameters(b, { in: width, transformer: { feed } }) {
  const dense = (name, out, inputs) => [
    { name: `blocks.${b}.${name}weight`, shape: [out, inputs], scale: 1 / Math.sqrt(inputs) },
    { name: `blocks.${b}.${name}bias`, shape: [out], scale: 1 / Math.sqrt(inputs) },
  ];
  return [
    ...dense('self_attn.in_proj_', 3 * width, width),
    ...dense('self_attn.out_proj.', width, width),
    ...dense('linear1.', feed, width),
    ...dense('linear2.', width, feed),
    ...normParameters(`blocks.${b}.norm1`, width),
    ...normParameters(`blocks.${b}.norm2`, width),
  ];
}

/**
 * Floating-point operations of one step in matrix products and convolutions (2 a multiply-add). Backward costs twice
 * the forward pass, less the gradient of the input, which nobody needs.
 * @param {Workload} workload
 * @param {'train' | 'infer'} mode
 */
export function operationsOf(workload, mode) {
  let forward = 0;
  let unneeded = 0;
  let { time, in: width } = workload;
  const add = (operations, ofInput) => {
    forward += operations;
    if (ofInput) unneeded += operations;
  };
  for (const [k, { out, kernel }] of workload.conv.entries()) {
    add(2 * workload.batch * time * width * out * kernel, k === 0);
    width = out;
  }
  time = Math.floor(time / workload.pool);
  if (workload.recurrent) {
    const { cell, hidden } = workload.recurrent;
    for (const part of recurrentParts(workload)) {
      const rows = 2 * workload.batch * time * gates[cell] * hidden;
      add(rows * part.width, part.layer === 0 && workload.conv.length === 0);
      add(rows * hidden, false);
    }
  }
  if (workload.transformer) {
    const { layers, feed } = workload.transformer;
    const { batch } = workload;
    // Queries, keys and values of the first block are made of the input.
    for (let b = 0; b < layers; b++) add(2 * batch * time * width * 3 * width, b === 0);
    add(2 * batch * time * layers * (width * width + 2 * width * feed + 2 * time * width), false);
  }
  return mode === 'infer' ? forward : 3 * forward - unneeded;
}

/** A hash of two whole numbers as a fraction in [0, 1): the same on every machine. */
export function fraction(seed, i) {
  let h = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

/**
 * The batch. A quarter of its sequences come twice with opposite labels, so that however long a peer trains, the loss
 * cannot reach zero and gradients do not sink into denormal numbers, which would time the processor's slow path.
 */
function batchOf(workload) {
  const { batch, time, in: width, conv } = workload;
  const source = (b) => (b < batch / 2 ? b - (b % 2) : b);
  const x = new Float32Array(batch * time * width);
  for (let b = 0; b < batch; b++)
    for (let t = 0; t < time; t++) {
      const place = source(b) * time + t;
      if (conv.length) x[(b * width + Math.floor(fraction(1, place) * width)) * time + t] = 1;
      else
        for (let c = 0; c < width; c++)
          x[(b * time + t) * width + c] = 2 * fraction(2, place * width + c) - 1;
    }
  const labels = Int32Array.from({ length: batch }, (_, b) =>
    b < batch / 2 ? b % 2 : Math.floor(fraction(3, b) * 2),
  );
  return { x, labels };
}

/**
 * All numbers a peer starts from: `x`, `labels` (int32), then the parameters.
 * @param {Workload} workload
 * @returns {{ name: string, shape: number[], data: Float32Array | Int32Array }[]}
 */
export function tensorsOf(workload) {
  const { batch, time, in: width, conv } = workload;
  const { x, labels } = batchOf(workload);
  return [
    { name: 'x', shape: conv.length ? [batch, width, time] : [batch, time, width], data: x },
    { name: 'labels', shape: [batch], data: labels },
    ...parametersOf(workload).map(({ name, shape, scale, offset = 0 }, k) => ({
      name,
      shape,
      data: Float32Array.from(
        { length: shape.reduce((a, b) => a * b, 1) },
        (_, i) => offset + scale * (2 * fraction(100 + k, i) - 1),
      ),
    })),
  ];
}

/** What run.js measures unless it is told another suite. */
export const suite = {
  name: 'models',
  title: 'Benchmarks',
  source: 'bench/workloads.js',
  file: 'benchmarks',
  command: 'npm run bench',
  peers: ['seqwright', 'pytorch', 'jax', 'tfjs', 'jaxjs'],
  modes: ['train', 'infer'],
  workloads,
  optimizer,
  tensorsOf,
  parametersOf,
  operationsOf,
};
