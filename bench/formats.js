// How fast FASTA, FASTQ, VCF and GFF3 are parsed, beside pysam (htslib) on the same files in the same run.
//
//   python3 -m venv ../formats-venv && ../formats-venv/bin/pip install pysam
//   npm run build && node bench/formats.js ../formats-venv/bin/python
//
// The files are made from a seed in a temporary folder: 100 MB of FASTA in 200 records, 300,000 reads of 150 bases, 300,000
// variants with five INFO fields, 400,000 features. Both sides read plain text from a warm file cache and touch every record: the
// length of each sequence, the position of each variant and its AF, the start and ID of each feature. Each is run three times, in
// turn; the middle time counts.
import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { fastaRecords, fastqRecords, gffFeatures, openSource, openVcf } from '../dist/index.js';

const python = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), 'seqwright-bench-'));

let state = 1;
const draw = (n) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state % n;
};
const pool = Array.from({ length: 1 << 16 }, () => 'ACGT'[draw(65536) >> 14]).join('');
const bases = (n) => {
  const at = draw(pool.length - n);
  return pool.slice(at, at + n);
};

async function write(name, pieces) {
  const path = join(folder, name);
  const out = createWriteStream(path);
  for (const piece of pieces)
    if (!out.write(piece)) await new Promise((resolve) => out.once('drain', resolve));
  out.end();
  await finished(out);
  return path;
}

function* fasta() {
  for (let i = 0; i < 200; i++) {
    const lines = Array.from({ length: 8333 }, () => bases(60));
    yield `>seq${i} synthetic\n${lines.join('\n')}\n`;
  }
}
function* fastq() {
  const quality = 'FFFFF:FFFF,FFF:FFFFFFF#FFFFFFF'.repeat(5);
  for (let i = 0; i < 300_000; i++) yield `@read${i}/1 x:y:z\n${bases(150)}\n+\n${quality}\n`;
}
function* vcf() {
  const info = [
    ['AF', 'Float', 'A'],
    ['DP', 'Integer', 1],
    ['AC', 'Integer', 'A'],
    ['AN', 'Integer', 1],
    ['NOTE', 'String', 1],
  ];
  yield '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=200000000>\n##FILTER=<ID=PASS,Description="x">\n';
  for (const [id, type, number] of info)
    yield `##INFO=<ID=${id},Number=${number},Type=${type},Description="x">\n`;
  yield '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n';
  for (let i = 0; i < 300_000; i++)
    yield `chr1\t${500 * i + draw(500) + 1}\trs${i}\tA\tG\t${draw(900)}\tPASS\tAF=0.${draw(999)};DP=${draw(90)};AC=${draw(9)};AN=200;NOTE=n${i}\n`;
}
function* gff() {
  yield '##gff-version 3\n';
  for (let i = 0; i < 400_000; i++) {
    const start = 400 * i + draw(300) + 1;
    yield `chr1\tsource\t${i % 4 ? 'exon' : 'mRNA'}\t${start}\t${start + 90}\t.\t+\t.\tID=f${i};Parent=g${i >> 2};Name=name${i};note=some words here\n`;
  }
}

const ours = {
  async fasta(path) {
    let sum = 0;
    for await (const { sequence } of fastaRecords(openSource(path).chunks)) sum += sequence.length;
    return sum;
  },
  async fastq(path) {
    let sum = 0;
    for await (const { sequence, quality } of fastqRecords(openSource(path).chunks))
      sum += sequence.length + quality.length;
    return sum;
  },
  async vcf(path) {
    let sum = 0;
    const { records } = await openVcf(openSource(path).chunks);
    for await (const { start, info } of records) sum += start + info.AF.length;
    return sum;
  },
  async gff(path) {
    let sum = 0;
    for await (const { start, id } of gffFeatures(openSource(path).chunks, { format: 'gff3' }))
      sum += start + id.length;
    return sum;
  },
};

const peer = fileURLToPath(new URL('formats-peer.py', import.meta.url));
const middle = (times) => times.toSorted((a, b) => a - b)[1];

try {
  console.log('| format | MB | Seqwright MB/s | pysam MB/s | ratio |\n| --- | --- | --- | --- | --- |');
  for (const [format, make] of Object.entries({ fasta, fastq, vcf, gff })) {
    const path = await write(`x.${format}`, make());
    const size = statSync(path).size / 1e6;
    const times = { ours: [], theirs: [] };
    for (let run = 0; run < 3; run++) {
      const started = performance.now();
      const sum = await ours[format](path);
      times.ours.push((performance.now() - started) / 1000);
      if (!python) continue;
      const { stdout, stderr, status } = spawnSync(python, [peer, format, path], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      const theirs = JSON.parse(stdout);
      if (theirs.sum !== sum) throw new Error(`${format}: ${sum} here, ${theirs.sum} in pysam`);
      times.theirs.push(theirs.seconds);
    }
    const mine = size / middle(times.ours);
    const other = python ? size / middle(times.theirs) : Number.NaN;
    console.log(
      `| ${format} | ${size.toFixed(0)} | ${mine.toFixed(0)} | ${other.toFixed(0)} | ${(mine / other).toFixed(2)} |`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
