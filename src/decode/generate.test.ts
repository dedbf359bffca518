import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codons } from './constraints/codons.ts';
import type { Constraint } from './constraints/constraint.ts';
import { gc } from './constraints/gc.ts';
import { length } from './constraints/length.ts';
import { mask } from './constraints/mask.ts';
import { matches } from './constraints/matches.ts';
import { avoid, endsWith, require } from './constraints/motifs.ts';
import { sites } from './constraints/restriction-sites.ts';
import { type Generated, type GenerateOptions, generate } from './generate.ts';
import { nucleus, temperature, topK, typical } from './sampling.ts';
import { enumerate, toyScorer } from './scorer.fixture.ts';

type Options = GenerateOptions<readonly number[], number | undefined>;
const dna = toyScorer({ vocabulary: 4, seed: 4, spread: 0.7 });
async function collect(scorer: ReturnType<typeof toyScorer>, options: Options) {
  const found: Generated[] = [];
  for await (const one of generate(scorer, options)) found.push(one);
  return found;
}

/** χ² of counts against probabilities; the outcomes with an expectation below 5 are pooled. */
function chiSquare(counts: Map<string, number>, expected: Map<string, number>, n: number) {
  let [sum, cells, rareCount, rareExpected] = [0, 0, 0, 0];
  const add = (count: number, mean: number) => {
    sum += (count - mean) ** 2 / mean;
    cells++;
  };
  for (const [name, p] of expected) {
    if (n * p >= 5) add(counts.get(name) ?? 0, n * p);
    else {
      rareCount += counts.get(name) ?? 0;
      rareExpected += n * p;
    }
  }
  if (rareExpected > 5) add(rareCount, rareExpected);
  return { statistic: sum, cells };
}

/** That counts fit: the statistic lies within four standard deviations of its mean, on either side. */
function expectFit(found: Generated[], expected: Map<string, number>) {
  const name = ({ tokens, ended }: { tokens: ArrayLike<number>; ended: boolean }) =>
    `${Array.from(tokens)}${ended ? '.' : ''}`;
  const counts = new Map<string, number>();
  for (const one of found) counts.set(name(one), (counts.get(name(one)) ?? 0) + 1);
  for (const seen of counts.keys()) expect([...expected.keys()]).toContain(seen);
  const { statistic, cells } = chiSquare(counts, expected, found.length);
  expect(cells).toBeGreaterThan(8);
  const freedom = cells - 1;
  expect(Math.abs(statistic - freedom) / Math.sqrt(2 * freedom)).toBeLessThan(4);
  return { name, counts };
}

describe('the frequencies of generate', () => {
  const scorer = toyScorer({ vocabulary: 3, end: 2, seed: 6, spread: 0.8 });
  const label = (tokens: ArrayLike<number>, ended: boolean) => `${Array.from(tokens)}${ended ? '.' : ''}`;

  it('are the exact probabilities', async () => {
    const all = await enumerate(scorer, 4);
    const expected = new Map(
      all.map(({ tokens, ended, logProbability }) => [label(tokens, ended), Math.exp(logProbability)]),
    );
    expect([...expected.values()].reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    const found = await collect(scorer, { length: 4, count: 6000, seed: 11, batch: 500 });
    expectFit(found, expected);
    for (const { tokens, ended, logProbability, drawLogProbability } of found.slice(0, 50)) {
      expect(logProbability).toBeCloseTo(Math.log(expected.get(label(tokens, ended))!), 9);
      expect(drawLogProbability).toBeCloseTo(logProbability, 9);
    }
  });

  it('are the exact probabilities of the local rule, where temperature and constraints change it', async () => {
    const where = [avoid('AA'), length({ min: 2 })];
    // By hand: at each step tokens that lead to no good sequence are left out, the others share by p^(1/T).
    const good = (word: string) => !word.includes('AA') && word.length >= 2;
    const canBe = (word: string, left: number): boolean =>
      good(word) || (left > 0 && ['A', 'B'].some((letter) => canBe(word + letter, left - 1)));
    const expected = new Map<string, number>();
    const visit = async (state: readonly number[], word: string, p: number): Promise<void> => {
      const tokens = Array.from(word, (letter) => 'AB'.indexOf(letter));
      if (word.length === 4) {
        expected.set(label(tokens, false), p);
        return;
      }
      const logs = await scorer.next([state]);
      const allowed = [0, 1, 2].filter((t) =>
        t === 2 ? good(word) : canBe(word + 'AB'[t], 3 - word.length),
      );
      const weights = allowed.map((t) => Math.exp(logs[t]! / 0.7));
      const total = weights.reduce((a, b) => a + b);
      for (const [i, t] of allowed.entries()) {
        const share = (p * weights[i]!) / total;
        if (t === 2) expected.set(label(tokens, true), share);
        else await visit(scorer.advance(state, t), word + 'AB'[t], share);
      }
    };
    await visit(scorer.start(undefined), '', 1);
    const options = {
      length: 4,
      count: 6000,
      seed: 12,
      batch: 500,
      spelling: 'AB',
      where,
      sample: temperature(0.7),
    };
    const found = await collect(scorer, options);
    expectFit(found, expected);
    for (const { tokens, ended, drawLogProbability } of found.slice(0, 50))
      expect(drawLogProbability).toBeCloseTo(Math.log(expected.get(label(tokens, ended))!), 9);
    // The importance weights turn the draws into the model's distribution over what keeps the constraints.
    const all = (await enumerate(scorer, 4)).filter(({ tokens }) =>
      good(tokens.map((t) => 'AB'[t]).join('')),
    );
    const inside = all.reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0);
    const mean =
      found.reduce((sum, one) => sum + Math.exp(one.logProbability - one.drawLogProbability), 0) /
      found.length;
    expect(mean).toBeCloseTo(inside, 1);
  });
});

