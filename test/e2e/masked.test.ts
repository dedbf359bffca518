import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** Sequences in which two neighbours tell each letter. */
const sequence = (i: number, length = 24) => {
  const ids = [i % 4, (i >> 2) % 4];
  while (ids.length < length) ids.push((ids.at(-1)! + ids.at(-2)! + 1) % 4);
  return ids.map((id) => 'ACGT'[id]).join('');
};
const fasta = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `>s${from + i}\n${sequence(from + i)}\n`).join('');
const verse = (i: number) =>
  `the ${['cat', 'dog', 'hen'][i % 3]} ${['sat', 'ran'][(i * 7) % 2]} on the ${['mat', 'log', 'hill'][(i * 5) % 3]}`;

const brief = ['--task', 'masked', '--quiet', '--no-report'];
const small = [
  '--set',
  'size=16',
  '--set',
  'layers=1',
  '--set',
  'heads=2',
  '--set',
  'kernel=5',
  '--batch-size',
  '8',
];

beforeAll(async () => {
  writeFileSync(at.path('sums.fa'), fasta(0, 80));
  writeFileSync(at.path('verse.txt'), Array.from({ length: 120 }, (_, i) => `${verse(i)}\n`).join(''));
  const made = [
    await at.seqwright(
      'train',
      'sums.fa',
      ...brief,
      ...small,
      '--epochs',
      '12',
      '--rate',
      '0.01',
      '--json',
      '-o',
      'sums.model',
    ),
    await at.seqwright(
      ...['train', 'verse.txt', ...brief, '--corpus', 'lines', '--tokenizer', 'words', '--model', 'cnn'],
      ...['--set', 'size=12', '--set', 'layers=1', '--epochs', '3', '-o', 'verse.model'],
    ),
    await at.seqwright(
      ...['train', 'sums.fa', ...brief, '--tokenizer', 'kmers:3', '--masking', 'kmer', '--mask-share', '0.3'],
      ...['--set', 'size=8', '--set', 'layers=1', '--epochs', '1', '-o', 'kmers.model'],
    ),
  ];
  for (const { code, err } of made) expect({ code, err }).toEqual({ code: 0, err: '' });
  const { metrics, baselines } = JSON.parse(made[0]!.out);
  expect(Object.keys(metrics)).toEqual([
    'crossEntropy',
    'accuracy',
    'pseudoPerplexity',
    'bitsPerToken',
    'bitsPerSymbol',
  ]);
  expect(metrics.bitsPerSymbol.value).toBeLessThan(baselines['no context'].bitsPerSymbol.value);
}, 90_000);

