import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { monotone } from './align/reading.ts';
import { alignmentText } from './align/report.ts';
import { divergedPair } from './align/simulate.ts';
import { type AlignConfig, align, alignDefaults, runAlign } from './align.ts';
import type { RecipeContext } from './recipe.ts';
import { slowly } from './slow.fixture.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small: AlignConfig = { ...alignDefaults, length: 20, pairs: 1500, divergences: [0.1, 0.3], tests: 60 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-align-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('align', () => {
  // More seeds are in test/slow/seeds.test.ts.
  slowly(
    'keeps its claims',
    async () => {
      const { report } = await runAlign(small, quick);
      expect(report.claims!.map(({ id, met }) => [id, met])).toEqual([
        ['partners', true],
        ['diagonal', true],
      ]);
      // Dynamic programming with the true rates stays the bar, and divergence costs accuracy.
      const [near, far] = report.tables![0]!.rows.map((row) =>
        row.slice(1, 3).map((cell) => Number.parseFloat(`${cell}`)),
      );
      expect(near![1]).toBeGreaterThan(near![0]!);
      expect(far![0]).toBeLessThan(near![0]!);
    },
    90_000,
  );

  slowly(
    'does not keep them where it learned from pairs that have nothing to do with one another',
    async () => {
      const { report } = await runAlign({ ...small, pairs: 500, related: false }, quick);
      expect(report.claims!.map(({ met }) => met)).toEqual([false, false]);
    },
    60_000,
  );

  it("aligns the user's sequences and writes them", async () => {
    const path = join(folder, 'mine.fa');
    await writeFile(path, '>a\nACGTTTACGAGG\n>b\nACGTACGAGG\n>c\nacgtttaccagg\n');
    const config = { pairs: 60, length: 20, tests: 5, training: { epochs: 1 } };
    const { report, extraFiles } = await align.run(config, { ...quick, input: { path } });
    expect(report.claims!.map(({ id }) => id)).toEqual(['agreement']);
    expect(extraFiles!['alignments.txt']).toContain('a and c\n');
    for (const [text, message] of [
      ['>a\nACGT\n', 'holds 1 sequences; expected at least two'],
      ['>a\nACGT\n>b\nACNT\n', 'record "b" has "N" at 3'],
    ]) {
      await writeFile(path, text!);
      await expect(align.run(config, { ...quick, input: { path } })).rejects.toThrow(message);
    }
  }, 60_000);
});

describe('reading weights monotonically', () => {
  /** Every rising way to give rows a column or none. */
  function best(weights: number[], rows: number, columns: number, gap: number, row = 0, from = 0): number {
    if (row === rows) return 0;
    let most = best(weights, rows, columns, gap, row + 1, from);
    for (let c = from; c < columns; c++)
      most = Math.max(
        most,
        weights[row * columns + c]! - gap + best(weights, rows, columns, gap, row + 1, c + 1),
      );
    return most;
  }

  it('finds the largest sum of weights among all rising readings', () => {
    const shape = fc.record({
      rows: fc.integer({ min: 1, max: 4 }),
      columns: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(
        shape,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 16, maxLength: 16 }),
        ({ rows, columns }, weights) => {
          const found = monotone(weights, { rows, columns, gap: 0.2 });
          const kept = found.filter((c) => c >= 0);
          expect(kept.every((c, i) => i === 0 || c > kept[i - 1]!)).toBe(true);
          const sum = found.reduce((total, c, r) => total + (c < 0 ? 0 : weights[r * columns + c]! - 0.2), 0);
          expect(sum).toBeCloseTo(best(weights, rows, columns, 0.2), 9);
        },
      ),
    );
  });

  it('simulated partners rise, and agree with the letters as often as told', () => {
    const random = randomStream(1, 'pairs');
    let [same, aligned] = [0, 0];
    for (let i = 0; i < 300; i++) {
      const { a, b, partners } = divergedPair(random, { length: 30, divergence: 0.2 });
      expect(partners).toHaveLength(b.length);
      const kept = partners.filter((p) => p >= 0);
      expect(kept.every((p, at) => at === 0 || p > kept[at - 1]!)).toBe(true);
      partners.forEach((p, j) => {
        if (p < 0) return;
        aligned++;
        same += Number(a[p] === b[j]);
      });
    }
    expect(same / aligned).toBeCloseTo(1 - 0.2 * 0.76, 1.5);
  });

  it('an alignment is written with both sequences whole', () => {
    const text = alignmentText({
      names: ['x', 'y'],
      a: Int32Array.of(0, 1, 2, 3),
      b: Int32Array.of(0, 2, 2),
      looked: [0, 2, -1],
      programmed: [0, 2, -1],
    });
    expect(text).toBe('x and y\nACG-T\n| |  \nA-GG-\n');
  });
});
