// @ts-check
/**
 * Seqwright itself, through its public library: layers, optimiser and compiled programs as a user gets them.
 * `node seqwright.js THREADS`; needs `npm run build`.
 */
import { createRequire } from 'node:module';
import * as g from '../../dist/graph-library.js';
import { adamW, nn, version } from '../../dist/index.js';
import { load, peak, serve } from './protocol.js';

const threads = Number(process.argv[2]);
const require = createRequire(import.meta.url);

/** The model of a workload as a module: x as in the data file, or tokens where it starts with convolutions → logits. */
function modelOf(workload) {
  const { conv, pool, recurrent, readout, classes, in: inputs, time } = workload;
  if (workload.transformer) return transformerOf(workload);

  let width = inputs;
  const convolutions = conv.map(({ out, kernel }) => {
    const layer = nn.conv1d({ in: width, out, kernel, padding: 'same' });
    width = out;
    return layer;
  });
  const { cell, hidden, layers, bidirectional } = recurrent ?? {};
  const rnn = recurrent && nn[cell]({ in: width, hidden, layers, bidirectional });
  if (recurrent) width = hidden * (bidirectional ? 2 : 1);
  const places = Math.floor(time / pool);
  return nn.module({
    params: { convolutions, rnn: rnn ?? undefined, head: nn.linear({ in: width, out: classes }) },
    apply: (own, x) => {
      let h = x;
      for (const layer of own.convolutions) h = g.relu(layer(h));
      if (pool > 1)
        h = g.max(g.reshape(g.slice(h, 2, 0, places * pool), [...h.shape.slice(0, 2), places, pool]), 3);
      if (!own.rnn) return own.head(g.max(h, 2));
      const { output, final } = own.rnn(conv.length ? g.transpose(h, [2, 0, 1]) : h, {});
      if (readout === 'last') return own.head(final[0][0]);
      return own.head(readout === 'mean' ? g.mean(output, 0) : g.max(output, 0));
    },
  });
}

/** x[batch, time, in] → logits. */
const transformerOf = ({ transformer: { layers, heads, feed, causal }, classes, in: size }) =>
  nn.module({
    params: {
      encoder: nn.encoder({ layers, heads, size, hidden: feed, causal }),
      head: nn.linear({ in: size, out: classes }),
    },
    apply: (own, x) => own.head(g.mean(own.encoder(x).output, 1)),
  });

const blockNames = {
  'attention.output': 'self_attn.out_proj',
  'feed.inner': 'linear1',
  'feed.outer': 'linear2',
  attentionNorm: 'norm1',
  feedNorm: 'norm2',
};

/** Our parameters from the data file's: PyTorch's names and layouts. */
function startOf(path, tensors) {
  const transposed = (name) => {
    const {
      shape: [rows, columns],
      data,
    } = tensors.get(name);
    const result = new Float32Array(data.length);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j];
    return result;
  };
  const block = /^encoder\.blocks\.(\d+)\.(.+)\.(weight|bias)$/.exec(path);
  if (block) {
    const [, b, layer, kind] = block;
    const third = ['attention.query', 'attention.key', 'attention.value'].indexOf(layer);
    const name = `blocks.${b}.${third >= 0 ? 'self_attn.in_proj_' : `${blockNames[layer]}.`}${kind}`;
    const whole = kind === 'bias' || layer.endsWith('Norm') ? tensors.get(name).data : transposed(name);
    if (third < 0) return whole;
    const { shape } = tensors.get(name);
    const size = shape[0] / 3;
    if (kind === 'bias') return whole.slice(third * size, (third + 1) * size);
    const rows = whole.length / shape[0];
    return Float32Array.from(
      { length: rows * size },
      (_, i) => whole[Math.floor(i / size) * 3 * size + third * size + (i % size)],
    );
  }
  if (path.startsWith('encoder.norm.')) return tensors.get(path.slice('encoder.'.length)).data;
  const convolution = /^convolutions\.(\d+)\.(weight|bias)$/.exec(path);
  if (convolution) return tensors.get(`conv${convolution[1]}.${convolution[2]}`).data;
  const cell = /^rnn\.layers\.(\d+)\.(forward|backward)\.(\w+)$/.exec(path);
  if (cell) {
    const end = `l${cell[1]}${cell[2] === 'backward' ? '_reverse' : ''}`;
    if (cell[3] === 'weight') return transposed(`rnn.weight_ih_${end}`);
    if (cell[3] === 'recurrent') return transposed(`rnn.weight_hh_${end}`);
    return tensors.get(cell[3] === 'bias' ? `rnn.bias_${end}` : `rnn.bias_hn_${end}`).data;
  }
  return path === 'head.weight' ? transposed('head.weight') : tensors.get('head.bias').data;
}

