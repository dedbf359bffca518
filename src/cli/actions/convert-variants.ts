import { bedLine } from '../../data/bed/bed.ts';
import { skipCounter } from '../../data/dataset.ts';
import { jsonLine } from '../../data/jsonl/jsonl.ts';
import { openGenome } from '../../data/open-genome.ts';
import { openSource } from '../../data/source.ts';
import { tsvLine } from '../../data/table/tsv-text.ts';
import { matchingVariants } from '../../data/vcf/reference.ts';
import { type InfoValue, openVcf, type Vcf, type VcfRecord } from '../../data/vcf/vcf.ts';
import type { Conversion, Writers } from './convert.ts';

interface Variants extends Pick<Vcf, 'header' | 'samples'> {
  records: AsyncIterable<VcfRecord>;
  close(): Promise<void>;
}

/** The variants of a VCF file, held against a genome where one is named. */
async function variantsOf({ path, args, skipped }: Conversion): Promise<Variants> {
  const { name, chunks } = openSource(path);
  const { header, samples, records } = await openVcf(chunks, { name });
  if (args.genome === undefined) return { header, samples, records, close: async () => {} };
  const genome = await openGenome(args.genome, { circular: args.circular ?? [] });
  const matching = matchingVariants(genome, records, { name, mismatch: args.refMismatch });
  skipped.push(matching.skipped);
  return { header, samples, records: matching.variants, close: () => genome.close() };
}

const declaredInfo = (header: readonly string[]) =>
  header.map((line) => /^##INFO=<ID=([^,>]+)/.exec(line)?.[1]).filter((id) => id !== undefined);

const infoText = (value: InfoValue | undefined): string | undefined =>
  value === undefined ? undefined : value === true ? 'true' : value.map((one) => one ?? '.').join(',');

/** What variants can be written as. */
export const variantWriters: Writers = {
  async *tsv(conversion) {
    const { header, samples, records, close } = await variantsOf(conversion);
    const info = declaredInfo(header);
    const undeclared = skipCounter('INFO values whose key the header does not declare');
    conversion.skipped.push(undeclared);
    try {
      yield tsvLine(['chrom', 'pos', 'id', 'ref', 'alt', 'qual', 'filter', ...info, ...samples]);
      for await (const record of records) {
        const { chrom, start, ids, ref, alts, quality, filters } = record;
        for (const key of Object.keys(record.info)) if (!info.includes(key)) undeclared.add(key);
        const genotypes = samples.length > 0 ? record.genotypes() : {};
        yield tsvLine([
          ...[chrom, start + 1, ids.join(';'), ref, alts.join(','), quality, filters.join(';')],
          ...info.map((key) => infoText(record.info[key])),
          ...samples.map((sample) => genotypes[sample]),
        ]);
      }
    } finally {
      await close();
    }
  },
  async *jsonl(conversion) {
    const { samples, records, close } = await variantsOf(conversion);
    try {
      for await (const { genotypes, line: _, start, ...record } of records)
        yield jsonLine({ ...record, pos: start + 1, ...(samples.length > 0 && { genotypes: genotypes() }) });
    } finally {
      await close();
    }
  },
  async *bed(conversion) {
    const { records, close } = await variantsOf(conversion);
    try {
      for await (const { chrom, start, ref, alts, ids } of records)
        yield bedLine({
          chrom,
          start,
          end: start + ref.length,
          strand: '.',
          name: ids[0] ?? `${ref}>${alts.join(',') || '.'}`,
        });
    } finally {
      await close();
    }
  },
};
