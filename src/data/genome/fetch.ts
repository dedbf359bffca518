import { dataError, usageError } from '../../core/errors.ts';
import { dna, reverseComplement } from '../alphabet.ts';
import type { Spliced } from '../gff/feature.ts';
import { type Interval, intervalName } from '../interval.ts';
import { chromosomeOf, type Genome } from './genome.ts';

/** What to do with an interval that reaches beyond its chromosome: refuse it, leave it out, or fill up with N. */
export type OffTheEnd = 'error' | 'skip' | 'pad';

/**
 * The sequence of an interval, reverse complemented on the minus strand, case kept. On circular chromosomes intervals may run over
 * the origin: they may begin before 0 or end behind the last base. Returns undefined for an interval to be left out.
 *
 * Throws a data error for a chromosome that is not there, an interval off the end under policy `error`, one longer than its
 * circular chromosome, and letters without complement.
 * @example await fetchInterval(genomeOf([{ id: 'c', sequence: 'AACGT' }]), { chrom: 'c', start: 0, end: 3, strand: '-' }) // 'GTT'
 */
export async function fetchInterval(
  genome: Genome,
  interval: Interval,
  { offTheEnd = 'error' }: { offTheEnd?: OffTheEnd } = {},
): Promise<string | undefined> {
  const { chrom, start, end, strand } = interval;
  const { length, circular = false } = chromosomeOf(genome, chrom);
  if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start <= end))
    throw usageError(`${intervalName(interval)} is no interval; it takes whole numbers, the start first.`);
  const inside = start >= 0 && end <= length;
  if (!inside && !circular && offTheEnd === 'skip') return undefined;
  if (!inside && !circular && offTheEnd === 'error') throw offEnd(genome, interval, length);
  const plus = inside
    ? await genome.letters(chrom, start, end)
    : circular
      ? await aroundOrigin(genome, interval, length)
      : await padded(genome, interval, length);
  if (strand !== '-') return plus;
  try {
    return reverseComplement(plus, dna);
  } catch (error) {
    throw dataError(`${genome.name}: ${intervalName(interval)}: ${(error as Error).message}`);
  }
}

const lineOf = ({ line }: Interval) => (line === undefined ? '' : `line ${line}: `);

function offEnd({ name }: Genome, interval: Interval, length: number) {
  const { chrom, start, end } = interval;
  const where = start < 0 ? `begins ${-start} before the first base` : `ends at ${end}`;
  return dataError(
    `${lineOf(interval)}${intervalName(interval)} ${where}; "${chrom}" of ${name} has ${length} bases. Use --circular if ` +
      'it is a circle; else --off-the-end skip leaves such intervals out, and pad fills up with N.',
  );
}

async function padded(genome: Genome, { chrom, start, end }: Interval, length: number): Promise<string> {
  const [from, to] = [Math.min(Math.max(start, 0), length), Math.min(Math.max(end, 0), length)];
  const middle = from < to ? await genome.letters(chrom, from, to) : '';
  const left = Math.min(Math.max(0, -start), end - start);
  return 'N'.repeat(left) + middle + 'N'.repeat(end - start - left - middle.length);
}

async function aroundOrigin(genome: Genome, interval: Interval, length: number): Promise<string> {
  const { chrom, start, end } = interval;
  if (end - start > length)
    throw dataError(
      `${lineOf(interval)}${intervalName(interval)} is ${end - start} bases long; the circular "${chrom}" of ${genome.name} has ${length}.`,
    );
  const from = ((start % length) + length) % length;
  const to = from + (end - start);
  if (to <= length) return genome.letters(chrom, from, to);
  return (await genome.letters(chrom, from, length)) + (await genome.letters(chrom, 0, to - length));
}

/**
 * The sequence of what is joined from several segments, 5′ to 3′: a coding sequence, a transcript. Throws as `fetchInterval`
 * does; a segment off the end is always an error, as what remains would be another sequence.
 * @example await fetchSpliced(genome, splicedFeatures(linkFeatures(features))[0]) // 'ATG…TAA'
 */
export async function fetchSpliced(
  genome: Genome,
  { segments, line }: Pick<Spliced, 'segments' | 'line'>,
): Promise<string> {
  const parts: string[] = [];
  for (const segment of segments)
    parts.push((await fetchInterval(genome, { ...segment, ...(line !== undefined && { line }) }))!);
  return parts.join('');
}
