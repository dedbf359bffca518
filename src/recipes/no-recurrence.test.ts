import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../models/model.ts';
import { initialize } from '../nn/module.ts';
import { predictDataset } from '../train/assess.ts';
import { loadRecipe } from './index.ts';
import { largestDifference } from './no-recurrence/difference.ts';
import { bothWays, cellNames } from './no-recurrence/networks.ts';
import { compositionTask, orderTask } from './no-recurrence/tasks.ts';
import {
  type NoRecurrenceConfig,
  noRecurrence,
  noRecurrenceDefaults,
  runNoRecurrence,
} from './no-recurrence.ts';
import type { RecipeContext } from './recipe.ts';
import { allSlow, slowly } from './slow.fixture.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small: NoRecurrenceConfig = { ...noRecurrenceDefaults, count: 480, length: 12, hidden: 12 };
const run = (config: NoRecurrenceConfig, seed: number) =>
  runNoRecurrence(
    orderTask({ count: config.count, length: config.length, seed }),
    config,
    { ...quick, seed },
    { builtIn: true },
  );

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-no-recurrence-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('no-recurrence', () => {
  // More seeds are in the slow tests.
  it.each(allSlow ? [1, 2, 3] : [1])(
    'keeps its claims with seed %i',
    async (seed) => {
      const { report, model } = await run(small, seed);
      expect(report.claims!.filter(({ met }) => !met)).toEqual([]);
      expect(report.claims!.map(({ id }) => id)).toEqual(['equal', 'solved', 'chance', 'control']);
      expect(report.evaluation!.metrics.accuracy!.value).toBeGreaterThan(0.95);
      // The weights went to the named architecture, which reads them as the network that learned them did.
      const test = orderTask({ count: 40, length: 12, seed: 99 });
      const { values } = await predictDataset(model as Model, test);
      const target = test.target as { truth: Int32Array };
      const right = target.truth.filter((y, i) => values[2 * i + y]! > 0.5).length;
      expect(right).toBeGreaterThan(36);
    },
    40_000,
  );

  slowly(
    'does not keep them where the LSTM is left its cell',
    async () => {
      const { report } = await run({ ...small, off: 'hidden' }, 3);
      const met = Object.fromEntries(report.claims!.map((claim) => [claim.id, claim.met]));
      expect(met).toEqual({ equal: false, solved: true, chance: false, control: true });
    },
    40_000,
  );

  it("reads the user's sequences, and claims nothing of their order", async () => {
    const path = join(folder, 'mine.tsv');
    const { records, target } = compositionTask({ count: 60, length: 15, seed: 5 });
    const truth = (target as { truth: Int32Array }).truth;
    const rows = records.map(({ id, sequence }, i) => `${id}\t${truth[i]}\t${sequence}`);
    await writeFile(path, `id\tlabel\tsequence\n${rows.join('\n')}\n`);
    const { report } = await noRecurrence.run(
      { ...small, training: { epochs: 2 } },
      { ...quick, input: { path } },
    );
    expect(report.claims!.map(({ id, met }) => [id, met])).toEqual([['equal', true]]);
    expect(report.tables!.length).toBe(2);
  }, 40_000);

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('no-recurrence');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(noRecurrenceDefaults);
    await expect(noRecurrence.run({ off: 'half' }, quick)).rejects.toThrow(
      /off: expected all or hidden, received "half"/,
    );
    await expect(noRecurrence.run({ seeds: 0 }, quick)).rejects.toThrow(/seeds: expected a whole number/);
  });
});

describe('a layer without recurrence', () => {
  const shape = { inputs: 3, hidden: 5 };
  const at = { ...shape, seed: 1, device: 'auto' as const };
  it.each(cellNames)('%s is position-wise only when its whole state is gone', async (cell) => {
    const weights = new Map(
      [...initialize(bothWays(cell, 'on', shape).looped, 7)].map(([path, w]) => [
        path,
        w.map((x, i) => x + 0.1 * Math.sin(i)),
      ]),
    );
    expect(await largestDifference(cell, 'all', weights, at)).toBeLessThan(1e-6);
    expect(await largestDifference(cell, 'on', weights, at)).toBeGreaterThan(0.1);
  });
});

describe('the task of order', () => {
  it('has pairs with the same letters and opposite answers', () => {
    const { records, target } = orderTask({ count: 100, length: 12, seed: 1 });
    const truth = (target as { truth: Int32Array }).truth;
    for (let i = 0; i < records.length; i += 2) {
      const [a, b] = [records[i]!, records[i + 1]!];
      expect([...a.sequence].sort()).toEqual([...b.sequence].sort());
      expect(a.group).toBe(b.group);
      expect(a.sequence.indexOf('G') < a.sequence.indexOf('T')).toBe(truth[i] === 0);
      expect(b.sequence.indexOf('G') < b.sequence.indexOf('T')).toBe(truth[i + 1] === 0);
      expect(a.sequence).toMatch(/^[AC]*G[AC]*T[AC]*$/);
    }
    expect(new Set(records.map(({ sequence }) => sequence.length)).size).toBeGreaterThan(3);
  });
});
