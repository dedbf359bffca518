import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** Lines that go on in one of few ways, none of them the same twice. */
const verse = (i: number) =>
  `the ${['cat', 'dog', 'hen'][i % 3]} ${['sat', 'ran'][(i * 7) % 2]} on the ${['mat', 'log', 'hill', 'roof'][(i * 5) % 4]}.\n`;
const text = Array.from({ length: 400 }, (_, i) => verse(i)).join('');
const genes = Array.from({ length: 80 }, (_, i) => {
  const codon = (j: number) => ['GCT', 'AAA', 'GAA', 'CTG', 'GGC'][(i * 31 + j * j * 17 + j) % 5];
  return `>g${i}\nATG${Array.from({ length: 12 + (i % 9) }, (_, j) => codon(j)).join('')}TAA\n`;
}).join('');

const brief = ['--task', 'language', '--quiet', '--no-report'];

beforeAll(async () => {
  writeFileSync(at.path('verse.txt'), text);
  writeFileSync(at.path('genes.fa'), genes);
  const sizes = ['--set', 'hidden=24', '--set', 'context=30', '--batch-size', '8', '--rate', '0.02'];
  const made = await Promise.all([
    at.seqwright('train', 'verse.txt', ...brief, ...sizes, '--epochs', '6', '--json', '-o', 'verse.model'),
    at.seqwright(
      ...['train', 'genes.fa', ...brief, '--model', 'transformer', '--tokenizer', 'codons'],
      ...['--set', 'size=16', '--set', 'layers=1', '--epochs', '3', '-o', 'genes.model'],
    ),
  ]);
  for (const { code, err } of made) expect({ code, err }).toEqual({ code: 0, err: '' });
  const { metrics, baselines } = JSON.parse(made[0]!.out);
  expect(metrics.bitsPerSymbol.value).toBeLessThan(baselines['no context'].bitsPerSymbol.value);
  expect(metrics.perplexity.low).toBeLessThan(metrics.perplexity.value);
}, 60_000);

