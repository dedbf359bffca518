import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fastaText, promoters, root, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);
const write = (name: string, content: string) => writeFileSync(at.path(name), content);
const json = (name: string) => JSON.parse(at.read(name).toString());
const lines = (text: string) => text.trimEnd().split('\n');

const topology = {
  ...{ format: 'seqwright hmm', version: 1, letters: 'ACGT' },
  states: [
    { name: 'sea', start: 0.5, to: { sea: 0.95, island: 0.05 } },
    { name: 'island', start: 0.5, to: { sea: 0.1, island: 0.9 } },
  ],
  emissions: { kind: 'categorical' },
};
const trained = {
  ...topology,
  emissions: {
    kind: 'categorical',
    distributions: { sea: [0.4, 0.1, 0.1, 0.4], island: [0.1, 0.4, 0.4, 0.1] },
  },
};
beforeAll(() => {
  write('trained.json', JSON.stringify(trained));
});

describe('an n-gram model', () => {
  beforeAll(async () => {
    write('promoters.fa', fastaText(promoters));
    const trained = await at.seqwright(
      'train',
      'promoters.fa',
      '--task',
      'language',
      '--model',
      'ngram',
      '--set',
      'order=3',
      '-o',
      'p.ngram.json',
      '--json',
    );
    expect(trained.code).toBe(0);
    expect(trained.err).toMatch(
      /\nOrder 3, witten-bell: [\d,]+ tokens counted, \d+ contexts; the model is p\.ngram\.json\.\n$/,
    );
    const { metrics, baselines } = JSON.parse(trained.out);
    expect(metrics.bitsPerSymbol.value).toBeGreaterThan(1.8);
    expect(metrics.bitsPerSymbol.value).toBeLessThan(2.2);
    expect(Object.keys(baselines)[0]).toBe('no context');
  });

  it('is one file, with a report beside, and the same bytes each time', async () => {
    expect(at.list('p.ngram.report')).toContain('report.html');
    const before = at.read('p.ngram.json').toString();
    await at.seqwright(
      'train',
      'promoters.fa',
      '--task',
      'language',
      '--model',
      'ngram',
      '--set',
      'order=3',
      '-o',
      'p.ngram.json',
      '--json',
    );
    expect(at.read('p.ngram.json').toString()).toBe(before);
    expect(json('p.ngram.json')).toMatchObject({
      format: 'seqwright n-gram',
      order: 3,
      ends: true,
      smoothing: { kind: 'witten-bell' },
    });
  });

  it('writes under constraints, by sampling and by beam search, as a network does', async () => {
    const constraints = [
      '--prompt',
      'ATG',
      '--ends-with',
      'TAA',
      '--gc',
      '0.4-0.6',
      '--avoid-site',
      'EcoRI',
      '--length',
      '30',
    ];
    const drawn = await at.seqwright(
      'generate',
      'p.ngram.json',
      ...constraints,
      '--count',
      '5',
      '--top-p',
      '0.95',
      '--json',
    );
    expect(drawn.code).toBe(0);
    const found = lines(drawn.out).map((line) => JSON.parse(line).sequence as string);
    expect(found).toHaveLength(5);
    for (const sequence of found) {
      expect(sequence).toMatch(/^ATG[ACGT]*TAA$/);
      expect(sequence).not.toContain('GAATTC');
      const share = [...sequence].filter((c) => 'GC'.includes(c)).length / sequence.length;
      expect(share >= 0.4 && share <= 0.6).toBe(true);
    }
    const beam = await at.seqwright(
      'generate',
      'p.ngram.json',
      '--beam',
      '4',
      '--count',
      '2',
      '--length',
      '12',
      '--format',
      'tsv',
    );
    const logs = lines(beam.out)
      .slice(1)
      .map((line) => Number(line.split('\t')[1]));
    expect(logs[0]).toBeGreaterThanOrEqual(logs[1]!);
    const impossible = await at.seqwright(
      'generate',
      'p.ngram.json',
      '--require',
      'GAATTC',
      '--avoid-site',
      'EcoRI',
      '--length',
      '30',
    );
    expect(impossible).toMatchObject({ code: 2, out: '' });
  });

  it('is evaluated as a network is, and so is an HMM', async () => {
    const ngram = await at.seqwright('evaluate', 'p.ngram.json', 'promoters.fa', '--json');
    expect(JSON.parse(ngram.out).metrics.perplexity.value).toBeCloseTo(
      2 ** JSON.parse(ngram.out).metrics.bitsPerSymbol.value,
      0,
    );
    const hmm = await at.seqwright(
      'evaluate',
      'trained.json',
      'promoters.fa',
      '--train',
      'promoters.fa',
      '--json',
    );
    const { metrics, baselines } = JSON.parse(hmm.out);
    const scored = await at.seqwright('hmm', 'score', 'trained.json', 'promoters.fa');
    const rows = lines(scored.out)
      .slice(1)
      .map((line) => line.split('\t').map(Number));
    const total = (i: number) => rows.reduce((sum, row) => sum + row[i]!, 0);
    expect(metrics.bitsPerSymbol.value).toBeCloseTo(-total(2) / Math.LN2 / total(1), 4);
    expect(baselines).toHaveProperty('no context');
    const drawn = await at.seqwright(
      'generate',
      'trained.json',
      '--length',
      '40',
      '--avoid',
      'GG',
      '--count',
      '3',
    );
    expect(drawn.out.replace(/>.*\n/g, '')).toMatch(/^([ACGT]{40}\n){3}$/);
    expect(drawn.out).not.toContain('GG');
  });

  it('smooths as asked, counts words, and takes a cycle of phases', async () => {
    write('text.txt', 'the cat sat on the mat. the dog sat on the log.\n'.repeat(40));
    const words = [
      'train',
      'text.txt',
      '--task',
      'language',
      '--model',
      'ngram',
      '--tokenizer',
      'words',
      '--no-report',
    ];
    const smooth = await at.seqwright(
      ...words,
      '--set',
      'smoothing=kneser-ney',
      '--set',
      'discounts=1',
      '-o',
      'w.json',
    );
    expect(smooth.err).toMatch(/Order 4, kneser-ney: /);
    const text = await at.seqwright(
      'generate',
      'w.json',
      '--prompt',
      'the',
      '--length',
      '12',
      '--temperature',
      '0.5',
    );
    expect(text.out).toMatch(/^the (cat|dog|mat|log)/);
    await at.seqwright(
      'train',
      'promoters.fa',
      '--task',
      'language',
      '--model',
      'ngram',
      '--set',
      'period=3',
      '--no-test',
      '--no-report',
      '-o',
      'codon.json',
      '--quiet',
    );
    expect(json('codon.json').counts).toHaveLength(3);
  });
});

describe('what the README says of Markov models', () => {
  it('works line by line', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const [, block] = /```sh\n([^`]*hmm train islands\.json[^`]*)```/.exec(readme)!;
    write('islands.json', JSON.stringify({ ...trained, emissions: { kind: 'categorical' } }));
    write('genome.fa', fastaText(promoters));
    write('genes.fa', fastaText(promoters));
    const prices = Array.from(
      { length: 200 },
      (_, i) => `${i},${(Math.sin(i) * (i < 100 ? 1 : 5)).toFixed(3)}\n`,
    );
    write('prices.csv', `day,return\n${prices.join('')}`);
    const { code, out, err } = await at.shell(`set -e\n${block!.replaceAll('npx seqwright', 'seqwright')}`);
    expect(code, err).toBe(0);
    expect(
      lines(at.read('islands.bed').toString()).every((line) => /^p\d+\t\d+\t\d+\tisland$/.test(line)),
    ).toBe(true);
    expect(json('regimes.hmm.json').states).toHaveLength(2);
    expect(json('genes.ngram.json').counts).toHaveLength(3);
    expect(out.match(/^>sample\d+ .*\nATG[ACGT\n]*/gm)).toHaveLength(10);
  });
});
