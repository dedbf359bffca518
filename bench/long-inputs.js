// @ts-check
/**
 * `node bench/long-inputs.js`: how time and memory of a training step grow with the length of its input, for every way of attending and for
 * recurrences, up to 65,536 positions. One layer (width 64, 4 heads, causal), one sequence, one thread: forward and backward to input
 * and weights. Each length is measured in a process of its own: processor time, the least of a few steps, and by how much the highest
 * resident memory rose above that of a short input. What grows with the square of the length stops where it would take gigabytes.
 * Writes docs/long-inputs.md with its pictures and numbers beside docs/images; `--out FOLDER` writes elsewhere; `--draw` draws the
 * numbers anew that are there. Needs `npm run build`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as g from '../dist/graph-library.js';
import { nn } from '../dist/index.js';
import { lineChart } from '../dist/report/plots/index.js';
import { styleSheet } from '../dist/report/style.js';

const size = 64;
const lengths = [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536];
const attending = (attend) => () => {
  const layer = nn.multiHeadAttention({ size, heads: 4, attend, causal: true });
  return { layer, shape: [1, 'time', size], output: (apply, x) => apply(x).output };
};
const recurring = (make) => () => ({
  layer: make({ in: size, hidden: size }),
  shape: ['time', 1, size],
  output: (apply, x) => apply(x).output,
});
const layers = [
  { name: 'full attention', longest: 4096, make: attending(nn.fullAttention()) },
  { name: 'memory-lean attention', longest: 16_384, make: attending(nn.leanAttention()) },
  { name: 'local attention, window 64', make: attending(nn.localAttention({ window: 64 })) },
  { name: 'linear attention', make: attending(nn.linearAttention()) },
  { name: 'minimal GRU', make: recurring(nn.minGru) },
  { name: 'LSTM', make: recurring(nn.lstm) },
];

const { values } = parseArgs({
  options: {
    one: { type: 'string' },
    length: { type: 'string' },
    out: { type: 'string', default: fileURLToPath(new URL('../docs', import.meta.url)) },
    draw: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});

/** A training step of one layer at one length, in this process. */
async function measure(name, length) {
  const { layer, shape, output } = layers.find((one) => one.name === name).make();
  const x = g.input('x', shape);
  const state = {};
  const weights = nn.initialize(layer, 1);
  const none = g.scalar(0, 'int32');
  const apply = nn.bind(
    layer,
    (path, spec) => {
      state[path] = { value: g.input(path, spec.shape), initial: weights.get(path) };
      return state[path].value;
    },
    nn.trainingContext({ seed: none, step: none }),
  );
  const loss = g.mean(g.square(output(apply, x)));
  const targets = [x, ...Object.values(state).map(({ value }) => value)];
  const gradients = g.grad(loss, targets);
  // Sums of the gradients: all are computed, none crosses into JavaScript.
  const outputs = Object.fromEntries([loss, ...gradients].map((v, i) => [`y${i}`, g.sum(v)]));
  const program = await g.compile({ inputs: { x }, outputs, state });
  const run = (time) => {
    const data = Float32Array.from({ length: time * size }, (_, i) => Math.sin(0.7 * i));
    return program.run({ x: { dtype: 'float32', shape: shape.map((d) => (d === 'time' ? time : d)), data } });
  };
  await run(128);
  const before = process.resourceUsage().maxRSS;
  let seconds = Number.POSITIVE_INFINITY;
  for (let k = 0, spent = 0; k < 7 && (k < 2 || spent < 4); k++) {
    const start = process.cpuUsage();
    await run(length);
    const { user, system } = process.cpuUsage(start);
    seconds = Math.min(seconds, (user + system) / 1e6);
    spent += (user + system) / 1e6;
  }
  return { seconds, bytes: Math.max(0, process.resourceUsage().maxRSS - before) * 1024 };
}

/** The slope of the logarithms over the last four lengths, by least squares: 1 is linear, 2 the square. */
function exponent(points, key) {
  const last = points.slice(-4).map((point) => [Math.log(point.length), Math.log(point[key])]);
  const mean = (i) => last.reduce((sum, pair) => sum + pair[i], 0) / last.length;
  const [x, y] = [mean(0), mean(1)];
  return (
    last.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) /
    last.reduce((sum, [a]) => sum + (a - x) ** 2, 0)
  );
}

