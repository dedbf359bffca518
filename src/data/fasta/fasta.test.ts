import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import { type FastaRecord, fastaRecords } from './fasta-records.ts';
import { fastaText } from './fasta-text.ts';

const read = (text: string | Uint8Array, sizes: number[] = [], options = {}) =>
  collect(fastaRecords(piecesOf(text, sizes), { name: 'x.fa', ...options }));
const problem = (text: string | Uint8Array) => thrown(() => read(text));
const withoutLine = ({ line: _, ...record }: FastaRecord) => record;

const word = fc.stringMatching(/^[!-~]{1,12}$/);
const sequence = fc.stringMatching(/^[A-Za-z*-]{1,40}$/);
const description = fc.array(word, { maxLength: 3 }).map((words) => words.join(' '));
const record = fc.record({ id: word, description, sequence });
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 20 });

describe('FASTA', () => {
  it('gives back what was written, for any line width, line ending and chunking of the bytes', async () => {
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 50 }),
        ends,
        sizes,
        async (records, width, end, sizes) => {
          const text = [...fastaText(records, { width })].join('').replaceAll('\n', end);
          expect((await read(text, sizes)).map(withoutLine)).toEqual(records);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives the same records, or the same error, however the bytes are cut', async () => {
    const line = fc.oneof(
      fc.constantFrom('>a x', '>b', '>', ';note', '', '  ', ' >c ', 'ACGT', 'ac gt', '\tNN', '>é ü'),
      fc.string({ maxLength: 8 }),
    );
    const text = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 12 });
    const outcome = (text: string, sizes: number[]) =>
      read(text, sizes).catch((error: Error) => `${error.name}: ${error.message}`);
    await fc.assert(
      fc.asyncProperty(text, sizes, async (lines, sizes) => {
        const whole = lines.map((pair) => pair.join('')).join('');
        const expected = await outcome(whole, []);
        expect(await outcome(whole, sizes)).toEqual(expected);
        if (typeof expected === 'string') expect(expected).toMatch(/^SeqwrightError: x\.fa/);
      }),
      { numRuns: 500 },
    );
  });

  it('loses no byte but blanks, so that nothing escapes the check of letters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), sizes, async (noise, sizes) => {
        const visible = noise.map((byte) => (byte === 62 || byte === 59 || byte > 126 ? 65 : byte));
        const bytes = Uint8Array.from([...new TextEncoder().encode('>a\nC'), ...visible]);
        const [only, ...more] = await read(bytes, sizes);
        expect(more).toEqual([]);
        expect(only!.sequence.length).toBe(1 + visible.filter((byte) => !blanks.includes(byte)).length);
      }),
    );
  });

  it('knows the line of every header, in files from Unix, Windows and old Macs', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = ['', '>a', 'AC', '', 'GT', '>b', ';note', 'A'].join(end);
      expect((await read(text)).map(({ id, line }) => [id, line])).toEqual([
        ['a', 2],
        ['b', 6],
      ]);
    }
  });

  it('ignores blank lines, blanks in sequence lines, blanks before ">" and comment lines', async () => {
    const text = ';made by hand\n\n  >a  first  one \n  ACGT acgt\n\n;note\n\tNN\n';
    expect(await read(text)).toEqual([
      { id: 'a', description: 'first  one', sequence: 'ACGTacgtNN', line: 3 },
    ]);
  });

  it('keeps lower case, or folds it when asked', async () => {
    expect((await read('>a\nACgt\n'))[0]!.sequence).toBe('ACgt');
    expect((await read('>a\nACgt\n', [], { foldCase: true }))[0]!.sequence).toBe('ACGT');
  });

  it('takes a byte order mark and headers in UTF-8, cut anywhere', async () => {
    const bytes = new TextEncoder().encode('\uFEFF>gène été\nACGT');
    for (let cut = 1; cut < bytes.length; cut++) {
      const [only] = await read(bytes, [cut]);
      expect([only!.id, only!.description, only!.sequence]).toEqual(['gène', 'été', 'ACGT']);
    }
  });

  it('reads one line of 100 million letters in linear time', { timeout: 20_000 }, async () => {
    const chunk = new Uint8Array(1 << 20).fill(65);
    function* chunks() {
      yield new TextEncoder().encode('>long\n');
      for (let i = 0; i < 96; i++) yield chunk;
    }
    const started = performance.now();
    const [only] = await collect(fastaRecords(chunks()));
    expect(only!.sequence.length).toBe(96 << 20);
    // A quadratic reader would copy about 5 GB here; a linear one needs well under a second.
    expect(performance.now() - started).toBeLessThan(8000);
  });
});

