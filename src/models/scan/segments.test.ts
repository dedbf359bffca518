import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Segment, type SegmentState, type SegmentTile, segmenter } from './segments.ts';

const tile = (from: number, to: number, more: Partial<SegmentTile> = {}): SegmentTile => ({
  ...{ chrom: 'c', from, to, name: 'x', value: 1, strand: '+', joins: true, goesOn: true },
  ...more,
});

/** What each tile of a channel says: a value where it belongs to a segment. */
const tracks = fc.array(
  fc.record({ on: fc.boolean(), value: fc.integer({ min: 1, max: 9 }), name: fc.constantFrom('x', 'y') }),
  { minLength: 1, maxLength: 40 },
);
type Track = { on: boolean; value: number; name: string }[];

/** Runs tiles of 10 letters from one number to before another through a segmenter; those from `owned` to before `foreign` are ours. */
function run(
  track: Track,
  { gap = 0, from = 0, owned = 0, foreign = track.length, to = track.length } = {},
  joiner = segmenter({ channels: 1, gap }),
): Segment[] {
  const found: Segment[] = [];
  for (let i = from; i < to; i++) {
    const { on, value, name } = track[i]!;
    if (on) joiner.tile(0, tile(10 * i, 10 * i + 10, { value, name }), i >= owned && i < foreign);
    else joiner.nothing(0, 10 * i + 10);
    found.push(...joiner.take(10 * i + 10));
    if (i >= foreign - 1 && !joiner.pending()) return found;
  }
  joiner.end();
  return [...found, ...joiner.take(Infinity)];
}

/** The same from the definition: tiles are one segment while each next one of the name lies near enough. */
function expected(track: Track, gap: number): Segment[] {
  const found: Segment[] = [];
  let own: { i: number; value: number; name: string }[] = [];
  const close = () => {
    if (own.length > 0)
      found.push({
        ...{ chrom: 'c', start: 10 * own[0]!.i, end: 10 * own.at(-1)!.i + 10, name: own[0]!.name },
        ...{ strand: '+', best: Math.max(...own.map(({ value }) => value)) },
        mean: own.reduce((sum, { value }) => sum + value, 0) / own.length,
      });
    own = [];
  };
  track.forEach(({ on, value, name }, i) => {
    if (!on) return;
    const last = own.at(-1);
    if (last && (last.name !== name || 10 * (i - last.i - 1) > gap)) close();
    own.push({ i, value, name });
  });
  close();
  return found;
}

const gaps = fc.constantFrom(0, 5, 10, 25);

describe('segments', () => {
  it('join tiles of one name that lie near enough', () => {
    fc.assert(
      fc.property(tracks, gaps, (track, gap) => {
        expect(run(track, { gap })).toEqual(expected(track, gap));
      }),
    );
  });

  it('come out once and alike from whatever shards, each of which looks back as far as tiles may be joined', () => {
    fc.assert(
      fc.property(tracks, gaps, fc.array(fc.nat({ max: 40 }), { maxLength: 4 }), (track, gap, cuts) => {
        const edges = [0, ...cuts.map((cut) => Math.min(cut, track.length)), track.length].sort(
          (a, b) => a - b,
        );
        const back = Math.ceil(gap / 10) + 1;
        const found = edges.slice(1).flatMap((foreign, i) => {
          const owned = edges[i]!;
          return owned === foreign
            ? []
            : run(track, { gap, from: Math.max(0, owned - back), owned, foreign });
        });
        expect(found).toEqual(expected(track, gap));
      }),
    );
  });

  it('go on from a state that was kept as JSON', () => {
    fc.assert(
      fc.property(tracks, gaps, fc.nat({ max: 40 }), (track, gap, cut) => {
        const joiner = segmenter({ channels: 1, gap });
        const at = Math.min(cut, track.length);
        const first: Segment[] = [];
        track.slice(0, at).forEach(({ on, value, name }, i) => {
          if (on) joiner.tile(0, tile(10 * i, 10 * i + 10, { value, name }), true);
          else joiner.nothing(0, 10 * i + 10);
          first.push(...joiner.take(10 * i + 10));
        });
        const again = segmenter({ channels: 1, gap });
        again.load(JSON.parse(JSON.stringify(joiner.state())) as SegmentState);
        expect([...first, ...run(track, { gap, from: at }, again)]).toEqual(expected(track, gap));
      }),
    );
  });

  it('are ordered by where they begin, though others end before', () => {
    const joiner = segmenter({ channels: 2 });
    joiner.tile(0, tile(0, 10), true);
    joiner.tile(1, tile(0, 10, { name: 'a', strand: '-' }), true);
    joiner.nothing(1, 20);
    joiner.tile(0, tile(10, 20, { value: 3, strand: '-' }), true);
    expect(joiner.take(20)).toEqual([]);
    joiner.nothing(0, 30);
    joiner.tile(1, tile(20, 30), true);
    expect(joiner.take(30).map(({ name, start, end, strand }) => [name, start, end, strand])).toEqual([
      ['a', 0, 10, '-'],
      ['x', 0, 20, '-'],
    ]);
    joiner.end();
    expect(joiner.take(Infinity).map(({ start }) => start)).toEqual([20]);
    expect(joiner.pending()).toBe(false);
  });

  it('begin anew where a tag begins, and where the one before was the last of its span', () => {
    const joiner = segmenter({ channels: 1 });
    joiner.tile(0, tile(0, 1, { joins: false }), true);
    joiner.tile(0, tile(1, 2), true);
    joiner.tile(0, tile(2, 3, { joins: false }), true);
    joiner.tile(0, tile(3, 4, { goesOn: false }), true);
    joiner.tile(0, tile(4, 5), true);
    joiner.end();
    expect(joiner.take(Infinity).map(({ start, end }) => [start, end])).toEqual([
      [0, 2],
      [2, 4],
      [4, 5],
    ]);
  });
});
