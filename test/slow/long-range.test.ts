import { describe, expect, it } from 'vitest';
import { longRange } from '../../src/recipes/long-range.ts';

describe('long-range', () => {
  it.each([1, 2, 3])('keeps every claim with seed %i', async (seed) => {
    const { report } = await longRange.run({}, { threads: 1, device: 'auto', seed, quick: false });
    console.log(report.lead);
    for (const { columns, rows } of report.tables!)
      console.log([columns, ...rows].map((row) => row.join(' | ')).join('\n'));
    expect(report.claims!.filter(({ met }) => !met)).toEqual([]);
  });

  it.each([1, 2, 42])('keeps every claim in a quick run with seed %i', async (seed) => {
    const { report } = await longRange.run({}, { threads: 2, device: 'auto', seed, quick: true });
    expect(report.claims!.filter(({ met }) => !met)).toEqual([]);
  });
});
