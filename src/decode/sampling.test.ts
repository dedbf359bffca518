import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draw, minP, nucleus, type Reshape, temperature, topK, typical } from './sampling.ts';

interface GoldenCase {
  name: string;
  logs: (number | null)[];
  kept: Record<string, number[]>;
  'temperature(0.7)': (number | null)[];
}
const golden = new URL('../../test/golden/decode/sampling.json', import.meta.url);
const cases: GoldenCase[] = JSON.parse(readFileSync(golden, 'utf8')).cases;

const none = Number.NEGATIVE_INFINITY;
const logsOf = (given: (number | null)[]) => Float64Array.from(given, (log) => log ?? none);
const kept = (reshape: Reshape, logs: Float64Array) => {
  const own = logs.slice();
  reshape(own);
  own.forEach((log, i) => {
    if (log !== none) expect(log).toBe(logs[i]);
  });
  return [...own.keys()].filter((i) => own[i] !== none);
};
const normalised = (logs: ArrayLike<number>) => {
  const weights = Array.from(logs, Math.exp);
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
};
const reshapes: Record<string, (value: number) => Reshape> = { topK, nucleus, typical, minP };

describe('what stays, against the logits processors of transformers', () => {
  it('there are cases for every method', () => {
    const methods = new Set(
      cases.flatMap(({ kept }) => Object.keys(kept).map((setting) => setting.split('(')[0])),
    );
    expect([...methods].sort()).toEqual(Object.keys(reshapes).sort());
  });
  for (const { name, logs, kept: settings, 'temperature(0.7)': cold } of cases) {
    it(`${name} log-probabilities`, () => {
      for (const [setting, expected] of Object.entries(settings)) {
        const [, method, value] = /(\w+)\((.*)\)/.exec(setting)!;
        expect([setting, kept(reshapes[method!]!(Number(value)), logsOf(logs))]).toEqual([setting, expected]);
      }
    });
    it(`${name} log-probabilities, at a temperature`, () => {
      const own = logsOf(logs);
      temperature(0.7)(own);
      normalised(own).forEach((p, i) => {
        expect(p).toBeCloseTo(cold[i] === null ? 0 : Math.exp(cold[i]!), 11);
      });
    });
  }
});

describe('what stays, against the definitions', () => {
  // Few different values, so that equals are common; not normalised, as after a constraint.
  const logs = fc
    .array(fc.constantFrom(0, -0.5, -1, -1.5, -3, -8, none), { minLength: 1, maxLength: 12 })
    .filter((all) => all.some((log) => log !== none))
    .map((all) => Float64Array.from(all));
  const share = fc.constantFrom(0.01, 0.2, 0.5, 0.77, 0.95, 1);
  const ranked = (p: number[], by: (i: number) => number) =>
    [...p.keys()].filter((i) => p[i]! > 0).sort((a, b) => by(a) - by(b) || a - b);
  /** The shortest beginning of the ranked tokens whose probabilities reach the share. */
  const reaching = (order: number[], p: number[], mass: number) => {
    for (let n = 1; n < order.length; n++)
      if (order.slice(0, n).reduce((sum, i) => sum + p[i]!, 0) >= mass - 1e-12) return order.slice(0, n);
    return order;
  };
  const ascending = (tokens: number[]) => tokens.sort((a, b) => a - b);

  it('nucleus keeps the fewest most probable tokens that reach p, of equals the first', () => {
    fc.assert(
      fc.property(logs, share, (given, mass) => {
        const p = normalised(given);
        expect(kept(nucleus(mass), given)).toEqual(
          ascending(
            reaching(
              ranked(p, (i) => -given[i]!),
              p,
              mass,
            ),
          ),
        );
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('topK keeps those that fewer than k beat', () => {
    fc.assert(
      fc.property(logs, fc.integer({ min: 1, max: 14 }), (given, k) => {
        const beaten = (i: number) => given.filter((log) => log > given[i]!).length;
        expect(kept(topK(k), given)).toEqual(
          [...given.keys()].filter((i) => given[i] !== none && beaten(i) < k),
        );
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('typical keeps those nearest to the entropy, and never nothing', () => {
    fc.assert(
      fc.property(logs, share, (given, mass) => {
        const p = normalised(given);
        const entropy = -p.filter((x) => x > 0).reduce((sum, x) => sum + x * Math.log(x), 0);
        const distance = (i: number) => Math.round(Math.abs(-Math.log(p[i]!) - entropy) * 1e9);
        const taken = reaching(ranked(p, distance), p, mass);
        const found = kept(typical(mass), given);
        // Tokens as far away as the last one stay: a distance equal but for rounding may fall on either side.
        const furthest = distance(taken.at(-1)!);
        const sure = [...p.keys()].filter((i) => p[i]! > 0 && distance(i) < furthest - 1);
        expect(found).toEqual(expect.arrayContaining(sure));
        expect(found.filter((i) => distance(i) > furthest + 1)).toEqual([]);
        expect(found.length).toBeGreaterThan(0);
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  it('minP keeps those within a factor of the most probable', () => {
    fc.assert(
      fc.property(logs, fc.constantFrom(0.01, 0.3, 0.61, 0.99), (given, p) => {
        const top = Math.max(...given);
        expect(kept(minP(p), given)).toEqual([...given.keys()].filter((i) => Math.exp(given[i]! - top) >= p));
      }),
      { numRuns: 200, seed: 4 },
    );
  });

  it('refuses settings without a meaning', () => {
    expect(() => temperature(0)).toThrow('temperature(0): expected a number above 0; use greedy');
    expect(() => topK(0)).toThrow('topK(0): expected a whole number from 1');
    expect(() => nucleus(1.2)).toThrow('nucleus(1.2): expected a share above 0, at most 1');
    expect(() => typical(Number.NaN)).toThrow('typical(NaN)');
    expect(() => minP(0)).toThrow('minP(0)');
  });
});

describe('draw', () => {
  it('inverts the cumulative distribution, and never picks what has no probability', () => {
    const logs = Float64Array.from([none, Math.log(0.2), none, Math.log(0.5), Math.log(0.3), none]);
    const at = (uniform: number) => draw(logs, uniform).token;
    expect([0, 0.199, 0.201, 0.699, 0.701, 1 - 2 ** -53].map(at)).toEqual([1, 1, 3, 3, 4, 4]);
    expect(
      draw(
        logs.map((log) => log + 5),
        0.5,
      ).logProbability,
    ).toBeCloseTo(Math.log(0.5), 12);
  });
});