/** x as the model reads it: recurrent models want time first. */
function inputOf({ conv, transformer, batch, time, in: width }, { data, shape }) {
  if (conv.length || transformer) return { dtype: 'float32', shape, data };
  const turned = new Float32Array(data.length);
  for (let b = 0; b < batch; b++)
    for (let t = 0; t < time; t++)
      turned.set(data.subarray((b * time + t) * width, (b * time + t + 1) * width), (t * batch + b) * width);
  return { dtype: 'float32', shape: [time, batch, width], data: turned };
}

async function prepare({ workload, mode, optimizer: options, steps, data, tensors: list }) {
  const tensors = load(list, data);
  const model = modelOf(workload);
  const x = g.input(
    'x',
    workload.transformer
      ? ['batch', 'time', workload.in]
      : workload.conv.length
        ? ['batch', workload.in, workload.time]
        : ['time', 'batch', workload.in],
  );
  const labels = g.input('labels', ['batch'], 'int32');
  const held = new Map();
  const none = g.scalar(0, 'int32'); // nothing here is random
  const context = mode === 'infer' ? nn.inferenceContext() : nn.trainingContext({ seed: none, step: none });
  const logits = nn.bind(
    model,
    (path, spec) => {
      const value = g.input(path, spec.shape);
      held.set(path, value);
      return value;
    },
    context,
  )(x);
  const feeds = { x: inputOf(workload, tensors.get('x')) };
  const start = (path) => startOf(path, tensors);
  const parameters = [...held.keys()].reduce((sum, path) => sum + start(path).length, 0);
  const versions = { parameters, variant: 'compiled', tried: ['compiled'], failed: {} };
  if (mode === 'infer') {
    const constants = new Map([...held].map(([path, value]) => [value, start(path)]));
    const program = await g.compile({ inputs: { x }, outputs: { logits }, constants }, { threads });
    const { logits: first } = await program.run(feeds);
    return {
      reply: { ...versions, logits: Array.from(first.data.slice(0, 2 * workload.classes)) },
      work: async (n) => {
        for (let i = 0; i < n; i++) await program.run(feeds);
      },
    };
  }
  const rule = adamW({ ...options });
  const rate = g.input('rate', []);
  const scalars = Object.fromEntries(Object.keys(rule.scalars(1)).map((name) => [name, g.input(name, [])]));
  const loss = nn.crossEntropy(logits, labels);
  const gradients = g.grad(loss, [...held.values()]);
  const state = {};
  [...held].forEach(([path, value], i) => {
    const slots = Object.fromEntries(
      rule.slots.map((slot) => [slot, g.input(`${slot} ${path}`, value.shape)]),
    );
    const next = rule.update({
      parameter: value,
      gradient: gradients[i],
      slots,
      rate,
      scalars,
      decays: true,
    });
    state[path] = { value, next: next.parameter, initial: start(path) };
    for (const slot of rule.slots)
      state[`${slot} ${path}`] = {
        value: slots[slot],
        next: next.slots[slot],
        initial: new Float32Array(start(path).length),
      };
  });
  const program = await g.compile(
    { inputs: { x, labels, rate, ...scalars }, outputs: { loss }, state },
    { threads },
  );
  const target = { dtype: 'int32', shape: [workload.batch], data: tensors.get('labels').data };
  let done = 0;
  const step = async () => {
    const result = await program.run({
      ...feeds,
      labels: target,
      rate: options.rate,
      ...rule.scalars(++done),
    });
    return result.loss.data[0];
  };
  const losses = [];
  for (let i = 0; i < steps; i++) losses.push(await step());
  return {
    reply: { ...versions, losses },
    work: async (n) => {
      for (let i = 0; i < n; i++) await step();
    },
  };
}

async function matmul(size) {
  const [a, b] = [g.input('a', [size, size]), g.input('b', [size, size])];
  const program = await g.compile({ inputs: { a, b }, outputs: { y: g.matmul(a, b) } }, { threads });
  const ones = { dtype: 'float32', shape: [size, size], data: new Float32Array(size * size).fill(0.5) };
  return peak(size, () => program.run({ a: ones, b: ones }));
}

const versions = { seqwright: version, 'onnxruntime-node': require('onnxruntime-node/package.json').version };
await serve({ name: 'Seqwright', versions, threads }, prepare, matmul);
