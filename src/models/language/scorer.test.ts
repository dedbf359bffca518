import { describe, expect, it } from 'vitest';
import { openJudge } from './judge.ts';
import { exampleLanguage, exampleTokens, smallConfigs } from './language.fixture.ts';
import { type LanguageState, languageScorer } from './scorer.ts';

const total = (row: ArrayLike<number>) => Array.from(row).reduce((sum, log) => sum + Math.exp(log), 0);

describe.each(Object.keys(smallConfigs))('a %s as a scorer', (architecture) => {
  it('gives step by step what it gives to the whole text at once', async () => {
    const scorer = await languageScorer(exampleLanguage({ architecture }));
    const tokens = exampleTokens(30);
    const logs = await scorer.tokens!(tokens);
    let state = scorer.start();
    for (let i = 0; i < tokens.length; i++) {
      const row = await scorer.next([state]);
      expect(total(row)).toBeCloseTo(1, 5);
      expect(Math.abs(row[tokens[i]!]! - logs[i]!)).toBeLessThan(1e-5);
      state = scorer.advance(state, tokens[i]!);
    }
    // An untrained model is not even, or these would be equal whatever it read.
    expect(new Set(Array.from(logs, (log) => log.toFixed(4))).size).toBeGreaterThan(20);
    await scorer.close();
  });

  it('gives many prefixes together, of whatever lengths, what it gives them one by one', async () => {
    const scorer = await languageScorer(exampleLanguage({ architecture }));
    const follow = (from: LanguageState, tokens: ArrayLike<number>) =>
      Array.from(tokens).reduce((state, token) => scorer.advance(state, token), from);
    const lengths = [0, 3, 3, 7, 8, 9, 14, 3];
    const prefixes = lengths.map((length, i) => exampleTokens(length + i).slice(i));
    const together = prefixes.map((prefix) => follow(scorer.start(), prefix));
    const rows = await scorer.next([...together, together[1]!]);
    const longer = await scorer.next(together.toReversed().map((state) => scorer.advance(state, 2)));
    for (const [i, prefix] of prefixes.entries()) {
      const alone = await scorer.next([follow(scorer.start(), prefix)]);
      const next = await scorer.next([follow(scorer.start(), [...prefix, 2])]);
      for (let t = 0; t < 5; t++) {
        expect(rows[i * 5 + t]).toBeCloseTo(alone[t]!, 5);
        expect(longer[(prefixes.length - 1 - i) * 5 + t]).toBeCloseTo(next[t]!, 5);
      }
    }
    expect(Array.from(rows.slice(-5))).toEqual(Array.from(rows.slice(5, 10)));
    await scorer.close();
  });
});

describe('a language scorer', () => {
  it('with ends gives all sequences together a probability of one, and nothing follows an end', async () => {
    const model = exampleLanguage({ architecture: 'gru', ends: true });
    const scorer = await languageScorer(model);
    expect([scorer.vocabulary, scorer.end]).toEqual([6, 5]);
    const ended = scorer.advance(scorer.start(), 5);
    expect(Array.from(await scorer.next([ended]))).toEqual(new Array(6).fill(Number.NEGATIVE_INFINITY));
    const logs = await scorer.tokens!([0, 5, 1]);
    expect(logs[1]).toBeLessThan(0);
    expect(logs[2]).toBe(Number.NEGATIVE_INFINITY);
    const empty = (await scorer.next([scorer.start()]))[5]!;
    expect((await scorer.tokens!([5]))[0]).toBeCloseTo(empty, 5);
    await scorer.close();
  });

  it('refuses tokens that there are not, and spells those that there are', async () => {
    const scorer = await languageScorer(exampleLanguage());
    expect(() => scorer.advance(scorer.start(), 5)).toThrow('Token 5 is outside the vocabulary of 5.');
    expect(scorer.spelling).toEqual(['a', 'b', 'c', 'd', ' ']);
    await scorer.close();
  });
});

describe('a judge', () => {
  it('of a long text reads parts side by side and comes to what the whole gives', async () => {
    const { spec, weights } = exampleLanguage({ architecture: 'lstm' });
    const judge = await openJudge(spec, weights);
    const long = exampleTokens(9001);
    const [exact] = await judge.logs([long], { exact: true });
    const [parts, short, none] = await judge.logs([long, long.slice(0, 700), new Int32Array(0)]);
    expect(none!.length).toBe(0);
    for (let i = 0; i < long.length; i++) expect(Math.abs(parts![i]! - exact![i]!)).toBeLessThan(1e-5);
    for (let i = 0; i < 700; i++) expect(Math.abs(short![i]! - exact![i]!)).toBeLessThan(1e-5);
    await judge.close();
  });

  it('takes other weights', async () => {
    const { spec, weights } = exampleLanguage();
    const judge = await openJudge(spec, weights);
    const [before] = await judge.logs([exampleTokens(9)]);
    const even = new Map([...weights].map(([path, data]) => [path, data.map(() => 0)]));
    await judge.load(even);
    const [after] = await judge.logs([exampleTokens(9)]);
    expect(Array.from(before!)).not.toEqual(Array.from(after!));
    for (const log of after!) expect(log).toBeCloseTo(-Math.log(5), 5);
    await judge.close();
  });
});
