import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dna, reverseComplement } from '../alphabet.ts';
import type { Interval, Strand } from '../interval.ts';
import { collect, thrown } from '../pieces.fixture.ts';
import { fetchInterval, fetchSpliced, type OffTheEnd } from './fetch.ts';
import { genomeOf } from './genome.ts';
import { coveredShare, labelBases, labelRegions, overlapIndex } from './overlap.ts';
import { regionSequences } from './regions.ts';
import { resize } from './resize.ts';

const linear = genomeOf([{ id: 'c', sequence: 'AACCGGTTAC' }], { name: 'g.fa' });
const round = genomeOf([{ id: 'c', sequence: 'AACCGGTTAC', circular: true }], { name: 'g.fa' });
const at = (start: number, end: number, strand: Strand = '+'): Interval => ({
  chrom: 'c',
  start,
  end,
  strand,
});
const problem = async (run: () => unknown) => (await thrown(run)).message;

describe('the sequence of an interval', () => {
  it('is right at the first base, the last base, both strands, and for adjacent intervals', async () => {
    expect(await fetchInterval(linear, at(0, 1))).toBe('A');
    expect(await fetchInterval(linear, at(9, 10))).toBe('C');
    expect(await fetchInterval(linear, at(0, 1, '-'))).toBe('T');
    expect(await fetchInterval(linear, at(9, 10, '-'))).toBe('G');
    expect(await fetchInterval(linear, at(0, 10))).toBe('AACCGGTTAC');
    expect(`${await fetchInterval(linear, at(0, 4))}${await fetchInterval(linear, at(4, 10))}`).toBe(
      'AACCGGTTAC',
    );
    expect(await fetchInterval(linear, at(3, 3))).toBe('');
  });

  it('of the minus strand is the reverse complement of the plus strand', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10), fc.nat(10), fc.boolean(), async (a, b, circular) => {
        const genome = circular ? round : linear;
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const plus = await fetchInterval(genome, at(start, end));
        expect(await fetchInterval(genome, at(start, end, '-'))).toBe(reverseComplement(plus!, dna));
      }),
    );
  });

  it('runs over the origin of a circular chromosome as along its letters written twice', async () => {
    const twice = 'AACCGGTTACAACCGGTTAC';
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -30, max: 30 }), fc.nat(10), async (start, length) => {
        const from = ((start % 10) + 10) % 10;
        expect(await fetchInterval(round, at(start, start + length))).toBe(twice.slice(from, from + length));
      }),
    );
    expect(await problem(() => fetchInterval(round, at(0, 11)))).toBe(
      'c:0-11(+) is 11 bases long; the circular "c" of g.fa has 10.',
    );
  });

  it('off the end is refused, left out, or filled up with N', async () => {
    const get = (start: number, end: number, offTheEnd: OffTheEnd, strand: Strand = '+') =>
      fetchInterval(linear, at(start, end, strand), { offTheEnd });
    expect(await problem(() => get(-1, 3, 'error'))).toBe(
      'c:-1-3(+) begins 1 before the first base; "c" of g.fa has 10 bases. Use --circular if it is a circle; else --off-the-end skip leaves such intervals out, and pad fills up with N.',
    );
    expect(await problem(() => get(8, 11, 'error'))).toMatch(
      /^c:8-11\(\+\) ends at 11; "c" of g\.fa has 10 bases\./,
    );
    expect(await get(8, 11, 'skip')).toBeUndefined();
    expect(await get(-2, 2, 'pad')).toBe('NNAA');
    expect(await get(8, 12, 'pad', '-')).toBe('NNGT');
    expect(await get(-2, 12, 'pad')).toBe('NNAACCGGTTACNN');
    expect(await get(12, 15, 'pad')).toBe('NNN');
    expect(await get(-5, -2, 'pad')).toBe('NNN');
  });

  it('on a chromosome that is not there is refused, with the names there are', async () => {
    expect(await problem(() => fetchInterval(linear, { ...at(0, 1), chrom: 'x' }))).toBe(
      'g.fa has no sequence "x". It has: c.',
    );
    expect(await problem(() => fetchInterval(linear, { ...at(0, 1), chrom: 'chrc' }))).toBe(
      'g.fa has no sequence "chrc". It has "c": use the names of one source in both files.',
    );
  });

  it('joined from segments is read in their order', async () => {
    expect(await fetchSpliced(linear, { segments: [at(8, 10, '-'), at(0, 3, '-')] })).toBe('GTGTT');
    expect(await problem(() => fetchSpliced(linear, { segments: [at(8, 11)], line: 7 }))).toMatch(
      /^line 7: c:8-11/,
    );
  });
});

