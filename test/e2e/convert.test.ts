import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { root, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);
const write = (name: string, content: string | Uint8Array) => writeFileSync(at.path(name), content);

/** A circle of 12 bases with a gene over its origin, on the minus strand: CGT AAC, read backwards GTT ACG. */
const genBank = `LOCUS       TINY                      12 bp    DNA     circular SYN 01-JAN-2000
DEFINITION  A tiny plasmid.
ACCESSION   TINY
VERSION     TINY.1
FEATURES             Location/Qualifiers
     source          1..12
     gene            complement(join(10..12,1..3))
                     /locus_tag="T_1"
     CDS             complement(join(10..12,1..3))
                     /locus_tag="T_1"
                     /codon_start=1
ORIGIN
        1 aaccggttac gt
//
`;
const gff3 = `##gff-version 3
TINY.1\t.\tregion\t1\t12\t.\t+\t.\tID=source-1;Is_circular=true
TINY.1\t.\tgene\t10\t15\t.\t-\t.\tID=gene-T_1;Name=T_1;locus_tag=T_1
TINY.1\t.\tCDS\t10\t15\t.\t-\t0\tID=CDS-T_1;Name=T_1;Parent=gene-T_1;locus_tag=T_1;codon_start=1
`;
const stockholm = '# STOCKHOLM 1.0\n\na          ACg-T\nb          AC--T\n#=GC RF    xx.xx\n//\n';

write('plasmid.gb', genBank);
write('linear.fa', '>c1\nAACCGGTTAC\n');

/** What a conversion writes to standard output. */
async function gives(args: string[], out: string, err = '', stdin = '') {
  expect(await at.fed(stdin, 'convert', ...args)).toEqual({ code: 0, signal: null, out, err });
}
/** Holds a conversion to its exit code, one line, and nothing written. */
async function refuses(args: string[], code: number, line: string) {
  expect(await at.seqwright('convert', ...args)).toEqual({
    code,
    signal: null,
    out: '',
    err: `seqwright: ${line}\n`,
  });
  expect(existsSync(at.path(args[1]!))).toBe(false);
}

