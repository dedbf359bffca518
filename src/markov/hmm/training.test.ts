import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { baumWelch, countLabelled, viterbiTraining } from './baum-welch.ts';
import { allPaths, cases, logSum, modelOf, randomModel } from './brute-force.fixture.ts';
import { addExpected, addPath, zeroCounts } from './counts.ts';
import { type Categorical, categorical } from './emissions/categorical.ts';
import { type Gaussian, gaussian, gaussianMixture } from './emissions/gaussian.ts';
import { poisson } from './emissions/poisson.ts';
import { estimated } from './estimate.ts';
import { forward } from './forward.ts';
import { type Hmm, hmm } from './model.ts';
import { sampleHmm } from './sample.ts';

const close = (a: ArrayLike<number>, b: ArrayLike<number>, digits = 10) => {
  expect(a.length).toBe(b.length);
  Array.from(a).forEach((x, i) => {
    expect(Math.abs(x - b[i]!)).toBeLessThan(10 ** -digits);
  });
};

const parameters = (model: Hmm<unknown>) => [
  ...model.start,
  ...model.edges.probability,
  ...(model.end ?? []),
  ...((model.emissions as Categorical).probabilities ?? []),
];

describe('expected counts', () => {
  it('equal those of all paths, each weighed by its probability', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(undefined, 1, 3), ({ tokens, ...rest }, stretch) => {
        const model = modelOf(rest);
        const paths = allPaths(model, tokens);
        if (paths.length === 0 || paths.length > 2000) return;
        const total = logSum(paths.map((p) => p.logProbability));
        const expected = zeroCounts(model);
        for (const path of paths) {
          const one = zeroCounts(model);
          addPath(model, tokens, path, one);
          const share = Math.exp(path.logProbability - total);
          for (const key of ['start', 'edges', 'end'] as const)
            one[key].forEach((count, i) => {
              expected[key][i]! += share * count;
            });
        }
        const counts = zeroCounts(model);
        addExpected(model, tokens, counts, stretch === undefined ? {} : { stretch });
        close(counts.start, expected.start);
        close(counts.edges, expected.edges);
        close(counts.end, expected.end);
      }),
      { numRuns: 200 },
    );
  });
});

