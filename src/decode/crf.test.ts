import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allSequences } from './constraints/constraint.fixture.ts';
import { type Chain, crfBestPaths, crfViterbi } from './crf.ts';

const none = Number.NEGATIVE_INFINITY;

/** All paths with their scores, best first, straight from the definition. */
function enumerate({ emissions, transitions, start, end, allowed }: Chain, size: number) {
  const length = emissions.length / size;
  const paths = [...allSequences('012'.slice(0, size), length, length)].map((name) => {
    const tags = [...name].map(Number);
    let score = (start?.[tags[0]!] ?? 0) + (end?.[tags.at(-1)!] ?? 0);
    tags.forEach((tag, t) => {
      score += emissions[t * size + tag]!;
      if (t === 0) return;
      const step = tags[t - 1]! * size + tag;
      score += allowed && !allowed[step] ? none : transitions[step]!;
    });
    return { tags, score };
  });
  return paths.filter(({ score }) => score > none).sort((a, b) => b.score - a.score);
}

const score = fc.double({ min: -5, max: 5, noNaN: true });
const chains = fc
  .record({
    size: fc.integer({ min: 1, max: 3 }),
    length: fc.integer({ min: 1, max: 5 }),
    masked: fc.boolean(),
  })
  .chain(({ size, length, masked }) => {
    const numbers = (n: number) => fc.array(score, { minLength: n, maxLength: n });
    const sometimes = fc.oneof({ weight: 4, arbitrary: score }, { weight: 1, arbitrary: fc.constant(none) });
    return fc.record({
      size: fc.constant(size),
      chain: fc.record({
        emissions: numbers(size * length),
        transitions: numbers(size * size),
        start: fc.array(sometimes, { minLength: size, maxLength: size }),
        end: fc.array(sometimes, { minLength: size, maxLength: size }),
        allowed: fc.array(masked ? fc.boolean() : fc.constant(true), {
          minLength: size * size,
          maxLength: size * size,
        }),
      }),
    });
  });

describe('Viterbi and k-best, against every path', () => {
  it('find the best and the best few, fewer where there are fewer, and say when there is none', () => {
    let impossible = 0;
    fc.assert(
      fc.property(chains, fc.constantFrom(1, 2, 7, 1000), ({ chain, size }, count) => {
        const all = enumerate(chain, size);
        if (all.length === 0) {
          impossible++;
          expect(() => crfViterbi(chain)).toThrow(/No sequence gets past position \d/);
          expect(() => crfBestPaths(chain, count)).toThrow(/No sequence gets past position \d/);
          return;
        }
        const close = (x: number) => Number(x.toFixed(9));
        expect(close(crfViterbi(chain).score)).toBe(close(all[0]!.score));
        const found = crfBestPaths(chain, count);
        expect(found.map((path) => close(path.score))).toEqual(
          all.slice(0, count).map((path) => close(path.score)),
        );
        // Scores belong to their paths, and no path comes twice.
        const byTags = new Map(all.map((path) => [path.tags.join(), close(path.score)]));
        for (const { tags, score } of [...found, crfViterbi(chain)])
          expect(byTags.get(tags.join())).toBe(close(score));
        expect(new Set(found.map(({ tags }) => tags.join())).size).toBe(found.length);
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(impossible).toBeGreaterThan(3);
  });

  it('take a chain without start, end and mask, and an empty one', () => {
    const chain = { emissions: [2, 1, 0, 1.5], transitions: [0, -5, -5, 0] };
    expect(crfViterbi(chain)).toEqual({ tags: Int32Array.of(1, 1), score: 2.5 });
    expect(crfBestPaths(chain, 2).map(({ tags }) => [...tags])).toEqual([
      [1, 1],
      [0, 0],
    ]);
    expect(crfViterbi({ ...chain, emissions: [] })).toEqual({ tags: new Int32Array(0), score: 0 });
    expect(crfBestPaths({ ...chain, emissions: [] }, 3)).toEqual([{ tags: new Int32Array(0), score: 0 }]);
  });

  it('prefer, among equals, lower tags from the last to the first', () => {
    const chain = { emissions: new Float64Array(6), transitions: [0, 0, 0, 0] };
    expect([...crfViterbi(chain).tags]).toEqual([0, 0, 0]);
    expect([...crfViterbi({ ...chain, transitions: [-1, 0, 0, -1] }).tags]).toEqual([0, 1, 0]);
    expect(crfBestPaths(chain, 3).map(({ tags }) => [...tags])).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  it('keep a tag scheme: an entity never goes on that has not begun', () => {
    // O B I: I only after B or I.
    const allowed = [1, 1, 0, 1, 1, 1, 1, 1, 1];
    const emissions = [0, 1, 5, 3, 0, 4, 0, 0, 2];
    const chain = {
      emissions,
      transitions: new Float64Array(9),
      allowed,
      start: [0, 0, none],
      tags: ['O', 'B', 'I'],
    };
    const free = { ...chain, allowed: new Uint8Array(9).fill(1) };
    const outside = [9, ...emissions.slice(1)];
    expect([...crfViterbi(chain).tags]).toEqual([1, 2, 2]);
    expect([...crfViterbi({ ...free, emissions: outside }).tags]).toEqual([0, 2, 2]);
    expect([...crfViterbi({ ...chain, emissions: outside }).tags]).toEqual([0, 0, 0]);
    const closed = { ...chain, allowed: [0, 1, 0, 0, 0, 1, 0, 0, 0] };
    expect(() => crfViterbi({ ...closed, emissions: new Float64Array(12) })).toThrow(
      'No sequence of the tags O B I gets past position 4: the allowed transitions, start and end leave none.',
    );
  });

  it('refuse shapes that do not fit', () => {
    expect(() => crfViterbi({ emissions: [1, 2, 3], transitions: [0, 0, 0, 0] })).toThrow(
      'expected T × 2 emissions (3 arrived)',
    );
    expect(() => crfViterbi({ emissions: [1, 2], transitions: [0, 0, 0] })).toThrow(
      'transitions (3) and allowed are tables of K × K numbers',
    );
    expect(() => crfBestPaths({ emissions: [1, 2], transitions: [0, 0, 0, 0] }, 0)).toThrow('count is 0');
  });
});
