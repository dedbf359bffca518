import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sequenceLogProbability, tokenLogProbabilities } from '../../core/scorer.ts';
import { cases, modelOf } from './brute-force.fixture.ts';
import { gaussian } from './emissions/gaussian.ts';
import { forward } from './forward.ts';
import { hmm } from './model.ts';
import { hmmScorer } from './scorer.ts';

describe('an HMM as a scorer', () => {
  it('foretells tokens whose probabilities multiply to that of the sequence', async () => {
    await fc.assert(
      fc.asyncProperty(
        cases,
        fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 9 }),
        async ({ tokens: _, ...rest }, tokens) => {
          const model = modelOf(rest);
          const scorer = hmmScorer(model);
          const whole = model.end ? [...tokens, 3] : tokens;
          const log = await sequenceLogProbability(scorer, whole, undefined);
          const expected = forward(model, tokens).logLikelihood;
          if (expected === Number.NEGATIVE_INFINITY) expect(log).toBe(expected);
          else expect(log).toBeCloseTo(expected, 9);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('has next-token probabilities of sum one, or none at all after the end or the impossible', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ tokens, ...rest }) => {
        const scorer = hmmScorer(modelOf(rest));
        const prefixes = [scorer.start()];
        for (const w of tokens) prefixes.push(scorer.advance(prefixes.at(-1)!, Math.max(0, w)));
        if (scorer.end !== null) prefixes.push(scorer.advance(prefixes[0]!, scorer.end));
        const rows = Array.from(await scorer.next(prefixes));
        prefixes.forEach(({ alpha }, i) => {
          const sum = rows
            .slice(i * scorer.vocabulary, (i + 1) * scorer.vocabulary)
            .reduce((a, x) => a + Math.exp(x), 0);
          expect(sum).toBeCloseTo(alpha ? 1 : 0, 12);
        });
      }),
    );
  });

  it('allows nothing after the end', async () => {
    const scorer = hmmScorer(modelOf({ seed: 1, kind: { end: true, emitting: 2 }, shared: false }));
    const logs = await tokenLogProbabilities(scorer, [0, 3, 0], undefined);
    expect(logs[1]).toBeGreaterThan(Number.NEGATIVE_INFINITY);
    expect(logs[2]).toBe(Number.NEGATIVE_INFINITY);
  });

  it('is refused for a model that emits numbers', () => {
    const emissions = gaussian({ means: [[0]], variances: [[1]] });
    const model = hmm({ states: [{ name: 'a', emission: 0 }], start: [1], transitions: [[1]], emissions });
    expect(() => hmmScorer(model as never)).toThrow('emits numbers');
  });
});