describe('generate', () => {
  it('gives the same bytes for the same seed, whatever the batch, the count and the company', async () => {
    const scorer = toyScorer({ vocabulary: 5, end: 4, seed: 2 });
    const options = {
      length: 12,
      seed: 3,
      sample: [temperature(1.3), nucleus(0.95)],
      spelling: 'ACGT',
      where: [avoid('AC')],
    };
    const together = await collect(scorer, { ...options, count: 30, batch: 7 });
    expect(new Set(together.map(({ tokens }) => tokens.length)).size).toBeGreaterThan(3);
    expect(await collect(scorer, { ...options, count: 30, batch: 1 })).toEqual(together);
    expect(await collect(scorer, { ...options, count: 30, batch: 100 })).toEqual(together);
    expect(await collect(scorer, { ...options, count: 11 })).toEqual(together.slice(0, 11));
    expect(await collect(scorer, { ...options, count: 30, seed: 4 })).not.toEqual(together);
  });

  it('asks the scorer for many sequences at once, and fills the places of those that ended', async () => {
    const calls: number[] = [];
    const scorer = toyScorer({ vocabulary: 3, end: 2, calls });
    await collect(scorer, { length: 20, count: 64, batch: 8 });
    expect(Math.max(...calls)).toBe(8);
    expect(calls.slice(0, 5)).toEqual([8, 8, 8, 8, 8]);
  });

  it('tells of every token as it is drawn', async () => {
    const told: number[][] = [[], [], []];
    const found = await collect(dna, {
      length: 6,
      prompt: [1],
      count: 3,
      onToken: (token, i) => told[i]!.push(token),
    });
    expect(told).toEqual(found.map(({ tokens }) => [...tokens.slice(1)]));
  });

  it('keeps random constraints under every way of sampling, as plain JavaScript sees it', async () => {
    const share = (s: string) => [...s].filter((letter) => 'GC'.includes(letter)).length / s.length;
    const pool: [Constraint, (s: string) => boolean][] = [
      [avoid(['GA', 'TTT']), (s) => !/GA|TTT/.test(s)],
      [require('CCA'), (s) => s.includes('CCA')],
      [endsWith('TAA'), (s) => s.endsWith('TAA')],
      [gc({ min: 0.4, max: 0.5 }), (s) => share(s) >= 0.4 && share(s) <= 0.5],
      [
        gc({ min: 0.2, max: 0.8, window: 5 }),
        (s) =>
          Array.from({ length: s.length - 4 }, (_, i) => s.slice(i, i + 5)).every(
            (w) => share(w) >= 0.2 && share(w) <= 0.8,
          ),
      ],
      [
        codons({ start: false }),
        (s) => s.length % 3 === 0 && /^(?:(?!TAA|TAG|TGA)...)*(?:TAA|TAG|TGA)$/.test(s),
      ],
      [matches(/(A|C|GT|T)*/), (s) => /^(A|C|GT|T)*$/.test(s)],
      [sites(['EcoRI', 'TaqI', 'HinfI']), (s) => !/GAATTC|TCGA|GA[ACGT]TC/.test(s)],
      [
        mask((i) => (i % 4 === 1 ? 'AT' : undefined), { lookBack: 0 }),
        (s) => [...s].every((letter, i) => i % 4 !== 1 || 'AT'.includes(letter)),
      ],
    ];
    const samplers = [[], [temperature(2)], [topK(2)], [nucleus(0.6)], [typical(0.5)]];
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(pool, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...samplers),
        fc.integer({ min: 9, max: 16 }),
        fc.nat(1000),
        async (some, sample, n, seed) => {
          const where = some.map(([constraint]) => constraint);
          const found = await collect(dna, {
            length: n,
            spelling: 'ACGT',
            where,
            sample,
            seed,
            count: 5,
          }).catch((error: Error) => error.message);
          if (typeof found === 'string') {
            expect(found).toMatch(/^No sequence of \d+ letters keeps/);
            return;
          }
          kept += found.length;
          for (const { sequence } of found) {
            expect(sequence.length).toBe(n);
            expect([
              sequence,
              where.filter((_, i) => !some[i]![1](sequence)).map(({ text }) => text),
            ]).toEqual([sequence, []]);
          }
        },
      ),
      { numRuns: 100, seed: 5 },
    );
    expect(kept).toBeGreaterThan(200);
  });

  it('contrasts with the marginal: weight 0 changes nothing, weight 1 prefers what the context adds', async () => {
    const options = { length: 5, context: 7, count: 20, seed: 1 };
    const marginal = toyScorer({ vocabulary: 4, seed: 99 });
    expect(await collect(dna, { ...options, contrast: { marginal, weight: 0 } })).toEqual(
      await collect(dna, options),
    );
    expect(await collect(dna, { ...options, contrast: { marginal, weight: 1, first: 0 } })).toEqual(
      await collect(dna, options),
    );
    // Against itself with weight 1 every token is worth the same: sampling is uniform over what is possible.
    const found = await collect(dna, {
      ...options,
      count: 4000,
      length: 2,
      contrast: { marginal: dna, context: 7, weight: 1 },
    });
    for (const token of [0, 1, 2, 3])
      expect(found.filter(({ tokens }) => tokens[0] === token).length).toBeGreaterThan(900);
    expect(
      found.every(({ drawLogProbability }) => Math.abs(drawLogProbability - 2 * Math.log(0.25)) < 1e-9),
    ).toBe(true);
    await expect(collect(dna, { ...options, contrast: { marginal: toyScorer() } })).rejects.toThrow(
      'The marginal has 3 tokens and ends with null, the model 4 and null',
    );
  });

  it('goes on for as long as asked, though its constraints remember every prefix', async () => {
    const noRepeat = mask((_, prefix) => (prefix.endsWith('A') ? 'CGT' : undefined));
    const found = await collect(dna, {
      length: 60,
      count: 60,
      spelling: 'ACGT',
      where: [noRepeat],
      batch: 4,
    });
    expect(found.length).toBe(60);
    expect(found.filter(({ sequence }) => sequence.includes('AA'))).toEqual([]);
  });
});

