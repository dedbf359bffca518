import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byStep, growth } from './exposure-bias/drift.ts';
import { readSeries, walks } from './exposure-bias/series.ts';
import { type DriftConfig, driftDefaults, exposureBias, runExposureBias } from './exposure-bias.ts';
import type { RecipeContext } from './recipe.ts';
import { slowly } from './slow.fixture.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small: DriftConfig = { ...driftDefaults, count: 500, tests: 150, roundEpochs: 3 };
const run = (config: DriftConfig, seed: number) =>
  runExposureBias(walks({ ...config, seed }), config, { ...quick, seed }, { builtIn: true });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-drift-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('exposure-bias', () => {
  // More seeds are in test/slow/seeds.test.ts.
  slowly(
    'keeps its claims',
    async () => {
      const { report, model } = await run(small, 1);
      expect(report.claims!.map(({ id, met }) => [id, met])).toEqual([
        ['grows', true],
        ['remedy', true],
      ]);
      expect(model!.spec.kind).toBe('translator');
    },
    60_000,
  );

  slowly(
    'does not keep the second where the network reads the truth in its rollouts too',
    async () => {
      const { report } = await run({ ...small, ownRollouts: false }, 1);
      expect(report.claims!.map(({ id, met }) => [id, met])).toEqual([
        ['grows', true],
        ['remedy', false],
      ]);
    },
    60_000,
  );

  it("reads the user's sequences", async () => {
    const path = join(folder, 'mine.txt');
    await writeFile(
      path,
      `${Array.from({ length: 80 }, (_, i) => 'abcde'.repeat(4).slice(i % 5, (i % 5) + 14)).join('\n')}\n`,
    );
    const config = { prompt: 6, horizon: 8, training: { epochs: 1 }, rounds: 1, roundEpochs: 1 };
    const { report } = await exposureBias.run(config, { ...quick, input: { path } });
    expect(report.data!.sources![0]!.path).toContain('mine.txt');
    expect(report.data!.records).toBe(80);
    await expect(readSeries(path, { prompt: 20, horizon: 20, most: 9, seed: 1 })).rejects.toThrow(
      'expected at least 50',
    );
  }, 60_000);

  it('refuses settings that make no walk', async () => {
    await expect(exposureBias.run({ jump: 2 }, quick)).rejects.toThrow('jump: expected a share from 0 to 1');
    await expect(exposureBias.run({ sampling: { curve: 'exponential', k: 2 } }, quick)).rejects.toThrow(
      'k between 0 and 1',
    );
  });
});

describe('the growth of a drift', () => {
  it('is the excess error of the last third less that of the first, under any weights', () => {
    const free = [Uint8Array.of(0, 0, 1, 1, 1, 1), Uint8Array.of(0, 0, 0, 0, 1, 1)];
    const forced = [Uint8Array.of(0, 0, 0, 0, 0, 1), Uint8Array.of(1, 0, 0, 0, 0, 0)];
    expect(byStep(free)).toEqual([0, 0, 0.5, 0.5, 1, 1]);
    expect(growth({ free, forced })).toBeCloseTo(0.75 - -0.25, 12);
    expect(growth({ free, forced }, Float64Array.of(1, 0))).toBeCloseTo(0.5, 12);
  });

  it('walks hold what they promise: steps of one, jumps and noise as often as told', () => {
    const { fit } = walks({ ...driftDefaults, count: 400, seed: 3 });
    let [steps, right, total] = [0, 0, 0];
    for (const { source, target } of fit)
      for (let t = 1; t < 24; t++) {
        total++;
        steps += Number(target[t] === (target[t - 1]! + 1) % 8);
        right += Number(source[t] === target[t]);
      }
    expect(steps / total).toBeCloseTo(1 - 0.04 * (7 / 8), 1.5);
    expect(right / total).toBeCloseTo(1 - 0.35 * (7 / 8), 1.5);
  });
});
