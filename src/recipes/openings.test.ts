import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { mostProbable } from '../train/metrics/index.ts';
import { loadRecipe } from './index.ts';
import { crossingOf, crossingWithInterval } from './openings/crossing.ts';
import { sizesFor } from './openings/curves.ts';
import { labelOf, readGames } from './openings/games.ts';
import { chosenOrder, generativePosterior } from './openings/generative.ts';
import { plantedClasses, plantedGames } from './openings/planted.ts';
import { openings, openingsDefaults, runOpenings } from './openings.ts';
import type { RecipeContext } from './recipe.ts';
import { slowly } from './slow.fixture.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const metOf = ({ report }: Awaited<ReturnType<typeof runOpenings>>) =>
  Object.fromEntries(report.claims!.map(({ id, met }) => [id, met]));
const { games: _games, ...drawing } = openingsDefaults;
const planted = (games: number, changes = {}) => plantedGames({ ...drawing, games, seed: 1, ...changes });

const small = {
  ...openingsDefaults,
  seeds: 1,
  smallest: 40,
  hidden: 16,
  orders: [0],
  training: { ...openingsDefaults.training, steps: 80, epochs: 2 },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-openings-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('openings', () => {
  slowly(
    'meets its claims on planted games',
    async () => {
      const result = await openings.run({}, quick);
      expect(Object.values(metOf(result))).toEqual([true, true, true]);
      const { report, extraFiles } = result;
      const { value, low, high } = report.metrics!.crossingNetwork!;
      expect(low! <= value! && value! <= high!).toBe(true);
      expect(report.figures!.map(({ svg }) => svg.slice(0, 4))).toEqual(['<svg', '<svg', '<svg']);
      expect(String(extraFiles!['predictions.tsv']).split('\n').length).toBe(2 + report.evaluation!.count);
      // What it leaves as an example is what it reads.
      const path = join(folder, 'example.pgn');
      await writeFile(path, extraFiles!['example.pgn']!);
      const read = await readGames(path, { ...openingsDefaults, least: 2 });
      expect(read.moves).toEqual(planted(100).moves);
      expect(read.classes).toEqual(plantedClasses);
    },
    180_000,
  );

  slowly(
    'does not where the network learns nothing: it is never level',
    async () => {
      const config = { ...small, training: { ...small.training, rate: 1e-9 } };
      const { report } = await runOpenings(planted(400), config, quick, { builtIn: true });
      expect(metOf({ report })).toEqual({ few: true, many: false, crossing: false });
      expect(report.claims!.at(-1)).toMatchObject({ value: null });
      expect(report.metrics!.crossingNetwork).toBeUndefined();
    },
    180_000,
  );

  it('does not where openings are dealt at random', async () => {
    const games = planted(400);
    const truth = randomStream(3, 'lie').shuffle(games.truth.slice());
    const met = metOf(await runOpenings({ ...games, truth }, small, quick, { builtIn: true }));
    expect(met).toMatchObject({ few: false, crossing: false });
  }, 180_000);

  it('says what it cannot use', async () => {
    await expect(openings.run({ white: 2 }, quick)).rejects.toThrow(/white: expected a share from 0 to 1/);
    await expect(openings.run({ skip: -1 }, quick)).rejects.toThrow(/skip: expected a whole number from 0/);
  });

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('openings');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(openingsDefaults);
  });
});

describe('games that are read', () => {
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const game = (name: string, moves: string, more = '') => `[Opening "${name}"]\n${more}\n${moves} *\n\n`;

  it.each([
    ['family', 'Sicilian Defense'],
    ['opening', 'Sicilian Defense: Najdorf Variation, English Attack'],
    ['eco', 'B90'],
    ['volume', 'B'],
  ] as const)('are called by their %s', (kind, name) => {
    const tags = { Opening: 'Sicilian Defense: Najdorf Variation, English Attack', ECO: 'B90' };
    expect(labelOf(tags, kind)).toBe(name);
    expect(labelOf({ Opening: '?', ECO: '?' }, kind)).toBeUndefined();
  });

  it('are counted where they are left out', async () => {
    const common = Array.from({ length: 35 }, () => game('A: x', '1. e4 e5') + game('B', '1. d4 d5 2. c4'));
    const odd = [
      game('C', '1. c4 c5'),
      game('?', '1. c4 c5'),
      game('A', ''),
      game('A', '1. e4 e5', '[FEN "4k3/8/8/8/8/8/8/4K3 w - - 0 1"]\n'),
    ];
    const path = await write('mixed.pgn', [...odd, ...common].join(''));
    const read = await readGames(path, { label: 'family', skip: 1, plies: 2, least: 5 });
    expect(read.classes).toEqual(['A', 'B']);
    expect(read.moves.slice(0, 2)).toEqual([['e5'], ['d5', 'c4']]);
    expect(read.skipped.map(({ count, examples }) => [count, examples])).toEqual([
      [1, ['game 4 (line 13)']],
      [1, ['game 2 (line 5)']],
      [1, ['game 3 (line 9)']],
      [1, ['game 1 (line 1)']],
    ]);
  });

  it('must have openings, of which several have games enough', async () => {
    const bare = await write('bare.pgn', '1. e4 *\n1. d4 *\n');
    const options = { label: 'family', skip: 0, plies: 9, least: 5 } as const;
    await expect(readGames(bare, options)).rejects.toThrow(
      /bare\.pgn: none of 2 games has a tag \[Opening "…"\].*label=eco/,
    );
    const one = await write('one.pgn', game('A', '1. e4').repeat(99));
    await expect(readGames(one, options)).rejects.toThrow(/99 games of 1 openings are left; expected/);
  });
});

