import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantedSums } from './context-length/planted.ts';
import { contextLength, contextLengthDefaults, runContextLength } from './context-length.ts';
import { loadRecipe } from './index.ts';
import type { RecipeContext } from './recipe.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'context-length-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('context-length', () => {
  it.each([1, 2])(
    'meets its claims with seed %i',
    async (seed) => {
      const { report, model } = await contextLength.run({}, { ...quick, seed });
      expect(report.claims!.map(({ id, met }) => [id, met])).toEqual([
        ['order-1-ngram', true],
        ['order-1-neural', true],
        ['order-2-ngram', true],
        ['order-2-neural', true],
      ]);
      const [one, , two] = report.claims!;
      expect(one!.value).toBeGreaterThan(9);
      expect(two!.value).toBeLessThan(1.01);
      expect(report.figures![0]!.svg).toMatch(/^<svg/);
      expect(model!.spec).toMatchObject({ kind: 'language', config: { order: 2 } });
    },
    30_000,
  );

  it('does not meet them where the rule reaches further back than it should', async () => {
    const { report } = await contextLength.run({ lags: [1, 3], count: 400 }, quick);
    const met = Object.fromEntries(report.claims!.map((claim) => [claim.id, claim.met]));
    expect(met).toMatchObject({ 'order-2-ngram': false, 'order-2-neural': false });
    for (const { id, value } of report.claims!)
      if (id.startsWith('order-2')) expect(value).toBeGreaterThan(5);
  }, 30_000);

  it("takes the user's text, and says what context is worth there", async () => {
    const path = join(folder, 'mine.txt');
    await writeFile(path, 'abracadabra simsalabim '.repeat(60));
    const { report } = await contextLength.run(
      { most: 2, training: { ...contextLengthDefaults.training, epochs: 8 } },
      { ...quick, input: { path } },
    );
    expect(report.claims!.map(({ id, met }) => [id, met])).toEqual([
      ['context-ngram', true],
      ['context-neural', true],
    ]);
    expect(report.data!.sources![0]!.path).toBe(path);
    expect(report.tables![0]!.rows.length).toBe(3);
  }, 30_000);

  it('says what it cannot use', async () => {
    await expect(contextLength.run({ modulus: 99 }, quick)).rejects.toThrow(
      'modulus: expected 2 to 36, received 99.',
    );
    const short = plantedSums({ modulus: 4, lags: [1], count: 30, length: 3, seed: 1 });
    await expect(
      runContextLength(short, { ...contextLengthDefaults, most: 3 }, quick, { builtIn: true }),
    ).rejects.toThrow(/no text that is tested is longer than the 3 tokens/);
  });

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('context-length');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(contextLengthDefaults);
  });
});

describe('planted sums', () => {
  it('follow their rule, whatever it is, and begin evenly', () => {
    const { texts } = plantedSums({ modulus: 7, lags: [2, 3], count: 700, length: 9, seed: 5 });
    const counts = new Array<number>(7).fill(0);
    for (const text of texts) {
      const x = [...text].map(Number);
      for (let t = 3; t < 9; t++) expect(x[t]).toBe((x[t - 2]! + x[t - 3]!) % 7);
      counts[x[0]!]!++;
    }
    for (const count of counts) expect(Math.abs(count - 100)).toBeLessThan(40);
  });
});
