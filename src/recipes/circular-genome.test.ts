import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { dna } from '../data/alphabet.ts';
import { initialize } from '../nn/module.ts';
import { backendOf } from '../runtime/compile.ts';
import { circularSkew, cutCircles, turned } from './circular-genome/circles.ts';
import { turningErrors } from './circular-genome/equivariance.ts';
import { circularNetwork, openReader } from './circular-genome/networks.ts';
import { bedGraph } from './circular-genome/report.ts';
import { circularDefaults, circularGenome } from './circular-genome.ts';
import { loadRecipe } from './index.ts';
import type { RecipeContext } from './recipe.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small = {
  ...circularDefaults,
  length: 150,
  circles: 48,
  tested: 16,
  leak: 0.9,
  hidden: 12,
  training: { ...circularDefaults.training, epochs: 25 },
};
const random = randomStream(1, 'plasmid');
const plasmid = Array.from({ length: 1500 }, () => 'ACGT'[random.below(4)]).join('');
const tokens = dna.encode(plasmid);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-circle-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the leaky skew of a circle', () => {
  it('is what going round and round settles to', () => {
    const [n, r] = [40, 0.9];
    const circle = tokens.slice(0, n);
    let state = 0;
    for (let t = 0; t < 100 * n; t++) {
      const letter = 'ACGT'[circle[t % n]!];
      state = r * state + (1 - r) * (Number(letter === 'G') - Number(letter === 'C'));
      if (t >= 99 * n) expect(circularSkew(circle, dna, r)[t % n]).toBeCloseTo(state, 6);
    }
  });

  it('turns with the circle', () => {
    const whole = circularSkew(tokens, dna, 0.97);
    const shifted = circularSkew(turned(tokens, 321), dna, 0.97);
    turned(whole, 321).forEach((y, t) => {
      expect(shifted[t]).toBeCloseTo(y, 5);
    });
  });

  it('comes in windows that keep training and test apart', () => {
    const record = { id: 'p', sequence: plasmid };
    const dataset = { records: [record], alphabet: dna, tracks: [], sources: [], skipped: [], notes: [] };
    const { train, test } = cutCircles(dataset, { length: 100, circles: 30, tested: 20, leak: 0.9, seed: 1 });
    const ends = (id: string) => id.split(':')[1]!.split('-').map(Number);
    expect(Math.max(...train.map(({ id }) => ends(id)[1]!))).toBeLessThanOrEqual(1050);
    expect(Math.min(...test.map(({ id }) => ends(id)[0]!))).toBeGreaterThan(1050);
    expect(() => cutCircles(dataset, { length: 400, circles: 3, tested: 2, leak: 0.9, seed: 1 })).toThrow(
      /"p" has 1500 letters; expected at least 1600, four windows of length 400/,
    );
  });
});

describe('networks over circles', () => {
  const weights = (passes: number) => initialize(circularNetwork({ alphabet: dna, hidden: 6, passes }), 3);

  it('two passes are what reading the doubled sequence gives, at the second copy', async () => {
    const shape = { alphabet: dna, hidden: 6 };
    const two = await openReader({ ...shape, passes: 2 }, weights(2), { doubled: false });
    const doubled = await openReader({ ...shape, passes: 1 }, weights(1), { doubled: true });
    const circles = [tokens.slice(0, 50), tokens.slice(50, 100)];
    const [a, b] = [await two.predict(circles), await doubled.predict(circles)];
    a.forEach((row, c) => {
      row.forEach((y, t) => {
        expect(b[c]![t]).toBeCloseTo(y, 5);
      });
    });
    await two.release();
    await doubled.release();
  });

  it('what does not look around has no error under rotation, and what counts places has', async () => {
    const circles = [{ id: 'a', tokens: tokens.slice(0, 30), truth: new Float32Array(30) }];
    const options = { turns: 3, reach: 5, unit: 1, seed: 1 };
    const read = (y: (token: number, place: number) => number) => ({
      predict: async (all: readonly Int32Array[]) => all.map((row) => Float32Array.from(row, y)),
      release: async () => {},
    });
    const letters = await turningErrors(
      read((token) => token),
      circles,
      options,
    );
    expect(letters).toMatchObject({ errors: [0], worst: 0 });
    const places = await turningErrors(
      read((_, place) => place),
      circles,
      options,
    );
    expect(places.errors[0]).toBeGreaterThan(1);
    expect([...places.byDistance]).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('circular-genome', () => {
  it("reads the user's circles as a line and around, and leaves a track and a network that runs", async () => {
    const path = join(folder, 'plasmids.fa');
    await writeFile(path, `>p1\n${plasmid}\n>p2\n${plasmid.slice(200, 900)}\n`);
    const { report, extraFiles } = await circularGenome.run({ ...small }, { ...quick, input: { path } });
    expect(report.claims!.map(({ id, met }) => [id, met])).toEqual([
      ['doubled', true],
      ['circle', true],
      ['rotation', true],
      ['genome', true],
    ]);
    expect(report.data!.records).toBe(2);
    expect(report.evaluation!.metrics.r2!.value).toBeGreaterThan(
      report.baselines!['network on a line']!.r2!.value!,
    );
    const track = (extraFiles!['track.bedgraph'] as string).split('\n');
    expect(track[0]).toMatch(/^track type=bedGraph/);
    expect(track[1]).toMatch(/^p1\t0\t/);
    expect(track.at(-2)).toMatch(/^p2\t\d+\t700\t/);
    const session = await (await backendOf('auto')).open(extraFiles!['network.onnx'] as Uint8Array, {
      threads: 1,
    });
    const shape = [1, 60];
    const { track: values } = await session.run(
      { tokens: { dtype: 'int32', shape, data: tokens.slice(0, 60) } },
      ['track'],
      {},
    );
    expect(values!.data.length).toBe(60);
    await session.release();
  }, 60_000);

  it('does not meet its claim where the circular network goes round but once', async () => {
    const path = join(folder, 'one.fa');
    await writeFile(path, `>p1\n${plasmid}\n`);
    const config = { ...small, passes: 1, training: { ...small.training, epochs: 8 } };
    const { report } = await circularGenome.run(config, { ...quick, input: { path } });
    const claims = Object.fromEntries(report.claims!.map((claim) => [claim.id, claim.met]));
    expect(claims).toMatchObject({ circle: false, genome: false });
  }, 60_000);

  it('writes neighbouring places with the same value as one line', () => {
    const whole = [{ id: 'c', tokens: new Int32Array(4), truth: new Float32Array(4) }];
    const tracks = [Float32Array.of(1, 1, 2, 1)];
    expect(
      bedGraph({ train: [], test: [], whole, unit: 0.5 }, tracks, { leak: 0.9 }).split('\n').slice(1),
    ).toEqual(['c\t0\t2\t0.500', 'c\t2\t3\t1.000', 'c\t3\t4\t0.500', '']);
  });

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('circular-genome');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(circularDefaults);
    await expect(circularGenome.run({ leak: 1 }, quick)).rejects.toThrow(/leak: expected a number between/);
  });
});
