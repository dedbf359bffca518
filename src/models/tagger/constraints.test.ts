import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bioConstraints } from '../../nn/structured/index.ts';
import { firstViolation, tagConstraints } from './constraints.ts';

const bio = ['O', 'B-x', 'I-x', 'B-y', 'I-y'];
const bioes = ['O', ...['x', 'y'].flatMap((kind) => ['B', 'I', 'E', 'S'].map((place) => `${place}-${kind}`))];

/** All sequences of spans of length `n`, written out: what a scheme must allow, and nothing else. */
function written(n: number, scheme: 'bio' | 'bioes'): Set<string> {
  if (n === 0) return new Set(['']);
  const found = new Set<string>();
  const put = (piece: string[]) => {
    if (piece.length > n) return;
    for (const rest of written(n - piece.length, scheme))
      found.add([...piece, ...(rest ? [rest] : [])].join(' '));
  };
  put(['O']);
  for (const kind of ['x', 'y'])
    for (let length = 1; length <= n; length++) {
      const inner = Array.from({ length }, (_, i) => `${i === 0 ? 'B' : 'I'}-${kind}`);
      if (scheme === 'bioes') inner[length - 1] = `${length === 1 ? 'S' : 'E'}-${kind}`;
      put(inner);
    }
  return found;
}

function* sequences(tags: readonly string[], n: number): Generator<number[]> {
  if (n === 0) yield [];
  else for (const rest of sequences(tags, n - 1)) for (let t = 0; t < tags.length; t++) yield [...rest, t];
}

describe('tagConstraints', () => {
  it.each([
    ['bio', bio],
    ['bioes', bioes],
  ] as const)('of %s allow exactly the sequences that spans can write', (scheme, tags) => {
    const constraints = tagConstraints(tags, { scheme, allowed: null })!;
    for (const n of [1, 2, 3]) {
      const kept = [...sequences(tags, n)].filter((ids) => firstViolation(ids, constraints) < 0);
      expect(new Set(kept.map((ids) => ids.map((t) => tags[t]).join(' ')))).toEqual(written(n, scheme));
    }
  });

  it('of bio are those of the CRF layer', () => {
    expect(tagConstraints(bio, { scheme: 'bio', allowed: null })).toEqual(bioConstraints(bio));
  });

  it('hold none where neither a scheme nor pairs are given', () => {
    expect(tagConstraints(['H', 'E', 'C'], { scheme: 'none', allowed: null })).toBeUndefined();
  });

  it('of pairs allow a step exactly where the pair is named, and every tag at an edge of which nothing is said', () => {
    const tags = ['a', 'b', 'c'];
    const pair = fc.tuple(fc.constantFrom(...tags), fc.constantFrom(...tags));
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1 }), (extra) => {
        const allowed: [string, string][] = [['a', 'b'], ['b', 'c'], ['c', 'a'], ...extra];
        const found = tagConstraints(tags, { scheme: 'none', allowed })!;
        tags.forEach((from, i) => {
          tags.forEach((to, j) => {
            expect(found.transitions![i]![j]).toBe(allowed.some(([f, t]) => f === from && t === to));
          });
        });
        expect([found.start, found.end]).toEqual([tags.map(() => true), tags.map(() => true)]);
      }),
    );
  });

  it('of pairs with an edge let only the named tags begin', () => {
    const allowed = [
      ['', 'a'],
      ['a', 'a'],
      ['a', 'b'],
      ['b', 'a'],
    ] as const;
    expect(tagConstraints(['a', 'b'], { scheme: 'none', allowed })!.start).toEqual([true, false]);
  });

  it('refuse rules that no sequence keeps, and tags that can stand in none', () => {
    const stuck = {
      scheme: 'none',
      allowed: [
        ['', 'a'],
        ['a', 'a'],
        ['b', ''],
      ],
    } as const;
    expect(() => tagConstraints(['a', 'b'], stuck)).toThrow(/allow no sequence at all of the tags a, b/);
    expect(() => tagConstraints(['O', 'I-x'], { scheme: 'bio', allowed: null })).toThrow(
      /no sequence in which I-x stands/,
    );
    expect(() => tagConstraints(['O', 'B-x'], { scheme: 'bioes', allowed: null })).toThrow(
      /no sequence in which B-x stands/,
    );
    expect(() => tagConstraints(['O', 'H'], { scheme: 'bio', allowed: null })).toThrow(
      'the tag "H" is none of the scheme bio; expected O, B-… and I-…. Choose another scheme, or none.',
    );
    expect(() => tagConstraints(['a', 'b'], { scheme: 'none', allowed: [['a', 'z']] })).toThrow(/name "z"/);
  });

  it('leave the neighbours of an unknown tag free', () => {
    const constraints = tagConstraints(bio, { scheme: 'bio', allowed: null })!;
    expect(firstViolation([0, 2], constraints)).toBe(1);
    expect(firstViolation([0, -1, 2], constraints)).toBe(-1);
    expect(firstViolation([2], constraints)).toBe(0);
  });
});
