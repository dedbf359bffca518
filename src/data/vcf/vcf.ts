import { dataError } from '../../core/errors.ts';
import { describeOpening } from '../fasta/not-fasta.ts';
import { finiteNumber, wholeNumber } from '../interval.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';
import { type InfoTypes, infoOf, infoTypes } from './info.ts';

/** What an INFO key says: `true` for a flag, else its values; undefined stands for ".". */
export type InfoValue = true | readonly (string | number | undefined)[];

/** One line of a VCF file. */
export interface VcfRecord {
  chrom: string;
  /** 0-based; the file's POS is one more. */
  start: number;
  ids: readonly string[];
  ref: string;
  /** Alternative alleles; none where the file has ".". */
  alts: readonly string[];
  quality?: number;
  /** `['PASS']`, the names of filters that failed, or nothing where the file has ".". */
  filters: readonly string[];
  info: Readonly<Record<string, InfoValue>>;
  /** Genotypes by sample (`0/1`), read when they are asked for. */
  genotypes(): Record<string, string>;
  line: number;
}

/** A VCF file whose header has been read and whose records are still to come. */
export interface Vcf {
  name: string;
  /** All header lines as they stand. */
  header: readonly string[];
  samples: readonly string[];
  records: AsyncGenerator<VcfRecord, void, undefined>;
}

/**
 * Opens VCF 4 as a stream of variants. INFO is read by the types that the header declares.
 *
 * Throws a data error with `name`, line and column for: another format, a header without the line of columns, lines with too few columns,
 * positions, alleles and qualities that are none, and INFO of another type than declared.
 * @example
 * const { samples, records } = await openVcf(chunks, { name: 'x.vcf' });
 * for await (const { chrom, start, ref, alts, info } of records) …
 */
export async function openVcf(chunks: ByteChunks, { name = 'input' }: { name?: string } = {}): Promise<Vcf> {
  const batches = lineBatches(chunks, { name });
  const header: string[] = [];
  let batch = await batches.next();
  let from = 0;
  let columns: string | undefined;
  while (!batch.done && columns === undefined) {
    const { lines, first } = batch.value;
    for (; from < lines.length && columns === undefined; from++) {
      const text = lines[from]!;
      if (header.length === 0 && !/^##fileformat=VCF/i.test(text))
        throw notVcf(`${name}:${first + from}`, text);
      if (!text.startsWith('#'))
        throw dataError(`${name}:${first + from}: expected the line "#CHROM …" before the first variant.`);
      header.push(text);
      if (!text.startsWith('##')) columns = text;
    }
    if (columns === undefined) {
      batch = await batches.next();
      from = 0;
    }
  }
  if (columns === undefined)
    throw dataError(
      `${name}: ${header.length === 0 ? 'is empty; expected VCF' : 'its header has no line "#CHROM …"; expected one, also where there are no variants'}.`,
    );
  const layout = layoutOf(header, name);
  async function* records(): AsyncGenerator<VcfRecord, void, undefined> {
    try {
      for (; !batch.done; batch = await batches.next(), from = 0) {
        const { lines, first } = batch.value;
        for (; from < lines.length; from++)
          if (lines[from] !== '')
            yield recordOf(lines[from]!, layout, `${name}:${first + from}`, first + from);
      }
    } finally {
      await batches.return();
    }
  }
  return { name, header, samples: layout.samples, records: records() };
}

function notVcf(place: string, text: string) {
  const found = describeOpening(new TextEncoder().encode(text));
  return dataError(
    `${place}: expected VCF, which begins with "##fileformat=VCFv4"; this looks like ${found}.`,
  );
}

interface Layout {
  samples: string[];
  types: InfoTypes;
  /** How many columns a line has. */
  width: number;
}

const columnNames = ['#CHROM', 'POS', 'ID', 'REF', 'ALT', 'QUAL', 'FILTER', 'INFO'];

function layoutOf(header: string[], name: string): Layout {
  const columns = header.at(-1)!.split('\t');
  const place = `${name}:${header.length}`;
  if (columns.length < 8)
    throw dataError(`${place}: ${columns.length} columns; VCF has at least 8, divided by tabs.`);
  const other = columnNames.findIndex((column, i) => columns[i] !== column);
  if (other >= 0)
    throw dataError(
      `${place}: column ${other + 1} is ${JSON.stringify(columns[other])}; expected ${columnNames[other]}.`,
    );
  const samples = columns.slice(9);
  const twice = samples.find((sample, i) => samples.indexOf(sample) !== i);
  if (twice !== undefined)
    throw dataError(`${place}: two samples are called "${twice}". Rename one of them.`);
  return { samples, types: infoTypes(header), width: samples.length === 0 ? 8 : 9 + samples.length };
}

function recordOf(text: string, { samples, types, width }: Layout, place: string, line: number): VcfRecord {
  const cells = text.split('\t');
  if (cells.length < width)
    throw dataError(`${place}: ${cells.length} columns; expected ${width}, as the header has.`);
  const [chrom, position, id, ref, alt, quality, filter, infoText] = cells as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const start = wholeNumber(position, `${place}: POS`) - 1;
  if (!/^[ACGTN]+$/i.test(ref))
    throw dataError(`${place}: REF is ${JSON.stringify(ref)}; expected bases A C G T N.`);
  if (!/^[!-~]+$/.test(alt))
    throw dataError(`${place}: ALT is ${JSON.stringify(alt)}; expected alleles or ".".`);
  const wrong = (key: string, value: string) =>
    dataError(`${place}: INFO ${key} is ${JSON.stringify(value)}; the header says ${types.get(key)}.`);
  const record: VcfRecord = {
    chrom,
    start,
    ids: listed(id, ';'),
    ref,
    alts: listed(alt, ','),
    filters: listed(filter, ';'),
    info: infoOf(infoText, types, wrong),
    genotypes: () => genotypesOf(cells, samples),
    line,
  };
  if (quality !== '.') record.quality = finiteNumber(quality, `${place}: QUAL`);
  return record;
}

const listed = (cell: string, separator: string): string[] =>
  cell === '.' ? [] : cell.includes(separator) ? cell.split(separator) : [cell];

function genotypesOf(cells: readonly string[], samples: readonly string[]): Record<string, string> {
  const at = cells[8]?.split(':').indexOf('GT') ?? -1;
  return Object.fromEntries(
    samples.map((sample, i) => [sample, at < 0 ? '.' : (cells[9 + i]!.split(':')[at] ?? '.')]),
  );
}
