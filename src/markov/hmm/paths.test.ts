import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { allPaths, cases, logSum, modelOf, randomModel } from './brute-force.fixture.ts';
import { forward } from './forward.ts';
import { kBestPaths } from './k-best.ts';
import { posteriors } from './posterior.ts';
import { sampleHmm, samplePath } from './sample.ts';
import { pathLetters, pathLogProbability, runsText, stateRuns } from './state-path.ts';
import { viterbi } from './viterbi.ts';

describe('the k best paths', () => {
  it('are the k most likely of all, in order and without repetition', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 7 }), ({ tokens, ...rest }, k) => {
        const model = modelOf(rest);
        const logs = allPaths(model, tokens).map((p) => p.logProbability);
        if (logs.length > 3000) return;
        const paths = kBestPaths(model, tokens, k);
        const expected = logs.sort((a, b) => b - a).slice(0, k);
        expect(paths.length).toBe(expected.length);
        paths.forEach((path, i) => {
          expect(path.logProbability).toBeCloseTo(expected[i]!, 9);
          expect(pathLogProbability(model, tokens, path)).toBeCloseTo(path.logProbability, 9);
        });
        const texts = paths.map(({ states, silent }) => JSON.stringify([[...states], silent]));
        expect(new Set(texts).size).toBe(texts.length);
      }),
      { numRuns: 200 },
    );
  });

  it('begin with the Viterbi path', () => {
    const model = randomModel(3, { emitting: 4, silent: 1, end: true });
    const stream = randomStream(1, 'k-best');
    const tokens = Array.from({ length: 40 }, () => stream.below(3));
    const [best, second] = kBestPaths(model, tokens, 2);
    expect(best!.states).toEqual(viterbi(model, tokens).states);
    expect(second!.logProbability).toBeLessThanOrEqual(best!.logProbability);
  });

  it('are refused where they would not fit into memory', () => {
    expect(() => kBestPaths(randomModel(1), new Int32Array(1e6), 100)).toThrow('expected at most 10⁸');
    expect(() => kBestPaths(randomModel(1), [0], 0)).toThrow('0 best paths');
  });
});

describe('stochastic traceback', () => {
  it('draws paths in proportion to their posterior, with checkpoints and without', () => {
    for (const kind of [{ emitting: 2, silent: 1, end: true }, { emitting: 3 }]) {
      const model = randomModel(4, kind);
      const tokens = [0, 2, 1, 1];
      const paths = allPaths(model, tokens);
      const total = logSum(paths.map((p) => p.logProbability));
      const key = ({ states, silent }: { states: Int32Array; silent: unknown }) =>
        JSON.stringify([[...states], silent]);
      const expected = new Map(paths.map((p) => [key(p), Math.exp(p.logProbability - total)]));
      for (const stretch of [1, 4]) {
        const stream = randomStream(stretch, 'traceback');
        const seen = new Map<string, number>();
        const draws = 3000;
        for (let i = 0; i < draws; i++) {
          const path = samplePath(model, tokens, stream, { stretch });
          seen.set(key(path), (seen.get(key(path)) ?? 0) + 1 / draws);
        }
        for (const path of seen.keys()) expect(expected.has(path)).toBe(true);
        for (const [path, p] of expected) expect(Math.abs((seen.get(path) ?? 0) - p)).toBeLessThan(0.04);
      }
    }
  });

  it('never scores above the Viterbi path, and says what it scores', () => {
    fc.assert(
      fc.property(cases, ({ tokens, ...rest }) => {
        const model = modelOf(rest);
        if (forward(model, tokens).impossibleAt !== null)
          expect(() => samplePath(model, tokens, randomStream(1))).toThrow('has probability zero');
        else {
          const path = samplePath(model, tokens, randomStream(rest.seed, 'draw'));
          expect(path.logProbability).toBeGreaterThan(Number.NEGATIVE_INFINITY);
          expect(path.logProbability).toBeLessThanOrEqual(viterbi(model, tokens).logProbability + 1e-9);
        }
      }),
    );
  });
});

describe('sampling', () => {
  it('gives sequences that the model can emit, their own path among the possible ones', () => {
    fc.assert(
      fc.property(cases, ({ tokens: _, ...rest }) => {
        const model = modelOf(rest);
        const { observations, states, silent } = sampleHmm(model, randomStream(rest.seed, 'sample'), {
          length: 12,
        });
        expect(observations.length).toBe(states.length);
        // One that was cut off at the length has not ended, so that only models without end are checked whole.
        if (model.end) return;
        const log = pathLogProbability(model, observations, {
          states,
          silent: silent.filter((v) => v.position < 12),
        });
        expect(log).toBeGreaterThan(Number.NEGATIVE_INFINITY);
        expect(log).toBeLessThanOrEqual(forward(model, observations).logLikelihood + 1e-12);
      }),
    );
  });

  it('visits states as often as their posteriors say', () => {
    const model = randomModel(12, { emitting: 3, silent: 1 });
    const stream = randomStream(2, 'frequencies');
    const share = new Float64Array(4);
    const expected = new Float64Array(4);
    for (let i = 0; i < 400; i++) {
      const { observations, states } = sampleHmm(model, stream, { length: 10 });
      for (const s of states) share[s]! += 1 / 4000;
      const { probabilities } = posteriors(model, observations);
      probabilities.forEach((p, j) => {
        if (model.states[j % 4]!.emission !== null) expected[j % 4]! += p / 4000;
      });
    }
    share.forEach((s, i) => {
      expect(Math.abs(s - expected[i]!)).toBeLessThan(0.03);
    });
  });

  it('repeats itself for a seed', () => {
    const draw = () => sampleHmm(randomModel(1), randomStream(5, 'again'), { length: 30 });
    expect(draw()).toEqual(draw());
    expect(() => sampleHmm(randomModel(1), randomStream(5), { length: -1 })).toThrow('length -1');
  });
});

describe('a path', () => {
  const model = randomModel(1, { emitting: 2 });
  const path = { states: Int32Array.of(0, 0, 1, 0) };

  it('prints as runs that cover it without gap', () => {
    const runs = stateRuns(model, path);
    expect(runs).toEqual([
      { state: 's0', start: 0, end: 2 },
      { state: 's1', start: 2, end: 3 },
      { state: 's0', start: 3, end: 4 },
    ]);
    expect(runsText(runs)).toBe('state\tstart\tend\ns0\t0\t2\ns1\t2\t3\ns0\t3\t4\n');
    expect(stateRuns(model, { states: new Int32Array(0) })).toEqual([]);
  });

  it('prints as one letter per position', () => {
    const lettered = { states: model.states.map((s, i) => ({ ...s, letter: 'xy'[i]! })) };
    expect(pathLetters(lettered, path)).toBe('xxyx');
  });

  it('that is impossible has log-probability −Infinity', () => {
    const one = randomModel(2, { emitting: 2, sparse: 0.9 });
    const log = pathLogProbability({ ...one, start: Float64Array.of(1, 0) }, [0], {
      states: Int32Array.of(1),
      silent: [],
    });
    expect(log).toBe(Number.NEGATIVE_INFINITY);
  });
});
