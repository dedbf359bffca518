import { describe, expect, it } from 'vitest';
import type { MarksData } from './data.ts';
import { bin, plantedData } from './marks.fixture.ts';
import { binTotal, type HeldMarks, splitMarks } from './split.ts';

const mark = { name: 'K4', kind: 'binary' } as const;
const dataOf = (...lengths: number[]) => plantedData(lengths, [mark], (bins, at) => [Number(bins[at]!.word)]);

/** Every bin of every stretch, by place. */
const placesOf = (data: MarksData | undefined) =>
  (data?.stretches ?? []).flatMap(({ chrom, start, bins }) =>
    Array.from({ length: bins }, (_, b) => `${chrom}:${start / bin + b}`),
  );

describe('a split of marks', () => {
  it.each<[string, number[], HeldMarks]>([
    ['whole sequences of many', [40, 60, 50, 30, 80, 20, 70], 0.3],
    ['blocks of few', [400, 201], 0.2],
    ['names', [40, 60, 50, 30, 80], 'c2,c4'],
  ])('puts every bin on one side: %s', (_, lengths, test) => {
    const data = dataOf(...lengths);
    const {
      fit,
      validation,
      test: held,
      note,
    } = splitMarks(data, { test, validation: 0.15, core: 10, seed: 3 });
    const all = [fit, validation, held].flatMap(placesOf);
    expect(all).toHaveLength(binTotal(data));
    expect(new Set(all)).toEqual(new Set(placesOf(data)));
    for (const part of [fit, validation!, held!])
      for (const stretch of part.stretches) {
        const whole = data.stretches.find(({ chrom }) => chrom === stretch.chrom)!;
        const from = stretch.start / bin;
        expect(stretch.truth).toEqual(whole.truth.subarray(from, from + stretch.bins));
        expect(stretch.tracks).toEqual(whole.tracks.subarray(from, from + stretch.bins));
        expect(stretch.tokens).toEqual(whole.tokens.subarray(from * bin, (from + stretch.bins) * bin));
      }
    expect(note).toMatch(/^Split by /);
    if (typeof test === 'string')
      expect(new Set(held!.stretches.map(({ chrom }) => chrom))).toEqual(new Set(['c2', 'c4']));
    else expect(binTotal(held!) / binTotal(data)).toBeCloseTo(Number(test), 0);
  });

  it('keeps sequences whole where there are five or more', () => {
    const { fit, test } = splitMarks(dataOf(40, 40, 40, 40, 40), { test: 0.4, validation: false, core: 10 });
    const chromosomes = (data: MarksData) => data.stretches.map(({ chrom }) => chrom);
    expect(chromosomes(fit).filter((chrom) => chromosomes(test!).includes(chrom))).toEqual([]);
    expect([...chromosomes(fit), ...chromosomes(test!)].sort()).toEqual(['c1', 'c2', 'c3', 'c4', 'c5']);
  });

  it('holds nothing back where nothing is asked for', () => {
    const data = dataOf(40, 50);
    const { fit, test, validation, note } = splitMarks(data, { test: false, validation: false, core: 10 });
    expect([fit, test, validation, note]).toEqual([data, undefined, undefined, 'Nothing is held out.']);
  });

  it('is refused with names that there are not, and with too little to divide', () => {
    const data = dataOf(25, 10);
    expect(() => splitMarks(data, { test: 'chr8', core: 10 })).toThrow(
      '--test chr8: "chr8" is no sequence that is left; there are c1, c2.',
    );
    expect(() => splitMarks(data, { test: 'c1', validation: 'c1', core: 10 })).toThrow(
      /--validation c1: "c1" is no/,
    );
    expect(() => splitMarks(data, { test: 'c1,c2', validation: false, core: 10 })).toThrow(
      /nothing is left to learn/,
    );
    expect(() => splitMarks(data, { test: 0.2, validation: 0.2, core: 20 })).toThrow(
      /35 bins are too few to be divided into parts of at least 20/,
    );
  });
});
