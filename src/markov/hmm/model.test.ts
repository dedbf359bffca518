import { describe, expect, it } from 'vitest';
import { categorical } from './emissions/categorical.ts';
import { gaussian, gaussianMixture } from './emissions/gaussian.ts';
import { poisson } from './emissions/poisson.ts';
import { forward } from './forward.ts';
import { type HmmDefinition, hmm } from './model.ts';

const emissions = categorical([
  [0.5, 0.5],
  [0.1, 0.9],
]);
const sound: HmmDefinition<ArrayLike<number>> = {
  states: [
    { name: 'a', emission: 0 },
    { name: 'b', emission: 1 },
  ],
  start: [1, 0],
  transitions: [
    [0.5, 0.5],
    [0, 1],
  ],
  emissions,
};

describe('a model', () => {
  it('is refused, with what was expected, where something is not sound', () => {
    const refused = (change: Partial<HmmDefinition<ArrayLike<number>>>, message: string) =>
      expect(() => hmm({ ...sound, ...change })).toThrow(message);
    refused({ states: [] }, 'without states');
    refused({ states: [sound.states[0]!, sound.states[0]!] }, 'State a is defined twice');
    refused(
      { states: [{ name: 'a', emission: 2 }, sound.states[1]!] },
      'State a uses emission 2; expected 0 to 1',
    );
    refused({ states: sound.states.map((s) => ({ ...s, emission: null })) }, 'All states are silent');
    refused({ start: [0.5, 0.4] }, 'Start probabilities sum to 0.9');
    refused({ start: [1] }, '1 start probabilities');
    refused({ start: [2, -1] }, 'A start probability is 2');
    refused(
      {
        transitions: [
          [0.5, 0.4],
          [0, 1],
        ],
      },
      'leaving state a sum to 0.9',
    );
    refused(
      {
        transitions: [
          [0.5, Number.NaN],
          [0, 1],
        ],
      },
      'probability NaN',
    );
    refused({ transitions: [[1], [1]] }, 'expected 2 rows of 2');
    refused({ edges: [] }, 'Give either transitions');
    refused({ end: [0.1, 0] }, 'its end included, sum to 1.1');
    const edges = { ...sound, transitions: undefined } as unknown as HmmDefinition<ArrayLike<number>>;
    delete edges.transitions;
    expect(() => hmm({ ...edges, edges: [['a', 'c', 1]] })).toThrow('names state "c"');
    expect(() =>
      hmm({
        ...edges,
        edges: [
          ['a', 'a', 0.5],
          ['a', 'a', 0.5],
          ['b', 'b', 1],
        ],
      }),
    ).toThrow('given twice');
    expect(() =>
      hmm({
        ...edges,
        states: sound.states.map((s) => ({ ...s, tie: 't' })),
        edges: [
          ['a', 'a', 1],
          ['b', 'a', 0.5],
          ['b', 'b', 0.5],
        ],
      }),
    ).toThrow('share the tie t');
  });

  it('is refused with a loop of silent states, which are named', () => {
    const states = [
      { name: 'in', emission: 0 },
      { name: 'D1', emission: null },
      { name: 'D2', emission: null },
    ];
    const edges = [
      ['in', 'D1', 1],
      ['D1', 'D2', 1],
      ['D2', 'D1', 0.5],
      ['D2', 'in', 0.5],
    ] as const;
    expect(() => hmm({ states, start: [1, 0, 0], edges, emissions })).toThrow(
      'silent states D1, D2 lead into a loop',
    );
  });

  it('reports the states that no path reaches, and those that never come to the end', () => {
    const states = ['a', 'b', 'lost', 'sink'].map((name) => ({ name, emission: 0 }));
    const model = hmm({
      states,
      start: [1, 0, 0, 0],
      edges: [
        ['a', 'b', 0.5],
        ['a', 'sink', 0.5],
        ['b', 'b', 0.5],
        ['lost', 'a', 1],
        ['sink', 'sink', 1],
      ],
      end: [0, 0.5, 0, 0],
      emissions,
    });
    expect(model.unreachable).toEqual(['lost']);
    expect(model.deadEnds).toEqual(['sink']);
    expect(forward(model, [0, 1]).logLikelihood).toBeCloseTo(Math.log(1 / 16), 12);
  });
});

describe('emissions', () => {
  it('are refused where they are no probabilities, variances or rates', () => {
    expect(() => categorical([[0.5, 0.4]])).toThrow('Row 0 of categorical emissions is 0.5 0.4');
    expect(() => categorical([[1.5, -0.5]])).toThrow('expected probabilities of sum one');
    expect(() => categorical([[0.5, 0.5]], { order: 1 })).toThrow(
      'expected a multiple of period 1 × 3 contexts × vocabulary 2',
    );
    expect(() => gaussian({ means: [[0]], variances: [[0]] })).toThrow('above zero');
    expect(() => gaussian({ means: [[0], [1]], variances: [[1]] })).toThrow('2 means and 1 variances');
    expect(() => gaussianMixture({ means: [[[0]]], variances: [[[1]]], weights: [[0.5, 0.5]] })).toThrow(
      '2 weights',
    );
    expect(() => poisson([[0]])).toThrow('above zero');
  });

  it('refuse observations of another kind, and give no NaN for those that are missing', () => {
    const base = { states: [{ name: 'a', emission: 0 }], start: [1], transitions: [[1]] };
    const counts = hmm({ ...base, emissions: poisson([[2]]) });
    expect(() => forward(counts, { values: Float64Array.of(0.5), width: 1 })).toThrow(
      '0.5 at position 1 is no count',
    );
    expect(() => forward(counts, { values: Float64Array.of(1, 2), width: 2 })).toThrow('expected rows of 1');
    const missing = { values: Float64Array.of(Number.NaN, 3), width: 1 };
    expect(forward(counts, missing).logLikelihood).toBeCloseTo(3 * Math.log(2) - 2 - Math.log(6), 12);
    const both = hmm({ ...base, emissions: gaussian({ means: [[0, 0]], variances: [[1, 1]] }) });
    const half = { values: Float64Array.of(1, Number.NaN), width: 2 };
    expect(forward(both, half).logLikelihood).toBeCloseTo(-0.5 * Math.log(2 * Math.PI) - 0.5, 12);
  });

  it('of higher order and phase read the row they say', () => {
    // order 1, period 2, vocabulary 2: contexts 0, 1, none.
    const rows = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6].flatMap((p) => [p, 1 - p]);
    const family = categorical(Float64Array.from(rows), { vocabulary: 2, order: 1, period: 2 });
    const model = hmm({
      states: [{ name: 'a', emission: 0 }],
      start: [1],
      transitions: [[1]],
      emissions: family,
    });
    const p = (tokens: number[]) => Math.exp(forward(model, tokens).logLikelihood);
    expect(p([0])).toBeCloseTo(0.3, 12); // phase 0, no token before
    expect(p([0, 1])).toBeCloseTo(0.3 * 0.6, 12); // phase 1 after 0
    expect(p([0, 1, 0])).toBeCloseTo(0.3 * 0.6 * 0.2, 12); // phase 0 after 1
    expect(p([0, -1, 0])).toBeCloseTo(0.3 * 0.3, 12); // phase 0 after an unknown token
  });
});
