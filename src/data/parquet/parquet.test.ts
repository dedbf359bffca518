import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { collect, thrown } from '../pieces.fixture.ts';
import { inMemory } from '../random-access.ts';
import { parquetTable } from './parquet.ts';

const golden = fileURLToPath(new URL('../../../test/golden/formats/', import.meta.url));
const { table } = JSON.parse(readFileSync(`${golden}formats.json`, 'utf8')) as {
  table: Record<string, string | number | null>[];
};

const read = async (bytes: Uint8Array) => {
  const { columns, rows } = await parquetTable(inMemory(bytes), { name: 'x.parquet' });
  return { columns, rows: await collect(rows) };
};

describe('Parquet', () => {
  it.each(['none', 'snappy', 'gzip', 'zstd'])(
    'holds the rows that pyarrow wrote: compression %s',
    async (compression) => {
      const { columns, rows } = await read(readFileSync(`${golden}table-${compression}.parquet`));
      expect(columns).toEqual(Object.keys(table[0]!));
      expect(rows.map(({ cells }) => cells)).toEqual(
        table.map((row) => columns.map((column) => (row[column] === null ? '' : String(row[column])))),
      );
      expect(rows.map(({ line }) => line)).toEqual(table.map((_, i) => i + 2));
    },
  );

  it('cut anywhere or of another format is refused with the name of the file', async () => {
    const whole = readFileSync(`${golden}table-snappy.parquet`);
    for (let cut = 0; cut < whole.length; cut += 61) {
      const { kind, message } = await thrown(() => read(whole.subarray(0, cut)));
      expect(kind).toBe('data');
      expect(message).toMatch(/^x\.parquet is no whole Parquet file: .* Copy or download it again\.$/);
    }
  });
});