const blanks = [9, 10, 11, 12, 13, 32];

describe('a file that is not FASTA', () => {
  const cases: [string, string | Uint8Array, string][] = [
    ['empty', '', 'x.fa is empty; expected FASTA.'],
    ['only blank lines and comments', '\n \n;x\n', 'x.fa holds no records; expected FASTA.'],
    [
      'a header without sequence',
      '>a\nAC\n>b\n>c\nGT\n',
      'x.fa:3: record "b" has a header but no sequence. Add its sequence or remove the header.',
    ],
    [
      'a last header without sequence',
      '>a\nAC\n>b',
      'x.fa:3: record "b" has a header but no sequence. Add its sequence or remove the header.',
    ],
    ['a header without name', '>a\nAC\n>\nGT\n', 'x.fa:3: a header without a name; write an id after ">".'],
    ['FASTQ', '@r1\nACGT\n+\nIIII\n', looksLike('FASTQ ("@" starts its first line)')],
    ['SAM', '@HD\tVN:1.6\n', looksLike('SAM')],
    ['GenBank', 'LOCUS       NC_1\n', looksLike('GenBank ("LOCUS" starts its first line)')],
    ['EMBL', 'ID   X56734; SV 1;\n', looksLike('EMBL ("ID" starts its first line)')],
    ['HTML', '<!DOCTYPE html><html>', looksLike('an HTML page')],
    ['JSON', '{"a": 1}', looksLike('JSON')],
    ['a table', 'id\tlabel\nx\t1\n', looksLike('a tab-separated table')],
    ['comma-separated', 'id,label\nx,1\n', looksLike('a comma-separated table')],
    ['bare sequence', 'ACGTACGT\n', looksLike('bare sequence without a header line')],
    ['prose', 'Dear reader', looksLike('text starting with "Dear reader"')],
    ['gzip inside', Uint8Array.of(0x1f, 0x8b, 8, 0), looksLike('gzip data')],
    ['binary', Uint8Array.of(7, 0, 1, 2, 200), looksLike('binary data')],
  ];
  it.each(cases)('is refused with what it looks like: %s', async (_, text, message) => {
    expect(await problem(text)).toEqual({ kind: 'data', message });
  });
});

function looksLike(what: string) {
  return `x.fa:1: expected FASTA, a line that starts with ">"; this looks like ${what}.`;
}

describe('writing FASTA', () => {
  it('refuses what could not be read back', async () => {
    const write = (record: { id: string; description?: string; sequence: string }) =>
      thrown(async () => [...fastaText([record])]);
    expect((await write({ id: 'a b', sequence: 'A' })).message).toBe(
      'Record "a b" cannot be written as FASTA: an id has no blanks.',
    );
    expect((await write({ id: 'a', description: 'x\ny', sequence: 'A' })).message).toBe(
      'Record "a" cannot be written as FASTA: its description has a line break.',
    );
    expect((await write({ id: 'a', sequence: '' })).message).toBe(
      'Record "a" cannot be written as FASTA: it has no sequence.',
    );
  });

  it('wraps lines at the width', () => {
    expect([...fastaText([{ id: 'x', sequence: 'ACGTACGTAC' }], { width: 4 })].join('')).toBe(
      '>x\nACGT\nACGT\nAC\n',
    );
  });
});
