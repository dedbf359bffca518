import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import { fastaPieces } from './fasta-pieces.ts';
import { fastaRecords } from './fasta-records.ts';

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Pieces put together again, with the check that they follow each other without a gap. */
async function whole(text: string, sizes: number[] = []) {
  const records: { id: string; line: number; sequence: string; ended: boolean }[] = [];
  for (const { id, line, at, letters, last } of await collect(fastaPieces(piecesOf(text, sizes)))) {
    const open = records.at(-1);
    if (!open || open.ended) records.push({ id, line, sequence: '', ended: false });
    const record = records.at(-1)!;
    expect(record.id).toBe(id);
    expect(record.sequence.length).toBe(at);
    record.sequence += decode(letters);
    record.ended = last;
  }
  return records.map(({ ended, ...record }) => {
    expect(ended).toBe(true);
    return record;
  });
}

const line = fc.stringMatching(/^[ACGTacgtN]{1,12}$/);
const record = fc.record({
  id: fc.stringMatching(/^[a-z][a-z0-9|.]{0,8}$/),
  description: fc.constantFrom('', ' chromosome 1', '\twith > in it'),
  lines: fc.array(fc.oneof({ weight: 8, arbitrary: line }, fc.constantFrom('', ' ', ';note', 'AC GT ')), {
    minLength: 1,
    maxLength: 6,
  }),
});

describe('FASTA in pieces', () => {
  it('gives the letters of the records, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.integer({ min: 1, max: 17 }), { maxLength: 40 }),
        async (records, end, sizes) => {
          const text = records
            .map(({ id, description, lines }) => [`>${id}${description}`, ...lines, 'A'].join(end) + end)
            .join('');
          const known = await collect(fastaRecords(piecesOf(text)));
          const expected = known.map(({ id, line, sequence }) => ({ id, line, sequence }));
          // The first piece is at least an opening long: nothing is cut within it.
          expect(await whole(`${text}`, [4096, ...sizes])).toEqual(expected);
          const padded = `;${'x'.repeat(5000)}\n${text}`;
          expect((await whole(padded, [4100, ...sizes])).map(({ sequence }) => sequence)).toEqual(
            expected.map(({ sequence }) => sequence),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('cuts letters wherever the bytes are cut', async () => {
    const text = `>long\n${'ACGTACGTAC\n'.repeat(2000)}>next\nGG`;
    for (const size of [4097, 4099, 5001]) {
      const sizes = Array.from({ length: 10 }, () => size);
      expect(await whole(text, sizes)).toEqual([
        { id: 'long', line: 1, sequence: 'ACGTACGTAC'.repeat(2000) },
        { id: 'next', line: 2002, sequence: 'GG' },
      ]);
      const pieces = await collect(fastaPieces(piecesOf(text, sizes)));
      expect(Math.max(...pieces.map(({ letters }) => letters.length))).toBeLessThanOrEqual(size);
    }
  });

  it.each([
    ['', /^input is empty; expected FASTA/],
    ['\n\n', /holds no records/],
    ['ACGT\n', /input:1: expected FASTA.*bare sequence/],
    ['>a\nAC\n>b\n>c\nA\n', /input:3: record "b" has a header but no sequence/],
    ['>a\nAC\n>b', /input:3: record "b" has a header but no sequence/],
    ['> \nAC\n', /input:1: a header without a name/],
  ])('refuses %j', async (text, message) => {
    expect((await thrown(() => whole(text))).message).toMatch(message);
    expect((await thrown(() => whole(text))).kind).toBe('data');
  });
});