describe('a language model on the command line', () => {
  it('is judged on text that it has not seen, beside n-gram models', async () => {
    writeFileSync(at.path('more.txt'), Array.from({ length: 40 }, (_, i) => verse(i + 3)).join(''));
    const { code, out } = await at.seqwright(
      ...['evaluate', 'verse.model', 'more.txt', '--train', 'verse.txt', '--quiet', '--json'],
    );
    expect(code).toBe(0);
    const { metrics, baselines } = JSON.parse(out);
    expect(Object.keys(metrics)).toEqual(['crossEntropy', 'perplexity', 'bitsPerSymbol']);
    expect(metrics.perplexity.value).toBeCloseTo(Math.exp(metrics.crossEntropy.value), 6);
    expect(Object.keys(baselines)[0]).toBe('no context');
  });

  it('writes text as it is drawn, the same for the same seed', async () => {
    const write = (...more: string[]) =>
      at.seqwright('generate', 'verse.model', '--prompt', 'the c', '--length', '80', '--quiet', ...more);
    const { code, out, err } = await write();
    expect({ code, err, length: out.length }).toEqual({ code: 0, err: '', length: 81 });
    expect(out.startsWith('the c')).toBe(true);
    expect((await write()).out).toBe(out);
    expect((await write('--seed', '7')).out).not.toBe(out);
    const [line] = (await write('--json', '--temperature', '0.5')).out
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(line).toMatchObject({ id: 'sample1', ended: false, logProbability: expect.any(Number) });
  });

  it('writes genes that keep what was asked', async () => {
    const { code, out } = await at.seqwright(
      ...[
        'generate',
        'genes.model',
        '--count',
        '4',
        '--length',
        '30',
        '--prompt',
        'ATG',
        '--ends-with',
        'TAA',
      ],
      ...['--gc', '0.3-0.7', '--avoid-site', 'EcoRI', '--codons', '--quiet'],
    );
    expect(code).toBe(0);
    const records = out.trim().split('>').slice(1);
    expect(records.length).toBe(4);
    for (const record of records) {
      const [header, ...lines] = record.split('\n');
      const sequence = lines.join('');
      expect(header).toMatch(/^sample\d logProbability=-[\d.]+( ended)?$/);
      expect(sequence).toMatch(/^ATG([ACGT]{3})*TAA$/);
      expect(sequence).not.toContain('GAATTC');
      const share = sequence.replace(/[^GC]/g, '').length / sequence.length;
      expect(share).toBeGreaterThanOrEqual(0.3);
      expect(share).toBeLessThanOrEqual(0.7);
    }
  });

  it('finds likely sequences by beam search and exports what it learned', async () => {
    const found = await at.seqwright(
      ...[
        'generate',
        'genes.model',
        '--beam',
        '4',
        '--count',
        '2',
        '--length',
        '9',
        '-o',
        'likely.tsv',
        '--quiet',
      ],
    );
    expect(found).toMatchObject({ code: 0, out: '', err: '' });
    const [header, first, second] = at
      .read('likely.tsv')
      .toString()
      .trim()
      .split('\n')
      .map((l) => l.split('\t'));
    expect(header).toEqual(['id', 'logProbability', 'ended', 'sequence']);
    expect(Number(first![1])).toBeGreaterThanOrEqual(Number(second![1]));
    expect((await at.seqwright('export', 'genes.model', '--onnx', 'genes.onnx', '--quiet')).code).toBe(0);
    expect(at.read('genes.onnx').length).toBeGreaterThan(1000);
  });

  const cases: [args: string[], message: RegExp, code?: number][] = [
    [
      ['predict', 'verse.model', 'genes.fa'],
      /is a language model; .* It is for seqwright generate and seqwright evaluate/,
    ],
    [
      ['generate', 'verse.model', '--prompt', 'the Z'],
      /The prompt has "Z" that the model never read, token 5/,
      3,
    ],
    [['generate', 'genes.model', '--prompt', 'AT!'], /"!"/, 3],
    [
      ['generate', 'genes.model', '--length', '2', '--require', 'AAACCCGGGTTT'],
      /No sequence of at most 2 tokens keeps require/,
    ],
    [
      ['generate', 'genes.model', '--avoid-site', 'EcoR1'],
      /there is no enzyme "EcoR1" in the list\. Did you mean EcoRI\?/,
    ],
    [['generate', 'genes.model', '--gc', '40-60'], /Expected two shares from 0 to 1/],
    [['generate', 'genes.model', '--beam', '2', '--top-k', '3'], /--beam does not sample/],
    [['generate', 'none.model'], /no such model folder/, 3],
    [
      ['train', 'verse.txt', '--task', 'language', '-o', 'x.model', '--labels', 'l.tsv'],
      /--labels does not go with --task language/,
    ],
    [
      ['train', 'verse.txt', '--task', 'language', '-o', 'x.model', '--model', 'cnn'],
      /there is no language model "cnn"/,
    ],
    [
      ['train', 'verse.txt', '--task', 'language', '-o', 'x.model', '--set', 'hiden=3'],
      /has no setting "hiden"\. Did you mean hidden\?/,
    ],
    [
      ['train', 'verse.txt', '--task', 'language', '-o', 'x.model', '--tokenizer', 'syllables'],
      /there is no tokenizer "syllables"/,
    ],
    [['train', 'none.txt', '--task', 'language', '-o', 'x.model'], /none\.txt: no such file/, 3],
  ];
  it.each(cases)('refuses %j with one line', async (args, message, code = 2) => {
    const before = at.list();
    const { out, err, code: ended } = await at.seqwright(...args, '--quiet');
    expect({ out, ended, lines: err.trim().split('\n').length }).toEqual({ out: '', ended: code, lines: 1 });
    expect(err).toMatch(message);
    expect(at.list()).toEqual(before);
  });
});
