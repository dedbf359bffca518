import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { loadRecipe } from './index.ts';
import type { RecipeContext } from './recipe.ts';
import { ribosomalTail, strongestDuplex } from './shortcut/duplex-energy.ts';
import { leaders } from './shortcut/leaders.ts';
import { fitMechanism } from './shortcut/mechanism.ts';
import { plantedSets, runShortcut, type ShortcutConfig, shortcut, shortcutDefaults } from './shortcut.ts';
import { slowly } from './slow.fixture.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small: ShortcutConfig = {
  ...shortcutDefaults,
  records: 3000,
  training: { epochs: 12, batchSize: 32, rate: 5e-3 },
};
const claimsOf = ({ report }: Awaited<ReturnType<typeof runShortcut>>) =>
  Object.fromEntries(report.claims!.map((claim) => [claim.id, claim]));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-shortcut-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the leaders of the example', () => {
  const options = { length: 40, records: 4000, word: 'CATACG', seed: 2 };
  const made = leaders({ ...options, share: 0.9, name: 'same' });
  const truth = made.target!.truth as Int32Array;

  it('hold the word as often as asked, by label', () => {
    const shares = [0, 1].map((label) => {
      const own = made.records.filter((_, i) => truth[i] === label);
      return own.filter(({ sequence }) => sequence.includes('CATACG')).length / own.length;
    });
    expect(shares[0]).toBeCloseTo(0.1, 1);
    expect(shares[1]).toBeCloseTo(0.9, 1);
  });

  it('are translated by their free energy alone: it means the same in every set', () => {
    const curve = (share: number, name: string) => {
      const { records, target } = leaders({ ...options, share, name });
      const energies = Float64Array.from(records, (r) => strongestDuplex(r.sequence, ribosomalTail).energy);
      return fitMechanism(energies, target!.truth);
    };
    // σ((−5 − ΔG) / 0.8): slope −1.25, bias −6.25.
    for (const { bias, slope } of [curve(0.9, 'a'), curve(0.1, 'b')]) {
      expect(Math.abs(slope + 1.25)).toBeLessThan(0.2);
      expect(Math.abs(bias / slope - 5)).toBeLessThan(0.15);
    }
  });

  it('refuse a length without room', () => {
    expect(() => leaders({ ...options, length: 20, share: 0.5, name: 'x' })).toThrow(/at least 30 letters/);
  });
});

describe('shortcut', () => {
  it('catches a network on the planted word, while the mechanism holds', async () => {
    const result = await shortcut.run({ ...small }, quick);
    const claims = claimsOf(result);
    expect(claims).toMatchObject({
      leans: { value: 1, met: true },
      falls: { met: true },
      holds: { met: true },
    });
    const { report, model } = result;
    expect(report.tables![0]!.rows.map(([test]) => test)).toEqual([
      'same',
      'word at random',
      'word reversed',
    ]);
    expect(Object.keys(report.baselines!)).toContain('duplex energy');
    expect(report.figures!.length).toBe(2);
    expect(model!.spec.architecture).toBe('cnn');
  }, 60_000);

  slowly(
    'finds no shortcut where the word goes with nothing in training',
    async () => {
      const config = { ...small, share: 0.5, k: 6 };
      const claims = claimsOf(await runShortcut(plantedSets(config, quick), config, quick));
      expect(claims.leans!.met).toBe(false);
      expect(claims.falls!.met).toBe(false);
      expect(claims.holds!.met).toBe(true);
    },
    60_000,
  );

  slowly(
    'the mechanism does not hold where labels turn round',
    async () => {
      const sets = plantedSets(small, quick);
      const turned = sets.shifted.map(({ name, dataset }) => {
        const target = dataset.target!;
        if (target.kind !== 'classes') throw new Error('expected classes');
        return {
          name,
          dataset: { ...dataset, target: { ...target, truth: target.truth.map((y) => 1 - y) } },
        };
      });
      const config = { ...small, k: 2 };
      const claims = claimsOf(await runShortcut({ ...sets, shifted: turned }, config, quick));
      expect(claims.holds!.met).toBe(false);
    },
    60_000,
  );

  it("takes the user's records; those of a group are the shifted test, and without any it says what it does not know", async () => {
    const random = randomStream(5, 'mine');
    const rows = Array.from({ length: 160 }, (_, i) => {
      const letters = Array.from({ length: 30 }, () => 'ACGT'[random.below(4)]).join('');
      const shifted = i >= 120;
      const label = i % 2 ? 'on' : 'off';
      const leader = i % 2 ? `${letters.slice(0, 18)}AAGGAG${letters.slice(24)}` : letters;
      return [`m${i}`, label, shifted ? 'shifted' : 'lab', leader].join('\t');
    });
    const path = join(folder, 'mine.tsv');
    await writeFile(path, `id\tlabel\tplace\tsequence\n${rows.join('\n')}\n`);
    const config = { ...small, k: 3, training: { ...small.training, epochs: 2 } };
    const grouped = await shortcut.run(config, { ...quick, input: { path, options: { group: 'place' } } });
    expect(grouped.report.claims!.map(({ id }) => id)).toEqual(['falls', 'holds']);
    expect(grouped.report.data!.records).toBe(120);
    const plain = await shortcut.run(config, { ...quick, input: { path } });
    expect(plain.report.claims).toEqual([]);
    expect(plain.report.notes!.join(' ')).toMatch(/No record has the group "shifted"/);
  }, 60_000);

  it('is in the catalogue with its whole configuration as plain JSON, and refuses a word of other letters', async () => {
    const { defaults } = await loadRecipe('shortcut');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(shortcutDefaults);
    await expect(shortcut.run({ k: 12 }, quick)).rejects.toThrow(/k: 16777216 words are too many/);
    await expect(shortcut.run({ word: 'CAUG' }, quick)).rejects.toThrow(/word: expected letters out of/);
  });
});