describe('a masked model on the command line', () => {
  it('is judged on sequences that it has not seen, beside Markov chains', async () => {
    writeFileSync(at.path('more.fa'), fasta(3, 25));
    const { code, out } = await at.seqwright(
      ...['evaluate', 'sums.model', 'more.fa', '--train', 'sums.fa', '--quiet', '--json'],
    );
    expect(code).toBe(0);
    const { metrics, baselines } = JSON.parse(out);
    expect(metrics.pseudoPerplexity.value).toBeCloseTo(2 ** metrics.bitsPerToken.value, 6);
    expect(metrics.pseudoPerplexity.low).toBeLessThanOrEqual(metrics.pseudoPerplexity.value);
    expect(Object.keys(baselines)[0]).toBe('no context');
    expect(Object.keys(baselines)[1]).toMatch(/^Markov chain of order \d, told both sides$/);
  });

  it('gives one embedding a sequence, in their order, as a table or as JSON lines', async () => {
    writeFileSync(at.path('new.fa'), `>long\n${sequence(1, 700)}\n>short\nACG\n`);
    const { code, out } = await at.seqwright('predict', 'sums.model', 'new.fa', '--quiet');
    expect(code).toBe(0);
    const [header, first, second] = out
      .trim()
      .split('\n')
      .map((row) => row.split('\t'));
    expect(header).toEqual(['id', ...Array.from({ length: 16 }, (_, d) => `e${d + 1}`)]);
    expect([first![0], second![0]]).toEqual(['long', 'short']);
    const lines = await at.seqwright('predict', 'sums.model', 'new.fa', '--format', 'jsonl', '--quiet');
    const [long] = lines.out
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row));
    expect(long.embedding).toEqual(first!.slice(1).map(Number));
  });

  it('gives the probability of every letter in each place, of k-mers too, and leaves out what is ambiguous', async () => {
    writeFileSync(at.path('one.fa'), `>a\n${sequence(2, 12)}N\n`);
    for (const model of ['sums.model', 'kmers.model']) {
      const { code, out } = await at.seqwright('predict', model, 'one.fa', '--positions', '--quiet');
      expect(code).toBe(0);
      const [header, ...rows] = out
        .replace(/\n$/, '')
        .split('\n')
        .map((row) => row.split('\t'));
      expect(header).toEqual(['id', 'position', 'letter', 'p(A)', 'p(C)', 'p(G)', 'p(T)', 'information']);
      expect(rows.length).toBe(13);
      for (const [, , , ...numbers] of rows.slice(0, 12)) {
        const [a, c, g, t, bits] = numbers.map(Number) as [number, number, number, number, number];
        expect(a + c + g + t).toBeCloseTo(1, 4);
        expect(bits).toBeGreaterThanOrEqual(0);
        expect(bits).toBeLessThanOrEqual(2);
      }
      expect(rows[12]!.slice(2)).toEqual(['N', '', '', '', '', '']);
    }
  });

  it('reads text, and exports what it learned', async () => {
    const { code, out } = await at.fed(
      'the cat sat\nthe hen ran\n',
      'predict',
      'verse.model',
      '-',
      '--quiet',
    );
    expect(code).toBe(0);
    expect(out.trim().split('\n').length).toBe(3);
    expect((await at.seqwright('export', 'kmers.model', '--onnx', 'kmers.onnx', '--quiet')).code).toBe(0);
    expect(at.read('kmers.onnx').length).toBeGreaterThan(1000);
  });

  const cases: [args: string[], message: RegExp, code?: number][] = [
    [
      ['train', 'sums.fa', ...brief, '--mask-share', '0', '-o', 'x.model'],
      /--mask-share: expected a share above 0 and below 1/,
    ],
    [['train', 'sums.fa', ...brief, '--mask-share', '1.5', '-o', 'x.model'], /received 1\.5/],
    [
      ['train', 'sums.fa', ...brief, '--mask-length', '3', '-o', 'x.model'],
      /--mask-length goes with --masking span or kmer/,
    ],
    [['train', 'sums.fa', ...brief, '--model', 'lstm', '-o', 'x.model'], /there is no masked model "lstm"/],
    [
      ['train', 'sums.fa', ...brief, '--set', 'sice=3', '-o', 'x.model'],
      /no setting "sice"\. Did you mean size\?/,
    ],
    [
      ['train', 'sums.fa', ...brief, '--labels', 'l.tsv', '-o', 'x.model'],
      /--labels does not go with --task masked/,
    ],
    [
      ['train', 'sums.fa', '--task', 'language', '--mask-share', '0.2', '-o', 'x.model'],
      /--mask-share goes with --task masked/,
    ],
    [
      ['train', 'one-letter.fa', ...brief, '--no-test', '--no-validation', '-o', 'x.model'],
      /no text of at least two tokens/,
      3,
    ],
    [['train', 'strange.fa', ...brief, '--tokenizer', 'dna', '-o', 'x.model'], /"!"/, 3],
    [['predict', 'verse.model', 'verse.txt', '--positions'], /spell no alphabet letter by letter/],
    [['predict', 'sums.model', 'protein.fa'], /protein\.fa:\d: record "p".*expected a DNA letter/, 3],
    [['generate', 'sums.model'], /is a masked model; .* It is for seqwright predict and seqwright evaluate/],
  ];

  it.each(cases)('refuses %j', async (args, message, expected = 2) => {
    writeFileSync(at.path('one-letter.fa'), '>a\nA\n>b\nC\n');
    writeFileSync(at.path('strange.fa'), '>a\nAC!T\n>b\nACGT\n>c\nACGT\n');
    writeFileSync(at.path('protein.fa'), '>p\nMKLEEP\n');
    const { code, out, err } = await at.seqwright(...args);
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(err).toMatch(message);
    expect(err.trim().split('\n').length).toBe(1);
  });
});
