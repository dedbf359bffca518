// @ts-check
/**
 * TensorFlow.js on its native TensorFlow binding or on WebAssembly with SIMD and threads (the run starts both and keeps
 * the faster; the plain JavaScript back end is slower than either by far).
 * `node tfjs.js THREADS native|wasm`; the packages are found from the working directory.
 *
 * The cells are written out with the input projection taken out of the loop: quicker than `tf.layers`.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fastest, load, peak, serve } from './protocol.js';

const [threads, backend] = [Number(process.argv[2]), process.argv[3]];
const require = createRequire(join(process.cwd(), 'package.json'));

async function start() {
  if (backend === 'native') {
    const tf = require('@tensorflow/tfjs-node');
    await tf.ready();
    return tf;
  }
  const tf = require('@tensorflow/tfjs');
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  wasm.setThreadsCount(threads);
  await tf.setBackend('wasm');
  await tf.ready();
  return tf;
}

const tf = await start();
tf.enableProdMode();

const cells = {
  elman: (p, h, { wh }) => {
    const next = tf.tanh(tf.add(p, tf.matMul(h, wh)));
    return [next];
  },
  lstm: (p, h, { wh }, c) => {
    const [i, f, g, o] = tf.split(tf.add(p, tf.matMul(h, wh)), 4, 1);
    const cell = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    return [tf.mul(tf.sigmoid(o), tf.tanh(cell)), cell];
  },
  gru: (p, h, { wh, bn }) => {
    const [pr, pz, pn] = tf.split(p, 3, 1);
    const [hr, hz, hn] = tf.split(tf.matMul(h, wh), 3, 1);
    const z = tf.sigmoid(tf.add(pz, hz));
    const n = tf.tanh(tf.add(pn, tf.mul(tf.sigmoid(tf.add(pr, hr)), tf.add(hn, bn))));
    return [tf.add(n, tf.mul(z, tf.sub(h, n)))];
  },
};

/** `x` is [time, batch, width]; gives the hidden states in the order of time. */
function recurrence(spec, params, x, end) {
  const [time, batch, width] = x.shape;
  const { cell, hidden } = spec.recurrent;
  const wi = params[`rnn.weight_ih_${end}`];
  const wh = tf.transpose(params[`rnn.weight_hh_${end}`]);
  const [bias, bn] = [params[`rnn.bias_${end}`], params[`rnn.bias_hn_${end}`]];
  const flat = tf.add(tf.matMul(tf.reshape(x, [time * batch, width]), wi, false, true), bias);
  const projected = tf.unstack(tf.reshape(flat, [time, batch, -1]));
  const states = new Array(time);
  let [h, c] = [tf.zeros([batch, hidden]), tf.zeros([batch, hidden])];
  for (let k = 0; k < time; k++) {
    const t = end.endsWith('reverse') ? time - 1 - k : k;
    [h, c] = cells[cell](projected[t], h, { wh, bn }, c);
    states[t] = h;
  }
  return states;
}

/** [batch, time, in] → [batch, time, out]; WebAssembly has no kernel for conv1d's gradient, so one form unfolds. */
function convolution(x, weight, bias, form) {
  const [out, width, kernel] = weight.shape;
  const filter = tf.transpose(weight, [2, 1, 0]);
  if (form === 'conv') return tf.add(tf.conv1d(x, filter, 1, 'same'), bias);
  const [batch, time] = x.shape;
  const padded = tf.pad(x, [
    [0, 0],
    [kernel >> 1, kernel >> 1],
    [0, 0],
  ]);
  const windows = tf.concat(
    Array.from({ length: kernel }, (_, k) => tf.slice(padded, [0, k, 0], [batch, time, width])),
    2,
  );
  const flat = tf.matMul(tf.reshape(windows, [batch * time, -1]), tf.reshape(filter, [kernel * width, out]));
  return tf.add(tf.reshape(flat, [batch, time, out]), bias);
}

function forward(spec, params, input, form) {
  let x = input;
  for (const k of spec.conv.keys())
    x = tf.relu(convolution(x, params[`conv${k}.weight`], params[`conv${k}.bias`], form));
  if (spec.pool > 1) {
    const [batch, time, width] = x.shape;
    x = tf.max(tf.reshape(x, [batch, Math.floor(time / spec.pool), spec.pool, width]), 2);
  }
  if (!spec.recurrent) x = tf.max(x, 1);
  else {
    if (spec.conv.length) x = tf.transpose(x, [1, 0, 2]);
    const ends = spec.recurrent.bidirectional ? ['', '_reverse'] : [''];
    for (let layer = 0; layer < spec.recurrent.layers; layer++) {
      const parts = ends.map((end) => recurrence(spec, params, x, `l${layer}${end}`));
      const last = layer === spec.recurrent.layers - 1;
      if (last && spec.readout === 'last') return head(params, parts[0].at(-1));
      x = tf.concat(
        parts.map((states) => tf.stack(states)),
        2,
      );
    }
    x = tf.mean(x, 0);
  }
  return head(params, x);
}

