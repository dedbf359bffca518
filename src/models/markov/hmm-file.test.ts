import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { cases, modelOf } from '../../markov/hmm/brute-force.fixture.ts';
import type { Categorical } from '../../markov/hmm/emissions/categorical.ts';
import { gaussianMixture } from '../../markov/hmm/emissions/gaussian.ts';
import { poisson } from '../../markov/hmm/emissions/poisson.ts';
import { forward } from '../../markov/hmm/forward.ts';
import { type Hmm, hmm } from '../../markov/hmm/model.ts';
import type { AnyHmm, HmmFile, Observed } from './hmm-file.ts';
import { markovLanguage } from './language.ts';
import { markovFileFrom } from './markov-file.ts';
import { withDrawnEmissions } from './open-emissions.ts';
import { simpleHmm } from './simple-hmm.ts';
import { hmmFileText } from './write-hmm-file.ts';

/** A file around a model, whose states may share distributions. */
const fileOf = (model: AnyHmm, observes: Observed): HmmFile => ({
  kind: 'hmm',
  ...{ observes, model, open: [] },
  groups: Array.from({ length: model.emissions.groups }, (_, g) => `e${g}`),
  labels: (model as Hmm<unknown>).states.map((_, s) => `label${s % 2}`),
});

const abc: Observed = { kind: 'letters', letters: ['a', 'b', 'c'] };

/** Everything that is a number in a model. */
const numbersOf = (model: AnyHmm) => {
  const { start, end, edges, emissions, tied, states } = model as Hmm<unknown>;
  const { probabilities, means, variances, weights, rates } = emissions as unknown as Record<
    string,
    Float64Array
  >;
  return { start, end, edges, tied, states, probabilities, means, variances, weights, rates };
};

/** The same file once it was written and read. */
const again = (file: HmmFile) => markovFileFrom(hmmFileText(file), 'x.json') as HmmFile;

