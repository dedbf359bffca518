import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { type Dataset, subset } from '../data/dataset.ts';
import { builtInDataset } from './built-in-data.ts';
import { loadRecipe } from './index.ts';
import type { RecipeContext } from './recipe.ts';
import { slowly } from './slow.fixture.ts';
import { runSplice, type SpliceConfig, spliceDefaults } from './splice.ts';

const context: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: false };
/** A fast network that knows positions: what is tested here is the recipe, not its network. */
const config: SpliceConfig = {
  ...spliceDefaults,
  folds: 3,
  architecture: 'cnn',
  model: { pool: 'flatten', filters: [16], kernels: [3], pools: [1], dense: [], dropout: 0.5 },
  training: { epochs: 8, batchSize: 32, rate: 5e-3 },
};

const some = async (count: number): Promise<Dataset> => {
  const all = await builtInDataset('primate_splice.tsv');
  const order = randomStream(3, 'some').shuffle(Int32Array.from(all.records, (_, i) => i));
  return subset(all, order.slice(0, count));
};
const shuffled = (dataset: Dataset): Dataset => {
  const target = dataset.target as Dataset['target'] & { kind: 'classes' };
  return { ...dataset, target: { ...target, truth: randomStream(1, 'lie').shuffle(target.truth.slice()) } };
};
const claimsOf = async (dataset: Dataset) => {
  const { report, model } = await runSplice(dataset, config, context, { builtIn: true });
  return { report, model, claim: report.claims!.find(({ id }) => id === 'accuracy')! };
};

describe('splice', () => {
  it('comes with all the records, in three classes', async () => {
    const { records, target, sources } = await builtInDataset('primate_splice.tsv');
    expect(records.length).toBe(3186);
    expect(target).toMatchObject({ kind: 'classes', classes: ['ei', 'ie', 'n'] });
    expect(sources[0]!.path).toBe('examples/data/primate_splice.tsv');
  });

  it('tests each record once, computes its claim from that, and leaves a model of all records', async () => {
    const { report, model, claim } = await claimsOf(await some(400));
    expect(report.evaluation!.count).toBe(400);
    expect(claim.text).toMatch(/^3-fold accuracy ≥ 0.965/);
    expect(claim.value).toBeCloseTo(report.evaluation!.metrics.accuracy!.value!, 12);
    expect(claim.value).toBeGreaterThan(0.75);
    expect(claim.met).toBe(claim.value! >= 0.965);
    expect(Object.keys(report.baselines!)).toEqual(['majority', '5-mer logistic', 'position logistic']);
    expect(report.leakage!.nearest!.length).toBe(400);
    expect(report.tables!.map(({ title }) => title)).toEqual([
      'Published errors, in percent',
      'Repeats',
      'Folds',
    ]);
    expect((model!.training as { records: number }).records).toBe(400);
  }, 30_000);

  slowly(
    'does not meet its claims when the labels are shuffled',
    async () => {
      const { claim, report } = await claimsOf(shuffled(await some(300)));
      expect(claim.met).toBe(false);
      expect(claim.value).toBeLessThan(0.65);
      expect(report.claims!.every(({ met }) => !met)).toBe(true);
    },
    30_000,
  );

  it('says what a quick run leaves out, and makes no claim on published figures for other data', async () => {
    const dataset = await some(200);
    const quick = { ...context, quick: true };
    const { report } = await runSplice(dataset, config, quick, { builtIn: false });
    expect(report.notes!.join(' ')).toMatch(/A quick run: the first of 3 folds only/);
    expect(report.claims!.map(({ id, text }) => [id, text.split(' above')[0]])).toEqual([
      ['ahead', 'accuracy in one fold'],
    ]);
    expect(report.tables!.map(({ title }) => title)).not.toContain('Published errors, in percent');
    expect(report.evaluation!.count).toBeLessThan(70);
  }, 30_000);

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults, id } = await loadRecipe('splice');
    expect(id).toBe('splice');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(spliceDefaults);
  });

  it('refuses settings that make no sense', async () => {
    const bad = { ...config, folds: 0 };
    await expect(runSplice(await some(40), bad, context, { builtIn: false })).rejects.toThrow(
      /folds: expected a whole number of at least 1, received 0/,
    );
  });
});
