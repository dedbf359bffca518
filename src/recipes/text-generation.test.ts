import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { loadRecipe } from './index.ts';
import type { RecipeContext } from './recipe.ts';
import { slowly } from './slow.fixture.ts';
import { genesis, runTextGeneration, textGeneration, textGenerationDefaults } from './text-generation.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'text-generation-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('text-generation', () => {
  it('comes with the first book of the King James Bible', async () => {
    const { texts } = await genesis();
    expect(texts[0]!.length).toBe(196_818);
    expect(texts[0]!.startsWith('In the beginning God created the heaven and the earth.\n')).toBe(true);
    expect(texts[0]!).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it.each([1, 2])(
    'meets its claim in a quick run, writes, and shows every order: seed %i',
    async (seed) => {
      const { report, model } = await textGeneration.run({}, { ...quick, seed });
      const [claim] = report.claims!;
      expect(claim).toMatchObject({ id: 'ahead', met: true });
      expect(claim!.value).toBeGreaterThan(0);
      expect(report.metrics!.bitsPerSymbol!.value).toBeLessThan(3.3);
      const [orders, written] = report.tables!;
      expect(orders!.rows.map(([order]) => order)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      for (const [, text] of written!.rows) expect(String(text).length).toBe(300);
      expect(model!.spec.kind).toBe('language');
    },
    60_000,
  );

  slowly(
    'does not meet its claim where the letters stand in no order',
    async () => {
      const [text] = (await genesis()).texts;
      const letters = randomStream(3, 'lie').shuffle([...text!.slice(0, 40_000)]);
      const corpus = { ...(await genesis()), texts: [letters.join('')] };
      const { report } = await runTextGeneration(corpus, textGenerationDefaults, quick);
      expect(report.claims![0]!.met).toBe(false);
      expect(report.metrics!.bitsPerSymbol!.value).toBeGreaterThan(4);
    },
    180_000,
  );

  it("takes the user's sequences, whose ends it learns", async () => {
    const path = join(folder, 'mine.fa');
    const random = randomStream(4, 'mine');
    const records = Array.from(
      { length: 60 },
      (_, i) => `>m${i}\nATG${'GCTAAA'.repeat(1 + random.below(5))}TAA\n`,
    );
    await writeFile(path, records.join(''));
    const { report, model } = await textGeneration.run(
      {
        training: { epochs: 2, batchSize: 8, rate: 1e-2 },
        samples: { ...textGenerationDefaults.samples, length: 40 },
      },
      { ...quick, input: { path } },
    );
    expect(model!.spec).toMatchObject({ kind: 'language', ends: true });
    expect(report.data!.records).toBe(60);
    for (const [, text] of report.tables![1]!.rows) expect(text).toMatch(/^[ACGT]*$/);
  }, 180_000);

  it('says what it cannot use', async () => {
    await expect(textGeneration.run({ orders: [5] }, quick)).rejects.toThrow(
      'orders: expected whole numbers from 0, at least one of them up to against (3), received [5].',
    );
    await expect(textGeneration.run({ architecture: 'cnn' }, quick)).rejects.toThrow(
      /There is no language model "cnn"/,
    );
  });

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('text-generation');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(textGenerationDefaults);
  });
});
