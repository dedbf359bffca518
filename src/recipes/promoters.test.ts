import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import type { Dataset } from '../data/dataset.ts';
import { builtInDataset } from './built-in-data.ts';
import { loadRecipe } from './index.ts';
import { promoters, runPromoters } from './promoters.ts';
import { promoterDefaults } from './promoters-config.ts';
import type { RecipeContext } from './recipe.ts';
import { slowly } from './slow.fixture.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const errorsOf = ({ report }: Awaited<ReturnType<typeof runPromoters>>) =>
  report.claims!.find(({ id }) => id === 'errors')!;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-promoters-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('promoters', () => {
  it('comes with 53 promoters and 53 others of 57 letters', async () => {
    const { records, target } = await builtInDataset('ecoli_promoters.tsv');
    expect(target!.kind === 'classes' && target!.classes).toEqual(['other', 'promoter']);
    expect(Array.from(target!.truth).reduce((a, b) => a + b)).toBe(53);
    expect(new Set(records.map(({ sequence }) => sequence.length))).toEqual(new Set([57]));
  });

  it('runs quickly, counts its errors, and says what it knew beforehand and what it left out', async () => {
    const events: string[] = [];
    const { report, model } = await promoters.run(
      {},
      { ...quick, onEvent: (event) => event.kind === 'note' && events.push(event.text) },
    );
    const claim = errorsOf({ report });
    const { confusion } = report.evaluation!;
    expect(claim.value).toBe(confusion!.counts[0]![1]! + confusion!.counts[1]![0]!);
    expect(claim.value).toBeLessThan(20);
    expect(claim.text).toMatch(/^5-fold cross-validation: errors of 106, at most the 4/);
    expect(claim.met).toBe(claim.value! <= 4);
    expect(report.notes!.join(' ')).toMatch(/TTGACA.*TATAAT.*A quick run: five folds/);
    expect(events).toEqual(report.notes);
    const titles = report.tables!.map(({ title }) => title);
    expect(titles).toEqual(['Errors of each seed', 'Published errors of 106, leave-one-out']);
    expect(model!.spec.config.length).toBe(null);
  }, 30_000);

  slowly(
    'does not meet its claim when the labels are shuffled',
    async () => {
      const dataset = await builtInDataset('ecoli_promoters.tsv');
      const target = dataset.target as Dataset['target'] & { kind: 'classes' };
      const truth = randomStream(2, 'lie').shuffle(target.truth.slice());
      const lied = { ...dataset, target: { ...target, truth } };
      const claim = errorsOf(await runPromoters(lied, promoterDefaults, quick, { builtIn: true }));
      expect(claim.met).toBe(false);
      expect(claim.value).toBeGreaterThan(30);
    },
    30_000,
  );

  it("takes the user's sequences of any length, without claims on other people's data", async () => {
    const random = randomStream(4, 'mine');
    const letters = (n: number) => Array.from({ length: n }, () => 'ACGT'[random.below(4)]).join('');
    const rows = Array.from({ length: 30 }, (_, i) => {
      const core = i % 2 ? `TTGACA${letters(17)}TATAAT` : letters(29);
      return `m${i}\t${i % 2 ? 'yes' : 'no'}\t${letters(3 + (i % 5))}${core}${letters(4)}`;
    });
    const path = join(folder, 'mine.tsv');
    await writeFile(path, `id\tlabel\tsequence\n${rows.join('\n')}\n`);
    const { report } = await promoters.run({}, { ...quick, input: { path } });
    expect(report.claims!.map(({ id }) => id)).toEqual(['ahead', 'knowledge']);
    expect(report.tables!.length).toBe(1);
    expect(report.notes!.join(' ')).toMatch(/the place of the start is not taken as known/);
    expect(report.evaluation!.count).toBe(30);
  }, 30_000);

  it('says what labels it needs', async () => {
    const path = join(folder, 'three.tsv');
    const rows = Array.from({ length: 12 }, (_, i) => `m${i}\t${'abc'[i % 3]}\tACGTACGTAC`);
    await writeFile(path, `id\tlabel\tsequence\n${rows.join('\n')}\n`);
    await expect(promoters.run({}, { ...quick, input: { path } })).rejects.toThrow(
      /expected 2 classes, found 3: a, b, c/,
    );
  });

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('promoters');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(promoterDefaults);
  });
});
