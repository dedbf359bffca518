import VCFParser, { type Variant } from '@gmod/vcf';
import { dataError } from '../../core/errors.ts';
import { describeOpening } from '../fasta/not-fasta.ts';
import { finiteNumber, wholeNumber } from '../interval.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';

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
 * Opens VCF 4 (variants as a stream; INFO and genotypes parsed by @gmod/vcf, by the types that the header declares).
 *
 * Throws a data error with `name`, line and column for: another format, a header without the line of columns, lines with too few columns,
 * positions, alleles and qualities that are none.
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
  const parser = parserOf(header, name);
  async function* records(): AsyncGenerator<VcfRecord, void, undefined> {
    try {
      for (; !batch.done; batch = await batches.next(), from = 0) {
        const { lines, first } = batch.value;
        for (; from < lines.length; from++)
          if (lines[from] !== '') yield recordOf(lines[from]!, parser, name, first + from);
      }
    } finally {
      await batches.return();
    }
  }
  return { name, header, samples: parser.samples, records: records() };
}

function notVcf(place: string, text: string) {
  const found = describeOpening(new TextEncoder().encode(text));
  return dataError(
    `${place}: expected VCF, which begins with "##fileformat=VCFv4"; this looks like ${found}.`,
  );
}

function parserOf(header: string[], name: string): VCFParser {
  const columns = header.at(-1)!.split('\t');
  if (columns.length < 8)
    throw dataError(
      `${name}:${header.length}: ${columns.length} columns; VCF has at least 8, divided by tabs.`,
    );
  try {
    return new VCFParser({ header: header.join('\n'), strict: false });
  } catch (error) {
    throw dataError(`${name}: its header is wrong: ${(error as Error).message.split('\n')[0]}.`, {
      cause: error,
    });
  }
}

function recordOf(text: string, parser: VCFParser, name: string, line: number): VcfRecord {
  const place = `${name}:${line}`;
  const expected = parser.samples.length === 0 ? 8 : 9 + parser.samples.length;
  const found = text.split('\t', expected).length;
  if (found < expected)
    throw dataError(`${place}: ${found} columns; expected ${expected}, as the header has.`);
  const [, position, , ref, alt, quality] = text.split('\t', 6) as [
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
  if (alt === '' || !/^[!-~]+$/.test(alt))
    throw dataError(`${place}: ALT is ${JSON.stringify(alt)}; expected alleles or ".".`);
  if (quality !== '.') finiteNumber(quality, `${place}: QUAL`);
  const variant: Variant = parser.parseLine(text);
  const { CHROM, ID, ALT, QUAL, FILTER, INFO } = variant;
  return {
    chrom: CHROM!,
    start,
    ids: ID ?? [],
    ref,
    alts: ALT ?? [],
    ...(QUAL !== undefined && { quality: QUAL }),
    filters: typeof FILTER === 'string' ? [FILTER] : (FILTER ?? []),
    info: INFO as Record<string, InfoValue>,
    genotypes: () => variant.GENOTYPES(),
    line,
  };
}
