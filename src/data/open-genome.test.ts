import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { bgzipped } from './bgzip.fixture.ts';
import { buildFaidx, faidxText, readFaidx } from './fasta/faidx.ts';
import { fetchInterval } from './genome/fetch.ts';
import { openGenome } from './open-genome.ts';
import { piecesOf, thrown } from './pieces.fixture.ts';
import { twoBitBytes } from './twobit/twobit.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'seqwright-genome-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, bytes: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const problem = async (run: () => unknown) => (await thrown(run)).message.replaceAll(`${folder}/`, '');
const wrap = (text: string, width: number) => text.match(new RegExp(`.{1,${width}}`, 'g'))!.join('\n');

const sequence = fc.string({ unit: fc.constantFrom(...'ACGTNacgtn'), minLength: 1, maxLength: 200 });
const records = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z0-9.|]{1,8}$/), sequence), {
  minLength: 1,
  maxLength: 4,
  selector: ([id]) => id,
});
const fastaOf = (all: [string, string][], width: number, end = '\n') =>
  all
    .map(([id, text]) => `>${id} some words\n${wrap(text, width)}\n`)
    .join('')
    .replaceAll('\n', end);

/** Asks for every chromosome whole and for one part of each. */
async function holds(path: string, all: [string, string][]) {
  const genome = await openGenome(path);
  for (const [chrom, text] of all) {
    const middle = Math.floor(text.length / 2);
    const get = (start: number, end: number) => fetchInterval(genome, { chrom, start, end, strand: '+' });
    expect(await get(0, text.length)).toBe(text);
    expect(await get(middle, text.length)).toBe(text.slice(middle));
    expect(await get(middle, middle + 1)).toBe(text[middle]);
  }
  expect([...genome.chromosomes.values()]).toEqual(
    all.map(([name, text]) => ({ name, length: text.length })),
  );
  await genome.close();
}

