import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Scorer } from '../core/scorer.ts';
import { exampleLanguage, smallConfigs } from '../models/language/language.fixture.ts';
import { openSampler } from '../models/language/sampler.ts';
import { type LanguageScorer, type LanguageState, languageScorer } from '../models/language/scorer.ts';
import { avoid } from './constraints/motifs.ts';
import { type Generated, type GenerateOptions, generate } from './generate.ts';
import { generateSequences, withoutTokens } from './language.ts';
import { minP, nucleus, type Reshape, temperature, topK, typical } from './sampling.ts';

type Options = GenerateOptions<LanguageState, void>;

/** The same scorer without its loop: token by token. */
const stepwise = ({ drawAhead: _, ahead: __, ...scorer }: LanguageScorer): Scorer<LanguageState> => scorer;

async function drawn(scorer: Scorer<LanguageState>, options: Options): Promise<Generated[]> {
  const found: Generated[] = [];
  for await (const one of generate(scorer, options)) found.push(one);
  return found;
}

const reshapes = fc.array(
  fc.oneof(
    fc.double({ min: 0.2, max: 3, noNaN: true }).map(temperature),
    fc.integer({ min: 1, max: 7 }).map(topK),
    ...[nucleus, typical, minP].map((rule) => fc.double({ min: 0.05, max: 1, noNaN: true }).map(rule)),
  ),
  { maxLength: 3 },
);
const asked = fc.record({
  sample: reshapes,
  seed: fc.nat(),
  length: fc.integer({ min: 0, max: 90 }),
  count: fc.integer({ min: 0, max: 5 }),
  batch: fc.integer({ min: 1, max: 4 }),
  prompt: fc.array(fc.nat({ max: 4 }), { maxLength: 6 }),
});

const positions = ['learned', 'sinusoidal', 'alibi', 'none'];
const models = [
  ...Object.entries(smallConfigs).map(([architecture, config]) => ({
    name: architecture,
    architecture,
    config,
  })),
  ...positions.map((positions) => ({
    ...{ name: `transformer, positions ${positions}`, architecture: 'transformer' },
    config: { ...smallConfigs.transformer, positions, context: 70 },
  })),
];

describe('the loop inside the graph', () => {
  const ending = models.filter(({ name }) => name === 'lstm' || name === 'transformer');
  const cases = [
    ...models.map((model) => ({ ...model, ends: false })),
    ...ending.map((model) => ({ ...model, ends: true })),
  ];

  it.each(cases)(
    'draws what token by token is drawn: $name, ends $ends',
    async ({ architecture, config, ends }) => {
      const scorer = await languageScorer(exampleLanguage({ architecture, config, ends }));
      let longest = 0;
      await fc.assert(
        fc.asyncProperty(asked, async (options) => {
          const length = Math.max(options.length, options.prompt.length);
          const [ahead, single] = [
            await drawn(scorer, { ...options, length }),
            await drawn(stepwise(scorer), { ...options, length }),
          ];
          expect(ahead.map(({ tokens, ended }) => [[...tokens], ended])).toEqual(
            single.map(({ tokens, ended }) => [[...tokens], ended]),
          );
          ahead.forEach((one, i) => {
            longest = Math.max(longest, one.tokens.length);
            expect(one.logProbability).toBeCloseTo(single[i]!.logProbability, 3);
            expect(one.drawLogProbability).toBeCloseTo(single[i]!.drawLogProbability, 3);
          });
        }),
        { numRuns: 4, seed: 1 },
      );
      expect(longest).toBeGreaterThan(4);
      await scorer.close();
    },
  );
});

vi.mock('../models/language/sampler.ts', { spy: true });

describe('drawing ahead', () => {
  it('is how generateSequences draws, unless there are constraints', async () => {
    const model = exampleLanguage({});
    const texts: string[] = [];
    const before = vi.mocked(openSampler).mock.calls.length;
    for await (const { sequence } of generateSequences(model, { length: 30, sample: nucleus(0.9) }))
      texts.push(sequence);
    expect(texts[0]).toHaveLength(30);
    expect(vi.mocked(openSampler).mock.calls.length).toBe(before + 1);
    expect(vi.mocked(openSampler).mock.lastCall![2].rules).toEqual([{ kind: 'nucleus', value: 0.9 }]);
    for await (const { sequence } of generateSequences(model, { length: 30, where: [avoid('b')] }))
      texts.push(sequence);
    expect(texts[1]).not.toContain('b');
    expect(vi.mocked(openSampler).mock.calls.length).toBe(before + 1);
  });

  it('leaves out tokens that are not to be written, as token by token', async () => {
    const scorer = await languageScorer(exampleLanguage({}));
    const without = new Set([1, 3]);
    const options = { length: 70, count: 3, seed: 5, sample: temperature(1.5) };
    const ahead = await drawn(withoutTokens(scorer, without), options);
    expect(ahead).toHaveLength(3);
    expect(ahead.some(({ tokens }) => tokens.some((token) => without.has(token)))).toBe(false);
    const single = await drawn(withoutTokens(stepwise(scorer), without), options);
    expect(ahead.map(({ tokens }) => [...tokens])).toEqual(single.map(({ tokens }) => [...tokens]));
    ahead.forEach((one, i) => {
      expect(one.logProbability).toBeCloseTo(single[i]!.logProbability, 3);
    });
    await scorer.close();
  });

  it('asks the scorer far less often than there are tokens, and tells of every token in the order of places', async () => {
    const scorer = await languageScorer(exampleLanguage({}));
    let asked = 0;
    const counting = <A, R>(run: (given: A) => R) => {
      return (given: A): R => {
        asked++;
        return run(given);
      };
    };
    const counted: LanguageScorer = {
      ...scorer,
      next: counting(scorer.next),
      drawAhead: counting(scorer.drawAhead),
    };
    const told: number[][] = [[], []];
    const found = await drawn(counted, {
      length: 100,
      count: 2,
      onToken: (token, i) => told[i]!.push(token),
    });
    expect(told).toEqual(found.map(({ tokens }) => [...tokens]));
    expect(asked).toBe(3);
    await scorer.close();
  });

  it('goes token by token with constraints, and with changes of the distribution that are a function of the user’s', async () => {
    const scorer = await languageScorer(exampleLanguage({}));
    const never: LanguageScorer = {
      ...scorer,
      drawAhead: () => {
        throw new Error('drawn ahead');
      },
    };
    const noSecond: Reshape = (logs) => {
      logs[1] = Number.NEGATIVE_INFINITY;
    };
    const [own] = await drawn(never, { length: 40, sample: noSecond });
    expect(own!.tokens).not.toContain(1);
    const [kept] = await drawn(never, { length: 40, spelling: scorer.spelling, where: [avoid('b')] });
    expect(kept!.sequence).not.toContain('b');
    await expect(drawn(never, { length: 40 })).rejects.toThrow('drawn ahead');
    await scorer.close();
  });
});
