import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { loadRecipe } from './index.ts';
import type { RecipeContext } from './recipe.ts';
import { type RegularisationConfig, regularisationDefaults } from './regularisation/config.ts';
import { plantedSupport } from './regularisation/planted-support.ts';
import { regularisation, runRegularisation } from './regularisation.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small: RegularisationConfig = {
  ...regularisationDefaults,
  length: 12,
  support: 2,
  effect: 2,
  records: 900,
  l1: { count: 5, ratio: 0.1 },
  l2: [0.1, 0.01],
  rates: [],
  passes: 10,
};
const claimsOf = ({ report }: Awaited<ReturnType<typeof runRegularisation>>) =>
  Object.fromEntries(report.claims!.map((claim) => [claim.id, claim]));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-regularisation-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('regularisation', () => {
  it('finds the planted positions, and measures every way on the same test', async () => {
    const result = await regularisation.run({ ...small }, quick);
    const claims = claimsOf(result);
    expect(claims.support).toMatchObject({ met: true });
    expect(claims.zeros).toMatchObject({ met: true });
    const { report, model } = result;
    const ways = report.tables![0]!.rows.map(([way]) => way);
    expect(ways).toEqual([
      'nothing',
      'early stopping',
      'L2 0.01',
      'dropout 0.25',
      'MC dropout 0.25',
      'ensemble of 2, dropout 0.25',
      'the planted probabilities',
    ]);
    const ece = (way: string) => report.tables![0]!.rows.find(([name]) => name === way)![3] as number;
    expect(claims.calibration!.value).toBeCloseTo(ece('MC dropout 0.25') - ece('dropout 0.25'), 3);
    expect(claims.calibration!.met).toBe(claims.calibration!.value! <= -0.005);
    expect(report.evaluation!.metrics.ece!.value).toBeCloseTo(ece('ensemble of 2, dropout 0.25'), 4);
    expect(report.figures!.map(({ svg }) => svg.slice(0, 4))).toEqual(Array(6).fill('<svg'));
    expect(model!.spec.config.members).toBe(2);
  }, 60_000);

  it('meets neither claim where labels are dealt at random and dropout drops nothing', async () => {
    const { dataset, support } = plantedSupport({ ...small, records: 500, seed: 1 });
    const target = dataset.target!;
    if (target.kind !== 'classes') throw new Error('expected classes');
    const truth = randomStream(2, 'lie').shuffle(target.truth.slice());
    const lied = { dataset: { ...dataset, target: { ...target, truth } }, support };
    const claims = claimsOf(await runRegularisation(lied, { ...small, dropout: 0 }, quick));
    expect(claims.support).toMatchObject({ met: false });
    expect(claims.calibration!.value).toBeCloseTo(0, 6);
    expect(claims.calibration!.met).toBe(false);
  }, 60_000);

  it("takes the user's records of any length and number of classes, without a claim on what is not planted", async () => {
    const random = randomStream(4, 'mine');
    const words = ['AAC', 'GGT', 'CTA'];
    const rows = Array.from({ length: 120 }, (_, i) => {
      const letters = Array.from({ length: 8 + (i % 5) }, () =>
        random.uniform() < 0.5 ? words[i % 3] : 'ACGT'[random.below(4)],
      );
      return `m${i}\t${'xyz'[i % 3]}\t${letters.join('')}`;
    });
    const path = join(folder, 'mine.tsv');
    await writeFile(path, `id\tlabel\tsequence\n${rows.join('\n')}\n`);
    const { report } = await regularisation.run({ ...small }, { ...quick, input: { path } });
    expect(report.claims!.map(({ id }) => id)).toEqual(['calibration']);
    expect(report.lead).toMatch(/^L1 keeps \d+ of 64 3-mers\. /);
    expect(report.evaluation!.names).toEqual(['x', 'y', 'z']);
  }, 60_000);

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('regularisation');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(regularisationDefaults);
  });
});