describe.concurrent('convert', () => {
  it('turns GenBank into FASTA, GFF3 and coding sequences, and GFF3 into the same coding sequences', async () => {
    await gives(['plasmid.gb', '-', '--to', 'fasta'], '>TINY.1 A tiny plasmid\nAACCGGTTACGT\n');
    await gives(['plasmid.gb', '-', '--to', 'gff3'], gff3);
    await gives(
      ['plasmid.gb', '-', '--to', 'fasta', '--feature', 'CDS'],
      '>T_1 TINY.1:0-3(-),TINY.1:9-12(-)\nGTTACG\n',
    );
    write('plasmid.gff3', gff3);
    await gives(
      ['plasmid.gff3', '-', '--to', 'fasta', '--genome', 'plasmid.gb'],
      '>CDS-T_1 T_1 TINY.1:9-15(-)\nGTTACG\n',
    );
    await gives(
      ['plasmid.gff3', '-', '--to', 'bed', '--feature', 'gene'],
      'TINY.1\t9\t15\tgene-T_1\t0\t-\n',
      'Left out 2 records (features other than gene): source-1, CDS-T_1.\n',
    );
  });

  it('cuts regions of BED out of a genome, with width, flanks, strand and a policy for the ends', async () => {
    const bed = 'c1\t2\t4\tin\t0\t+\nc1\t8\t10\tlast\t0\t-\n';
    const from = ['-', '-', '--from', 'bed', '--to', 'fasta', '--genome', 'linear.fa'];
    await gives(from, '>in c1:2-4(+)\nCC\n>last c1:8-10(-)\nGT\n', '', bed);
    await gives(
      [...from, '--width', '6', '--off-the-end', 'skip'],
      '>in c1:0-6(+)\nAACCGG\n',
      'Left out 1 record (off the end of their sequence): last.\n',
      bed,
    );
    await gives(
      [...from, '--flank', '0,2', '--off-the-end', 'pad'],
      '>in c1:2-6(+)\nCCGG\n>last c1:6-10(-)\nGTAA\n',
      '',
      bed,
    );
    expect(await at.fed(bed, 'convert', ...from, '--flank', '1')).toMatchObject({
      code: 3,
      err: 'seqwright: line 2: c1:7-11(-) ends at 11; "c1" of linear.fa has 10 bases. Use --circular if it is a circle; else --off-the-end skip leaves such intervals out, and pad fills up with N.\n',
    });
  });

  it('turns reads into FASTA, counting empty ones; gzip in and out', async () => {
    write('reads.fq.gz', gzipSync('@r1 x\nACGT\n+\nIIII\n@r2\n\n+\n\n'));
    const done = await at.seqwright('convert', 'reads.fq.gz', 'reads.fa.gz');
    expect(done).toEqual({ code: 0, signal: null, out: '', err: 'Left out 1 record (no letters): r2.\n' });
    expect(gunzipSync(at.read('reads.fa.gz')).toString()).toBe('>r1 x\nACGT\n');
  });

  it('turns Stockholm into A2M and aligned FASTA and back, saying what has no place', async () => {
    write('x.sto', stockholm);
    await gives(['x.sto', '-', '--to', 'a2m'], '>a\nACg-T\n>b\nAC.-T\n');
    await gives(
      ['x.sto', '-', '--to', 'afa'],
      '>a\nACg-T\n>b\nAC--T\n',
      'afa has no place for the annotations RF; they were left out.\n',
    );
    await gives(
      ['-', '-', '--from', 'a2m', '--to', 'stockholm'],
      '# STOCKHOLM 1.0\n\na       ACg-T\nb       AC.-T\n#=GC RF xx.xx\n//\n',
      '',
      '>a\nACg-T\n>b\nAC.-T\n',
    );
  });

  it('turns variants into a table, held against their genome', async () => {
    const vcf = (ref: string) =>
      `##fileformat=VCFv4.2\n##INFO=<ID=AF,Number=A,Type=Float,Description="x">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nc1\t3\trs1\t${ref}\tT\t50\tPASS\tAF=0.5\n`;
    const args = ['-', '-', '--from', 'vcf', '--to', 'tsv', '--genome', 'linear.fa'];
    await gives(
      args,
      'chrom\tpos\tid\tref\talt\tqual\tfilter\tAF\nc1\t3\trs1\tC\tT\t50\tPASS\t0.5\n',
      '',
      vcf('C'),
    );
    expect(await at.fed(vcf('G'), 'convert', ...args)).toMatchObject({
      code: 3,
      err: 'seqwright: stdin:4: REF at c1:3 is "G"; linear.fa has "C" there. Use the genome that the variants were called on, or leave such variants out with --ref-mismatch skip.\n',
    });
  });

  it('reads what other programs wrote in binary: Parquet, bigWig, BAM and CRAM', async () => {
    const golden = (name: string) => join(root, 'test', 'golden', 'formats', name);
    const head = async (...args: string[]) => {
      const { code, out } = await at.seqwright('convert', ...args);
      expect(code).toBe(0);
      return out.split('\n').slice(0, 2);
    };
    expect(await head(golden('table-zstd.parquet'), '-', '--to', 'tsv')).toEqual([
      'id\tsequence\tlabel\tscore\tcount',
      'r0\tCTTTCACC\t\t0\t0',
    ]);
    expect(await head(golden('signal.bw'), '-', '--to', 'bedgraph')).toEqual([
      'chr1\t0\t3\t5.918',
      'chr1\t3\t6\t-0.976',
    ]);
    const bam = await at.seqwright('convert', golden('reads.bam'), '-', '--to', 'fasta');
    const genome = golden('reference.fa');
    const cram = await at.seqwright(
      'convert',
      golden('reads.cram'),
      '-',
      '--to',
      'fasta',
      '--genome',
      genome,
    );
    expect(bam.out.match(/^>/gm)?.length).toBe(54);
    expect(cram).toEqual(bam);
  });

  it('says which parents are missing, and keeps their features', async () => {
    write('orphan.gff3', 'c1\t.\tCDS\t3\t5\t.\t-\t0\tID=a;Parent=t9\n');
    await gives(
      ['orphan.gff3', '-', '--to', 'fasta', '--genome', 'linear.fa'],
      '>t9 c1:2-5(-)\nCGG\n',
      '1 feature of orphan.gff3 has a parent that the file does not have (t9); kept as they are.\n',
    );
  });
});

describe.concurrent('convert refuses', () => {
  it('rows of unequal length, with file, line and row', () => {
    write('uneven.sto', '# STOCKHOLM 1.0\na ACGT\nb ACG\n//\n');
    return refuses(
      ['uneven.sto', 'x.afa'],
      3,
      'uneven.sto:3: row "b" has 3 columns; expected 4, as row "a" has. Align the rows, or pad the short ones with gaps.',
    );
  });

  it('a truncated BAM', () => {
    write('cut.bam', gzipSync('BAM\u0001\u0000\u0000').subarray(0, 20));
    return refuses(
      ['cut.bam', 'x.fq'],
      3,
      'cut.bam is truncated: its gzip data ends too early. Copy or download it again.',
    );
  });

  it('an index that does not match', () => {
    write('g.fa', '>c1\nAACCGGTTAC\n');
    write('g.fa.fai', 'c1\t10\t5\t10\t11\n');
    write('g.bed', 'c1\t0\t5\n');
    return refuses(
      ['g.bed', 'x.fa', '--genome', 'g.fa'],
      3,
      'g.fa.fai does not match g.fa: "c1" should begin at byte 5, where its header does not stand. Remove g.fa.fai, or make it again (samtools faidx g.fa).',
    );
  });

  it('what cannot be: a format that is none, a pair that is none, regions without a genome', async () => {
    write('y.bed', 'c1\t0\t5\n');
    await refuses(
      ['linear.fa', '-', '--to', 'gff'],
      2,
      'fasta cannot become gff3. It can become fasta, fastq, tsv, jsonl.',
    );
    await refuses(
      ['linear.fa', '-', '--to', 'fastaa'],
      2,
      '--to fastaa: there is no such format. Did you mean fasta?',
    );
    await refuses(['y.bed', 'x.fa'], 2, 'y.bed has no bases of its own. Say where they are with --genome.');
    await refuses(['none.fa', 'x.tsv'], 3, 'none.fa: no such file. Check the path.');
  });
});