describe('resizing', () => {
  const place = (interval: Interval) => [interval.start, interval.end];
  it('keeps the middle, the summit or an end by strand in place', () => {
    expect(place(resize(at(10, 20), { width: 4 }))).toEqual([13, 17]);
    expect(place(resize(at(10, 20), { width: 5 }))).toEqual([13, 18]);
    expect(place(resize({ ...at(10, 20), summit: 2 }, { width: 4, around: 'summit' }))).toEqual([10, 14]);
    expect(place(resize(at(10, 20), { width: 4, around: 'start' }))).toEqual([10, 14]);
    expect(place(resize(at(10, 20, '-'), { width: 4, around: 'start' }))).toEqual([16, 20]);
    expect(place(resize(at(10, 20, '-'), { width: 4, around: 'end' }))).toEqual([10, 14]);
    expect(place(resize(at(10, 20), { flank: 3 }))).toEqual([7, 23]);
    expect(place(resize(at(10, 20), { flank: [5, 1] }))).toEqual([5, 21]);
    expect(place(resize(at(10, 20, '-'), { flank: [5, 1] }))).toEqual([9, 25]);
  });

  it('gives the width that was asked for, with the anchor inside', () => {
    const around = fc.constantFrom('centre' as const, 'summit' as const, 'start' as const, 'end' as const);
    const strand = fc.constantFrom('+' as const, '-' as const, '.' as const);
    fc.assert(
      fc.property(
        fc.nat(50),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        around,
        strand,
        (start, length, width, around, strand) => {
          const found = resize(
            { ...at(start, start + length, strand), summit: length - 1 },
            { width, around },
          );
          expect(found.end - found.start).toBe(width);
          const left = {
            centre: start + (length >> 1),
            summit: start + length - 1,
            start,
            end: start + length - 1,
          };
          const right = { ...left, start: left.end, end: left.start };
          const anchor = (strand === '-' ? right : left)[around];
          expect(found.start <= anchor && anchor < found.end).toBe(true);
        },
      ),
    );
  });

  it('refuses a width of 0', async () => {
    expect(await problem(() => resize(at(0, 1), { width: 0 }))).toBe('A width is 1 or more bases, not 0.');
  });
});

describe('regions', () => {
  it('come as sequences with their chromosome as group; what is left out is counted', async () => {
    const intervals = [{ ...at(2, 4), name: 'peak 1', line: 1 }, at(9, 12), at(3, 3), at(4, 6, '-')];
    const { sequences, skipped } = regionSequences(linear, intervals, { offTheEnd: 'skip' });
    const found = await collect(sequences);
    expect(found.map(({ id, description, sequence, group }) => [id, description, sequence, group])).toEqual([
      ['peak_1', 'c:2-4(+)', 'CC', 'c'],
      ['c:4-6(-)', '', 'CC', 'c'],
    ]);
    expect(skipped.map(({ reason, count, examples }) => [reason, count, examples])).toEqual([
      ['off the end of their sequence', 1, ['c:9-12(+)']],
      ['empty intervals', 1, ['c:3-3(+)']],
    ]);
  });
});

describe('overlaps', () => {
  const interval = fc
    .tuple(fc.nat(60), fc.integer({ min: 0, max: 25 }))
    .map(([start, length]) => at(start, start + length));
  const covers = (i: number) => (one: Interval) => one.start <= i && i < one.end;

  it('are those that comparing with every interval finds', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 30 }), interval, (all, asked) => {
        const shares = (one: Interval) => Math.max(one.start, asked.start) < Math.min(one.end, asked.end);
        const expected = all.filter(shares).sort((a, b) => a.start - b.start || a.end - b.end);
        expect(overlapIndex(all).overlapping(asked)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('are none between intervals that only touch, or on another chromosome', () => {
    const index = overlapIndex([at(0, 5)]);
    expect(index.overlapping(at(5, 9))).toEqual([]);
    expect(index.overlapping(at(4, 9))).toEqual([at(0, 5)]);
    expect(index.overlapping({ ...at(0, 5), chrom: 'd' })).toEqual([]);
  });

  it('cover the share of bases that counting finds', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 8 }), interval, (all, region) => {
        const length = region.end - region.start;
        const bases = Array.from({ length }, (_, i) => region.start + i);
        const counted = bases.filter((i) => all.some(covers(i))).length;
        expect(coveredShare(region, all)).toBe(length === 0 ? 0 : counted / length);
      }),
    );
  });

  it('label every base as looking at each one does, in the direction of the strand', () => {
    fc.assert(
      fc.property(
        fc.array(interval, { maxLength: 5 }),
        fc.array(interval, { maxLength: 5 }),
        interval,
        fc.boolean(),
        (one, two, region, minus) => {
          const bases = Array.from({ length: region.end - region.start }, (_, i) => region.start + i);
          const expected = bases.map((i) => (two.some(covers(i)) ? 2 : one.some(covers(i)) ? 1 : 0));
          if (minus) expected.reverse();
          expect([...labelBases({ ...region, strand: minus ? '-' : '+' }, [one, two])]).toEqual(expected);
        },
      ),
    );
  });

  it('label regions by the share that must be covered', () => {
    const kinds = { peak: [at(0, 5)], gap: [at(9, 20)] };
    expect(labelRegions([at(0, 10), at(4, 9), at(5, 9)], kinds)).toEqual([['peak', 'gap'], ['peak'], []]);
    expect(labelRegions([at(0, 10)], kinds, { share: 0.5 })).toEqual([['peak']]);
  });
});
