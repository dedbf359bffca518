import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dna } from '../data/alphabet.ts';
import { taggerNetwork } from '../models/tagger/network.ts';
import { initialize } from '../nn/module.ts';
import { dropAuroc, dropsOf } from './forget-gate/drops.ts';
import { forgetGates } from './forget-gate/gates.ts';
import { boundariesOf, piecesOf, plantedRegions, stretchesOf, tagsOf } from './forget-gate/regions.ts';
import { type ForgetGateConfig, forgetGate, forgetGateDefaults } from './forget-gate.ts';
import { loadRecipe } from './index.ts';
import type { RecipeContext } from './recipe.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small: ForgetGateConfig = {
  ...forgetGateDefaults,
  count: 90,
  hidden: 12,
  training: { epochs: 6, batchSize: 8, rate: 1e-2 },
};
const planted = plantedRegions({ ...forgetGateDefaults, count: 40, seed: 1 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-forget-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('forget-gate', () => {
  it('finds no boundaries in the gates of a network whose labels were dealt at random', async () => {
    const { report } = await forgetGate.run({ ...small, shuffled: true }, quick);
    const met = Object.fromEntries(report.claims!.map((claim) => [claim.id, claim.met]));
    expect(met).toMatchObject({ drops: false });
    expect(report.metrics!.accuracy!.value).toBeLessThan(0.7);
    expect(report.notes!.join(' ')).toMatch(/Labels were dealt at random/);
  }, 60_000);

  it("reads the user's sequences with closed intervals, and writes the gate of every letter", async () => {
    const [path, labels] = [join(folder, 'mine.fa'), join(folder, 'closed.bed')];
    await writeFile(path, planted.map(({ name, sequence }) => `>${name}\n${sequence}\n`).join(''));
    await writeFile(
      labels,
      planted.flatMap(({ name, closed }) => closed.map(([a, b]) => `${name}\t${a}\t${b}\n`)).join(''),
    );
    const input = { path, options: { labels } };
    const { report, model, extraFiles } = await forgetGate.run({ ...small }, { ...quick, input });
    expect(report.data!.records).toBe(40);
    expect(model!.spec.kind).toBe('tagger');
    const [head, ...lines] = String(extraFiles!['forget-gate.bedgraph']).trim().split('\n');
    expect(head).toMatch(/^track type=bedGraph/);
    const covered = lines.reduce((sum, line) => {
      const [, start, end, value] = line.split('\t');
      expect(Number(value) >= 0 && Number(value) <= 1).toBe(true);
      return sum + Number(end) - Number(start);
    }, 0);
    expect(covered).toBe(40 * 160);
    await expect(forgetGate.run({ ...small }, { ...quick, input: { path } })).rejects.toThrow(
      /name a BED file of closed/,
    );
    await writeFile(labels, `${planted[0]!.name}\t5\t10\n`);
    await expect(forgetGate.run({ ...small }, { ...quick, input })).rejects.toThrow(/at least 10 are needed/);
  }, 60_000);

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('forget-gate');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(forgetGateDefaults);
    await expect(forgetGate.run({ shortest: 3 }, quick)).rejects.toThrow(
      /expected more letters than the motifs have/,
    );
  });
});

describe('planted regions', () => {
  it('begin with their motif; the closing one stands nowhere else, the opening one in open regions alone', () => {
    const { opening, closing } = forgetGateDefaults;
    for (const { sequence, closed } of planted) {
      expect(sequence.length).toBe(160);
      const tags = tagsOf({ name: '', sequence, closed });
      for (let t = 0; t + 6 <= 160; t++) {
        // A motif may also come about where a region ends.
        if (sequence.startsWith(opening, t) && tags[t] === tags[t + 5]) expect(tags[t]).toBe('open');
      }
      for (const [start] of closed)
        if (start + 6 <= 160) expect(sequence.slice(start, start + 6)).toBe(closing);
    }
  });

  it('are cut into pieces that hold the same tags', () => {
    for (const regions of planted.slice(0, 10))
      expect(piecesOf([regions], 37).flatMap(tagsOf)).toEqual(tagsOf(regions));
  });

  it('are cut into stretches that do not overlap, one from each boundary on', () => {
    for (const regions of planted) {
      const stretches = stretchesOf(regions, 8);
      const starts = stretches.filter(({ boundary }) => boundary).map(({ start }) => start);
      expect(starts).toEqual(boundariesOf(regions).filter((start) => start + 8 <= 160));
      stretches.slice(1).forEach(({ start }, i) => {
        expect(start).toBeGreaterThanOrEqual(stretches[i]!.end);
      });
    }
  });
});

describe('drops', () => {
  it('are told perfectly where something falls at boundaries alone', () => {
    const values = planted.map((regions) => {
      const track = new Float64Array(160).fill(1);
      for (const at of boundariesOf(regions)) track[Math.min(159, at + 5)] = 0.2;
      return track;
    });
    expect(dropAuroc(dropsOf(planted, values, 8))).toBe(1);
    expect(
      dropAuroc(
        dropsOf(
          planted,
          values.map((v) => v.map(() => 0.5)),
          8,
        ),
      ),
    ).toBe(0.5);
  });
});

describe('forgetGates', () => {
  it('gives for a long sequence in pieces what it gives for its parts, and does not mix sequences', async () => {
    const spec = {
      kind: 'tagger' as const,
      architecture: 'bilstm',
      config: { hidden: 3, output: 'softmax', dropout: 0, between: 0 },
      input: { kind: 'letters' as const, alphabet: { name: dna.name, letters: dna.letters } },
      tags: ['closed', 'open'],
      rules: { scheme: 'none' as const, allowed: null },
    };
    const weights = initialize(taggerNetwork(spec), 1);
    const read = (sequences: string[]) =>
      forgetGates(sequences, { weights, alphabet: dna, hidden: 3, device: 'auto' });
    const long = planted
      .map(({ sequence }) => sequence)
      .join('')
      .repeat(4);
    const [whole, short] = await read([long, long.slice(0, 500)]);
    expect(long.length).toBeGreaterThan(20_000);
    expect(whole!.length).toBe(3 * long.length);
    expect(Array.from(short!)).toEqual(Array.from(whole!.subarray(0, 1500), (v) => expect.closeTo(v, 5)));
    const [tail] = await read([long.slice(18_000)]);
    const at = long.length - 200;
    Array.from(whole!.subarray(3 * at)).forEach((v, i) => {
      expect(tail![3 * (at - 18_000) + i]).toBeCloseTo(v, 5);
    });
  });
});