describe('a genome', () => {
  it('gives the same letters from FASTA, with an index, bgzip with both, gzip, and 2bit', async () => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.integer({ min: 1, max: 70 }),
        fc.constantFrom('\n', '\r\n'),
        async (all, width, end) => {
          const text = fastaOf(all, width, end);
          await holds(file('plain.fa', text), all);
          await holds(file('gzip.fa.gz', gzipSync(text)), all);
          const fai = faidxText((await buildFaidx(piecesOf(text, [7, 11])))!);
          file('indexed.fa.fai', fai);
          await holds(file('indexed.fa', text), all);
          const { bytes, gzi } = bgzipped(text, 97);
          file('packed.fa.gz.fai', fai);
          file('packed.fa.gz.gzi', gzi);
          await holds(file('packed.fa.gz', bytes), all);
          // The library gives a run of N the case of its first.
          const even = all.map(([id, text]) => [id, text.replaceAll('n', 'N')] as [string, string]);
          await holds(file('x.2bit', twoBitBytes(even)), even);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('in FASTA with lines of unequal length is held in memory, and gives the same letters', async () => {
    await holds(file('uneven.fa', '>a\nAC\nGTT\nA\n>b\n\nACG\n'), [
      ['a', 'ACGTTA'],
      ['b', 'ACG'],
    ]);
  });

  it('leaves no index behind', async () => {
    await holds(file('alone.fa', '>a\nACGT\n'), [['a', 'ACGT']]);
    expect(readdirSync(folder).filter((name) => name.startsWith('alone'))).toEqual(['alone.fa']);
  });

  it('has circular sequences where that is said', async () => {
    const genome = await openGenome(file('round.fa', '>a\nACGT\n'), { circular: ['a'] });
    expect(await fetchInterval(genome, { chrom: 'a', start: 3, end: 6, strand: '+' })).toBe('TAC');
    await genome.close();
    expect(await problem(() => openGenome(join(folder, 'round.fa'), { circular: ['b'] }))).toMatch(
      /has no sequence "b"/,
    );
  });

  const fetchAll = async (path: string, chrom: string, end: number) => {
    const genome = await openGenome(path);
    try {
      return await fetchInterval(genome, { chrom, start: 0, end, strand: '+' });
    } finally {
      await genome.close();
    }
  };

  it('whose index does not match is refused, never read at the wrong place', async () => {
    const text = '>a x\nACGTACGT\nACG\n>b\nTTTT\n';
    const fai = faidxText((await buildFaidx(piecesOf(text)))!);
    const broken = [
      fai.replace('a\t11\t5', 'a\t11\t6'),
      fai.replace('a\t11', 'a\t10'),
      fai.replace('a\t11', 'a\t12'),
      fai.replace('a\t', 'q\t'),
      fai.replace('\t8\t9', '\t7\t8'),
    ];
    for (const index of broken) {
      const path = file('wrong.fa', text);
      file('wrong.fa.fai', index);
      expect(await problem(() => fetchAll(path, index[0]!, 10))).toMatch(
        /^wrong\.fa\.fai does not match wrong\.fa: /,
      );
    }
  });

  it('whose index is older than a changed file is refused', async () => {
    const path = file('stale.fa', '>a\nACGTACGT\n');
    file('stale.fa.fai', 'a\t4\t3\t4\t5\n');
    utimesSync(join(folder, 'stale.fa.fai'), 1, 1);
    expect(await problem(() => openGenome(path))).toBe(
      'stale.fa.fai is older than stale.fa and does not match it. Remove it, or make it again (samtools faidx stale.fa).',
    );
  });

  it('in a damaged or truncated file is refused with the name of the file', async () => {
    const whole = twoBitBytes([['a', 'ACGT'.repeat(50)]]);
    for (let cut = 4; cut < whole.length; cut++) {
      expect(await problem(() => fetchAll(file('cut.2bit', whole.subarray(0, cut)), 'a', 200))).toMatch(
        /^cut\.2bit /,
      );
    }
    expect(await problem(() => openGenome(join(folder, 'none.fa')))).toBe(
      'none.fa: no such file. Check the path.',
    );
    expect(await problem(() => openGenome(file('x.txt', 'hello\n')))).toMatch(/^x\.txt:1: expected FASTA/);
  });
});

describe('an index of FASTA', () => {
  it('is there for regular lines only', async () => {
    const build = async (text: string) => buildFaidx(piecesOf(text, [5]));
    expect(await build('>a\nACGT\nAC\n')).toEqual([
      { name: 'a', length: 6, offset: 3, lineBases: 4, lineBytes: 5 },
    ]);
    expect(await build('>a\nACGT')).toEqual([
      { name: 'a', length: 4, offset: 3, lineBases: 4, lineBytes: 5 },
    ]);
    for (const text of [
      '>a\nAC\nACGT\n',
      '>a\nAC\nA\nAC\n',
      '>a\nA C\n',
      '>a\nAC\n\nAC\n',
      '>a\nAC\r\nAC\nAC\n',
      'x\n>a\nA\n',
    ])
      expect(await build(text)).toBeUndefined();
    expect(await problem(() => build('>a\nA\n>a\nC\n'))).toMatch(/id "a" occurs twice/);
  });

  it('is refused with line and column where it is none', async () => {
    const read = (text: string) => problem(() => readFaidx(piecesOf(text), { name: 'x.fai' }));
    expect(await read('a\t1\t2\t3\n')).toBe('x.fai:1: 4 columns; an index of FASTA (.fai) has 5.');
    expect(await read('a\t1\t2\tx\t4\n')).toBe(
      'x.fai:1: bases in a line is "x"; expected a whole number from 0.',
    );
  });

  const tiny = fileURLToPath(new URL('../../../shared/data/bench/freebayes/test/tiny/', import.meta.url));
  it.skipIf(!existsSync(tiny))('is the same as that of samtools', async () => {
    for (const name of ['q.fa', 'hla.fa', 'q with spaces.fa']) {
      const index = await buildFaidx([readFileSync(tiny + name)]);
      expect(faidxText(index!)).toBe(readFileSync(`${tiny}${name}.fai`, 'utf8'));
    }
  });
});