describe('planted games', () => {
  it('follow their set-ups: no move twice, castling and development in a possible order', () => {
    for (const moves of planted(300).moves) {
      for (const side of [0, 1]) {
        const own = moves.filter((_, ply) => ply % 2 === side);
        expect(new Set(own).size).toBe(own.length);
        const castled = own.indexOf('O-O');
        if (castled >= 0) expect(own.slice(0, castled).some((move) => /^N[fe][3-7]$/.test(move))).toBe(true);
        expect(own.every((move) => move === 'O-O' || Number(move.at(-1)) <= 4 === (side === 0))).toBe(true);
      }
    }
  });

  it('come with the true probability of each opening: it is calibrated, and nothing learned is right more often', () => {
    const { best, truth } = planted(3000);
    const k = plantedClasses.length;
    const said = mostProbable(best, k);
    let [right, expected] = [0, 0];
    truth.forEach((y, g) => {
      const row = best.subarray(g * k, (g + 1) * k);
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      right += Number(said[g] === y) / truth.length;
      expected += Math.max(...row) / truth.length;
    });
    // Three standard errors of a share of 3,000.
    expect(Math.abs(right - expected)).toBeLessThan(3 * Math.sqrt(0.25 / 3000));
    expect(right).toBeGreaterThan(0.6);
  });
});

describe('n-grams with Bayes’ rule', () => {
  it('are what the rule says, by hand', () => {
    // Witten and Bell, order 0, three moves: opening 0 saw a a b (two kinds), opening 1 saw b.
    const learned = { tokens: [Int32Array.of(0, 0, 1), Int32Array.of(1)], truth: Int32Array.of(0, 1) };
    const [p0, p1] = generativePosterior(learned, [Int32Array.of(0)], {
      classes: 2,
      vocabulary: 3,
      order: 0,
    });
    const likelihoods = [(2 + 2 / 3) / (3 + 2), (0 + 1 / 3) / (1 + 1)];
    expect(p0! / p1!).toBeCloseTo(likelihoods[0]! / likelihoods[1]!, 12);
  });

  it('pass over moves that nobody has seen, and fall back on how common openings are', () => {
    const learned = {
      tokens: [Int32Array.of(0), Int32Array.of(0), Int32Array.of(1)],
      truth: Int32Array.of(0, 0, 1),
    };
    const p = generativePosterior(learned, [Int32Array.of(-1, -1)], { classes: 2, vocabulary: 2, order: 1 });
    expect([...p]).toEqual([expect.closeTo(3 / 5, 12), expect.closeTo(2 / 5, 12)]);
  });
});

describe('the chosen order', () => {
  it('is the shortest that is as good as any, and one that order needs where it decides', () => {
    const random = randomStream(2, 'order');
    const games = (make: (c: number) => number[]) => {
      const truth = Int32Array.from({ length: 80 }, (_, i) => i % 2);
      return { tokens: Array.from(truth, (c) => Int32Array.from(make(c))), truth };
    };
    const options = { classes: 2, vocabulary: 4, orders: [0, 1, 2], seed: 1 };
    const letters = games((c) => [c, 2 + random.below(2), 2 + random.below(2)]);
    expect(chosenOrder(letters, options)).toBe(0);
    const pairs = games((c) => (c ? [0, 1, 2, 3] : [1, 0, 3, 2]));
    expect(chosenOrder(pairs, options)).toBe(1);
  });
});

describe('the crossing point', () => {
  it('lies on the line between the last size behind and the next', () => {
    expect(crossingOf([-0.1, 0.1], [64, 256])).toBeCloseTo(128, 9);
    expect(crossingOf([-0.1, 0.1, -0.1, 0.3], [1, 10, 100, 1000])).toBeCloseTo(100 * 10 ** 0.25, 6);
    expect(crossingOf([0.1, 0.2], [1, 2])).toBe(0);
    expect(crossingOf([-0.1, -0.2], [1, 2])).toBe(Number.POSITIVE_INFINITY);
  });

  it('has an interval that holds the true one as often as it says', () => {
    // Differences with means −0.2, 0 and 0.2 at 10, 100 and 1,000 games: they cross at 100.
    const random = randomStream(4, 'curves');
    const draw = (mean: number) =>
      Int8Array.from({ length: 150 }, () => {
        const u = random.uniform();
        return u < 0.2 + mean / 2 ? 1 : u < 0.4 ? -1 : 0;
      });
    let held = 0;
    const trials = 60;
    for (let t = 0; t < trials; t++) {
      const differences = [-0.2, 0, 0.2].map((m) => Array.from({ length: 4 }, () => draw(m)));
      const { crossing, means } = crossingWithInterval(differences, [10, 100, 1000], {
        seed: t,
        resamples: 200,
      });
      held += Number(crossing.low <= 100 && 100 <= crossing.high);
      expect(means[0]!.low <= means[0]!.value && means[0]!.value <= means[0]!.high).toBe(true);
    }
    expect(held / trials).toBeGreaterThan(0.85);
  });

  it('is nowhere where one method is always ahead', () => {
    const ahead = [10, 100].map(() => [new Int8Array(50).fill(1)]);
    expect(crossingWithInterval(ahead, [10, 100]).crossing).toEqual({ value: 0, low: 0, high: 0 });
    const behind = [10, 100].map(() => [new Int8Array(50).fill(-1)]);
    expect(crossingWithInterval(behind, [10, 100]).crossing.low).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('sizes', () => {
  it('double, and end with all', () => {
    expect(sizesFor(30, 400)).toEqual([30, 60, 120, 240, 400]);
    expect(sizesFor(30, 2000, 4)).toEqual([30, 120, 480, 2000]);
    expect(sizesFor(30, 20)).toEqual([20]);
  });
});