describe('expected counts over dense models', () => {
  it('are with SIMD those of the plain loops, which labels that say nothing call for', () => {
    const numbers = fc.record({
      n: fc.integer({ min: 1, max: 21 }),
      length: fc.integer({ min: 1, max: 400 }),
    });
    fc.assert(
      fc.property(
        numbers,
        fc.constantFrom(undefined, 1, 7, 130),
        fc.nat(),
        ({ n, length }, stretch, seed) => {
          const stream = randomStream(seed, 'dense counts');
          const row = (k: number) => {
            const weights = Array.from({ length: k }, () => stream.uniform() + 0.01);
            const sum = weights.reduce((a, b) => a + b);
            return weights.map((x) => x / sum);
          };
          const model = hmm({
            states: Array.from({ length: n }, (_, i) => ({ name: `s${i}`, emission: i >> 1 })),
            start: row(n),
            transitions: Array.from({ length: n }, () => row(n)),
            emissions: categorical(Array.from({ length: (n + 1) >> 1 }, () => row(4))),
          });
          const tokens = Int32Array.from({ length }, () => stream.below(4));
          const counted = [undefined, { labels: new Int32Array(length).fill(-1) }].map((labels) => {
            const counts = zeroCounts(model);
            const options = { ...(stretch ? { stretch } : {}), ...(labels ? { labels } : {}) };
            addExpected(model, tokens, counts, options);
            return counts;
          });
          close(counted[0]!.edges, counted[1]!.edges, 8);
          close(counted[0]!.start, counted[1]!.start, 8);
          const [fast, plain] = counted.map(
            ({ emissions }) => (emissions.estimate({ pseudocount: 0 }) as Categorical).probabilities,
          );
          close(fast!, plain!, 8);
          expect(counted[0]!.edges.reduce((a, b) => a + b, 0)).toBeCloseTo(length - 1, 6);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('Baum and Welch', () => {
  it('never lets the objective fall, whatever the model, the ties and the pseudo-counts', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(0, 0.3, 2), fc.constantFrom(1, 20), (example, prior, many) => {
        const model = modelOf({ ...example, kind: { ...example.kind, sparse: 0 } });
        const stream = randomStream(example.seed, 'training');
        const sequences = Array.from(
          { length: many },
          () => sampleHmm(model, stream, { length: 8 }).observations,
        ).filter((s) => s.length > 0 && Number.isFinite(forward(model, s).logLikelihood));
        if (sequences.length === 0) return;
        const pseudocounts = { start: prior, transitions: prior, emissions: prior };
        const { objectives } = baumWelch(model, sequences, { iterations: 8, tolerance: 0, pseudocounts });
        for (let i = 1; i < objectives.length; i++)
          expect(objectives[i]!).toBeGreaterThanOrEqual(
            objectives[i - 1]! - 1e-9 * (1 + Math.abs(objectives[i]!)),
          );
      }),
      { numRuns: 60 },
    );
  });

  it('recovers a planted model from enough data', () => {
    const planted = hmm({
      states: [
        { name: 'A', emission: 0 },
        { name: 'B', emission: 1 },
      ],
      start: [0.5, 0.5],
      transitions: [
        [0.95, 0.05],
        [0.1, 0.9],
      ],
      emissions: categorical([
        [0.7, 0.1, 0.2],
        [0.1, 0.6, 0.3],
      ]),
    });
    const { observations } = sampleHmm(planted, randomStream(8, 'planted'), { length: 60_000 });
    const guess = {
      ...planted,
      emissions: categorical([
        [0.5, 0.3, 0.2],
        [0.3, 0.4, 0.3],
      ]),
    };
    const { model, converged } = baumWelch(guess, [observations], { tolerance: 0.01, iterations: 200 });
    expect(converged).toBe(true);
    close((model.emissions as Categorical).probabilities, [0.7, 0.1, 0.2, 0.1, 0.6, 0.3], 1.5);
    close(model.edges.probability, [0.95, 0.05, 0.1, 0.9], 1.7);
  });

  it('raises the likelihood of Gaussian, mixture and Poisson emissions at every round', () => {
    const base = {
      states: [
        { name: 'A', emission: 0 },
        { name: 'B', emission: 1 },
      ],
      start: [0.6, 0.4],
      transitions: [
        [0.8, 0.2],
        [0.3, 0.7],
      ],
    };
    const families = [
      gaussian({
        means: [
          [0, 0],
          [2, 1],
        ],
        variances: [
          [1, 1],
          [1, 2],
        ],
      }),
      gaussianMixture({
        means: [
          [[0], [1]],
          [[3], [5]],
        ],
        variances: [
          [[1], [1]],
          [[1], [1]],
        ],
      }),
      poisson([[1], [4]]),
    ];
    for (const emissions of families) {
      const model = hmm({ ...base, emissions });
      const { observations } = sampleHmm(model, randomStream(2, 'families'), { length: 400 });
      const { objectives, model: last } = baumWelch(model, [observations], {
        iterations: 15,
        tolerance: 0,
        pseudocounts: { emissions: 0.5 },
      });
      for (let i = 1; i < objectives.length; i++)
        expect(objectives[i]!).toBeGreaterThanOrEqual(objectives[i - 1]! - 1e-9);
      expect(objectives.at(-1)!).toBeGreaterThan(objectives[0]!);
      expect(Number.isFinite(forward(last, observations).logLikelihood)).toBe(true);
    }
  });

  it('trains from random parameters too, keeps the best run, and repeats itself for a seed', () => {
    const model = randomModel(5, { emitting: 3 });
    const { observations } = sampleHmm(randomModel(6, { emitting: 3 }), randomStream(1, 'restarts'), {
      length: 300,
    });
    const options = { restarts: 3, iterations: 20, seed: 9 };
    const one = baumWelch(model, [observations], { iterations: 20 });
    const several = baumWelch(model, [observations], options);
    expect(several.objectives.at(-1)!).toBeGreaterThanOrEqual(one.objectives.at(-1)!);
    expect(parameters(baumWelch(model, [observations], options).model)).toEqual(parameters(several.model));
  });

  it('changes only what it may', () => {
    const model = randomModel(5, { end: true });
    const tokens = [
      [0, 1, 2, 1],
      [2, 2, 0],
    ];
    const { model: onlyEmissions } = baumWelch(model, tokens, {
      iterations: 2,
      trained: { start: false, transitions: false },
    });
    expect(onlyEmissions.start).toEqual(model.start);
    expect(onlyEmissions.edges).toEqual(model.edges);
    expect(onlyEmissions.emissions).not.toEqual(model.emissions);
    const { model: onlyTransitions } = baumWelch(model, tokens, {
      iterations: 2,
      trained: { emissions: false },
    });
    expect(onlyTransitions.emissions).toBe(model.emissions);
    expect(onlyTransitions.edges.probability).not.toEqual(model.edges.probability);
  });

  it('pools the transitions of tied states', () => {
    const states = ['a', 'b', 'c'].map((name, s) => ({ name, emission: s, ...(s < 2 ? { tie: 'ab' } : {}) }));
    const model = hmm({
      states,
      start: [1, 0, 0],
      edges: [
        ['a', 'a', 0.5],
        ['a', 'b', 0.5],
        ['b', 'b', 0.5],
        ['b', 'c', 0.5],
        ['c', 'c', 1],
      ],
      emissions: categorical([
        [0.8, 0.1, 0.1],
        [0.1, 0.8, 0.1],
        [0.1, 0.1, 0.8],
      ]),
    });
    const { model: trained } = baumWelch(model, [[0, 0, 0, 1, 1, 2, 2]], { iterations: 3 });
    expect(trained.edges.probability[0]).toBe(trained.edges.probability[2]);
    expect(trained.edges.probability[0]).not.toBe(0.5);
    const separate = baumWelch({ ...model, tied: Int32Array.of(0, 1, 2) }, [[0, 0, 0, 1, 1, 2, 2]], {
      iterations: 3,
    });
    expect(separate.model.edges.probability[0]).not.toBeCloseTo(separate.model.edges.probability[2]!, 3);
  });

  it('names states that were never used, and the sequence that is impossible', () => {
    const model = hmm({
      states: [
        { name: 'a', emission: 0 },
        { name: 'island', emission: 0 },
      ],
      start: [1, 0],
      transitions: [
        [1, 0],
        [0, 1],
      ],
      emissions: categorical([[1, 0]]),
    });
    const { unused, model: trained } = baumWelch(model, [[0, 0]]);
    expect(unused).toEqual(['island']);
    expect([...trained.edges.probability]).toEqual([1, 1]);
    expect(() =>
      baumWelch(model, [
        [0, 0],
        [0, 1],
      ]),
    ).toThrow(
      'Sequence 2 of 2: The sequence has probability zero: no path of the model can emit position 2 of 2',
    );
    expect(() => baumWelch(model, [])).toThrow('expected at least one');
  });
});

describe('supervised counting', () => {
  const model = hmm({
    states: [
      { name: 'A', emission: 0 },
      { name: 'B', emission: 1 },
    ],
    start: [0.5, 0.5],
    transitions: [
      [0.5, 0.5],
      [0.5, 0.5],
    ],
    emissions: categorical([
      [0.5, 0.5],
      [0.5, 0.5],
    ]),
  });

  it('of labelled positions gives the frequencies, with pseudo-counts added', () => {
    const labels = [{ labels: Int32Array.of(0, 0, 0, 1, 1) }];
    const plain = countLabelled(model, [[0, 0, 1, 1, 1]], labels);
    close(plain.start, [1, 0]);
    close(plain.edges.probability, [2 / 3, 1 / 3, 0, 1]);
    close((plain.emissions as Categorical).probabilities, [2 / 3, 1 / 3, 0, 1]);
    const padded = countLabelled(model, [[0, 0, 1, 1, 1]], labels, {
      pseudocounts: { start: 1, transitions: 1, emissions: 1 },
    });
    close(padded.edges.probability, [3 / 5, 2 / 5, 1 / 3, 2 / 3]);
    close((padded.emissions as Categorical).probabilities, [3 / 5, 2 / 5, 1 / 4, 3 / 4]);
  });

  it('of partly labelled positions lies between: a label pulls its neighbours along', () => {
    const sticky = { ...model, edges: { ...model.edges, probability: Float64Array.of(0.9, 0.1, 0.1, 0.9) } };
    const counts = zeroCounts(sticky);
    addExpected(sticky, [0, 0, 0], counts, { labels: { labels: Int32Array.of(1, -1, 1) } });
    const stay = 0.9 * 0.9;
    const leave = 0.1 * 0.1;
    close(
      counts.edges,
      [0, leave, leave, 2 * stay].map((x) => x / (stay + leave)),
    );
  });
});

describe('Viterbi training', () => {
  it('never lets the probability of the best path fall, and comes to rest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const model = randomModel(seed, { emitting: 3, silent: 1, end: true });
        const stream = randomStream(seed, 'viterbi-training');
        const sequences = Array.from({ length: 5 }, () => Array.from({ length: 12 }, () => stream.below(3)));
        const { objectives, converged } = viterbiTraining(model, sequences, { iterations: 50 });
        for (let i = 1; i < objectives.length; i++)
          expect(objectives[i]!).toBeGreaterThanOrEqual(objectives[i - 1]! - 1e-9);
        expect(converged).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('re-estimation', () => {
  it('leaves what was never observed as it was', () => {
    const model = hmm({
      states: [{ name: 'A', emission: 0 }],
      start: [1],
      transitions: [[1]],
      emissions: gaussian({ means: [[3, 4]], variances: [[1, 2]] }),
    });
    const counts = zeroCounts(model);
    addExpected(model, { values: Float64Array.of(1, Number.NaN, 2, Number.NaN), width: 2 }, counts);
    const { means, variances } = estimated(model, counts).emissions as Gaussian;
    close(means, [1.5, 4]);
    close(variances, [0.25, 2]);
  });
});
