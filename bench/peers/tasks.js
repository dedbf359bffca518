// @ts-check
/**
 * Seqwright itself in the suite of tasks.js: the networks that its own architectures build, trained by one compiled step; decoders as the
 * library gives them, on a model that was opened once. `node tasks.js THREADS`; needs `npm run build`.
 */
import { createRequire } from 'node:module';
import { beam, generate, greedy, withoutTokens } from '../../dist/decode/index.js';
import * as g from '../../dist/graph-library.js';
import { adamW, nn, version } from '../../dist/index.js';
import { buildLanguage } from '../../dist/models/language/architectures.js';
import { languageScorer } from '../../dist/models/language/scorer.js';
import { buildTranslator } from '../../dist/models/translator/architectures.js';
import { characters } from '../../dist/tokenize/characters.js';
import { sizes, vocabulary } from '../tasks.js';
import { load, serve } from './protocol.js';

const threads = Number(process.argv[2]);
const require = createRequire(import.meta.url);

/** The parameters of a structured loss as a module, named as in tasks.js. */
const headOf = ({ kind, in: width, classes }) =>
  nn.module({
    params: {
      head: nn.linear({ in: width, out: classes }),
      crf: kind === 'crf' ? nn.crf({ tags: classes }) : undefined,
    },
    apply: (own, x) => (own.crf ? own.crf(own.head(x)) : own.head(x)),
  });

/** For each kind: its module, its inputs, and the loss that the bound module gives of them. */
const tasks = {
  language: ({ architecture, config }) => ({
    model: buildLanguage(architecture, config, sizes),
    inputs: { tokens: ['batch', 'time'], targets: ['batch', 'time'] },
    loss: (model, { tokens, targets }) => nn.crossEntropy(model(tokens).logits, targets),
  }),
  translate: ({ architecture, config }) => ({
    model: buildTranslator(architecture, config, sizes),
    inputs: {
      source: ['batch', 'keys'],
      sourceLengths: ['batch'],
      target: ['batch', 'time'],
      labels: ['batch', 'time'],
    },
    loss: (model, { source, sourceLengths, target, labels }) => {
      const { encode, decode } = model();
      return nn.crossEntropy(decode(encode(source, sourceLengths), target).logits, labels);
    },
  }),
  crf: (workload) => ({
    model: headOf(workload),
    inputs: { x: ['batch', 'time', workload.in], lengths: ['batch'], tags: ['batch', 'time'] },
    loss: (model, { x, lengths, tags }) => nn.crfLoss(model(x), tags, { lengths }),
  }),
  ctc: (workload) => ({
    model: headOf(workload),
    inputs: {
      x: ['batch', 'time', workload.in],
      lengths: ['batch'],
      targets: ['batch', 'labels'],
      targetLengths: ['batch'],
    },
    loss: (model, { x, lengths, targets, targetLengths }) =>
      nn.ctcLoss(model(x), targets, { lengths, targetLengths }),
  }),
};

async function training({ workload, optimizer: options, steps }, tensors) {
  const { model, inputs: shapes, loss: lossOf } = tasks[workload.kind](workload);
  const dtypeOf = (name) => (tensors.get(name).data instanceof Int32Array ? 'int32' : 'float32');
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, g.input(name, shape, dtypeOf(name))]),
  );
  const held = new Map();
  const none = g.scalar(0, 'int32'); // nothing here is random
  const bound = nn.bind(
    model,
    (path, spec) => {
      held.set(path, g.input(path, spec.shape));
      return held.get(path);
    },
    nn.trainingContext({ seed: none, step: none }),
  );
  const loss = lossOf(bound, inputs);
  const rule = adamW({ ...options });
  const rate = g.input('rate', []);
  const scalars = Object.fromEntries(Object.keys(rule.scalars(1)).map((name) => [name, g.input(name, [])]));
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
    const initial = tensors.get(path).data;
    state[path] = { value, next: next.parameter, initial };
    for (const slot of rule.slots)
      state[`${slot} ${path}`] = {
        value: slots[slot],
        next: next.slots[slot],
        initial: new Float32Array(initial.length),
      };
  });
  const program = await g.compile(
    { inputs: { ...inputs, rate, ...scalars }, outputs: { loss }, state },
    { threads },
  );
  const feeds = Object.fromEntries(
    Object.keys(inputs).map((name) => [name, { dtype: dtypeOf(name), ...tensors.get(name) }]),
  );
  let done = 0;
  const step = async () => {
    const result = await program.run({ ...feeds, rate: options.rate, ...rule.scalars(++done) });
    return result.loss.data[0];
  };
  const losses = [];
  for (let i = 0; i < steps; i++) losses.push(await step());
  const parameters = [...held.keys()].reduce((sum, path) => sum + tensors.get(path).data.length, 0);
  return {
    reply: { parameters, variant: 'compiled', losses },
    close: () => program.release(),
    work: async (n) => {
      for (let i = 0; i < n; i++) await step();
    },
  };
}

const letters = Array.from({ length: vocabulary }, (_, i) => String.fromCodePoint(0x100 + i));

async function generating({ workload }, tensors) {
  const { kind, architecture, config, batch, length, width } = workload;
  const spec = {
    kind: 'language',
    architecture,
    config,
    tokenizer: characters(letters).toJSON(),
    ends: false,
  };
  const weights = new Map([...tensors].map(([path, { data }]) => [path, data]));
  const scorer = await languageScorer({ spec, weights }, { threads });
  const written = withoutTokens(scorer, new Set());
  const parameters = [...weights.values()].reduce((sum, data) => sum + data.length, 0);
  const best = async () =>
    (await beam(written, { length, width, count: 1, keepGreedy: false, stop: 'bound' }))[0];
  const { tokens } = kind === 'beam' ? await best() : await greedy(written, { length: 48 });
  let seed = 0;
  const draw = async () => {
    for await (const _ of generate(written, { length, count: batch, batch, seed: seed++ }));
  };
  const call = kind === 'beam' ? best : draw;
  return {
    reply: { parameters, variant: kind === 'beam' ? 'beam' : 'generate', tokens: Array.from(tokens) },
    close: () => scorer.close(),
    work: async (n) => {
      for (let i = 0; i < n; i++) await call();
    },
  };
}

let close = async () => {};
async function prepare(message) {
  await close();
  const tensors = load(message.tensors, message.data);
  const prepared = await (message.mode === 'train' ? training : generating)(message, tensors);
  close = prepared.close;
  return prepared;
}

const versions = { seqwright: version, 'onnxruntime-node': require('onnxruntime-node/package.json').version };
await serve({ name: 'Seqwright', versions, threads }, prepare, async () => 0);
