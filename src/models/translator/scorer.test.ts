import { afterAll, describe, expect, it } from 'vitest';
import { sequenceLogProbability, tokenLogProbabilities } from '../../core/scorer.ts';
import { openForced } from './forced.ts';
import { type TranslationScorer, translationScorer } from './scorer.ts';
import { toyTranslator, variants } from './translator.fixture.ts';

const sources = [[0, 1, 2, 3, 4, 5, 0, 2], [5], [], [3, 3, 1]];
const targets = [[0, 1, 2, 5], [4, 4, 3, 2, 1, 0, 1, 5], [5], [2, 0, 5]];

describe.each(Object.entries(variants))('%s as a scorer', (_, variant) => {
  const model = toyTranslator(variant);
  let opened: TranslationScorer | undefined;
  const scorer = async () => (opened ??= await translationScorer(model));
  afterAll(() => opened?.close());

  it('step by step gives the log-probabilities of reading the whole target at once', async () => {
    const { tokens: _tokens, ...stepwise } = await scorer();
    for (const [i, target] of targets.entries()) {
      const slow = await tokenLogProbabilities(stepwise, target, sources[i]!);
      const fast = await (await scorer()).tokens!(target, sources[i]!);
      slow.forEach((log, t) => {
        expect(Math.abs(log - fast[t]!)).toBeLessThan(1e-5);
      });
    }
  });

  it('gives probabilities that sum to one, and nothing after the end', async () => {
    const { start, next, advance, vocabulary, end } = await scorer();
    const state = advance(start([1, 2]), 3);
    const rows = Array.from(await next([state, advance(state, end!)]));
    const sum = rows.slice(0, vocabulary).reduce((total, log) => total + Math.exp(log), 0);
    expect(sum).toBeCloseTo(1, 5);
    expect(rows.slice(vocabulary)).toEqual(new Array(vocabulary).fill(Number.NEGATIVE_INFINITY));
  });

  it('gives the same for a state whoever is asked with it: other sources, other lengths, prefixes never asked for', async () => {
    const { start, next, advance } = await scorer();
    const prefixed = (i: number, count: number) =>
      targets[i]!.slice(0, count).reduce((state, token) => advance(state, token), start(sources[i]!));
    const counts = [2, 5, 0, 2];
    const together = await next(counts.map((count, i) => prefixed(i, count)));
    for (const [i, count] of counts.entries()) {
      // One token after the other, alone.
      let state = start(sources[i]!);
      let row = await next([state]);
      for (const token of targets[i]!.slice(0, count)) {
        state = advance(state, token);
        row = await next([state]);
      }
      row.forEach((log, t) => {
        expect(Math.abs(log - together[i * row.length + t]!)).toBeLessThan(1e-5);
      });
    }
  });

  it('tells where it looked: one weight a source token and one for its end, adding up to 1', async () => {
    const { start, next, attention } = await scorer();
    const states = [start([0, 1, 2, 3]), start([4])];
    await next(states);
    if (variant.config.attention === 'none') {
      expect(() => attention(states[0]!)).toThrow('has no attention');
      return;
    }
    expect(states.map((state) => attention(state).length)).toEqual([5, 2]);
    for (const state of states) expect(attention(state).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  });

  it('depends on the source, its order and every token of the prefix', async () => {
    const whole = (source: number[], target: number[]) =>
      scorer().then((s) => sequenceLogProbability(s, target, source));
    const base = await whole([0, 1, 2], [1, 2, 5]);
    expect(Math.abs(base - (await whole([0, 2, 1], [1, 2, 5])))).toBeGreaterThan(1e-4);
    expect(Math.abs(base - (await whole([0, 1], [1, 2, 5])))).toBeGreaterThan(1e-4);
    expect(Math.abs(base - (await whole([0, 1, 2], [1, 3, 5])))).toBeGreaterThan(1e-4);
  });

  it('scores a batch as it scores each pair alone: padding never changes a result', async () => {
    const forced = await openForced(model.spec, model.weights);
    const pairs = sources.map((source, i) => ({
      source: Int32Array.from(source),
      target: Int32Array.from(targets[i]!),
    }));
    const together = await forced.score(pairs);
    for (const [i, pair] of pairs.entries()) {
      const [alone] = await forced.score([pair]);
      alone!.forEach((log, t) => {
        expect(Math.abs(log - together[i]![t]!)).toBeLessThan(1e-5);
      });
    }
    await forced.close();
  });

  it('refuses tokens that there are not', async () => {
    const { start, advance } = await scorer();
    expect(() => start([6])).toThrow('The source has the token 6; expected whole numbers from 0 to 5');
    expect(() => advance(start([1]), 6)).toThrow('Token 6 is outside the vocabulary of 6');
  });
});
