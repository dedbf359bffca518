import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import { columnIndex, openTable } from './table.ts';

async function read(text: string | Uint8Array, { name = 'x.csv', sizes = [] as number[] } = {}) {
  const table = await openTable(piecesOf(text, sizes), { name });
  return { columns: table.columns, rows: await collect(table.rows) };
}
const cells = async (text: string, name?: string) => {
  const { columns, rows } = await read(text, name ? { name } : {});
  return [columns, ...rows.map((row) => row.cells)];
};
const problem = (text: string | Uint8Array, name = 'x.csv') => thrown(() => read(text, { name }));

const quoted = (cell: string) => (/[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const cell = fc.stringMatching(/^[a-z0-9",;\tåß]{0,8}$/).map((text) => text.trim());
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 20 });

describe('tables', () => {
  it('give back what was written, for any delimiter, line ending and chunking of the bytes', async () => {
    const widths = fc.integer({ min: 2, max: 4 });
    const rowsOf = widths.chain((width) =>
      fc
        .array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 6 })
        .map((rows) => [['a', 'b', 'c', 'd'].slice(0, width), ...rows]),
    );
    const kinds = fc.constantFrom([',', 'x.csv'], ['\t', 'x.tsv'], ['\t', 'x.txt'], [';', 'stdin']);
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    await fc.assert(
      fc.asyncProperty(rowsOf, kinds, ends, sizes, async (written, [delimiter, name], end, sizes) => {
        const text = written.map((row) => row.map(quoted).join(delimiter) + end).join('');
        const { columns, rows } = await read(text, { name: name!, sizes });
        expect([columns, ...rows.map((row) => row.cells)]).toEqual(written);
      }),
      { numRuns: 200 },
    );
  });

  it('end in rows or in a clear error for any text whatever', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', ',', '\t', '\n', '\r', ' ', '\0', 'é'),
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(text, sizes, async (text, sizes) => {
        const outcome = await read(text, { sizes }).catch(
          (error: Error) => `${error.name}: ${error.message}`,
        );
        if (typeof outcome === 'string') expect(outcome).toMatch(/^SeqwrightError: x\.csv/);
        else for (const row of outcome.rows) expect(row.cells.length).toBe(outcome.columns.length);
      }),
      { numRuns: 300 },
    );
  });

  it('tell the delimiter by suffix, then by the header', async () => {
    expect(await cells('a,b;c\n1,2\n', 'x.csv.gz')).toEqual([
      ['a', 'b;c'],
      ['1', '2'],
    ]);
    expect(await cells('a\tb\n1\t2\n', 'x.csv')).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
    expect(await cells('a,b\tc\n1\t2\n', 'x.tsv')).toEqual([
      ['a,b', 'c'],
      ['1', '2'],
    ]);
    expect(await cells('a;b\n1;2\n', 'x.csv')).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
    expect(await cells('only\n1\n', 'x.tsv')).toEqual([['only'], ['1']]);
  });

  it('take quotes, a byte order mark, blank lines and blanks around cells', async () => {
    expect(await cells('\uFEFF"id" , "a, b"\r\n\r\n x , "say ""yes"""\r\n5" end,y')).toEqual([
      ['id', 'a, b'],
      ['x', 'say "yes"'],
      ['5" end', 'y'],
    ]);
  });

  it('know the line of every row', async () => {
    const { rows } = await read('a,b\n1,2\n\n3,"x\ny"\n5,6\n');
    expect(rows.map((row) => row.line)).toEqual([2, 5, 6]);
  });

  it('stop reading their source when nobody reads them on', async () => {
    let closed = false;
    async function* endless() {
      try {
        yield new TextEncoder().encode('a,b\n');
        for (;;) yield new TextEncoder().encode('1,2\n'.repeat(10_000));
      } finally {
        closed = true;
      }
    }
    const table = await openTable(endless(), { name: 'x.csv' });
    for await (const row of table.rows) if (row.line > 10) break;
    expect(closed).toBe(true);
  });
});

describe('a table that is wrong', () => {
  const cases: [string, string | Uint8Array, string][] = [
    ['empty', '', 'x.csv is empty; expected a table with a header line.'],
    ['blank', '\n\n', 'x.csv holds only blank lines; expected a table with a header line.'],
    [
      'short row',
      'id,label\na,1\nb\n',
      'x.csv:3: 1 cells; expected 2, one for each column of the header (id, label).',
    ],
    [
      'long row',
      'id,label\na,1,2\n',
      'x.csv:2: 3 cells; expected 2, one for each column of the header (id, label).',
    ],
    ['two columns of a name', 'id,label,id\n', 'x.csv:1: two columns are called "id". Rename one of them.'],
    [
      'open quote',
      'id,label\n\nz,0\na,"1\nb,2\n',
      'x.csv:4: a cell opens with a quote that is never closed. Close the quote, or double a quote that belongs to the text.',
    ],
    ['binary', Uint8Array.of(105, 0, 1), 'x.csv: expected a table; this looks like binary data.'],
  ];
  it.each(cases)('is refused with a clear message: %s', async (_, text, message) => {
    expect(await problem(text)).toEqual({ kind: 'data', message });
  });

  it('lacks a column: the message lists those it has', async () => {
    expect(await thrown(() => columnIndex({ name: 'x.csv', columns: ['id', 'class'] }, 'label'))).toEqual({
      kind: 'data',
      message: 'x.csv has no column "label"; it has: id, class.',
    });
  });
});
