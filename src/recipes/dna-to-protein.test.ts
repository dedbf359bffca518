import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { geneticCode } from '../data/genetic-codes.ts';
import { randomGenes, readGenes } from './dna-to-protein/genes.ts';
import { dnaToProtein, type ProteinConfig, proteinDefaults, runDnaToProtein } from './dna-to-protein.ts';
import type { RecipeContext } from './recipe.ts';
import { slowly } from './slow.fixture.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small: ProteinConfig = {
  ...proteinDefaults,
  genes: 1200,
  tests: 20,
  learn: { from: 6, to: 18 },
  translate: { from: 30, to: 50 },
};
const run = (config: ProteinConfig, seed: number) =>
  runDnaToProtein(randomGenes({ ...config, seed }), config, { ...quick, seed }, { builtIn: true });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-genes-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('dna-to-protein', () => {
  // More seeds, and the standard code, are in test/slow/seeds.test.ts.
  slowly(
    'translates longer genes than it saw, here by the code of mitochondria',
    async () => {
      const { report, model } = await run({ ...small, code: 2 }, 2);
      expect(report.claims).toMatchObject([{ id: 'exact', met: true }]);
      expect(report.metrics!.exactMatch!.value).toBeGreaterThanOrEqual(0.99);
      expect(report.tables![1]!.note).toMatch(/^(\d+) of \1 sense codons/);
      expect(model!.spec.kind).toBe('translator');
    },
    60_000,
  );

  slowly(
    'does not where positions are absolute',
    async () => {
      const model = { size: 32, layers: 1, heads: 4, dropout: 0, positions: 'sinusoidal' };
      const { report } = await run({ ...small, model, genes: 400 }, 1);
      expect(report.claims).toMatchObject([{ id: 'exact', met: false }]);
    },
    60_000,
  );
});

describe('genes', () => {
  it('mean what the code says, and begin and end as coding sequences do', () => {
    const { fit, test } = randomGenes({ ...small, code: 4, seed: 5 });
    const { aminoAcids, stops } = geneticCode(4);
    for (const { source, target } of [...fit.pairs.slice(0, 50), ...test.pairs]) {
      const codons = source.match(/.../g)!;
      expect(stops).toContain(codons.at(-1));
      expect(codons.slice(0, -1).map((codon) => aminoAcids[codon])).toEqual([...target]);
    }
    const longest = Math.max(...fit.pairs.map(({ source }) => source.length));
    expect(Math.min(...test.pairs.map(({ source }) => source.length))).toBeGreaterThan(longest);
  });

  const fasta = (genes: string[]) => genes.map((gene, i) => `>g${i}\n${gene}\n`).join('');
  const mine = Array.from({ length: 60 }, (_, i) => `ATG${'GCUAAA'.repeat(1 + (i % 12))}TAA`);

  it("come from the user's FASTA, the longest held out", async () => {
    const path = join(folder, 'mine.fa');
    await writeFile(path, fasta(mine));
    const { fit, test } = await readGenes(path, 1);
    expect(fit.pairs.length + test.pairs.length).toBe(60);
    expect(fit.pairs[0]).toEqual({ id: 'g0', source: 'ATGGCTAAATAA', target: 'MAK' });
    const { report } = await dnaToProtein.run(
      { training: { epochs: 1 }, model: { size: 8, heads: 2, layers: 1 } },
      { ...quick, input: { path } },
    );
    expect(report.data!.sources![0]!.path).toContain('mine.fa');
    expect(report.claims![0]!.met).toBe(false);
  });

  it.each([
    [['ATGGC'], 'record "g0" has 5 letters; expected a multiple of 3'],
    [['ATGTAAGCT'], 'record "g0" has a stop, TAA, at 4 of 9'],
    [['ATGNNN'], 'record "g0" has the codon NNN at 4'],
    [['ATGGCT'], 'has 1 coding sequences; expected at least 50'],
  ])('refuses %j', async (genes, message) => {
    const path = join(folder, 'bad.fa');
    await writeFile(path, fasta(genes));
    await expect(readGenes(path, 1)).rejects.toThrow(message);
  });
});
