import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineBatches } from './lines.ts';
import { piecesOf } from './pieces.fixture.ts';

async function read(text: string, sizes: number[] = []) {
  const all: [number, string][] = [];
  for await (const { lines, first } of lineBatches(piecesOf(text, sizes)))
    for (const [i, line] of lines.entries()) all.push([first + i, line]);
  return all;
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 });

describe('lines', () => {
  it('are those that were written, numbered from 1, for any line ending and chunking of the bytes', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '\t', '𝛼'), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        sizes,
        async (lines, end, sizes) => {
          // Pieces smaller than the opening arrive as one; filler lines first make the cuts fall on these lines.
          const filler = Array.from({ length: 1100 }, () => 'xyz');
          const all = [...filler, ...lines, 'last'];
          const expected = all.map((line, i) => [i + 1, line]);
          const cuts = [4096, 1104 * 4 - 4096, ...sizes];
          expect(await read(all.join(end), cuts)).toEqual(expected);
          expect(await read(all.join(end) + end, cuts)).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('are none in an empty file, and lose no blank line', async () => {
    expect(await read('')).toEqual([]);
    expect(await read('\n\na')).toEqual([
      [1, ''],
      [2, ''],
      [3, 'a'],
    ]);
    expect(await read('a\n\n')).toEqual([
      [1, 'a'],
      [2, ''],
    ]);
  });

  it('may be as long as the input: 100 million letters take linear time', { timeout: 20_000 }, async () => {
    const chunk = new Uint8Array(1 << 16).fill(65);
    function* chunks() {
      for (let i = 0; i < 1600; i++) yield chunk;
    }
    const started = performance.now();
    for await (const { lines } of lineBatches(chunks()))
      expect(lines.map(({ length }) => length)).toEqual([1600 << 16]);
    expect(performance.now() - started).toBeLessThan(8000);
  });
});
