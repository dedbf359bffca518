import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, thrown } from './pieces.fixture.ts';
import { joinedIntervals, openStretches, type StretchPlace } from './stretches.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const sequences = { one: 'ACGTN'.repeat(70_000), two: 'GGCA', three: 'TTTTTACG' };
const fasta = Object.entries(sequences)
  .map(([id, letters]) => `>${id} x\n${letters.replace(/.{61}/g, '$&\n')}\n`)
  .join('');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-stretches-'));
  await writeFile(at('g.fa'), fasta);
  await writeFile(at('g.fa.gz'), gzipSync(fasta));
  await writeFile(at('r.bed'), 'three\t2\t8\none\t10\t20\none\t18\t25\none\t25\t26\ntwo\t1\t1\n');
  await writeFile(
    at('g.gb'),
    `LOCUS       one   8 bp    DNA     linear   UNK\nFEATURES             Location/Qualifiers\nORIGIN\n        1 acgtacgt\n//\n`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function read(path: string, options: { regions?: string } = {}, from?: StretchPlace) {
  const stretches = await openStretches(path, options);
  const found: { chrom: string; start: number; first: number; text: string; ended: boolean }[] = [];
  let number = -1;
  for (const piece of await collect(stretches.pieces(from))) {
    if (piece.stretch !== number)
      found.push({ chrom: piece.chrom, start: piece.start, first: piece.at, text: '', ended: false });
    number = piece.stretch;
    const open = found.at(-1)!;
    expect(open.first + open.text.length).toBe(piece.at);
    open.text += new TextDecoder().decode(piece.letters);
    open.ended = piece.last;
  }
  expect(found.every(({ ended }) => ended)).toBe(true);
  await stretches.close();
  return found.map(({ ended, ...rest }) => rest);
}

describe('stretches of letters', () => {
  it.each(['g.fa', 'g.fa.gz'])('are the sequences of %s, measured beforehand', async (file) => {
    expect(await read(at(file))).toEqual(
      Object.entries(sequences).map(([chrom, text]) => ({ chrom, start: 0, first: 0, text })),
    );
    const measured = await (await openStretches(at(file))).measure();
    expect(measured).toEqual(
      Object.entries(sequences).map(([chrom, { length }]) => ({ chrom, start: 0, length })),
    );
  });

  it.each(['g.fa', 'g.fa.gz'])('go on from a place within %s', async (file) => {
    expect(await read(at(file), {}, { stretch: 0, at: 300_001 })).toEqual([
      { chrom: 'one', start: 0, first: 300_001, text: sequences.one.slice(300_001) },
      { chrom: 'two', start: 0, first: 0, text: 'GGCA' },
      { chrom: 'three', start: 0, first: 0, text: 'TTTTTACG' },
    ]);
    expect(await read(at(file), {}, { stretch: 2, at: 8 })).toEqual([
      { chrom: 'three', start: 0, first: 8, text: '' },
    ]);
  });

  it('are regions, joined where they overlap or touch, in the order of the genome', async () => {
    const regions = at('r.bed');
    expect(await read(at('g.fa'), { regions })).toEqual([
      { chrom: 'one', start: 10, first: 0, text: sequences.one.slice(10, 26) },
      { chrom: 'three', start: 2, first: 0, text: 'TTTACG' },
    ]);
    expect(await read(at('g.fa'), { regions }, { stretch: 1, at: 4 })).toEqual([
      { chrom: 'three', start: 2, first: 4, text: 'CG' },
    ]);
    expect(joinedIntervals([{ chrom: 'a', start: 3, end: 9, strand: '-' }], ['a'])).toEqual([
      { chrom: 'a', start: 3, length: 6 },
    ]);
  });

  it('are read from GenBank too', async () => {
    expect(await read(at('g.gb'))).toEqual([
      { chrom: 'one', start: 0, first: 0, text: expect.stringMatching(/^acgtacgt$/i) },
    ]);
  });

  it('have a stamp that changes with the file', async () => {
    const before = await (await openStretches(at('g.fa'))).stamp();
    await writeFile(at('h.fa'), `${fasta}A`);
    expect(await (await openStretches(at('h.fa'))).stamp()).not.toBe(before);
  });

  it('refuse two sequences of one name, regions off the end and those of unknown sequences', async () => {
    await writeFile(at('twice.fa'), '>a\nAC\n>b\nAC\n>a\nAC\n');
    expect((await thrown(() => read(at('twice.fa')))).message).toMatch(
      /twice\.fa:5: "a" is already the name of the sequence on line 1/,
    );
    await writeFile(at('off.bed'), 'two\t1\t5\n');
    expect((await thrown(() => read(at('g.fa'), { regions: at('off.bed') }))).message).toMatch(
      /off\.bed:1: two:1-5 ends at 5; "two" of .*g\.fa has 4 bases/,
    );
    await writeFile(at('who.bed'), 'chrone\t1\t5\n');
    expect((await thrown(() => read(at('g.fa'), { regions: at('who.bed') }))).message).toMatch(
      /has no sequence "chrone"/,
    );
    await writeFile(at('none.bed'), '# nothing\n');
    expect((await thrown(() => read(at('g.fa'), { regions: at('none.bed') }))).message).toMatch(
      /has no regions/,
    );
    expect((await thrown(() => openStretches(at('missing.fa')))).message).toMatch(/no such file/);
  });
});