/** A picture that stands by itself. */
function picture(measured, key, yLabel, title) {
  const svg = lineChart({
    series: measured.map(({ name, points }) => ({
      name,
      points: points.map((point) => [Math.log2(point.length), Math.log2(point[key])]),
    })),
    ...{ xLabel: 'Positions, log₂: 10 is 1,024, 16 is 65,536', yLabel, title, width: 640, height: 420 },
    description:
      'Straight lines that rise by one for each step to the right are linear growth, by two the square.',
  });
  return `${svg
    .replace(
      /^<svg /,
      '<svg xmlns="http://www.w3.org/2000/svg" style="background:var(--card)" width="640" height="420" ',
    )
    .replace('>', `><style>${styleSheet.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</style>`)}\n`;
}

function page(found) {
  const rows = found.measured.map(({ name, points, exponents }) => {
    const last = points.at(-1);
    return `| ${name} | ${last.length.toLocaleString('en')} | ${last.seconds.toPrecision(3)} s | ${Math.round(last.bytes / 1e6)} MB | ${exponents.seconds.toFixed(2)} | ${exponents.bytes.toFixed(2)} |`;
  });
  return `# Long inputs

Written by \`node bench/long-inputs.js\` on ${found.date}; do not edit. ${found.machine}${found.load === undefined ? '' : `, load average at the start ${found.load.toFixed(1)}`}. One layer of width 64 (attention: 4 heads, causal), one sequence,
one thread; a training step: forward, and backward to input and weights. Time is that of the processor, the least of a few steps; memory is
by how much the highest resident memory of a process of its own rose above that of an input of 128 positions.

![Time of a training step against the length of its input](images/long-inputs-time.svg)

![Memory of a training step against the length of its input](images/long-inputs-memory.svg)

Growth is the exponent over the last four lengths: 1 is linear, 2 the square. All numbers are in [images/long-inputs.json](images/long-inputs.json).

| layer | longest input | time there | memory there | growth of time | growth of memory |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function collect() {
  const self = fileURLToPath(import.meta.url);
  return layers.map(({ name, longest = lengths.at(-1) }) => {
    const points = lengths
      .filter((length) => length <= longest)
      .map((length) => {
        const args = [self, '--one', name, '--length', String(length)];
        const told = execFileSync(process.execPath, args, { encoding: 'utf8' });
        return { length, ...JSON.parse(told) };
      });
    const exponents = { seconds: exponent(points, 'seconds'), bytes: exponent(points, 'bytes') };
    const tell = Object.entries(exponents).map(([key, slope]) => `${key} ${slope.toFixed(2)}`);
    console.error(`${name}: exponents of ${tell.join(', of ')}`);
    return { name, points, exponents };
  });
}

function foundNow() {
  const [{ model }] = os.cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${model.trim()}, ${os.type()} ${os.arch()}, Node ${process.version}`,
    load: os.loadavg()[0],
    measured: collect(),
  };
}

if (values.help) console.log('Usage: node bench/long-inputs.js [--out FOLDER] [--draw]   (default: docs)');
else if (values.one) console.log(JSON.stringify(await measure(values.one, Number(values.length))));
else {
  const images = join(values.out, 'images');
  mkdirSync(images, { recursive: true });
  const numbers = join(images, 'long-inputs.json');
  const found = values.draw ? JSON.parse(readFileSync(numbers, 'utf8')) : foundNow();
  writeFileSync(
    join(images, 'long-inputs-time.svg'),
    picture(found.measured, 'seconds', 'Seconds, log₂', 'Time of a training step'),
  );
  writeFileSync(
    join(images, 'long-inputs-memory.svg'),
    picture(found.measured, 'bytes', 'Bytes, log₂', 'Memory of a training step'),
  );
  writeFileSync(numbers, `${JSON.stringify(found, null, 1)}\n`);
  writeFileSync(join(values.out, 'long-inputs.md'), page(found));
  console.log(`written: ${join(values.out, 'long-inputs.md')}, its pictures and numbers`);
}
