import { dataError, usageError } from '../core/errors.ts';
import { bedIntervals } from './bed/bed.ts';
import type { Skipped } from './dataset.ts';
import { fastqRecords } from './fastq/fastq.ts';
import { annotatedRecords } from './genbank/genbank.ts';
import { type RegionOptions, regionSequences } from './genome/regions.ts';
import { openGenome } from './open-genome.ts';
import type { OpenedRecords, RawRecord } from './read-records.ts';
import { openSource, type Source } from './source.ts';

/** Records of FASTQ, GenBank or EMBL as sequences; qualities and features are left aside. */
export async function* otherRecords(
  chunks: AsyncIterable<Uint8Array>,
  { name, format, foldCase }: { name: string; format: 'fastq' | 'genbank'; foldCase: boolean },
): AsyncGenerator<RawRecord> {
  const records = format === 'fastq' ? fastqRecords(chunks, { name }) : annotatedRecords(chunks, { name });
  for await (const { id, description, sequence, line } of records) {
    if (sequence === '') throw dataError(`${name}:${line}: record "${id}" has an empty sequence.`);
    yield {
      id,
      sequence: foldCase ? sequence.toUpperCase() : sequence,
      line,
      ...(description && { description }),
    };
  }
}

/** The whole sequences of a 2bit file. It is read twice: by position for the letters, in one go for its hash. */
export async function* twoBitRecords(path: string, foldCase: boolean): AsyncGenerator<RawRecord> {
  const genome = await openGenome(path);
  try {
    let line = 0;
    for (const { name, length } of genome.chromosomes.values()) {
      const letters = await genome.letters(name, 0, length);
      yield { id: name, sequence: foldCase ? letters.toUpperCase() : letters, line: ++line };
    }
  } finally {
    await genome.close();
  }
}

/** Reads what is left of a source, so that its hash is that of the whole file. */
export async function drain(source: Pick<Source, 'chunks'>): Promise<void> {
  for await (const _ of source.chunks);
}

/** Where regions are cut out, and how. */
export interface GenomeRegions extends RegionOptions {
  /** FASTA (with `.fai` or without), 2bit, GenBank or EMBL. */
  genome: string;
  circular?: readonly string[];
}

const regionColumns = ['chrom', 'start', 'end', 'name', 'score', 'strand'];

/**
 * Opens a BED or narrowPeak file as the sequences of its regions (see `regionSequences`). Its columns can serve as labels and groups, as those of
 * a table do: chrom, start, end, name, score, strand.
 */
export function openRegions(
  path: string,
  { genome: genomePath, circular = [], foldCase = false, ...size }: GenomeRegions & { foldCase?: boolean },
): OpenedRecords {
  if (path === '-' && genomePath === '-')
    throw usageError('Regions and genome cannot both come from standard input; name a file for one of them.');
  const source = openSource(path);
  const { name } = source;
  const skipped: Skipped[] = [];
  async function* records(): AsyncGenerator<RawRecord> {
    const genome = await openGenome(genomePath, { circular });
    try {
      const regions = regionSequences(genome, bedIntervals(source.chunks, { name }), size);
      skipped.push(...regions.skipped);
      for await (const { id, description, sequence, interval, line = 1 } of regions.sequences) {
        const { chrom, start, end, name: own = '', score = '', strand } = interval;
        const cells = [chrom, start, end, own, score, strand].map(String);
        yield { id, description, sequence: foldCase ? sequence.toUpperCase() : sequence, line, cells };
      }
    } finally {
      await genome.close();
    }
  }
  return {
    name,
    format: 'regions',
    columns: regionColumns,
    records: records(),
    skipped,
    digest: source.digest,
  };
}
