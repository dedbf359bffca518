import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scorer } from '../core/scorer.ts';
import { exampleLanguage, smallConfigs } from '../models/language/language.fixture.ts';
import { type LanguageScorer, type LanguageState, languageScorer } from '../models/language/scorer.ts';
import { type Generated, type GenerateOptions, generate } from './generate.ts';
import { withoutTokens } from './language.ts';
import { minP, nucleus, type Reshape, temperature, topK, typical } from './sampling.ts';

type Options = GenerateOptions<LanguageState, void>;

/** The same scorer without its loop: token by token. */
const stepwise = ({ drawAhead: _, ...scorer }: LanguageScorer): Scorer<LanguageState> => scorer;

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

const carrying = Object.keys(smallConfigs).filter((name) => name !== 'transformer');

describe.each([false, true])('the loop inside the graph, of a model that foretells ends: %s', (ends) => {
  it.each(carrying)('draws what token by token is drawn: %s', async (architecture) => {
    const scorer = await languageScorer(exampleLanguage({ architecture, ends }));
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
      { numRuns: 6, seed: 1 },
    );
    expect(longest).toBeGreaterThan(4);
    await scorer.close();
  });
});

describe('drawing ahead', () => {
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
    const counted: LanguageScorer = {
      ...scorer,
      next: (states) => scorer.next(states, void asked++),
      drawAhead: (request) => scorer.drawAhead!(request, void asked++),
    } as LanguageScorer;
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
    const { avoid } = await import('./constraints/motifs.ts');
    const [kept] = await drawn(never, { length: 40, spelling: scorer.spelling, where: [avoid('b')] });
    expect(kept!.sequence).not.toContain('b');
    await expect(drawn(never, { length: 40 })).rejects.toThrow('drawn ahead');
    await scorer.close();
  });
});
