import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRecipe } from './index.ts';
import { plantedTrajectories, readTrajectories } from './initial-state/trajectories.ts';
import {
  type InitialStateConfig,
  initialState,
  initialStateDefaults,
  runInitialState,
} from './initial-state.ts';
import type { RecipeContext } from './recipe.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small: InitialStateConfig = {
  ...initialStateDefaults,
  count: 300,
  length: 20,
  hidden: 12,
  training: { epochs: 15, batchSize: 16, rate: 2e-2 },
};
const metOf = async (config: InitialStateConfig) => {
  const data = plantedTrajectories({ ...config, seed: 1 });
  const { report } = await runInitialState(data, config, quick, { builtIn: true });
  return Object.fromEntries(report.claims!.map((claim) => [claim.id, claim.met]));
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-state-'));
});
afterAll(() => rm(folder, { recursive: true }));
const table = async (text: string) => {
  const path = join(folder, 'x.csv');
  await writeFile(path, text);
  return path;
};

describe('initial-state', () => {
  it('forecasts early values better from a state that knows class or context', async () => {
    expect(await metOf(small)).toMatchObject({ class: true, encoded: true });
  }, 60_000);

  it('does not where class and context are those of another trajectory', async () => {
    expect(await metOf({ ...small, exchanged: true })).toMatchObject({ class: false, encoded: false });
  }, 60_000);

  it("reads the user's trajectories of different lengths, and tries only the starts that they allow", async () => {
    const { all } = plantedTrajectories({ count: 40, length: 16, noise: 0.1, seed: 2 });
    const rows = all.flatMap(({ id, values, kind }, i) =>
      values.slice(0, 10 + (i % 6)).map((value, t) => `${id},${t},${value},q${kind}`),
    );
    const path = await table(`id,time,value,class\n${rows.join('\n')}\n`);
    const training = { ...small.training, epochs: 2 };
    const { report } = await initialState.run({ ...small, training }, { ...quick, input: { path } });
    expect(report.claims!.map(({ id }) => id)).toEqual(['class', 'classFades']);
    expect(report.tables![0]!.rows.map(([name]) => name)).toEqual([
      'zero',
      'learned',
      'class',
      'last value',
      'mean',
    ]);
    expect(report.data!.classes!.map(({ count }) => count).reduce((a, b) => a + b)).toBe(40);
  }, 60_000);

  it.each([
    ['id,time,y\na,1,2\n', /expected columns id and value, found id, time, y/],
    ['id,time,value\na,1,2\n', /nothing is known before a trajectory begins/],
    ['id,value,class\na,x,q\n', /x\.csv:2: column "value": expected a number, received "x"/],
    ['id,value,class\na,1,q\na,2,q\n', /"a" has 2 values; at least 6 are needed/],
  ])('refuses %j', async (text, message) => {
    await expect(readTrajectories(await table(text))).rejects.toThrow(message);
  });

  it('is in the catalogue with its whole configuration as plain JSON, and refuses what makes no sense', async () => {
    const { defaults } = await loadRecipe('initial-state');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(initialStateDefaults);
    await expect(initialState.run({ length: 5 }, quick)).rejects.toThrow(
      /length: expected at least 10 values/,
    );
    await expect(initialState.run({ margin: 2 }, quick)).rejects.toThrow(/margin: expected a share/);
  });
});