function head(params, x) {
  return tf.add(tf.matMul(x, params['head.weight'], false, true), params['head.bias']);
}

function training(spec, start, x, labels, o, form) {
  const names = Object.keys(start);
  const params = Object.fromEntries(names.map((name) => [name, tf.variable(start[name])]));
  const moments = names.map((name) => [
    tf.variable(tf.zerosLike(start[name])),
    tf.variable(tf.zerosLike(start[name])),
  ]);
  const hot = tf.oneHot(labels, spec.classes).toFloat();
  let count = 0;
  const lossOf = () => tf.neg(tf.mean(tf.sum(tf.mul(hot, tf.logSoftmax(forward(spec, params, x, form))), 1)));
  const step = () => {
    count++;
    const { value, grads } = tf.variableGrads(lossOf, Object.values(params));
    const gradients = Object.values(params).map((variable) => grads[variable.name]);
    const rate = o.rate / (1 - o.beta1 ** count);
    const correction = Math.sqrt(1 - o.beta2 ** count);
    for (const [k, g] of gradients.entries()) {
      const [m, v] = moments[k];
      const w = params[names[k]];
      m.assign(tf.add(tf.mul(m, o.beta1), tf.mul(g, 1 - o.beta1)));
      v.assign(tf.add(tf.mul(v, o.beta2), tf.mul(tf.square(g), 1 - o.beta2)));
      const move = tf.div(tf.mul(m, rate), tf.add(tf.div(tf.sqrt(v), correction), o.epsilon));
      w.assign(tf.sub(tf.mul(w, 1 - o.rate * o.decay), move));
    }
    return value;
  };
  const work = (steps) => {
    let loss = 0;
    for (let k = 0; k < steps; k++) {
      const value = tf.tidy(step);
      loss = value.dataSync()[0];
      value.dispose();
    }
    return loss;
  };
  const dispose = () => tf.dispose([...Object.values(params), ...moments.flat(), hot]);
  return { work, dispose };
}

function inference(spec, params, x, form) {
  const work = (steps) => {
    let logits = new Float32Array();
    for (let k = 0; k < steps; k++) logits = tf.tidy(() => forward(spec, params, x, form).dataSync());
    return logits;
  };
  return { work, dispose: () => {} };
}

let release = () => {};

async function prepare({ workload: spec, mode, optimizer, tensors, data, steps }) {
  release();
  if (spec.transformer) throw new Error('transformers are not written for this peer');
  const arrays = load(tensors, data);
  const tensor = ({ shape, data }) =>
    tf.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32');
  const order = spec.conv.length ? [0, 2, 1] : [1, 0, 2];
  const x = tf.transpose(tensor(arrays.get('x')), order);
  const labels = tensor(arrays.get('labels'));
  const entries = [...arrays].filter(([name]) => name !== 'x' && name !== 'labels');
  const params = Object.fromEntries(entries.map(([name, value]) => [name, tensor(value)]));
  const build = (form) =>
    mode === 'train' ? training(spec, params, x, labels, optimizer, form) : inference(spec, params, x, form);
  const tried = new Map();
  const failed = {};
  for (const form of spec.conv.length ? ['conv', 'unfold'] : ['loop'])
    try {
      const built = build(form);
      built.work(1);
      tried.set(form, built);
    } catch (error) {
      failed[form] = String(error).slice(0, 200);
    }
  const form = await fastest(new Map([...tried].map(([name, { work }]) => [name, work])));
  for (const { dispose } of tried.values()) dispose();
  const { work, dispose } = build(form);
  release = () => {
    dispose();
    tf.dispose([x, labels, ...Object.values(params)]);
  };
  const parameters = entries.reduce((sum, [, value]) => sum + value.data.length, 0);
  const reply = { parameters, variant: form, tried: [...tried.keys()], failed };
  if (mode === 'train')
    return { reply: { ...reply, losses: Array.from({ length: steps }, () => work(1)) }, work };
  return { reply: { ...reply, logits: Array.from(work(1).slice(0, 2 * spec.classes)) }, work };
}

async function matmul(size) {
  const a = tf.randomUniform([size, size]);
  return peak(size, () => tf.tidy(() => tf.slice(tf.matMul(a, a), [0, 0], [1, 1]).dataSync()));
}

await serve(
  { name: 'TensorFlow.js', versions: { tfjs: tf.version.tfjs ?? tf.version['tfjs-core'], backend }, threads },
  prepare,
  matmul,
);
