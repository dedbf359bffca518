import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import { fastqRecords, fastqText, phred, phredText } from './fastq.ts';

const read = (text: string, sizes: number[] = []) =>
  collect(fastqRecords(piecesOf(text, sizes), { name: 'x.fq' }));
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 });
const anyQuality = fc.stringMatching(/^[!-~]+$/);
const record = fc
  .record({
    id: fc.stringMatching(/^[!-~]{1,10}$/),
    description: fc.stringMatching(/^([!-~]{1,6}( [!-~]{1,5})?)?$/),
    length: fc.nat(30),
  })
  .chain(({ id, description, length }) =>
    fc.record({
      id: fc.constant(id),
      description: fc.constant(description),
      sequence: fc.string({ unit: fc.constantFrom(...'ACGTNacgtn'), minLength: length, maxLength: length }),
      quality: fc.string({
        unit: anyQuality.map((text) => text[0]!),
        minLength: length,
        maxLength: length,
      }),
    }),
  );

describe('FASTQ', () => {
  it('gives back what was written, in four lines or wrapped, for any line ending and chunking', async () => {
    const wrapped = (text: string, width: number) =>
      text.match(new RegExp(`.{1,${width}}`, 'g'))?.join('\n') ?? '';
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 8 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 40 }),
        sizes,
        async (records, end, width, sizes) => {
          const bare = (found: { line: number }[]) => found.map(({ line: _, ...record }) => record);
          const text = records.map(fastqText).join('').replaceAll('\n', end);
          const found = await read(text, sizes);
          expect(bare(found)).toEqual(records);
          expect(found.map(({ line }) => line)).toEqual(records.map((_, i) => 4 * i + 1));
          const many = records.map(
            ({ id, sequence, quality }) =>
              `@${id}\n${wrapped(sequence, width)}\n+${id}\n${wrapped(quality, width)}\n\n`,
          );
          expect(bare(await read(many.join('').replaceAll('\n', end), sizes))).toEqual(
            records.map((record) => ({ ...record, description: '' })),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('ends in reads of as many qualities as bases, or in an error with file and line, for any lines', async () => {
    const line = fc.oneof(
      fc.constantFrom('@a', '@b x', 'ACGT', '+', 'IIII', '', '+a', '@II!'),
      fc.string({ maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), sizes, async (lines, sizes) => {
        const found = await read(lines.join('\n'), sizes).catch(
          (error: Error) => `${error.name}: ${error.message}`,
        );
        if (typeof found === 'string') expect(found).toMatch(/^SeqwrightError: x\.fq/);
        else for (const { sequence, quality } of found) expect(quality.length).toBe(sequence.length);
      }),
      { numRuns: 500 },
    );
  });

  const wrong: [string, string, string][] = [
    ['nothing', '\n', 'x.fq is empty; expected FASTQ.'],
    ['FASTA', '>a\nACGT\n', 'x.fq:1: expected FASTQ, a line that starts with "@"; this looks like FASTA.'],
    ['a header without name', '@ x\nA\n+\nI\n', 'x.fq:1: a header without a name; write an id after "@".'],
    [
      'too many qualities',
      '@a\nACG\n+\nIIII\n',
      'x.fq:4: read "a" has 4 qualities for 3 bases; expected one a base.',
    ],
    [
      'too few qualities',
      '@a\nACG\n+\nIII\n@b\nACGT\n+\nIII\n',
      'x.fq:5: read "b" is cut off: 4 bases and 3 qualities at the end of the file. Copy or download it again.',
    ],
    [
      'an end within a read',
      '@a\nACGT\n',
      'x.fq:1: read "a" is cut off: 4 bases and 0 qualities at the end of the file. Copy or download it again.',
    ],
    [
      'another name after +',
      '@a\nA\n+b\nI\n',
      'x.fq:3: the "+" line of read "a" names "b"; expected the same name, or none.',
    ],
    [
      'a quality that is none',
      '@a\nAC\n+\nIé\n',
      'x.fq:4: read "a" has "é" as quality 2; expected "!" to "~".',
    ],
  ];
  it.each(wrong)('is refused with file, line and read: %s', async (_, text, message) => {
    expect(await thrown(() => read(text))).toEqual({ kind: 'data', message });
  });

  it('has Phred scores, which are written back as they were', () => {
    expect([...phred('!5I~')]).toEqual([0, 20, 40, 93]);
    expect([...phred('@h', { offset: 64 })]).toEqual([0, 40]);
    fc.assert(fc.property(anyQuality, (quality) => phredText(phred(quality)) === quality));
  });

  it('says which offset to use where a score would be below 0', async () => {
    expect((await thrown(() => phred('5', { offset: 64 }))).message).toBe(
      'quality 1 is "5", which no offset of 64 gives. Use the offset 33.',
    );
  });
});
