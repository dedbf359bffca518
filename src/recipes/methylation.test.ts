import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { lstmCell } from '../nn/cells.ts';
import { tiedCell } from '../nn/recurrence/tied-cell.ts';
import { loadRecipe } from './index.ts';
import { excursion } from './methylation/bounds.ts';
import { plantedSeries, readSeries, type Series } from './methylation/series.ts';
import { exponentialSmoothing } from './methylation/smoothing.ts';
import { type MethylationConfig, methylation, methylationDefaults, runMethylation } from './methylation.ts';
import type { RecipeContext } from './recipe.ts';

const context: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: false };
const small: MethylationConfig = {
  ...methylationDefaults,
  factors: [0.3, 0.85],
  steps: 800,
  training: { epochs: 150, rate: 0.1 },
};
const series = (seed: number, config = small) => plantedSeries({ ...config, seed });
const metOf = async (given: Series, config = small) => {
  const { report } = await runMethylation(given, config, context, { builtIn: true });
  return Object.fromEntries(report.claims!.map((claim) => [claim.id, claim.met]));
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-methylation-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('methylation', () => {
  it.each([1, 2, 3])(
    'keeps its claims with seed %i',
    async (seed) => {
      expect(await metOf(series(seed))).toEqual({
        bounded: true,
        recovered: true,
        forecast: true,
        classical: true,
      });
    },
    30_000,
  );

  it('recovers nothing from series whose times were shuffled', async () => {
    const given = series(1);
    const order = randomStream(1, 'shuffle').shuffle(Int32Array.from(given.times, (_, t) => t));
    const fractions = Float64Array.from(
      given.fractions,
      (_, i) => given.fractions[2 * order[i >> 1]! + (i & 1)]!,
    );
    expect(await metOf({ ...given, fractions })).toMatchObject({ bounded: true, recovered: false });
  }, 30_000);

  it("reads the user's table, and writes a forecast for each of its fractions", async () => {
    const { fractions } = series(4);
    const path = join(folder, 'mine.csv');
    const rows = Array.from({ length: 200 }, (_, t) => `day${t},${fractions[2 * t]},${fractions[2 * t + 1]}`);
    await writeFile(path, `day,a,b\n${rows.join('\n')}\n`);
    const { report, extraFiles } = await methylation.run(
      { ...small, training: { epochs: 20 } },
      { ...context, input: { path } },
    );
    expect(report.claims!.map(({ id }) => id)).toEqual(['bounded', 'forecast', 'classical']);
    const lines = String(extraFiles!['forecasts.tsv']).trim().split('\n');
    expect(lines.length).toBe(401);
    expect(lines[1]).toMatch(/^day0\ta\t[\d.]+\t\t[\d.]+\t[\d.]+\tlearned$/);
    expect(lines[400]).toMatch(/^day199\tb\t.*\ttest$/);
    expect(extraFiles!['memory.onnx']).toBeInstanceOf(Uint8Array);
  }, 30_000);

  it.each([
    ['t,a\n1,0.5\n2,1.5\n', /x\.csv:3: column "a": expected a fraction from 0 to 1, received "1.5"/],
    ['t,a\n1,0.5\n2,\n', /x\.csv:3: column "a".*received ""/],
    ['t,a\n1,0.5\n', /has 1 times; at least 40 are needed/],
    ['time\n1\n', /has no column of fractions beside time/],
  ])('refuses %j', async (text, message) => {
    const path = join(folder, 'x.csv');
    await writeFile(path, text);
    await expect(readSeries(path)).rejects.toThrow(message);
  });

  it('is in the catalogue with its whole configuration as plain JSON, and refuses what makes no sense', async () => {
    const { defaults } = await loadRecipe('methylation');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(methylationDefaults);
    await expect(methylation.run({ factors: [1] }, context)).rejects.toThrow(
      /factors: expected numbers from 0/,
    );
    await expect(methylation.run({ steps: 10 }, context)).rejects.toThrow(/steps: expected at least 40/);
  });
});

describe('cells', () => {
  it.each([1, 2])(
    'tied ones stay within 0 and 1 with anything they are given, plain ones do not (seed %i)',
    async (seed) => {
      const tied = await excursion(tiedCell({ outputGate: false }), { seed, device: 'auto' });
      expect([tied.low, tied.high <= 1, tied.numbers > 3000]).toEqual([0, true, true]);
      const plain = await excursion(lstmCell(), { seed, device: 'auto' });
      expect(plain.low).toBeLessThan(-1);
      expect(plain.high).toBeGreaterThan(1);
    },
  );
});

describe('exponentialSmoothing', () => {
  it('finds the factor of a series that follows it without noise', () => {
    const random = randomStream(1, 'walk');
    let c = 0.5;
    const y = Float64Array.from({ length: 400 }, () => {
      const next = c + 0.1 * random.normal();
      c = 0.8 * c + 0.2 * next;
      return next;
    });
    expect(exponentialSmoothing(y, { times: 400, from: 20 }).factor).toBeCloseTo(0.8, 1);
  });
});
