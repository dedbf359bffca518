// @ts-check
/**
 * jax-js on its WebAssembly back end, the only one it has in Node. It has no loop primitive (`scan`), so a recurrence
 * would have to be unrolled into hundreds of steps before `jit`: only the models without one are run.
 * Its threads need the browser's `Worker`, so in Node it computes on one whatever it is asked.
 * `node jaxjs.js THREADS`; the package is found from the working directory.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fastest, load, peak, serve } from './protocol.js';

const entry = createRequire(join(process.cwd(), 'package.json')).resolve('@jax-js/jax');
const jax = await import(pathToFileURL(entry.replace(/\.cjs$/, '.js')).href);
const { version } = JSON.parse(readFileSync(join(entry, '../../package.json'), 'utf8'));
const { numpy: np, lax, nn } = jax;
await jax.init('wasm');
jax.defaultDevice('wasm');

/** [batch, in, time] → [batch, out, time] as one matrix product over all windows; consumes its arguments. */
function unfolded(x, weight) {
  const [, , time] = x.shape;
  const [out, width, kernel] = weight.shape;
  const padded = np.pad(x, [
    [0, 0],
    [0, 0],
    [kernel >> 1, kernel >> 1],
  ]);
  const windows = Array.from({ length: kernel }, (_, k) => padded.ref.slice([], [], [k, k + time]));
  padded.dispose();
  const filter = np.transpose(weight, [0, 2, 1]).reshape([out, kernel * width]);
  const sums = np.matmul(np.transpose(np.concatenate(windows, 1), [0, 2, 1]), np.transpose(filter));
  return np.transpose(sums, [0, 2, 1]);
}

/** `x` [batch, in, time] and all parameters are consumed. */
function forward(spec, params, x, form) {
  let y = x;
  for (const k of spec.conv.keys()) {
    const weight = params[`conv${k}.weight`];
    const sum = form === 'conv' ? lax.convGeneralDilated(y, weight, [1], 'SAME') : unfolded(y, weight);
    y = nn.relu(sum.add(params[`conv${k}.bias`].reshape([1, -1, 1])));
  }
  const pooled = np.max(y, 2);
  return np.matmul(pooled, np.transpose(params['head.weight'])).add(params['head.bias']);
}

const adopt = (tree) => jax.tree.map((value) => value.ref, tree);

function adamw(params, gradients, m, v, corrections, o) {
  const next = { params: {}, m: {}, v: {} };
  for (const name of Object.keys(params)) {
    const g = gradients[name];
    const first = m[name].mul(o.beta1).add(g.ref.mul(1 - o.beta1));
    const second = v[name].mul(o.beta2).add(np.square(g).mul(1 - o.beta2));
    const top = first.ref.mul(corrections.ref.slice(0)).mul(o.rate);
    const bottom = np.sqrt(second.ref.mul(corrections.ref.slice(1))).add(o.epsilon);
    next.params[name] = params[name].mul(1 - o.rate * o.decay).sub(top.div(bottom));
    next.m[name] = first;
    next.v[name] = second;
  }
  corrections.dispose();
  return next;
}

function training(spec, start, x, labels, o, { form, compile }) {
  const hot = nn.oneHot(labels.ref, spec.classes);
  const lossOf = (params, x, hot) =>
    np.sum(hot.mul(nn.logSoftmax(forward(spec, params, x, form), -1))).mul(-1 / spec.batch);
  const step = compile((params, m, v, corrections, x, hot) => {
    const [loss, gradients] = jax.valueAndGrad(lossOf)(adopt(params), x, hot);
    return { loss, ...adamw(params, gradients, m, v, corrections, o) };
  });
  let params = adopt(start);
  let m = jax.tree.map((value) => np.zerosLike(value), adopt(start));
  let v = jax.tree.map((value) => np.zerosLike(value), adopt(start));
  let count = 0;
  return async (steps) => {
    let loss = 0;
    for (let k = 0; k < steps; k++) {
      count++;
      const corrections = np.array([1 / (1 - o.beta1 ** count), 1 / (1 - o.beta2 ** count)]);
      const next = step(params, m, v, corrections, x.ref, hot.ref);
      [params, m, v] = [next.params, next.m, next.v];
      loss = (await next.loss.data())[0];
      await jax.blockUntilReady(params);
    }
    return loss;
  };
}

function inference(spec, params, x, { form, compile }) {
  const run = compile((params, x) => forward(spec, params, x, form));
  return async (steps) => {
    let logits = new Float32Array();
    for (let k = 0; k < steps; k++) logits = await run(adopt(params), x.ref).data();
    return logits;
  };
}

const plain = (f) => f;
/** A jitted convolution is left out: 5 to 20 times slower than the same one unjitted or unfolded. */
const forms = {
  'unfold, jit': { form: 'unfold', compile: jax.jit },
  unfold: { form: 'unfold', compile: plain },
  conv: { form: 'conv', compile: plain },
};

async function prepare({ workload: spec, mode, optimizer, tensors, data, steps }) {
  if (spec.transformer) throw new Error('transformers are not written for this peer');
  if (spec.recurrent) throw new Error('no loop primitive: a recurrence would have to be unrolled');
  const arrays = load(tensors, data);
  const tensor = ({ shape, data }) =>
    np.array(data, { shape, dtype: data instanceof Int32Array ? np.int32 : np.float32 });
  const entries = [...arrays].filter(([name]) => name !== 'x' && name !== 'labels');
  const params = Object.fromEntries(entries.map(([name, value]) => [name, tensor(value)]));
  const [x, labels] = [tensor(arrays.get('x')), tensor(arrays.get('labels'))];
  const build = (how) =>
    mode === 'train' ? training(spec, params, x, labels, optimizer, how) : inference(spec, params, x, how);
  const name = await fastest(new Map(Object.entries(forms).map(([name, how]) => [name, build(how)])));
  const work = build(forms[name]);
  const parameters = entries.reduce((sum, [, value]) => sum + value.data.length, 0);
  const reply = { parameters, variant: name, tried: Object.keys(forms), failed: {} };
  if (mode === 'infer')
    return { reply: { ...reply, logits: Array.from((await work(1)).slice(0, 2 * spec.classes)) }, work };
  const losses = [];
  for (let k = 0; k < steps; k++) losses.push(await work(1));
  return { reply: { ...reply, losses }, work };
}

async function matmul(size) {
  const a = np.ones([size, size]);
  const product = jax.jit((a, b) => np.matmul(a, b));
  return peak(size, async () => {
    const out = await jax.blockUntilReady(product(a.ref, a.ref));
    out.dispose();
  });
}

await serve({ name: 'jax-js', versions: { '@jax-js/jax': version }, threads: 1 }, prepare, matmul);
