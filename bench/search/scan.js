// @ts-check
/**
 * Turns SCAN's task files into tables that `train --task translation` reads, and judges settings on a part of the training data. The test files
 * are not read here. Run after `npm run build`, with the folder that holds tasks_train_simple.txt:
 *
 *   node bench/search/scan.js ../shared/data/bench/scan
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assessTranslator, splitPairs, trainTranslator } from '../../dist/index.js';

/**
 * One line of SCAN a pair.
 * @param {string} path
 */
export const scanPairs = (path) => ({
  pairs: readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line, i) => {
      const [, source = '', target = ''] = /^IN: (.*) OUT: (.*)$/.exec(line) ?? [];
      return { id: `${i + 1}`, source, target };
    }),
  sources: [],
});

const fast = { epochs: 12, batchSize: 64, rate: 3e-3, validation: 0 };
/** @type {Record<string, [definition: { architecture: string, config: object }, options: object]>} */
const candidates = {
  'gru 128, dot': [
    { architecture: 'gru', config: { size: 64, hidden: 128, attention: 'dot', dropout: 0.1 } },
    fast,
  ],
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const data = scanPairs(join(process.argv[2] ?? '.', 'tasks_train_simple.txt'));
  const { fit, test } = splitPairs(data, { test: 0.09, seed: 1 });
  for (const [name, [definition, options]] of Object.entries(candidates)) {
    const began = performance.now();
    const { model } = await trainTranslator(definition, fit, options);
    const { metrics } = await assessTranslator(model, test, { resamples: 0 });
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(
      `${name}: exact match ${metrics.exactMatch?.value?.toFixed(4)} of ${test.pairs.length}, ${seconds} s`,
    );
  }
}