describe('the file of an HMM', () => {
  it('gives back the same model to the bit, whatever its order, phases, silent states, ends and shared distributions', () => {
    fc.assert(
      fc.property(cases, ({ tokens: _, ...rest }) => {
        const model = modelOf(rest);
        fc.pre(model.unreachable.length === 0 && model.deadEnds.length === 0);
        // Distributions that no state uses are not written.
        fc.pre(
          new Set(model.states.flatMap(({ emission }) => emission ?? [])).size === model.emissions.groups,
        );
        const file = fileOf(model, abc);
        const read = again(file);
        const order = read.groups.map((name) => file.groups.indexOf(name));
        fc.pre(order.every((g, i) => g === i));
        expect(numbersOf(read.model)).toEqual(numbersOf(model));
        expect(read.labels).toEqual(file.labels);
        expect(hmmFileText(read)).toBe(hmmFileText(file));
      }),
      { numRuns: 150 },
    );
  });

  it('keeps mixtures of Gaussians and Poisson rates, ties, letters and what training wrote', () => {
    const states = [
      { name: 'calm', emission: 0, tie: 'both' },
      { name: 'wild', emission: 1, tie: 'both', letter: 'W' },
    ];
    const shape = {
      states,
      start: [0.25, 0.75],
      transitions: [
        [0.9, 0.1],
        [0.9, 0.1],
      ],
    };
    const observes: Observed = { kind: 'columns', columns: ['x', 'y'] };
    const mixture = gaussianMixture({
      means: [
        [
          [0.1, -3],
          [1 / 3, 1e-9],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
      variances: [
        [
          [1, 2],
          [1e-12, 4],
        ],
        [
          [1, 1],
          [1, Math.PI],
        ],
      ],
      weights: [
        [0.1, 0.9],
        [1 / 3, 2 / 3],
      ],
      floor: 1e-13,
    });
    for (const emissions of [
      mixture,
      poisson([
        [0.5, 8],
        [1e-9, 1e9],
      ]),
    ]) {
      const file = {
        ...fileOf(hmm({ ...shape, emissions } as never) as AnyHmm, observes),
        training: { rounds: 3 },
      };
      const read = again(file);
      expect(numbersOf(read.model)).toEqual(numbersOf(file.model));
      expect(read.training).toEqual({ rounds: 3 });
      expect(read.observes).toEqual(observes);
    }
    expect(
      (
        again(fileOf(hmm({ ...shape, emissions: mixture } as never) as AnyHmm, observes)).model
          .emissions as typeof mixture
      ).floor,
    ).toBe(1e-13);
  });

  it('spells contexts out, so that probabilities can be read and written by hand', () => {
    const text = JSON.stringify({
      ...{ format: 'seqwright hmm', version: 1, letters: 'ab' },
      states: [{ name: 's', to: ['s'] }],
      emissions: {
        ...{ kind: 'categorical', order: 1 },
        distributions: { s: { b: [0.25, 0.75], a: [0.9, 0.1], '.': [0.5, 0.5] } },
      },
    });
    const { model } = markovFileFrom(text, 'x.json') as HmmFile;
    const { probability } = model.emissions as Categorical;
    expect([probability(0, 0, []), probability(0, 0, [0]), probability(0, 0, [1])]).toEqual([0.5, 0.9, 0.25]);
  });

  it('expands durations, and remembers whose states they are', () => {
    const { model, labels } = markovFileFrom(
      JSON.stringify({
        ...{ format: 'seqwright hmm', version: 1, letters: 'ab' },
        states: [
          { name: 'short', duration: [0, 0.5, 0.5], to: { long: 1 } },
          { name: 'long', to: { long: 0.9, short: 0.1 } },
        ],
        emissions: { kind: 'categorical', distributions: { short: [1, 0], long: [0, 1] } },
      }),
      'x.json',
    ) as HmmFile;
    expect((model as Hmm<unknown>).states.map(({ name }) => name)).toEqual([
      'short.1',
      'short.2',
      'short.3',
      'short.exit',
      'long',
    ]);
    expect(labels).toEqual(['short', 'short', 'short', 'short', 'long']);
    const probability = (text: string) =>
      Math.exp(
        forward(
          model as Hmm<ArrayLike<number>>,
          [...text].map((c) => 'ab'.indexOf(c)),
        ).logLikelihood,
      );
    // Half of the sequences begin in "short", which lasts two or three positions.
    expect(
      [probability('ab'), probability('aab'), probability('aaab'), probability('aaaab')].map((p) =>
        p.toFixed(9),
      ),
    ).toEqual(['0.000000000', '0.250000000', '0.250000000', '0.000000000']);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON, which each case spoils in its own way
type Loose = any;

const good = {
  ...{ format: 'seqwright hmm', version: 1, letters: 'ACGT' },
  states: [
    { name: 'sea', start: 1, to: { sea: 0.9, island: 0.1 } },
    { name: 'island', to: { sea: 0.2, island: 0.8 } },
  ],
  emissions: {
    kind: 'categorical',
    distributions: { sea: [0.25, 0.25, 0.25, 0.25], island: [0.1, 0.4, 0.4, 0.1] },
  },
};
type Topology = { -readonly [K in keyof typeof good]: unknown } & Record<string, unknown>;
const changed = (change: (file: Loose) => void): string => {
  const copy = structuredClone(good) as Topology;
  change(copy);
  return JSON.stringify(copy);
};

describe('a file that is not sound', () => {
  const whole = JSON.stringify(good);
  it.each([
    ['nothing', '', 'x.json is empty; expected a Markov model as JSON.'],
    ['half a file', whole.slice(0, whole.length >> 1), 'x.json is truncated: its JSON ends too early.'],
    ['something else', '{\n"a": 1,\n}', 'x.json:3: not JSON: '],
    [
      'another format',
      '{"a": 1}',
      'x.json is no Markov model: its format is not given; expected "format": "seqwright hmm" or "seqwright n-gram".',
    ],
    [
      'a version to come',
      changed((f) => (f.version = 2)),
      'x.json is of version 2 of the format "seqwright hmm"; this Seqwright reads version 1. Update Seqwright.',
    ],
    [
      'no version',
      changed((f) => delete f.version),
      'x.json is of version unknown of the format "seqwright hmm"; this Seqwright reads version 1. Write "version": 1.',
    ],
    [
      'a key twice',
      whole.replace('"version":1', '"version":1,"version":1'),
      'x.json: the key "version" stands twice in one object.',
    ],
    [
      'a misspelt field',
      changed((f) => (f.emission = f.emissions)),
      'x.json has a field "emission", which is not known; expected format, version,',
    ],
    [
      'a misspelt field of a state',
      changed((f) => (f.states[0].too = {})),
      'x.json: states[0] has a field "too", which is not known; expected name,',
    ],
    [
      'neither letters nor columns',
      changed((f) => delete f.letters),
      'x.json has none of the fields letters, symbols and columns; expected one',
    ],
    [
      'a letter twice',
      changed((f) => (f.letters = 'ACGA')),
      'x.json: letters holds "A" twice; expected each once.',
    ],
    [
      'transitions that do not sum to one',
      changed((f) => (f.states[0].to.sea = 0.8)),
      'x.json: The probabilities of leaving state sea sum to 0.9; expected 1.',
    ],
    [
      'starts that do not sum to one',
      changed((f) => (f.states[0].start = 0.5)),
      'x.json: Start probabilities sum to 0.5; expected 1.',
    ],
    [
      'a distribution that does not sum to one',
      changed((f) => (f.emissions.distributions.island[0] = 0.2)),
      'x.json: emissions.distributions.island is 0.2, 0.4, 0.4, 0.1, which sums to 1.1; expected probabilities of sum one.',
    ],
    [
      'too few probabilities',
      changed((f) => f.emissions.distributions.island.pop()),
      'x.json: emissions.distributions.island is a list of 3; expected a list of 4 to 4 entries.',
    ],
    [
      'a probability above one',
      changed((f) => (f.states[0].to.sea = 1.5)),
      'x.json: states[0].to.sea is 1.5; expected a probability, from 0 to 1.',
    ],
    [
      'a text for a probability',
      changed((f) => (f.states[0].to.sea = '0.9')),
      'x.json: states[0].to.sea is "0.9"; expected a number.',
    ],
    [
      'a state that is not there',
      changed((f) => (f.states[0].to = { sea: 0.9, lake: 0.1 })),
      'x.json: state "sea" leads to "lake", which is no state; there are sea, island.',
    ],
    [
      'a state that no path reaches',
      changed((f) => (f.states[0].to = { sea: 1 })),
      'x.json: no path from the start reaches state "island". Give it a start,',
    ],
    [
      'a state from which nothing ends',
      changed((f) => {
        f.states[0] = { name: 'sea', start: 1, to: { sea: 0.8, island: 0.1 }, end: 0.1 };
        f.states[1].to = { island: 1 };
      }),
      'x.json: from state "island" no path leads to an end.',
    ],
    [
      'two states of one name',
      changed((f) => (f.states[1].name = 'sea')),
      'x.json: two states are called "sea"; names must differ.',
    ],
    [
      'a distribution that nothing emits',
      changed((f) => (f.emissions.distributions.lake = [1, 0, 0, 0])),
      'x.json: emissions.distributions has "lake", which no state emits; the states emit sea, island.',
    ],
    [
      'numbers for letters',
      changed((f) => (f.emissions.kind = 'gaussian')),
      'x.json: emissions: gaussian emissions go with columns, and this model reads letters.',
    ],
    [
      'an unknown family',
      changed((f) => (f.emissions.kind = 'gamma')),
      'x.json: emissions.kind is "gamma"; expected one of categorical, gaussian, poisson.',
    ],
    [
      'only silent states',
      changed((f) => {
        for (const s of f.states) s.silent = true;
      }),
      'x.json: all states are silent',
    ],
    [
      'a silent state that emits',
      changed((f) => Object.assign(f.states[1], { silent: true, emits: 'sea' })),
      'x.json: states[1] is silent and emits "sea"; expected one of the two.',
    ],
    [
      'a duration beside a transition to itself',
      changed((f) => (f.states[0].duration = [0.5, 0.5])),
      'x.json: State sea has a duration and a transition to itself',
    ],
    [
      'a context that is none',
      changed((f) => {
        f.emissions = { kind: 'categorical', order: 1, distributions: { sea: { Q: [1, 0, 0, 0] } } };
      }),
      'x.json: emissions.distributions.sea has the context "Q"; expected 1 of A C G T, or "." for what is unknown.',
    ],
    [
      'a variance of zero',
      JSON.stringify({
        ...good,
        letters: undefined,
        columns: ['x'],
        emissions: { kind: 'gaussian', distributions: { sea: { mean: [0], variance: [0] } } },
      }),
      'x.json: emissions.distributions.sea.variance[0] is 0; expected a number above 0.',
    ],
  ])('%s', (_, text, message) => {
    expect(() => markovFileFrom(text, 'x.json')).toThrow(message);
    try {
      markovFileFrom(text, 'x.json');
    } catch (error) {
      expect((error as { kind: string }).kind).toBe('data');
    }
  });

  it('is no HMM to be used before its open distributions are trained', () => {
    const open = changed((f) => delete f.emissions.distributions.sea);
    const file = markovFileFrom(open, 'x.json') as HmmFile;
    expect(file.open).toEqual([0]);
    expect(() => markovLanguage(file, 'x.json')).toThrow(
      'x.json has no emission probabilities for sea; train it first',
    );
    const drawn = withDrawnEmissions(file, randomStream(1, 't'), [[0, 1, 2, 3]]) as Hmm<ArrayLike<number>>;
    const { probabilities } = drawn.emissions as Categorical;
    expect(Array.from(probabilities.subarray(4))).toEqual([0.1, 0.4, 0.4, 0.1]);
    expect(probabilities[0]).not.toBe(0.25);
  });
});

describe('an HMM without a topology', () => {
  it('is ergodic, or left-right from its first state, and ends only where asked', () => {
    const ergodic = simpleHmm({ states: 3, observes: abc, emissions: 'categorical', ends: true })
      .model as Hmm<unknown>;
    expect(ergodic.edges.from.length).toBe(9);
    expect(Array.from(ergodic.end!)).toEqual([0.01, 0.01, 0.01]);
    const chain = simpleHmm({ states: 3, topology: 'left-right', observes: abc, emissions: 'categorical' })
      .model as Hmm<unknown>;
    expect(Array.from(chain.edges.to)).toEqual([0, 1, 1, 2, 2]);
    expect([Array.from(chain.start), chain.end]).toEqual([[1, 0, 0], null]);
  });
});
