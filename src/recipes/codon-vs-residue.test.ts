import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { translate } from '../tokenize/index.ts';
import { builtInSequences } from './built-in-data.ts';
import { recode } from './codon-vs-residue/recode.ts';
import { adaptivenessOf, codonUsage } from './codon-vs-residue/usage.ts';
import { codonLetters, codonOfLetter, inFrame, viewsOf } from './codon-vs-residue/views.ts';
import { type CodonConfig, codonDefaults, codonVsResidue, runCodons } from './codon-vs-residue.ts';
import { loadRecipe } from './index.ts';
import type { RecipeContext } from './recipe.ts';
import { slowly } from './slow.fixture.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small: CodonConfig = { ...codonDefaults, codons: 120 };
const claimsOf = ({ report }: Awaited<ReturnType<typeof runCodons>>) =>
  Object.fromEntries(report.claims!.map((claim) => [claim.id, claim]));
const genes = inFrame(await builtInSequences('ecoli_cds999.fa.gz'));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-codons-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the planted value', () => {
  it('changes codons and no residue, more the farther it is from 0', () => {
    const some = genes.records.slice(0, 100);
    const { records, values } = recode(some, { strength: 0.3, table: 11, seed: 1 });
    records.forEach(({ sequence }, g) => {
      expect(translate(sequence, { table: 11 })).toBe(translate(some[g]!.sequence, { table: 11 }));
    });
    expect(records[0]!.sequence).not.toBe(some[0]!.sequence);
    expect(Math.abs(values.reduce((a, b) => a + b, 0) / 100)).toBeLessThan(0.3);
  });

  it('is what the preferred codons say: their mean preference rises with it', () => {
    const { records, values, preference } = recode(genes.records.slice(0, 200), {
      strength: 0.3,
      table: 11,
      seed: 2,
    });
    const liked = records.map(({ sequence }) => {
      const codons = sequence.match(/.{3}/g)!.filter((codon) => codon in preference);
      return codons.reduce((sum, codon) => sum + preference[codon]!, 0) / codons.length;
    });
    const mean = liked.reduce((a, b) => a + b, 0) / liked.length;
    const [cov, vv, ll] = liked.reduce(
      ([c, v, l], x, i) => [c + (x - mean) * values[i]!, v + values[i]! ** 2, l + (x - mean) ** 2] as const,
      [0, 0, 0] as readonly [number, number, number],
    );
    expect(cov / Math.sqrt(vv * ll)).toBeGreaterThan(0.95);
  });
});

describe('views and usage of codons', () => {
  it('spell the same gene in three ways', () => {
    const record = { id: 'g', sequence: 'ATGAAATTTTAA' };
    const dataset = { ...genes, records: [record] };
    const spelled = viewsOf(dataset, { most: 3, table: 11 }).map(
      ({ dataset }) => dataset.records[0]!.sequence,
    );
    expect(spelled).toEqual(['ATGAAATTT', 'OA/', 'MKF']);
    const codons = new Map(codonOfLetter());
    expect([...codonLetters('GATTACAGA')].map((letter) => codons.get(letter)).join('')).toBe('GATTACAGA');
  });

  it('leave out what is not in frame or ambiguous, and say so', () => {
    const records = ['ATGAAA', 'ATGAA', 'ATGNAA', 'augaaa'].map((sequence, i) => ({ id: `g${i}`, sequence }));
    const kept = inFrame({ ...genes, records, skipped: [] });
    expect(kept.records.map(({ sequence }) => sequence)).toEqual(['ATGAAA', 'ATGAAA']);
    expect(kept.skipped).toEqual([
      { reason: 'length no multiple of three', count: 1, examples: ['g1'] },
      { reason: 'ambiguous letters', count: 1, examples: ['g2'] },
    ]);
  });

  it('usage is relative within an amino acid, and adaptiveness as published', async () => {
    const weights = await adaptivenessOf('ecoli', genes.records, 11);
    expect(weights.CTG).toBe(1);
    expect(weights.CTA).toBe(0.007);
    const usage = codonUsage(genes.records, weights, 11);
    expect(usage.length).toBe(64);
    const leucine = usage.filter(({ aminoAcid }) => aminoAcid === 'L').map(({ rscu }) => rscu);
    expect(leucine.reduce((a, b) => a + b, 0)).toBeCloseTo(6, 9);
    const own = await adaptivenessOf('own', genes.records, 11);
    expect(Math.max(...['CTG', 'CTA', 'CTC', 'CTT', 'TTA', 'TTG'].map((codon) => own[codon]!))).toBe(1);
    await expect(adaptivenessOf('fly' as never, [], 11)).rejects.toThrow(/expected one of ecoli, bsubtilis/);
  });
});

describe('codon-vs-residue', () => {
  it('shows a value that codon tokens see and residues do not, and a real one beside', async () => {
    const result = await codonVsResidue.run({ ...small }, quick);
    const claims = claimsOf(result);
    expect(claims.residues).toMatchObject({ met: true });
    expect(claims.codons!.value).toBeGreaterThan(0.6);
    expect(claims.index).toMatchObject({ met: true });
    const { report, model, extraFiles } = result;
    expect(report.tables![0]!.rows.map(([value, tokens]) => `${value}: ${tokens}`)).toEqual([
      'planted value: nucleotides',
      'planted value: codons',
      'planted value: amino acids',
      'ln CAI: nucleotides',
      'ln CAI: codons',
      'ln CAI: amino acids',
    ]);
    expect(report.evaluation!.metrics.r2!.value).toBeCloseTo(claims.codons!.value!, 6);
    expect(report.tables![1]!.rows.length).toBe(64);
    expect((extraFiles!['genes.tsv'] as string).split('\n').length).toBe(402);
    expect(model!.spec).toMatchObject({ alphabet: { name: 'codons' } });
  }, 60_000);

  slowly(
    'does not meet its claims where codons say nothing, or residues say something',
    async () => {
      const config = { ...small, strength: 0 };
      expect(claimsOf(await codonVsResidue.run(config, quick)).codons).toMatchObject({ met: false });
      const some = { ...genes, records: genes.records.slice(0, 300) };
      const truth = Float64Array.from(some.records, ({ sequence }) => {
        const residues = translate(sequence.slice(0, 360), { table: 11 });
        return [...residues].filter((residue) => residue === 'K').length / residues.length;
      });
      const valued = { ...some, target: { kind: 'values' as const, names: ['lysine'], truth } };
      const claims = claimsOf(
        await runCodons([{ name: 'lysine', genes: valued, planted: true }], small, quick),
      );
      expect(claims.residues).toMatchObject({ met: false });
    },
    60_000,
  );

  it("takes the user's genes and values", async () => {
    const some = genes.records.slice(0, 80);
    const { records, values } = recode(some, { strength: 0.5, table: 11, seed: 3 });
    const rows = records.map(({ id, sequence }, g) => `${id}\t${(10 + values[g]!).toFixed(4)}\t${sequence}`);
    const path = join(folder, 'genes.tsv');
    await writeFile(path, `id\tlevel\tsequence\n${rows.join('\n')}\n`);
    const input = { path, options: { label: 'level' } };
    const { report } = await codonVsResidue.run({ ...small }, { ...quick, input });
    expect(report.claims!.map(({ id }) => id)).toEqual(['difference']);
    expect(report.lead).toMatch(/^R² on the level: /);
    await expect(
      codonVsResidue.run({ ...small }, { ...quick, input: { path, options: {} } }),
    ).rejects.toThrow(/expected one value for each gene/);
  }, 60_000);

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('codon-vs-residue');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(codonDefaults);
  });
});
