import { dataError } from '../../core/errors.ts';
import { dna, reverseComplement } from '../../data/alphabet.ts';
import { type AlignedRead, isSecondary, openBam } from '../../data/bam/bam.ts';
import { skipCounter } from '../../data/dataset.ts';
import { fastaRecords } from '../../data/fasta/fasta-records.ts';
import { fastaText } from '../../data/fasta/fasta-text.ts';
import { fastqRecords, fastqText } from '../../data/fastq/fastq.ts';
import { annotatedRecords } from '../../data/genbank/genbank.ts';
import { jsonLine } from '../../data/jsonl/jsonl.ts';
import { openFile } from '../../data/open-file.ts';
import { openGenome } from '../../data/open-genome.ts';
import { openRecords } from '../../data/read-records.ts';
import { openSource } from '../../data/source.ts';
import { tsvLine } from '../../data/table/tsv-text.ts';
import type { Conversion, Writers } from './convert.ts';

/** A sequence on its way from one format to another. */
interface Passing {
  id: string;
  description?: string;
  sequence: string;
  quality?: string;
}

async function* genomeSequences({ path }: Conversion): AsyncGenerator<Passing> {
  const genome = await openGenome(path);
  try {
    for (const { name, length } of genome.chromosomes.values())
      yield { id: name, sequence: await genome.letters(name, 0, length) };
  } finally {
    await genome.close();
  }
}

/** Reads as the sequencer gave them: on their own strand, each once. */
async function* alignedReads(conversion: Conversion): AsyncGenerator<Passing> {
  const again = skipCounter('secondary and supplementary alignments, whose reads come once already');
  conversion.skipped.push(again);
  for await (const read of conversion.from === 'cram' ? cramReads(conversion) : bamReads(conversion)) {
    const { id, sequence, quality, strand, flag } = read;
    const mate = flag & 1 ? (flag & 64 ? '/1' : flag & 128 ? '/2' : '') : '';
    if (isSecondary(read)) again.add(id);
    else if (strand === '+') yield { id: id + mate, sequence, ...(quality !== undefined && { quality }) };
    else {
      const turned = quality === undefined ? {} : { quality: [...quality].reverse().join('') };
      yield { id: id + mate, sequence: reverseComplement(sequence, dna), ...turned };
    }
  }
}

async function* bamReads({ path }: Conversion): AsyncGenerator<AlignedRead> {
  const { name, chunks } = openSource(path);
  yield* (await openBam(chunks, { name })).reads;
}

async function* cramReads({ path, args }: Conversion): AsyncGenerator<AlignedRead> {
  const { openCram } = await import('../../data/cram/cram.ts');
  const genome = args.genome === undefined ? undefined : await openGenome(args.genome);
  const file = await openFile(path);
  try {
    yield* (await openCram(file, { name: path, ...(genome && { genome }) })).reads;
  } finally {
    await file.close();
    await genome?.close();
  }
}

async function* tableSequences({ path, args }: Conversion): AsyncGenerator<Passing> {
  const { id, sequence } = args;
  const { records } = await openRecords(path, {
    format: 'table',
    ...(id && { id }),
    ...(sequence && { sequence }),
  });
  for await (const { cells: _, line: __, ...record } of records) yield record;
}

function sequencesOf(conversion: Conversion): AsyncIterable<Passing> {
  const { path, from } = conversion;
  if (from === '2bit') return genomeSequences(conversion);
  if (from === 'bam' || from === 'cram') return alignedReads(conversion);
  if (from === 'tsv' || from === 'csv' || from === 'jsonl') return tableSequences(conversion);
  const { name, chunks } = openSource(path);
  if (from === 'fastq') return fastqRecords(chunks, { name });
  if (from === 'genbank' || from === 'embl') return annotatedRecords(chunks, { name });
  return fastaRecords(chunks, { name });
}

/** Passes on the sequences that have letters; counts the others. */
async function* filled(conversion: Conversion): AsyncGenerator<Passing> {
  const empty = skipCounter('no letters');
  conversion.skipped.push(empty);
  for await (const record of sequencesOf(conversion)) {
    if (record.sequence === '') empty.add(record.id);
    else yield record;
  }
}

const writable = (id: string) => id.replace(/\s+/g, '_');

/** What sequences can be written as. */
export const sequenceWriters: Writers = {
  async *fasta(conversion) {
    for await (const { id, description = '', sequence } of filled(conversion))
      yield [...fastaText([{ id: writable(id), description, sequence }])].join('');
  },
  async *fastq(conversion) {
    for await (const { id, description = '', sequence, quality } of sequencesOf(conversion)) {
      if (quality === undefined)
        throw dataError(
          `${conversion.path}: record "${id}" has no qualities, which FASTQ needs. Write FASTA instead.`,
        );
      yield fastqText({ id: writable(id), description, sequence, quality });
    }
  },
  async *tsv(conversion) {
    const quality = ['fastq', 'bam', 'cram'].includes(conversion.from);
    yield tsvLine(['id', 'description', 'sequence', ...(quality ? ['quality'] : [])]);
    for await (const record of sequencesOf(conversion))
      yield tsvLine([record.id, record.description, record.sequence, ...(quality ? [record.quality] : [])]);
  },
  async *jsonl(conversion) {
    for await (const { id, description, sequence, quality } of sequencesOf(conversion))
      yield jsonLine({
        id,
        ...(description && { description }),
        sequence,
        ...(quality !== undefined && { quality }),
      });
  },
};
