// @ts-check
/**
 * How the models of the recipe `promoters` were chosen: on simulated promoters alone. The 106 real records are too few to choose
 * anything on, so they are kept for the one leave-one-out that the recipe reports. Run after `npm run build`:
 *
 *   node bench/search/promoters.js              # all candidates
 *   node bench/search/promoters.js pair flat    # candidates whose names contain one of these
 *
 * A simulated promoter has the two boxes with the base frequencies of Hawley and McClure (1983), spacings from 15 to 19 and an
 * offset to the start that varies by up to 2, in a background of uniform letters (a little richer in A and T); the others are uniform letters.
 */

import { motifStart, pairWidth, promoterBoxes } from '../../dist/recipes/motif-start.js';
import { dna, openScorer, randomStream, train } from './library.js';

const boxes = [
  { motif: 'TTGACA', frequencies: [0.82, 0.84, 0.78, 0.65, 0.54, 0.45] },
  { motif: 'TATAAT', frequencies: [0.8, 0.95, 0.45, 0.6, 0.5, 0.96] },
];
const draw = (random, table) => {
  let u = random.uniform();
  return table.find(([, p]) => (u -= p) < 0)?.[0] ?? table[0][0];
};
const spacings = [
  [15, 0.05],
  [16, 0.2],
  [17, 0.45],
  [18, 0.2],
  [19, 0.1],
];
const offsets = [
  [0, 0.4],
  [-1, 0.2],
  [1, 0.2],
  [-2, 0.1],
  [2, 0.1],
];
const letters = (random, length, at) =>
  Array.from({ length }, () => (random.uniform() < at ? 'AT' : 'GC')[random.below(2)]);

/** 57 letters, the start at the 51st. */
function promoter(random) {
  const sequence = letters(random, 57, 0.55);
  const second = 50 - 12 + draw(random, offsets);
  const first = second - draw(random, spacings) - 6;
  for (const [b, at] of [first, second].entries())
    boxes[b].frequencies.forEach((p, i) => {
      if (random.uniform() < (p - 0.25) / 0.75) sequence[at + i] = boxes[b].motif[i];
      else sequence[at + i] = 'ACGT'[random.below(4)];
    });
  return sequence.join('');
}

/** n records, half of them promoters. */
function simulated(n, seed) {
  const random = randomStream(seed, 'promoters');
  const truth = Int32Array.from({ length: n }, (_, i) => i % 2);
  const records = Array.from(truth, (y, i) => ({
    id: `r${i}`,
    sequence: y ? promoter(random) : letters(random, 57, 0.5).join(''),
  }));
  const target = { kind: 'classes', classes: ['other', 'promoter'], truth };
  return { records, alphabet: dna, target, tracks: [], sources: [], skipped: [], notes: [] };
}

const wide = pairWidth(promoterBoxes);
const conv = (filters, kernel, pool, dropout, more = {}) => ({
  architecture: 'cnn',
  config: {
    length: 57,
    pools: [1],
    dense: [],
    pool,
    filters: [filters],
    kernels: [kernel],
    dropout,
    ...more,
  },
});
const mixed = (filters, kernel, hidden, pool, dropout, more = {}) => ({
  architecture: 'cnn-bilstm',
  config: {
    ...{ length: 57, pools: [1], dense: [], pool, filters: [filters], kernels: [kernel], hidden, dropout },
    ...more,
  },
});
const plain = { epochs: 30, rate: 2e-3, batchSize: 16, optimizerOptions: { decay: 0.3 } };
const known = (gain = 0.5, threshold = 6) => ({ start: motifStart(promoterBoxes, { gain, threshold }) });

/** @type {Record<string, [definition: { architecture: string, config: object }, options: object]>} */
const candidates = {
  'plain flat 32x3': [conv(32, 3, 'flatten', 0.7), plain],
  'plain flat 16x7': [conv(16, 7, 'flatten', 0.7), plain],
  'plain flat 16x31': [conv(16, wide, 'flatten', 0.7), plain],
  'plain max 16x31': [conv(16, wide, 'max', 0.3), plain],
  'plain mixed flat 32x3, 16': [mixed(32, 3, 16, 'flatten', 0.7), plain],
  'pair flat 5': [conv(5, wide, 'flatten', 0.5), { ...plain, ...known() }],
  'pair flat 16': [conv(16, wide, 'flatten', 0.5), { ...plain, ...known() }],
  'pair max 5': [conv(5, wide, 'max', 0), { ...plain, ...known() }],
  'pair max 16': [conv(16, wide, 'max', 0.3), { ...plain, ...known() }],
  'pair mixed max 16': [mixed(16, wide, 8, 'max', 0.3), { ...plain, ...known() }],
  'pair mixed flat 16': [mixed(16, wide, 8, 'flatten', 0.5), { ...plain, ...known() }],
};

const wanted = process.argv.slice(2);
const replicates = Number(process.env.REPLICATES ?? 12);
const test = simulated(1000, 999);
for (const [name, [definition, options]] of Object.entries(candidates)) {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
  const began = performance.now();
  const rates = [];
  for (let r = 1; r <= replicates; r++) {
    const { model } = await train(definition, simulated(106, r), { validation: 0, seed: r, ...options });
    const scorer = await openScorer(model.spec, test, model.weights, { device: 'auto', threads: 1 });
    const p = await scorer.predict();
    await scorer.release();
    const wrong = test.target.truth.filter((y, i) => Number(p[2 * i + 1] > 0.5) !== y).length;
    rates.push(wrong / test.records.length);
  }
  const mean = rates.reduce((a, b) => a + b) / replicates;
  const deviation = Math.sqrt(rates.reduce((s, x) => s + (x - mean) ** 2, 0) / replicates);
  const seconds = (performance.now() - began) / 1000 / replicates;
  console.log(
    `${name}: ${(106 * mean).toFixed(1)} ± ${((106 * deviation) / Math.sqrt(replicates)).toFixed(1)} errors of 106; ${seconds.toFixed(2)} s a model`,
  );
}
