import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dna } from '../data/alphabet.ts';
import { network } from '../models/network.ts';
import type { ModelSpec } from '../models/spec.ts';
import { initialize } from '../nn/module.ts';
import { openScorer } from '../train/score-dataset.ts';
import { loadRecipe } from './index.ts';
import { askedAtTheEnd, askedEverywhere, contenders, leanContender } from './long-range/contenders.ts';
import { growthOf } from './long-range/cost.ts';
import { peakOf } from './long-range/peak-memory.ts';
import { longRangeReport } from './long-range/report.ts';
import { binsByLength, wilson } from './long-range/solve.ts';
import { markedSequences } from './long-range/task.ts';
import { type LongRangeConfig, longRange, longRangeDefaults } from './long-range.ts';
import type { RecipeContext } from './recipe.ts';
import { slowly } from './slow.fixture.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const metOf = ({ report }: Awaited<ReturnType<typeof longRange.run>>) =>
  Object.fromEntries(report.claims!.map(({ id, met }) => [id, met]));
/** Everything small: what is shown is how claims come about, not what the networks can do. */
const small: Partial<LongRangeConfig> = {
  hidden: 8,
  window: 8,
  dilations: [1, 8],
  around: 8,
  tested: [
    { length: 12, count: 60 },
    { length: 60, count: 60 },
  ],
  lessons: [{ portions: [{ length: 12, count: 200 }], epochs: 1, rate: 5e-3 }],
  cost: { lengths: [128, 256, 512], gigabytes: 1, patience: 1 },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-long-range-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('long-range', () => {
  it('is in the catalogue with its whole configuration as plain JSON, and refuses what makes no sense', async () => {
    const { defaults } = await loadRecipe('long-range');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(longRangeDefaults);
    await expect(longRange.run({ heads: 5 }, quick)).rejects.toThrow(/heads: 5 do not divide hidden 32/);
    await expect(longRange.run({ tested: [{ length: 1, count: 3 }] }, quick)).rejects.toThrow(
      /tested\.length: expected at least 2 letters/,
    );
    await expect(longRange.run({ cost: { ...longRangeDefaults.cost, lengths: [4] } }, quick)).rejects.toThrow(
      /cost\.lengths: expected three lengths or more/,
    );
  });

  slowly(
    'meets none of its claims on solving where nothing was learned',
    async () => {
      const result = await longRange.run(small, quick);
      expect(metOf(result)).toMatchObject({ near: false, reach: false, learned: false, far: false });
      expect(result.report.figures!.length).toBeGreaterThan(2);
    },
    180_000,
  );

  it('judges growth by its exponents, and reach by what local attention cannot see', () => {
    const test = markedSequences(
      [
        { length: 16, count: 100 },
        { length: 500, count: 300 },
      ],
      1,
    );
    const truth = Array.from(test.target!.truth);
    const right = Float64Array.from(truth.flatMap((y) => [1 - y, y]));
    const guessing = right.map((p, i) => (i < 200 ? p : Number(i % 4 < 2) === i % 2 ? 1 : 0));
    const judged = (power: Record<string, number>, local: Float64Array) => {
      const of = contenders(longRangeDefaults);
      const costs = (id: string) =>
        [1, 2, 4, 8].map((n) => ({
          length: 1024 * n,
          seconds: n ** power[id]!,
          estimate: 1e6 * n ** power[id]!,
          measured: undefined,
        }));
      const report = longRangeReport(
        {
          reached: of.map((contender) => ({
            contender,
            predicted: [contender.id === 'local' ? local : right],
            seconds: [1],
            first: undefined as never,
          })),
          costly: [...of, leanContender(longRangeDefaults)].map(({ id, name }) => ({
            id,
            name,
            costs: costs(id),
          })),
          test,
          fit: test,
          config: longRangeDefaults,
          seeds: 1,
          builtIn: true,
          quick: false,
        },
        binsByLength(test),
      );
      return Object.fromEntries(report.claims!.map(({ id, met }) => [id, met]));
    };
    const expected = {
      lstm: 1,
      hierarchical: 1,
      dilated: 1,
      minGru: 1,
      local: 1,
      linear: 1,
      full: 2,
      lean: 2,
    };
    const met = judged(expected, guessing);
    expect(Object.values(met)).toEqual(new Array(7).fill(true));
    expect(judged({ ...expected, linear: 2 }, guessing)).toEqual({
      ...met,
      'linear-time': false,
      'linear-memory': false,
    });
    expect(judged({ ...expected, lean: 1 }, guessing)).toEqual({ ...met, 'square-time': false });
    expect(judged(expected, right)).toEqual({ ...met, reach: false });
  });

  it("reads the user's labelled sequences, and says whether reading them helps", async () => {
    const path = join(folder, 'mine.tsv');
    const rows = Array.from({ length: 60 }, (_, i) => {
      const noise = Array.from({ length: 15 + (i % 11) }, (_, t) => 'AC'[(i * 7 + t * t) % 2]).join('');
      return `s${i}\t${i % 2 ? 'on' : 'off'}\t${i % 2 ? 'G' : 'T'}${noise}`;
    });
    await writeFile(path, `id\tlabel\tsequence\n${rows.join('\n')}\n`);
    const result = await longRange.run(
      { ...small, training: { ...longRangeDefaults.training, epochs: 15 } },
      { ...quick, input: { path } },
    );
    expect(metOf(result)).toMatchObject({ 'above-guessing': true });
    expect(result.model!.spec).toMatchObject({ architecture: 'lstm' });
    expect(result.report.data!.sources![0]!.path).toBe(path);
  }, 180_000);
});

describe('the task of long-range', () => {
  const marksOf = (sequence: string) =>
    [...sequence].flatMap((c, t) => (c === 'G' || c === 'T' ? [{ c, t }] : []));
  it('recalls the one mark of the first tenth', () => {
    const { records, target } = markedSequences([{ length: 50, count: 100 }], 1);
    records.forEach(({ sequence }, i) => {
      const marks = marksOf(sequence);
      expect(marks.length).toBe(1);
      expect(marks[0]!.t).toBeLessThan(5);
      expect('GT'[target!.truth[i] as number]).toBe(marks[0]!.c);
    });
  });

  it('compares two marks at the ends, so that no sum of counts answers', () => {
    const { records, target } = markedSequences([{ length: 50, count: 400 }], 1, {
      question: 'compare',
      noise: 0,
    });
    const sums = [0, 0];
    const counts = [0, 0];
    records.forEach(({ sequence }, i) => {
      const marks = marksOf(sequence);
      const y = target!.truth[i] as number;
      expect(sequence).not.toContain('C');
      expect(marks.length).toBe(2);
      expect(marks[1]!.t).toBe(49);
      expect(y).toBe(Number(marks[0]!.c !== marks[1]!.c));
      sums[y]! += marks.filter(({ c }) => c === 'G').length;
      counts[y]!++;
    });
    // One G in the mean in either class: three standard errors.
    for (const c of [0, 1])
      expect(Math.abs(sums[c]! / counts[c]! - 1)).toBeLessThan(3 / Math.sqrt(counts[c]!));
  });
});

describe('full attention of which only the last place is asked', () => {
  it('answers as the whole layer does', async () => {
    const config = { ...longRangeDefaults, hidden: 8, heads: 2 };
    const data = markedSequences(
      [
        { length: 9, count: 5 },
        { length: 30, count: 5 },
      ],
      1,
    );
    const spec = (own: ModelSpec['network']): ModelSpec => ({
      architecture: 'custom',
      config: {},
      network: own!,
      alphabet: { name: dna.name, letters: dna.letters },
      tracks: [],
      output: { kind: 'classes', classes: ['same', 'different'] },
    });
    const [end, everywhere] = [spec(askedAtTheEnd(config)), spec(askedEverywhere(config))];
    const weights = initialize(network(everywhere), 3);
    expect([...initialize(network(end), 3)]).toEqual([...weights]);
    const answers: Float64Array[] = [];
    for (const own of [end, everywhere]) {
      const scorer = await openScorer(own, data, weights, {});
      answers.push(await scorer.predict());
      await scorer.release();
    }
    answers[0]!.forEach((p, i) => {
      expect(p).toBeCloseTo(answers[1]![i]!, 5);
    });
  });
});

describe('growthOf', () => {
  it('finds the exponent, with an interval as wide as the scatter', () => {
    const square = [1, 2, 4, 8].map((l): [number, number] => [l, 3 * l * l]);
    expect(growthOf(square).exponent).toBeCloseTo(2, 12);
    expect(growthOf(square).high - growthOf(square).low).toBeLessThan(1e-6);
    const rough = growthOf(square.map(([l, y], i): [number, number] => [l, y * (i % 2 ? 1.3 : 1)]));
    expect(rough.low < 2 && 2 < rough.high).toBe(true);
    expect(growthOf(square.slice(0, 2)).high).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('peakOf', () => {
  it.runIf(process.platform === 'linux')('sees memory that is held for a moment', async () => {
    const bytes = 64e6;
    const rise = await peakOf(async () => {
      const held = new Uint8Array(bytes).fill(1);
      expect(held.length).toBe(bytes);
    });
    // Where the system forbids to set the mark back there is no answer, and the report has none.
    if (rise !== undefined) expect(rise).toBeGreaterThan(0.9 * bytes);
  });
});

describe('bins and intervals', () => {
  it('are lengths where these are few, else quarters', () => {
    const few = markedSequences(
      [
        { length: 9, count: 2 },
        { length: 5, count: 3 },
      ],
      1,
    );
    expect(binsByLength(few).map(({ name, records }) => [name, records.length])).toEqual([
      ['5', 3],
      ['9', 2],
    ]);
    const many = markedSequences(
      Array.from({ length: 12 }, (_, i) => ({ length: 10 + i, count: 1 })),
      1,
    );
    expect(binsByLength(many).map(({ name }) => name)).toEqual(['10–12', '13–15', '16–18', '19–21']);
  });

  it('are those of Wilson', () => {
    // Computed by hand from the published formula.
    expect(wilson(0.5, 100).low).toBeCloseTo(0.4038, 4);
    expect(wilson(1, 24).low).toBeCloseTo(0.862, 3);
    expect(wilson(0, 24).low).toBe(0);
  });
});