describe('generate refuses', () => {
  const failing = (options: Partial<Options>, scorer = dna) =>
    expect(collect(scorer, { length: 5, spelling: 'ACGT', ...options })).rejects;

  it('a prompt with unknown letters or tokens', async () => {
    await failing({ prompt: 'ACXT' }).toThrow('The prompt has "X" at position 3; this model writes A C G T.');
    await failing({ prompt: [0, 9] }).toThrow('The prompt has the token 9; expected 0 to 3.');
    await failing({ prompt: [3] }, toyScorer({ vocabulary: 4, end: 3 })).toThrow(
      'expected 0 to 3, other than the end token 3',
    );
    const kmers = { spelling: ['AC', 'GT', 'A', 'G'], prompt: 'AC' };
    await failing(kmers).toThrow('give the prompt as tokens');
    await expect(collect(dna, { length: 5, prompt: 'AC' })).rejects.toThrow(
      'A prompt in letters needs spelling',
    );
  });

  it('constraints without a spelling, and those that cannot be met, before it asks the model anything', async () => {
    const calls: number[] = [];
    const scorer = toyScorer({ vocabulary: 4, calls });
    await expect(collect(scorer, { length: 5, where: [avoid('A')] })).rejects.toThrow(
      'give spelling, what each token spells',
    );
    await expect(
      collect(scorer, { length: 5, spelling: 'ACGT', where: [endsWith('TAA'), avoid('AA')] }),
    ).rejects.toThrow('No sequence of 5 letters keeps all of endsWith("TAA"), avoid("AA").');
    expect(calls).toEqual([]);
  });

  it('a model that gives everything allowed a probability of zero', async () => {
    const onlyA = {
      ...dna,
      next: async (states: readonly unknown[]) =>
        Float64Array.from(states.flatMap(() => [0, -Infinity, -Infinity, -Infinity])),
    };
    await failing({ where: [avoid('AAA')] }, onlyA).toThrow(
      'After "AA" the model gives every token that the constraints allow a probability of zero.',
    );
  });

  it('numbers that make no sense', async () => {
    await failing({ length: 2.5 }).toThrow('length is 2.5; expected a whole number of tokens from 0');
    await failing({ count: -1 }).toThrow('count is -1');
    await failing({ batch: 0 }).toThrow('batch 0');
    await failing({ spelling: 'ACGTN' }).toThrow('The spelling has 5 tokens, the model only 4.');
  });
});
