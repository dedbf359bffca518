import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, piecesOf } from '../pieces.fixture.ts';
import { openTable } from './table.ts';
import { tsvLine } from './tsv-text.ts';

describe('a line of TSV', () => {
  it('is read back as the same cells, whatever they hold', async () => {
    const cell = fc
      .string({ unit: fc.constantFrom(...'a"\'\t\n ,;é'), maxLength: 6 })
      .map((text) => text.trim());
    const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(rows, async (rows) => {
        const text = [['x', 'y'], ...rows].map(tsvLine).join('');
        const table = await openTable(piecesOf(text), { name: 'x.tsv' });
        const filled = rows.filter((row) => row.some((cell) => cell !== ''));
        expect(
          (await collect(table.rows))
            .map(({ cells }) => cells)
            .filter((row) => row.some((cell) => cell !== '')),
        ).toEqual(filled);
      }),
      { numRuns: 200 },
    );
  });
});
