import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { loadRecipe } from './index.ts';
import { codingWindows } from './order-matters/coding-windows.ts';
import { orderDefaults, orderMatters, runOrderMatters } from './order-matters.ts';
import type { RecipeContext } from './recipe.ts';
import { slowly } from './slow.fixture.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const claimsOf = ({ report }: Awaited<ReturnType<typeof runOrderMatters>>) =>
  Object.fromEntries(report.claims!.map((claim) => [claim.id, claim]));
const cell = (
  report: { tables?: { columns: string[]; rows: unknown[][] }[] },
  way: string,
  column: string,
) => {
  const { columns, rows } = report.tables![0]!;
  return rows.find(([name]) => name === way)![columns.indexOf(column)];
};

/** Words in order against the same words in the other order: `AACC…` or `CCAA…`, far apart. */
function ordered(n: number, alphabet = 'ACGT') {
  const random = randomStream(3, 'ordered');
  const noise = (length: number) => Array.from({ length }, () => alphabet[random.below(4)]).join('');
  return Array.from({ length: n }, (_, i) => {
    const words = i % 2 ? ['AACCAA', 'GGTTGG'] : ['GGTTGG', 'AACCAA'];
    const [a, b] = words.map((word) => [...word].map((c) => alphabet['ACGT'.indexOf(c)]).join(''));
    return {
      id: `r${i}`,
      label: i % 2 ? 'yes' : 'no',
      sequence: `${noise(6)}${a}${noise(8)}${b}${noise(6)}`,
    };
  });
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-order-'));
});
afterAll(() => rm(folder, { recursive: true }));

const small = { ...orderDefaults, training: { ...orderDefaults.training, epochs: 3 } };
const windows = { window: 150, windows: 1, control: 2, genes: 150, seed: 1 };

describe('the example of order-matters', () => {
  it('sets windows of genes against controls with the same words, gene by gene', async () => {
    const { records, target } = await codingWindows(windows);
    expect(records.length).toBe(300);
    expect(Array.from(target!.truth).slice(0, 4)).toEqual([1, 0, 1, 0]);
    const pairs = (sequence: string) => [...sequence].map((c, i) => c + sequence[i + 1]).sort();
    for (let i = 0; i < records.length; i += 2) {
      expect(records[i]!.group).toBe(records[i + 1]!.group);
      expect(records[i]!.sequence).not.toBe(records[i + 1]!.sequence);
      expect(pairs(records[i]!.sequence)).toEqual(pairs(records[i + 1]!.sequence));
    }
  });
});

describe('order-matters', () => {
  it('reads the test in five ways; the bag gives the very same answers where its words are kept', async () => {
    const result = await orderMatters.run({ ...small, genes: 120 }, quick);
    const { report, model } = result;
    const claims = claimsOf(result);
    expect(report.tables![0]!.rows.map(([way]) => way)).toEqual([
      'forward',
      'reversed',
      'reverse complement',
      'shuffled, 3-mers kept',
      'shuffled letters',
    ]);
    expect(claims.bag).toMatchObject({ value: 1, met: true });
    const bag = 'bag of 3-mers';
    expect(cell(report, 'shuffled, 3-mers kept', bag)).toBe(cell(report, 'forward', bag));
    expect(cell(report, 'shuffled letters', bag)).toBeLessThan(cell(report, 'forward', bag) as number);
    expect(cell(report, 'forward', 'network')).toBeCloseTo(report.evaluation!.metrics.accuracy!.value!, 4);
    expect(report.notes!.at(-1)).toMatch(/^A quick run/);
    expect(report.figures![0]!.svg).toMatch(/^<svg/);
    expect(model!.spec.architecture).toBe('cnn-bilstm');
  }, 60_000);

  slowly(
    'does not meet the claim on order where a network learns from reversed copies, nor that on the bag where its words break',
    async () => {
      const rows = ordered(240);
      const path = join(folder, 'ordered.tsv');
      await writeFile(
        path,
        `id\tlabel\tsequence\n${rows.map((r) => `${r.id}\t${r.label}\t${r.sequence}`).join('\n')}\n`,
      );
      const input = { path };
      const model = { filters: [16], kernels: [6], pools: [1], hidden: 12, pool: 'max+mean', dense: [] };
      const config = {
        ...orderDefaults,
        model,
        seeds: 1,
        training: { epochs: 25, batchSize: 16, rate: 1e-2 },
      };
      const forward = claimsOf(await orderMatters.run(config, { ...quick, input }));
      expect(forward.collapse).toMatchObject({ met: true });
      expect(forward.order).toMatchObject({ met: true });
      // The two classes have the same words: a bag that guesses proves nothing by not noticing a shuffle.
      expect(forward.bag).toMatchObject({ value: 1, met: false });
      const broken = claimsOf(
        await orderMatters.run({ ...config, learnReversed: true, keep: 1 }, { ...quick, input }),
      );
      expect(broken.collapse!.met).toBe(false);
      expect(broken.bag!.value).toBeLessThan(1);
    },
    60_000,
  );

  slowly(
    'meets nothing when labels are dealt at random',
    async () => {
      const dataset = await codingWindows({ ...windows, genes: 70 });
      const target = dataset.target!;
      if (target.kind !== 'classes') throw new Error('expected classes');
      const truth = randomStream(2, 'lie').shuffle(target.truth.slice());
      const lied = { ...dataset, target: { ...target, truth } };
      const claims = claimsOf(await runOrderMatters(lied, small, quick));
      expect(Object.values(claims).map(({ met }) => met)).toEqual([false, false, false]);
    },
    60_000,
  );

  it('reads proteins in four ways, since they have no other strand', async () => {
    const path = join(folder, 'proteins.tsv');
    const rows = ordered(40, 'KLWV');
    await writeFile(
      path,
      `id\tlabel\tsequence\n${rows.map((r) => `${r.id}\t${r.label}\t${r.sequence}`).join('\n')}\n`,
    );
    const { report } = await orderMatters.run({ ...small, k: 2, keep: 2 }, { ...quick, input: { path } });
    expect(report.tables![0]!.rows.map(([way]) => way)).not.toContain('reverse complement');
    expect(report.data!.alphabet).toBe('protein');
    await expect(orderMatters.run({ ...small, k: 5 }, { ...quick, input: { path } })).rejects.toThrow(
      /k: there are 3200000 words of 5 letters of protein; choose a smaller k/,
    );
  }, 60_000);

  it('says what a window can be', async () => {
    await expect(orderMatters.run({ window: 9000 }, quick)).rejects.toThrow(
      /window: no gene of the example has 9000 letters; choose a smaller window/,
    );
  });

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('order-matters');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(orderDefaults);
  });
});
