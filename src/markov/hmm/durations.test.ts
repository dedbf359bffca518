import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { baumWelch } from './baum-welch.ts';
import { withDurations } from './durations.ts';
import { categorical } from './emissions/categorical.ts';
import { forward } from './forward.ts';
import { type HmmDefinition, hmm } from './model.ts';
import { sampleHmm } from './sample.ts';
import { viterbi } from './viterbi.ts';

const base: HmmDefinition<ArrayLike<number>> = {
  states: [
    { name: 'out', emission: 0 },
    { name: 'in', emission: 1 },
  ],
  start: [1, 0],
  transitions: [
    [0.8, 0.2],
    [1, 0],
  ],
  emissions: categorical([
    [0.9, 0.1],
    [0.1, 0.9],
  ]),
};
const duration = [0, 0.3, 0, 0.7];
const { definition, origin } = withDurations(base, { in: duration });
const model = hmm(definition);

describe('explicit durations', () => {
  it('give the probability that the semi-Markov sum gives', () => {
    // P(0111 10) by summing over all segmentations, with the last stay cut off where the sequence ends.
    const tokens = [0, 1, 1, 1, 1, 0];
    const table = [
      [0.9, 0.1],
      [0.1, 0.9],
    ];
    const emit = (s: number, t: number) => table[s]![tokens[t]!]!;
    const outside = (t: number): number => {
      const here = emit(0, t);
      return t === tokens.length - 1 ? here : here * (0.8 * outside(t + 1) + 0.2 * inside(t + 1));
    };
    const inside = (t: number): number => {
      let sum = 0;
      duration.forEach((p, i) => {
        const stop = Math.min(tokens.length, t + i + 1);
        let product = p;
        for (let u = t; u < stop; u++) product *= emit(1, u);
        sum += stop < tokens.length ? product * outside(stop) : product;
      });
      return sum;
    };
    expect(forward(model, tokens).logLikelihood).toBeCloseTo(Math.log(outside(0)), 12);
  });

  it('allow only stays of those lengths', () => {
    const stream = randomStream(2, 'durations');
    const { states } = sampleHmm(model, stream, { length: 5000 });
    const text = [...states].map((s) => origin[s]).join('');
    const stays = text
      .split('0')
      .slice(0, -1)
      .map((run) => run.length)
      .filter((n) => n > 0);
    expect(new Set(stays)).toEqual(new Set([2, 4]));
    expect(Math.abs(stays.filter((n) => n === 4).length / stays.length - 0.7)).toBeLessThan(0.06);
    const path = viterbi(model, [0, 0, 1, 1, 1, 0, 0]);
    expect([2, 4]).toContain([...path.states].filter((s) => origin[s] === 1).length);
  });

  it('are learnt by training', () => {
    const { observations } = sampleHmm(model, randomStream(3, 'learn'), { length: 8000 });
    const flat = hmm(withDurations(base, { in: [0.25, 0.25, 0.25, 0.25] }).definition);
    const { model: trained } = baumWelch(flat, [observations], {
      iterations: 40,
      trained: { emissions: false, start: false },
    });
    const { from, to, probability } = trained.edges;
    const exit = trained.states.findIndex((s) => s.name === 'in.exit');
    const hazard = [1, 2, 3].map((s) => probability[from.findIndex((f, e) => f === s && to[e] === exit)]!);
    expect(hazard[0]!).toBeLessThan(0.1);
    expect(Math.abs(hazard[1]! - 0.3)).toBeLessThan(0.1);
    expect(hazard[2]!).toBeLessThan(0.15);
  });

  it('are refused where they make no sense', () => {
    expect(() => withDurations(base, { in: [0.5] })).toThrow('The duration of state in sums to 0.5');
    expect(() => withDurations(base, { on: [1] })).toThrow('state on, which is not defined');
    expect(() => withDurations(base, { out: [1] })).toThrow('a transition to itself');
  });
});
