import { describe, expect, it } from 'vitest';
import { readMarkup } from '../markup.fixture.ts';
import { trackView } from './track-view.ts';

const rows = [
  { name: 'atac', values: [0, 2, 4, Number.NaN, 1], series: 7 },
  { name: 'K4 <3', values: [0.1, 0.9, 0.8, 0.2, 0], there: [0, 1, 1, 0, 1], top: 1 },
  { name: 'K27', values: [1, 2, 3, 2, 1], line: [1, 3, 2, Number.NaN, 4] },
];

describe('trackView', () => {
  const svg = trackView({ chrom: 'chr1', start: 1000, bin: 10, rows, title: 'T' });

  it('draws one bar for each run of bins that are there, where they stand', () => {
    const bars = [...svg.matchAll(/<rect class="dot" x="([\d.]+)" width="([\d.]+)"/g)].map(([, x, width]) => [
      Number(x),
      Number(width),
    ]);
    expect(bars).toHaveLength(2);
    expect(bars[0]![1]! / bars[1]![1]!).toBeCloseTo(2, 1);
    expect((bars[1]![0]! - bars[0]![0]!) / bars[1]![1]!).toBeCloseTo(3, 1);
  });

  it('leaves gaps where nothing is told, in areas and lines, and escapes names', () => {
    readMarkup(svg);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(svg).toContain('K4 &lt;3');
    const areas = [...svg.matchAll(/<path class="bar"[^>]* d="([^"]+)"/g)].map(
      ([, d]) => d!.match(/M/g)!.length,
    );
    expect(areas).toEqual([2, 1, 1]);
    expect(/<path class="line"[^>]* d="([^"]+)"/.exec(svg)![1]!.match(/M/g)).toHaveLength(2);
  });

  it('scales a row to its own top, truth included', () => {
    const heights = (top?: number) => {
      const row = { name: 'x', values: [1, 2], ...(top && { top }) };
      const d = /d="M[\d.]+ ([\d.]+)V([\d.]+)H[\d.]+V([\d.]+)/.exec(
        trackView({ chrom: 'c', start: 0, bin: 1, rows: [row], title: 't' }),
      )!;
      const [ground, first, second] = d.slice(1).map(Number) as [number, number, number];
      return [ground - first, ground - second];
    };
    expect(heights()).toEqual([22, 44]);
    expect(heights(4)).toEqual([11, 22]);
  });
});
