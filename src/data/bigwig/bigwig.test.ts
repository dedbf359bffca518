import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thrown } from '../pieces.fixture.ts';
import { inMemory } from '../random-access.ts';
import { openSignal } from './bigwig.ts';

const golden = fileURLToPath(new URL('../../../test/golden/formats/', import.meta.url));
const bytes = readFileSync(`${golden}signal.bw`);
const { signal } = JSON.parse(readFileSync(`${golden}formats.json`, 'utf8')) as {
  signal: [chrom: string, start: number, end: number, value: number][];
};
const lengths = { chr1: 900, chr2: 300 };
const written = Object.fromEntries(
  Object.entries(lengths).map(([chrom, length]) => {
    const values = new Float32Array(length).fill(Number.NaN);
    for (const [on, start, end, value] of signal) if (on === chrom) values.fill(value, start, end);
    return [chrom, values];
  }),
);

describe('bigWig', () => {
  it('holds the value of every base that pyBigWig wrote', async () => {
    const { chromosomes, values } = await openSignal(inMemory(bytes));
    expect(Object.fromEntries(chromosomes)).toEqual(lengths);
    for (const [chrom, end] of chromosomes)
      expect(await values({ chrom, start: 0, end, strand: '+' })).toEqual(written[chrom]);
  });

  it('gives any part of it, on either strand, and what is missing as asked', async () => {
    const { values } = await openSignal(inMemory(bytes));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -20, max: 320 }),
        fc.nat(60),
        fc.boolean(),
        async (start, length, minus) => {
          const interval = {
            chrom: 'chr2',
            start,
            end: start + length,
            strand: minus ? ('-' as const) : ('+' as const),
          };
          const expected = Float32Array.from({ length }, (_, i) => {
            const value = written.chr2![start + i] ?? Number.NaN;
            return Number.isNaN(value) ? -7 : value;
          });
          expect(await values(interval, { missing: -7 })).toEqual(minus ? expected.reverse() : expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('on a chromosome that is not there is refused, and so is another format, or a file cut short', async () => {
    const { values } = await openSignal(inMemory(bytes), { name: 'x.bw' });
    expect((await thrown(() => values({ chrom: 'chr9', start: 0, end: 1, strand: '+' }))).message).toBe(
      'x.bw has no signal on "chr9". It has: chr1, chr2.',
    );
    const all = async (part: Uint8Array) => {
      const signal = await openSignal(inMemory(part), { name: 'x.bw' });
      await signal.values({ chrom: 'chr1', start: 0, end: 900, strand: '+' });
      await signal.values({ chrom: 'chr2', start: 0, end: 300, strand: '+' });
    };
    expect((await thrown(() => all(Buffer.from('>a\nACGT\n'.repeat(20))))).message).toMatch(
      /^x\.bw is no whole bigWig file: /,
    );
    // The index lies behind the data, the zoom levels behind the index: up to there nothing may be lost.
    for (let cut = 0; cut < 1500; cut += 37)
      expect((await thrown(() => all(bytes.subarray(0, cut)))).message).toMatch(
        /^x\.bw is no whole bigWig file: /,
      );
  });
});
