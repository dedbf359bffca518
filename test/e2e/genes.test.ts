import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../src/core/random.ts';
import { dna, reverseComplement } from '../../src/data/alphabet.ts';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** Genes of codons that a random sequence has as seldom as any other ones, between random letters. */
const random = randomStream(1, 'genes, end to end');
const some = (words: readonly string[], count: number) =>
  Array.from({ length: count }, () => words[random.below(words.length)]).join('');
const coding = () => `ATG${some(['GCA', 'AAA', 'GAA', 'CTG', 'ATT', 'GGT', 'CAG'], 150)}TAA`;
let sequence = '';
const lines = ['##gff-version 3'];
for (let i = 0; i < 120; i++) {
  sequence += some([...'ACGT'], 60 + random.below(60));
  const gene = coding();
  const strand = random.below(2) === 0 ? '+' : '-';
  lines.push(
    `c1\tmine\tCDS\t${sequence.length + 1}\t${sequence.length + gene.length}\t.\t${strand}\t0\tID=g${i}`,
  );
  sequence += strand === '+' ? gene : reverseComplement(gene, dna);
}
writeFileSync(at.path('c.fa'), `>c1\n${sequence}\n`);
writeFileSync(at.path('c.gff3'), `${lines.join('\n')}\n`);
writeFileSync(at.path('bare.fa'), `>b1\n${sequence.slice(0, 9000)}\n`);

async function run(...args: string[]) {
  const small = ['--set', 'training.epochs=4', '--set', 'model.filters=8', '--set', 'model.hidden=8'];
  const { code, err } = await at.seqwright('run', 'genes', '--quiet', '-o', 'genes', ...small, ...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(at.read('genes/results.json').toString());
}

describe('genes', () => {
  it('learns from FASTA with GFF3 and judges itself on stretches that it did not see', async () => {
    const { claims, metrics } = await run('--input', 'c.fa', '--labels', 'c.gff3');
    expect(claims.map(({ id }: { id: string }) => id)).toEqual(['ahead', 'starts']);
    expect(metrics.sensitivity.value).toBeGreaterThan(0.9);
    expect(metrics.precision.value).toBeGreaterThan(0.9);
    expect(at.list('genes')).toEqual(
      expect.arrayContaining(['genes.gff3', 'network.onnx', 'proteins.faa', 'report.html']),
    );
    expect((await at.seqwright('convert', 'genes/genes.gff3', 'genes.bed')).code).toBe(0);
    expect(at.read('genes.bed').toString()).toMatch(/^c1\t\d+\t\d+\t/);
  });

  it('finds genes where none are known', async () => {
    const { claims } = await run('--input', 'bare.fa');
    expect(claims).toEqual([]);
    expect(at.read('genes/genes.gff3').toString()).toMatch(/^##gff-version 3\n##sequence-region b1 1 9000\n/);
  });

  it('names the annotation that does not fit', async () => {
    writeFileSync(at.path('other.gff3'), lines.join('\n').replaceAll('c1\t', 'chr7\t'));
    const { code, err } = await at.seqwright(
      'run',
      'genes',
      '--input',
      'c.fa',
      '--labels',
      'other.gff3',
      '-o',
      'x',
    );
    expect(code).toBe(3);
    expect(err).toMatch(/No sequence of other\.gff3 \(such as "chr7"\) is in c\.fa \(such as "c1"\)/);
  });
});
