import { dataError, usageError } from '../core/errors.ts';
import { type BedInterval, bedIntervals } from './bed/bed.ts';
import { type Skipped, skipCounter } from './dataset.ts';
import { fastqRecords } from './fastq/fastq.ts';
import { annotatedRecords } from './genbank/genbank.ts';
import { type RegionOptions, regionSequences } from './genome/regions.ts';
import type { Peak } from './genome/resize.ts';
import type { Feature } from './gff/feature.ts';
import { gffFeatures } from './gff/gff.ts';
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
  /** Which features of GFF3 and GTF are regions; all by default. */
  featureTypes?: readonly string[];
}

const regionColumns = ['chrom', 'start', 'end', 'name', 'score', 'strand'];

/** A region with the cells of its further columns. */
interface Region {
  readonly interval: Peak;
  readonly more: readonly string[];
}

/** A file of regions, and what its columns after the sixth are called. */
interface RegionFile {
  readonly columns: readonly string[];
  readonly regions: AsyncIterable<Region>;
  readonly skipped: readonly Skipped[];
}

/** Features as regions; their names are those of the ninth column, else their ids. */
function featureRegions(features: AsyncIterable<Feature>, types: readonly string[] | undefined): RegionFile {
  const others = skipCounter('features of other types');
  async function* regions(): AsyncGenerator<Region> {
    for await (const {
      chrom,
      start,
      end,
      strand,
      score,
      line,
      type,
      source = '',
      id,
      attributes,
    } of features) {
      const name = attributes.Name?.[0] ?? attributes.gene_name?.[0] ?? id ?? attributes.gene_id?.[0];
      if (types && !types.includes(type)) {
        others.add(name ?? `${chrom}:${start}-${end}`);
        continue;
      }
      const interval: Peak = {
        ...{ chrom, start, end, strand },
        ...(name !== undefined && { name }),
        ...(score !== undefined && { score }),
        ...(line !== undefined && { line }),
      };
      yield { interval, more: [type, source] };
    }
  }
  return { columns: ['type', 'source'], regions: regions(), skipped: [others] };
}

const peakColumns = ['signal', 'pValue', 'qValue'];

/** Regions of BED; columns after the sixth are called by their numbers, as many as the first line has, or as narrowPeak calls them. */
async function bedRegions(intervals: AsyncGenerator<BedInterval>): Promise<RegionFile> {
  const first = (await intervals.next()).value as BedInterval | undefined;
  const peaks = first?.signal !== undefined;
  const columns = peaks ? peakColumns : (first?.rest ?? []).map((_, i) => `column${i + 7}`);
  async function* regions(): AsyncGenerator<Region> {
    if (!first) return;
    for await (const interval of followedBy(first, intervals)) {
      const { rest = [], signal = '', pValue = '', qValue = '' } = interval;
      const more = peaks ? [signal, pValue, qValue].map(String) : columns.map((_, i) => rest[i] ?? '');
      yield { interval, more };
    }
  }
  return { columns, regions: regions(), skipped: [] };
}

async function* followedBy<T>(first: T, others: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* others;
}

const isAnnotation = (name: string) => /\.(gff3?|gtf|gff2)(\.b?gz)?$/i.test(name);

/**
 * Opens BED, narrowPeak, GFF3 or GTF (told by the suffix) as the sequences of its regions (see `regionSequences`). Its columns can serve as
 * labels and groups, as those of a table do: chrom, start, end, name, score, strand; of features type and source; of narrowPeak signal, pValue
 * and qValue; of other BED column7, column8 …
 */
export async function openRegions(
  path: string,
  {
    genome: genomePath,
    circular = [],
    featureTypes,
    foldCase = false,
    ...size
  }: GenomeRegions & { foldCase?: boolean },
): Promise<OpenedRecords> {
  if (path === '-' && genomePath === '-')
    throw usageError('Regions and genome cannot both come from standard input; name a file for one of them.');
  const source = openSource(path);
  const { name } = source;
  const annotation = isAnnotation(name);
  if (featureTypes && !annotation)
    throw usageError(
      `${name} has no types of features, which only GFF3 and GTF have. Leave --feature-type out.`,
    );
  const file = annotation
    ? featureRegions(gffFeatures(source.chunks, { name }), featureTypes)
    : await bedRegions(bedIntervals(source.chunks, { name }));
  const skipped: Skipped[] = [...file.skipped];
  async function* records(): AsyncGenerator<RawRecord> {
    const genome = await openGenome(genomePath, { circular });
    try {
      const cells: (readonly string[])[] = [];
      const found = regionSequences(genome, remembering(file.regions, cells), size);
      skipped.push(...found.skipped);
      for await (const { id, description, sequence, interval, line = 1 } of found.sequences) {
        const { chrom, start, end, name: own = '', score = '', strand } = interval;
        const first = [chrom, start, end, own, score, strand].map(String);
        const letters = foldCase ? sequence.toUpperCase() : sequence;
        yield { id, description, sequence: letters, line, cells: [...first, ...cells[0]!] };
      }
    } finally {
      await genome.close();
    }
  }
  return {
    name,
    format: 'regions',
    columns: [...regionColumns, ...file.columns],
    records: records(),
    skipped,
    digest: source.digest,
  };
}

/** The intervals of regions; the further cells of the last one that was asked for stand in `cells[0]`. */
async function* remembering(
  regions: AsyncIterable<Region>,
  cells: (readonly string[])[],
): AsyncGenerator<Peak> {
  for await (const { interval, more } of regions) {
    cells[0] = more;
    yield interval;
  }
}
