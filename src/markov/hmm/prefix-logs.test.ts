import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cases, modelOf } from './brute-force.fixture.ts';
import { gaussian } from './emissions/gaussian.ts';
import { forward } from './forward.ts';
import { hmm } from './model.ts';
import { freeParameters } from './parameters.ts';
import { prefixLogs } from './prefix-logs.ts';

describe('prefixLogs', () => {
  it('adds up to the likelihood, and each sum to that of the prefix', () => {
    fc.assert(
      fc.property(cases, ({ tokens, ...rest }) => {
        const model = modelOf(rest);
        const { logs, end } = prefixLogs(model, tokens);
        const whole = logs.reduce((a, b) => a + b, 0) + end;
        const expected = forward(model, tokens).logLikelihood;
        if (expected === Number.NEGATIVE_INFINITY) expect(whole).toBe(expected);
        else expect(whole).toBeCloseTo(expected, 9);
        if (model.end) return;
        const first = forward(model, tokens.slice(0, 1)).logLikelihood;
        if (first === Number.NEGATIVE_INFINITY) expect(logs[0]).toBe(first);
        else expect(logs[0]).toBeCloseTo(first, 9);
      }),
      { numRuns: 200 },
    );
  });

  it('gives densities of numbers, however far out they are', () => {
    const emissions = gaussian({ means: [[0], [10]], variances: [[1], [1]] });
    const model = hmm({
      states: [
        { name: 'a', emission: 0 },
        { name: 'b', emission: 1 },
      ],
      ...{
        start: [1, 0],
        transitions: [
          [0.9, 0.1],
          [0.1, 0.9],
        ],
        emissions,
      },
    });
    const series = { values: Float64Array.of(0.2, 9.5, 1e4, Number.NaN), width: 1 };
    const { logs } = prefixLogs(model, series);
    expect(logs.reduce((a, b) => a + b, 0)).toBeCloseTo(forward(model, series).logLikelihood, 6);
    expect(logs[2]).toBeLessThan(-1e7);
    expect(logs[3]).toBeCloseTo(0, 12);
  });
});

describe('freeParameters', () => {
  it('counts what is possible less one for each distribution, ties once', () => {
    const states = [
      { name: 'a', emission: 0 },
      { name: 'b', emission: 1 },
    ];
    const emissions = gaussian({
      means: [
        [0, 0],
        [1, 1],
      ],
      variances: [
        [1, 1],
        [1, 1],
      ],
    });
    const shape = {
      states,
      start: [0.5, 0.5],
      transitions: [
        [0.9, 0.1],
        [0.1, 0.9],
      ],
      emissions,
    };
    expect(freeParameters(hmm(shape) as never)).toBe(1 + 2 + 8);
    const tied = hmm({ ...shape, states: states.map((state) => ({ ...state, tie: 't' })) });
    expect(freeParameters(tied as never)).toBe(1 + 1 + 8);
    expect(freeParameters(tied as never, { emissions: false, start: false })).toBe(1);
  });
});
