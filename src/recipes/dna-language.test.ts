import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type DnaLanguageConfig, dnaLanguage, dnaLanguageDefaults } from './dna-language.ts';
import type { RecipeContext } from './recipe.ts';

const folder = mkdtempSync(join(tmpdir(), 'dna-language-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const context = (extra: Partial<RecipeContext> = {}): RecipeContext => ({
  ...{ threads: 1, device: 'cpu' as const, seed: 1, quick: true },
  ...extra,
});
const run = (config: Partial<DnaLanguageConfig>, extra?: Partial<RecipeContext>) =>
  dnaLanguage.run({ ...dnaLanguageDefaults, ...config }, context(extra));
/** So little that it takes no time; the figures are worth nothing. */
const brief: Partial<DnaLanguageConfig> = {
  model: { size: 8, layers: 1, heads: 2, kernel: 3, dropout: 0, context: 60 },
  training: { epochs: 1, batchSize: 32, rate: 4e-3, patience: 0 },
  planted: { ...dnaLanguageDefaults.planted, count: 120, length: 60 },
  places: 300,
  search: { ...dnaLanguageDefaults.search, letters: 600 },
};

describe('dna-language', () => {
  it('tells bits beside every chain, importance of every letter and how heads attend, of masked bases or codons', async () => {
    for (const tokenizer of ['letters', 'codons']) {
      const { report, extraFiles, model } = await run({ ...brief, tokenizer });
      expect(report.claims!.map(({ id }) => id)).toEqual(['bits', 'motifs']);
      const { orders } = dnaLanguageDefaults;
      // Who reads codons stands beside chains that know the places of codons, too.
      const beside = tokenizer === 'codons' ? [...orders, ...orders] : [...orders];
      expect(report.tables![0]!.rows.map(([order]) => order)).toEqual(beside);
      expect(report.metrics!.bitsPerSymbol!.value).toBeGreaterThan(1.5);
      expect(String(extraFiles!['importance.bedgraph']).split('\n').length).toBeGreaterThan(300);
      expect(report.figures!.map(({ title }) => title)).toContain('Attention by distance');
      expect(model!.spec.kind).toBe('masked');
    }
  });

  it('learns to foretell, too', async () => {
    const { report, model, extraFiles } = await run({ ...brief, objective: 'autoregressive' });
    expect(model!.spec.kind).toBe('language');
    expect(report.metrics!.bitsPerSymbol!.value).toBeGreaterThan(1.5);
    expect(extraFiles!['importance.bedgraph']).toBeDefined();
    const codons = await run({ ...brief, objective: 'autoregressive', tokenizer: 'codons' });
    expect(codons.report.notes!.join(' ')).toMatch(/do not tell single letters apart/);
    expect(codons.report.tables![0]!.rows.length).toBe(2 * dnaLanguageDefaults.orders.length);
    const recurrent = await run({ ...brief, objective: 'autoregressive', architecture: 'lstm' });
    expect(recurrent.model!.spec).toMatchObject({ kind: 'language', architecture: 'lstm' });
  });

  it("reads the user's FASTA, and says what it cannot read", async () => {
    const path = join(folder, 'mine.fa');
    const bases = (i: number) =>
      Array.from({ length: 70 }, (_, j) => 'ACGT'[(i * 7 + j * j * 3 + j) % 4]).join('');
    writeFileSync(path, Array.from({ length: 40 }, (_, i) => `>s${i}\n${bases(i)}N\n`).join(''));
    const { report } = await run(brief, { input: { path } });
    expect(report.claims!.map(({ id }) => id)).toEqual(['bits']);
    expect(report.notes!.join(' ')).toMatch(/families of similar DNA|chosen at random/);
    expect(report.data).toMatchObject({ records: 40, sources: [{ path }] });
    const protein = join(folder, 'protein.fa');
    writeFileSync(protein, '>p\nMKLVWEELIPQRST\n>q\nMKWVTFISLLFLFSSAYS\n');
    await expect(run(brief, { input: { path: protein } })).rejects.toThrow(/holds protein; expected DNA/);
    const text = join(folder, 'text.txt');
    writeFileSync(text, 'plain words\n');
    await expect(run(brief, { input: { path: text } })).rejects.toThrow(/is plain text; expected FASTA/);
  });

  it.each<[Partial<DnaLanguageConfig>, RegExp]>([
    [{ objective: 'both' as 'masked' }, /objective: expected masked or autoregressive, received "both"/],
    [{ architecture: 'lstm' }, /architecture: expected one of transformer, cnn for masked, received "lstm"/],
    [{ periods: [] }, /periods: expected null or a list such as \[1, 3\], received \[\]/],
    [{ periods: [0] }, /periods\.0: expected a whole number/],
    [{ orders: [0, 1] }, /orders: .*5 among them, received \[0,1\]/],
    [{ test: 0 }, /test: expected a share above 0/],
    [{ masking: { how: 'span', share: 2, length: 3 } }, /mask share: expected a share above 0 and below 1/],
    [{ planted: { ...dnaLanguageDefaults.planted, gaps: [8, 5] } }, /gaps: expected two whole numbers/],
    [
      { search: { ...dnaLanguageDefaults.search, window: 40 } },
      /window: expected at most width \(36\), received 40/,
    ],
  ])('refuses %j', async (config, message) => {
    await expect(run({ ...brief, ...config })).rejects.toThrow(message);
  });
});
