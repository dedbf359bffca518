import { dataError } from '../../core/errors.ts';
import { type Skipped, skipCounter } from '../dataset.ts';
import { fetchInterval } from '../genome/fetch.ts';
import { chromosomeOf, type Genome } from '../genome/genome.ts';
import type { VcfRecord } from './vcf.ts';

type Position = Pick<VcfRecord, 'chrom' | 'start' | 'ref'> & { line?: number };

/**
 * Passes on the variants whose REF is what the genome has there, case aside (N fits any base). Others are a data error, or under policy `skip`
 * counted in `skipped`: a VCF of another assembly must not be read as if it fitted.
 * @example
 * const { variants, skipped } = matchingVariants(genome, records, { name: 'x.vcf', mismatch: 'skip' });
 */
export function matchingVariants<V extends Position>(
  genome: Genome,
  records: AsyncIterable<V> | Iterable<V>,
  { name = 'input', mismatch = 'error' }: { name?: string; mismatch?: 'error' | 'skip' } = {},
): { variants: AsyncGenerator<V, void, undefined>; skipped: Skipped } {
  const skipped = skipCounter('REF differs from the genome');
  async function* variants(): AsyncGenerator<V, void, undefined> {
    for await (const record of records) {
      const why = await difference(genome, record);
      if (why === undefined) yield record;
      else if (mismatch === 'skip') skipped.add(`${record.chrom}:${record.start + 1}`);
      else {
        const place = record.line === undefined ? name : `${name}:${record.line}`;
        throw dataError(
          `${place}: REF at ${record.chrom}:${record.start + 1} is ${why} Use the genome that the variants were called on, or leave such variants out with --ref-mismatch skip.`,
        );
      }
    }
  }
  return { variants: variants(), skipped };
}

async function difference(genome: Genome, { chrom, start, ref }: Position): Promise<string | undefined> {
  const { length } = chromosomeOf(genome, chrom);
  const end = start + ref.length;
  const shown = JSON.stringify(ref.length > 20 ? `${ref.slice(0, 20)}…` : ref);
  if (start < 0 || end > length) return `${shown}, off the end: ${genome.name} has ${length} bases of it.`;
  const there = (await fetchInterval(genome, { chrom, start, end, strand: '+' }))!;
  const same = [...ref.toUpperCase()].every((base, i) => base === 'N' || there[i]!.toUpperCase() === base);
  return same ? undefined : `${shown}; ${genome.name} has ${JSON.stringify(there.slice(0, 20))} there.`;
}
