import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { allPaths, cases, largest, logSum, modelOf, randomModel } from './brute-force.fixture.ts';
import { addExpected, zeroCounts } from './counts.ts';
import { categorical } from './emissions/categorical.ts';
import { gaussian } from './emissions/gaussian.ts';
import { forward } from './forward.ts';
import { meaPath } from './mea.ts';
import { hmm } from './model.ts';
import { onlineViterbi } from './online-viterbi.ts';
import { plainForward } from './plain.ts';
import { posteriorStates, posteriors, visitPosteriors } from './posterior.ts';
import { pathLogProbability } from './state-path.ts';
import { viterbi } from './viterbi.ts';

const close = (a: number, b: number, digits = 10) => expect(Math.abs(a - b)).toBeLessThan(10 ** -digits);

describe('Forward, Backward and Viterbi', () => {
  it('equal the enumeration of all paths', () => {
    fc.assert(
      fc.property(cases, ({ tokens, ...rest }) => {
        const model = modelOf(rest);
        const paths = allPaths(model, tokens);
        const { logLikelihood, impossibleAt } = forward(model, tokens);
        const plain = plainForward(model, tokens);
        expect(plain.impossibleAt).toBe(impossibleAt);
        if (paths.length === 0) {
          expect(logLikelihood).toBe(Number.NEGATIVE_INFINITY);
          expect(impossibleAt).not.toBeNull();
          expect(() => viterbi(model, tokens)).toThrow('has probability zero');
          expect(() => posteriors(model, tokens)).toThrow('has probability zero');
          return;
        }
        const logs = paths.map((p) => p.logProbability);
        close(logLikelihood, logSum(logs));
        close(plain.logLikelihood, logLikelihood);
        const best = viterbi(model, tokens);
        close(best.logProbability, largest(logs));
        close(pathLogProbability(model, tokens, best), best.logProbability);
        expect(best.logProbability).toBeLessThanOrEqual(logLikelihood + 1e-12);
      }),
      { numRuns: 300 },
    );
  });

  it('give posteriors that equal the enumeration, visits of silent states included', () => {
    fc.assert(
      fc.property(cases, ({ tokens, ...rest }) => {
        const model = modelOf(rest);
        const paths = allPaths(model, tokens);
        if (paths.length === 0) return;
        const n = model.states.length;
        const total = logSum(paths.map((p) => p.logProbability));
        const expected = new Float64Array(tokens.length * n);
        for (const { states, silent, logProbability } of paths) {
          const share = Math.exp(logProbability - total);
          states.forEach((s, t) => {
            expected[t * n + s]! += share;
          });
          for (const { position, state } of silent)
            if (position > 0) expected[(position - 1) * n + state]! += share;
        }
        const { probabilities, logLikelihood } = posteriors(model, tokens);
        close(logLikelihood, total);
        probabilities.forEach((p, i) => {
          close(p, expected[i]!);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('are the same with checkpoints as without', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 40 }), ({ seed, kind, shared }, stretch) => {
        const model = modelOf({ seed, kind: { ...kind, sparse: 0 }, shared });
        const stream = randomStream(seed, 'tokens');
        const tokens = Int32Array.from({ length: 97 }, () => stream.below(3));
        const whole = posteriors(model, tokens);
        const parts = posteriors(model, tokens, { stretch });
        close(parts.logLikelihood, whole.logLikelihood);
        whole.probabilities.forEach((p, i) => {
          close(p, parts.probabilities[i]!, 12);
        });
        expect(viterbi(model, tokens, { stretch })).toEqual(viterbi(model, tokens));
        expect(meaPath(model, tokens, { stretch }).states).toEqual(meaPath(model, tokens).states);
      }),
    );
  });

  it('are the same over dense models, where SIMD works, as over the lists of a model with one silent state more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 21 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.boolean(),
        (emitting, seed, end) => {
          const dense = randomModel(seed, { emitting, end });
          const extra = { name: 'unused', emission: null, letter: '-' };
          const listed: typeof dense = {
            ...dense,
            states: [...dense.states, extra],
            tied: Int32Array.of(...dense.tied, emitting),
            start: Float64Array.of(...dense.start, 0),
            end: dense.end && Float64Array.of(...dense.end, 1),
          };
          const stream = randomStream(seed, 'dense');
          const tokens = Int32Array.from({ length: 50 }, () => stream.below(3));
          const { logLikelihood } = forward(dense, tokens);
          close(plainForward(dense, tokens).logLikelihood, logLikelihood);
          close(forward(listed, tokens).logLikelihood, logLikelihood);
          expect(viterbi(listed, tokens)).toEqual(viterbi(dense, tokens));
          const [one, other] = [dense, listed].map((model) => {
            const counts = zeroCounts(model);
            addExpected(model, tokens, counts, { stretch: 13 });
            return counts;
          });
          one!.edges.forEach((count, e) => {
            close(count, other!.edges[e]!);
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('find the Viterbi path in one pass with a window, or say that the window is too short', () => {
    let found = 0;
    fc.assert(
      fc.property(cases, fc.integer({ min: 4, max: 60 }), ({ seed, kind, shared }, window) => {
        const model = modelOf({ seed, kind: { ...kind, silent: 0 }, shared });
        const stream = randomStream(seed, 'window');
        const tokens = Int32Array.from({ length: 150 }, () => stream.below(3));
        const path = onlineViterbi(model, tokens, { window });
        if (forward(model, tokens).impossibleAt !== null) expect(path).toBeNull();
        else if (path) expect(path).toEqual(viterbi(model, tokens));
        if (path) found++;
      }),
    );
    expect(found).toBeGreaterThan(40);
    // Two states that never meet keep both paths alive for ever; checkpoints find the better one all the same.
    const apart = hmm({
      states: [
        { name: 'a', emission: 0 },
        { name: 'b', emission: 1 },
      ],
      start: [0.5, 0.5],
      transitions: [
        [1, 0],
        [0, 1],
      ],
      emissions: categorical([
        [0.5, 0.5],
        [0.4, 0.6],
      ]),
    });
    const tokens = new Int32Array(600_000).fill(1);
    expect(onlineViterbi(apart, tokens)).toBeNull();
    expect(new Set(viterbi(apart, tokens).states)).toEqual(new Set([1]));
  });

  it('agree with labels: only the paths that fit them count', () => {
    fc.assert(
      fc.property(
        cases,
        fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 4, maxLength: 4 }),
        ({ tokens, ...rest }, marks) => {
          const model = modelOf(rest);
          const classes = model.states.map((_, s) => s % 2);
          const labels = { labels: Int32Array.from(marks.slice(0, tokens.length)), classes };
          const paths = allPaths(model, tokens).filter(({ states }) =>
            states.every((s, t) => labels.labels[t] === -1 || labels.labels[t] === classes[s]),
          );
          const { logLikelihood } = forward(model, tokens, { labels });
          if (paths.length === 0) {
            expect(logLikelihood).toBe(Number.NEGATIVE_INFINITY);
            expect(() => viterbi(model, tokens, { labels })).toThrow(
              'labelled sequence has probability zero',
            );
            return;
          }
          close(logLikelihood, logSum(paths.map((p) => p.logProbability)));
          close(
            viterbi(model, tokens, { labels }).logProbability,
            largest(paths.map((p) => p.logProbability)),
          );
          close(posteriors(model, tokens, { labels }).logLikelihood, logLikelihood);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('give all sequences up to a length a total probability of one, for a model that ends', () => {
    for (const silent of [0, 2]) {
      const model = randomModel(7 + silent, { emitting: 2, silent, end: true, vocabulary: 2 });
      let total = Math.exp(forward(model, []).logLikelihood);
      const extend = (prefix: number[]) => {
        for (const w of [0, 1]) {
          const tokens = [...prefix, w];
          total += Math.exp(forward(model, tokens).logLikelihood);
          if (tokens.length < 12) extend(tokens);
        }
      };
      extend([]);
      expect(total).toBeLessThanOrEqual(1 + 1e-12);
      expect(total).toBeGreaterThan(0.95);
    }
  });

  it('give all sequences of one length a total probability of one, for a model without end', () => {
    const model = randomModel(3, { emitting: 3, silent: 1, order: 1, vocabulary: 2 });
    let total = 0;
    for (let code = 0; code < 128; code++)
      total += Math.exp(
        forward(
          model,
          Array.from({ length: 7 }, (_, i) => (code >> i) & 1),
        ).logLikelihood,
      );
    expect(total).toBeCloseTo(1, 12);
  });

  it('stay exact over a long sequence, where Backward ends where Forward began', () => {
    const model = randomModel(11, { emitting: 4, silent: 1, end: true });
    const stream = randomStream(1, 'long');
    const tokens = Int32Array.from({ length: 200_000 }, () => stream.below(3));
    const { logLikelihood } = forward(model, tokens);
    const plain = plainForward(model, tokens).logLikelihood;
    expect(Math.abs(logLikelihood / plain - 1)).toBeLessThan(1e-11);
    let worst = 0;
    visitPosteriors(
      model,
      tokens,
      (_, row) => {
        const sum = row.reduce((a, p, s) => a + (model.states[s]!.emission === null ? 0 : p), 0);
        worst = Math.max(worst, Math.abs(sum - 1));
      },
      { stretch: 450 },
    );
    expect(worst).toBeLessThan(1e-12);
  });
});

describe('posterior decoding', () => {
  it('finds the path of most expected right positions among all possible ones', () => {
    fc.assert(
      fc.property(cases, ({ tokens, ...rest }) => {
        const model = modelOf(rest);
        const paths = allPaths(model, tokens);
        if (paths.length === 0) return;
        const n = model.states.length;
        const { probabilities } = posteriors(model, tokens);
        const worth = (states: Int32Array) =>
          states.reduce((sum, s, t) => sum + probabilities[t * n + s]!, 0) / tokens.length;
        const mea = meaPath(model, tokens);
        close(mea.accuracy, largest(paths.map((p) => worth(p.states))));
        close(worth(mea.states), mea.accuracy);
        expect(
          posteriorStates(model, tokens).probability.reduce((a, b) => a + b, 0) / tokens.length,
        ).toBeGreaterThanOrEqual(mea.accuracy - 1e-12);
      }),
      { numRuns: 200 },
    );
  });
});

describe('sequences of probability zero', () => {
  const strict = hmm({
    states: [
      { name: 'a', emission: 0 },
      { name: 'b', emission: 1 },
    ],
    start: [1, 0],
    transitions: [
      [0, 1],
      [1, 0],
    ],
    emissions: categorical([
      [1, 0],
      [0, 1],
    ]),
  });

  it('give −Infinity and the position where it became impossible; decoding says so in words', () => {
    expect(forward(strict, [0, 1, 0, 0, 1])).toEqual({
      logLikelihood: Number.NEGATIVE_INFINITY,
      impossibleAt: 3,
    });
    expect(() => viterbi(strict, [0, 1, 0, 0, 1])).toThrow(
      'The sequence has probability zero: no path of the model can emit position 4 of 5',
    );
    expect(() => posteriors(strict, [0, 1, 1])).toThrow('position 3 of 3');
  });

  it('are told from underflow: an outlier of density e^−5000 has a finite likelihood, in states that are reached', () => {
    const model = hmm({
      states: [
        { name: 'low', emission: 0 },
        { name: 'never', emission: 1 },
      ],
      start: [1, 0],
      transitions: [
        [1, 0],
        [0.5, 0.5],
      ],
      emissions: gaussian({ means: [[0], [100]], variances: [[1], [1]] }),
    });
    const values = Float64Array.from([0, 100, 0.5]);
    const exact = -1.5 * Math.log(2 * Math.PI) - 5000 - 0.125;
    close(forward(model, { values, width: 1 }).logLikelihood, exact, 9);
    expect(model.unreachable).toEqual(['never']);
    expect([...posteriorStates(model, { values, width: 1 }).states]).toEqual([0, 0, 0]);
  });

  it('are told from underflow where the only surviving path was hopelessly behind', () => {
    // The first 3 positions favour b by e^800 each, but only a can emit the last.
    const model = hmm({
      states: [
        { name: 'a', emission: 0 },
        { name: 'b', emission: 1 },
        { name: 'c', emission: 2 },
      ],
      start: [0.5, 0.5, 0],
      transitions: [
        [0.5, 0, 0.5],
        [0, 1, 0],
        [0, 0, 1],
      ],
      emissions: gaussian({ means: [[40], [0], [1e200]], variances: [[1], [1], [1]] }),
    });
    const series = { values: Float64Array.from([0, 0, 0, 1e200]), width: 1 };
    const plain = plainForward(model, series);
    expect(forward(model, series).logLikelihood).toBe(plain.logLikelihood);
  });

  it('do not arise from empty sequences', () => {
    expect(forward(strict, []).logLikelihood).toBe(0);
    expect(viterbi(strict, []).states.length).toBe(0);
    expect(posteriors(strict, []).probabilities.length).toBe(0);
    expect(meaPath(strict, []).accuracy).toBe(1);
  });
});
