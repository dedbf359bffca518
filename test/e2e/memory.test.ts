import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allSlow } from '../../src/recipes/slow.fixture.ts';
import { root, start, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** One epoch over a few batches in a process of its own: what was estimated before the start, and the most that the process held. */
const measure = (training: string) => `
import * as s from ${JSON.stringify(pathToFileURL(join(root, 'dist', 'index.js')).href)};
let needed;
const onEvent = (event) => { if (event.kind === 'planned') needed = event.memory().needed; };
const run = { epochs: 1, patience: 0, threads: 1, seed: 1, onEvent };
${training}
console.log(JSON.stringify({ needed, peak: process.resourceUsage().maxRSS * 1024 }));
`;

const trainings = {
  'language model, lstm': `
const corpus = await s.readCorpus('text.txt', { format: 'text' });
const tokenizer = s.corpusTokenizer(corpus, 'characters');
await s.trainLanguageModel(corpus, { architecture: 'lstm', config: { hidden: 128, context: 400 }, tokenizer }, { ...run, batchSize: 64, validation: 0 });`,
  'language model, transformer': `
const corpus = await s.readCorpus('text.txt', { format: 'text' });
const tokenizer = s.corpusTokenizer(corpus, 'characters');
await s.trainLanguageModel(corpus, { architecture: 'transformer', config: { size: 64, layers: 2, heads: 4, context: 256 }, tokenizer }, { ...run, batchSize: 64, validation: 0 });`,
  forecaster: `
const data = await s.readTimeSeries('series.csv', { targets: ['y'] });
await s.trainForecaster(s.wholePart(data), { architecture: 'gru', horizon: 10, context: 400, config: { hidden: 96 } }, { ...run, batchSize: 256 });`,
};

beforeAll(() => {
  const words = ['the', 'quick', 'brown', 'fox', 'jumps', 'over', 'lazy', 'dogs'];
  const text = Array.from({ length: 14_000 }, (_, i) => words[(i * i + 3 * i) % 8]!).join(' ');
  writeFileSync(at.path('text.txt'), text);
  writeFileSync(
    at.path('series.csv'),
    `y\n${Array.from({ length: 1000 }, (_, t) => `${Math.sin(t / 7)}\n`).join('')}`,
  );
  const pairs = Array.from(
    { length: 200 },
    (_, i) => `${words[i % 8]} ${words[(i * 3) % 8]}\t${words[(i * 3) % 8]}\n`,
  );
  writeFileSync(at.path('pairs.tsv'), `source\ttarget\n${pairs.join('')}`);
  const sentence = (s: number) => `${words[s % 8]} O\nAnn B-PER\n${words[(s * 5) % 8]} O\n`;
  writeFileSync(at.path('ner.conll'), Array.from({ length: 80 }, (_, s) => sentence(s)).join('\n'));
});

describe('the estimate of memory', () => {
  // Of every kind of model in the slow tests.
  it.each(Object.entries(trainings).slice(0, allSlow ? undefined : 1))(
    'is above what a %s takes, and not by much',
    async (name, training) => {
      const script = `${name.replace(/\W/g, '')}.mjs`;
      writeFileSync(at.path(script), measure(training));
      const { code, out, err } = await start(process.execPath, [script], { cwd: at.cwd }).ended;
      expect({ code, err }).toEqual({ code: 0, err: '' });
      const { needed, peak } = JSON.parse(out) as { needed: number; peak: number };
      expect(needed).toBeGreaterThan(500e6);
      expect(needed).toBeGreaterThan(peak);
      expect(needed).toBeLessThan(3.5 * peak);
    },
  );
});

describe('train --max-memory', () => {
  const language = [
    'train',
    'text.txt',
    '--task',
    'language',
    '--model',
    'lstm',
    '--set',
    'hidden=96',
    '--epochs',
    '1',
  ];

  it('makes batches of a language model smaller, says so, and trains', async () => {
    const { code, err } = await at.seqwright(
      ...[
        ...language,
        '--set',
        'context=300',
        '--batch-size',
        '64',
        '--max-memory',
        '450M',
        '-o',
        'small.model',
      ],
    );
    expect(code).toBe(0);
    const [, rows] = /^Batches hold at most (\d+) rows?, to stay within 450\.0 MB; other batches/m.exec(err)!;
    expect(Number(rows)).toBeLessThan(64);
    const { training } = JSON.parse(at.read('small.model/model.json').toString());
    expect(training.options.batchSize).toBe(Number(rows));
  });

  it('refuses before the start where not even one row fits, and leaves nothing behind', async () => {
    const { code, err } = await at.seqwright(
      ...[...language, '--set', 'context=2000', '--max-memory', '301M', '-o', 'never.model', '--quiet'],
    );
    expect(code).toBe(3);
    expect(err).toMatch(
      /not even one such row stays within the 301\.0 MB of --max-memory\. Use shorter sequences/,
    );
    expect(at.list().filter((name) => name.startsWith('never'))).toEqual([]);
  });

  const tasks: [string, string[]][] = [
    [
      'masked',
      ['train', 'text.txt', '--task', 'masked', '--set', 'size=32', '--set', 'layers=1', '--set', 'heads=2'],
    ],
    [
      'forecast',
      ['train', 'series.csv', '--task', 'forecast', '--target', 'y', '--horizon', '5', '--context', '50'],
    ],
    ['tagging', ['train', 'ner.conll', '--task', 'tagging', '--set', 'hidden=16']],
    ['translation', ['train', 'pairs.tsv', '--task', 'translation', '--model', 'gru', '--set', 'hidden=16']],
  ];

  // A masked model takes its time.
  it.each(tasks.filter(([task]) => allSlow || task !== 'masked'))(
    'goes with --task %s',
    async (task, args) => {
      const fine = await at.seqwright(
        ...args,
        '--epochs',
        '1',
        '--max-memory',
        '6G',
        '-o',
        `${task}.model`,
        '--no-report',
      );
      expect(fine.code).toBe(0);
      expect(fine.err).not.toContain('Batches hold at most');
      const tight = await at.seqwright(
        ...args,
        '--epochs',
        '1',
        '--max-memory',
        '300M',
        '-o',
        'x.model',
        '--quiet',
      );
      expect(tight.code).toBe(3);
      expect(tight.err).toContain('not even one such row stays within the 300.0 MB of --max-memory');
    },
  );
});
