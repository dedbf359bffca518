import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PairHmm, type PairHmmDefinition, pairForward, pairHmm, pairViterbi } from './pair-hmm.ts';

const match = [
  [0.3, 0.05, 0.02],
  [0.05, 0.2, 0.08],
  [0.02, 0.08, 0.2],
];
const settings = { match, open: 0.1, extend: 0.3, end: 0.15 };
const models: Record<string, PairHmmDefinition> = { global: settings, local: { ...settings, flank: 0.4 } };
const tokens = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 4 });

/** Every alignment's probability: plain recursion over columns, flanks written out. */
function alignments(model: PairHmm, x: number[], y: number[]): number[] {
  const { open, extend, end, flank, vocabulary } = model;
  const found: number[] = [];
  const q = (w: number) => Math.exp(model.background[w]!);
  const ends = (left: number[]) =>
    flank === null ? (left.length === 0 ? 1 : 0) : left.reduce((p, w) => p * (1 - flank) * q(w), flank);
  const walk = (state: 'M' | 'X' | 'Y', i: number, j: number, p: number) => {
    const leaving = p * end * ends(x.slice(i)) * ends(y.slice(j));
    if (leaving > 0) found.push(leaving);
    const toMatch = state === 'M' ? 1 - 2 * open - end : 1 - extend - end;
    if (i < x.length && j < y.length)
      walk('M', i + 1, j + 1, p * toMatch * Math.exp(model.match[x[i]! * vocabulary + y[j]!]!));
    const gap = (own: 'X' | 'Y') => (state === 'M' ? open : state === own ? extend : 0);
    if (i < x.length && gap('X') > 0) walk('X', i + 1, j, p * gap('X') * q(x[i]!));
    if (j < y.length && gap('Y') > 0) walk('Y', i, j + 1, p * gap('Y') * q(y[j]!));
  };
  for (let i = 0; i <= x.length; i++)
    for (let j = 0; j <= y.length; j++) {
      const p = ends(x.slice(0, i)) * ends(y.slice(0, j));
      if (p > 0) walk('M', i, j, p);
    }
  return found;
}

/** The probability of one alignment, from its columns. */
function probability(model: PairHmm, x: number[], y: number[], columns: [number, number][]): number {
  const { open, extend, end, flank, vocabulary } = model;
  const q = (w: number) => Math.exp(model.background[w]!);
  let p = end;
  let state = 'M';
  for (const [i, j] of columns) {
    const next = i < 0 ? 'Y' : j < 0 ? 'X' : 'M';
    if (next === 'M')
      p *=
        (state === 'M' ? 1 - 2 * open - end : 1 - extend - end) *
        Math.exp(model.match[x[i]! * vocabulary + y[j]!]!);
    else p *= (state === 'M' ? open : state === next ? extend : 0) * q(next === 'X' ? x[i]! : y[j]!);
    state = next;
  }
  const usedX = columns.map(([i]) => i).filter((i) => i >= 0);
  const usedY = columns.map(([, j]) => j).filter((j) => j >= 0);
  if (flank === null) return usedX.length === x.length && usedY.length === y.length ? p : 0;
  x.forEach((w, i) => {
    if (!usedX.includes(i)) p *= (1 - flank) * q(w);
  });
  y.forEach((w, j) => {
    if (!usedY.includes(j)) p *= (1 - flank) * q(w);
  });
  return p * flank ** 4;
}

describe.each(Object.entries(models))('a %s pair HMM', (_, definition) => {
  const model = pairHmm(definition);

  it('equals the enumeration of all alignments', () => {
    fc.assert(
      fc.property(tokens, tokens, (x, y) => {
        const all = alignments(model, x, y);
        expect(pairForward(model, x, y)).toBeCloseTo(Math.log(all.reduce((a, b) => a + b, 0)), 10);
        const best = pairViterbi(model, x, y);
        expect(best.logProbability).toBeCloseTo(Math.log(Math.max(...all)), 10);
        const columns = Array.from(best.x, (i, k): [number, number] => [i, best.y[k]!]);
        expect(Math.log(probability(model, x, y, columns))).toBeCloseTo(best.logProbability, 10);
        for (const used of [best.x, best.y]) {
          const indices = [...used].filter((i) => i >= 0);
          indices.forEach((i, k) => {
            expect(i).toBe(indices[0]! + k);
          });
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is the same with the sequences exchanged', () => {
    fc.assert(
      fc.property(tokens, tokens, (x, y) => {
        expect(pairForward(model, x, y)).toBeCloseTo(pairForward(model, y, x), 10);
      }),
    );
  });

  it('gives all pairs of sequences up to a length a total probability below one and near it', () => {
    // One letter, so that a pair of lengths is a pair of sequences.
    const counting = pairHmm({ ...definition, match: [[1]], end: 0.3 });
    let total = 0;
    for (let i = 0; i <= 40; i++)
      for (let j = 0; j <= 40; j++)
        total += Math.exp(pairForward(counting, new Int32Array(i), new Int32Array(j)));
    expect(total).toBeLessThanOrEqual(1 + 1e-12);
    expect(total).toBeGreaterThan(0.999);
  });
});

describe('alignment by pair HMM', () => {
  it('puts the gap where a piece is missing, and finds the common part between unlike flanks', () => {
    const identity = Array.from({ length: 4 }, (_, a) =>
      Array.from({ length: 4 }, (_, b) => (a === b ? 0.22 : 0.01)),
    );
    const total = identity.flat().reduce((a, b) => a + b, 0);
    const sharp = identity.map((row) => row.map((p) => p / total));
    const global = pairHmm({ match: sharp, open: 0.02, extend: 0.4, end: 0.01 });
    const [long, short] = [
      [0, 1, 2, 3, 3, 3, 0, 1, 2, 0],
      [0, 1, 2, 0, 1, 2, 0],
    ];
    expect([...pairViterbi(global, long, short).y]).toEqual([0, 1, 2, -1, -1, -1, 3, 4, 5, 6]);
    const local = pairHmm({ match: sharp, open: 0.02, extend: 0.4, end: 0.01, flank: 0.1 });
    const core = [0, 1, 2, 3, 0, 1, 2, 3, 1, 1];
    const found = pairViterbi(local, [3, 3, 3, 3, ...core], [...core, 2, 2, 2]);
    expect([found.x[0], found.y[0], found.x.length]).toEqual([4, 0, core.length]);
  });

  it('refuses what makes no sense, and says where', () => {
    expect(() => pairHmm({ ...settings, open: 0.5 })).toThrow('expected 2·open + end');
    expect(() => pairHmm({ ...settings, match: [[0.5]] })).toThrow('sum to 0.5');
    expect(() => pairHmm({ ...settings, flank: 0 })).toThrow('A flank of 0');
    expect(() => pairForward(pairHmm(settings), [0, 3], [0])).toThrow('Token 3 at position 2');
    expect(() => pairViterbi(pairHmm({ ...settings, open: 0 }), [0], [])).toThrow('No alignment');
    expect(pairForward(pairHmm({ ...settings, open: 0 }), [0], [])).toBe(Number.NEGATIVE_INFINITY);
  });
});
