import { dataError, usageError } from '../core/errors.ts';
import { type GeneticCode, geneticCode } from '../data/genetic-codes.ts';

/** A number for each of the 64 codons, by its DNA letters in upper case. */
export type CodonTable = Readonly<Record<string, number>>;

/**
 * How often each codon occurs in coding sequences that are in frame, stops included. Codons with other letters than A, C, G,
 * T and U, and one or two letters at the end, do not count.
 * @example codonCounts(['ATGAAATAA']).AAA // 1
 */
export function codonCounts(sequences: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = Object.fromEntries(
    Object.keys(geneticCode(1).aminoAcids).map((codon) => [codon, 0]),
  );
  for (const sequence of sequences)
    for (const codon of codonsOf(sequence)) if (codon in counts) counts[codon] = counts[codon]! + 1;
  return counts;
}

function* codonsOf(sequence: string): Generator<string> {
  const upper = sequence.toUpperCase().replaceAll('U', 'T');
  for (let at = 0; at + 3 <= upper.length; at += 3) yield upper.slice(at, at + 3);
}

interface CodeOption {
  /** A translation table of the NCBI by number, or a code of your own. */
  table?: number | GeneticCode;
}

/**
 * Relative synonymous codon usage (Sharp, Tuohy & Mosurski 1986): how often a codon occurs over how often it would if all codons of
 * its amino acid were equally frequent. Stops are a family like an amino acid. A family that never occurs has 1 throughout.
 * @example relativeSynonymousUsage({ ...codonCounts([]), AAA: 3, AAG: 1 }).AAA // 1.5
 */
export function relativeSynonymousUsage(
  counts: CodonTable,
  { table = 1 }: CodeOption = {},
): Record<string, number> {
  return byFamily(counts, geneticCode(table), (count, family) => {
    const mean = family.reduce((a, b) => a + b, 0) / family.length;
    return mean === 0 ? 1 : count / mean;
  });
}

/**
 * Relative adaptiveness of codons (Sharp & Li 1987): a codon's count over that of the most frequent codon of its amino acid, from
 * the counts of highly expressed genes. A codon that never occurs counts `absent` times (0.5, as there), so that no gene is
 * impossible; a family that never occurs has 1 throughout.
 */
export function relativeAdaptiveness(
  counts: CodonTable,
  { table = 1, absent = 0.5 }: CodeOption & { absent?: number } = {},
): Record<string, number> {
  if (!(absent > 0)) throw usageError(`absent is ${absent}; expected a count above 0.`);
  return byFamily(counts, geneticCode(table), (count, family) => {
    const most = Math.max(...family);
    return most === 0 ? 1 : Math.max(count, absent) / Math.max(most, absent);
  });
}

/**
 * The codon adaptation index of a gene (Sharp & Li 1987): the geometric mean of its codons' relative adaptiveness. Stops, codons
 * that are alone for their amino acid (ATG and TGG in the standard code), codons with ambiguous letters and those that `adaptiveness`
 * does not hold do not count. NaN for a gene in which none counts. Throws a data error for an adaptiveness that is not above 0.
 * @example codonAdaptationIndex('ATGAAAAAGTAA', { AAA: 1, AAG: 0.25 }) // 0.5
 */
export function codonAdaptationIndex(
  sequence: string,
  adaptiveness: CodonTable,
  { table = 1 }: CodeOption = {},
): number {
  const { aminoAcids } = geneticCode(table);
  const families = familiesOf(geneticCode(table));
  let [sum, count] = [0, 0];
  for (const codon of codonsOf(sequence)) {
    const meaning = aminoAcids[codon];
    const weight = Object.hasOwn(adaptiveness, codon) ? adaptiveness[codon] : undefined;
    if (meaning === undefined || meaning === '*' || families.get(meaning)!.length < 2 || weight === undefined)
      continue;
    if (!(weight > 0))
      throw dataError(`The adaptiveness of ${codon} is ${weight}; expected a number above 0.`);
    sum += Math.log(weight);
    count++;
  }
  return count === 0 ? Number.NaN : Math.exp(sum / count);
}

/** The codons of each amino acid, and of stop. */
function familiesOf({ aminoAcids }: GeneticCode): Map<string, string[]> {
  const families = new Map<string, string[]>();
  for (const [codon, meaning] of Object.entries(aminoAcids))
    families.set(meaning, [...(families.get(meaning) ?? []), codon]);
  return families;
}

function byFamily(
  counts: CodonTable,
  code: GeneticCode,
  value: (count: number, family: readonly number[]) => number,
): Record<string, number> {
  const values: Record<string, number> = {};
  for (const family of familiesOf(code).values()) {
    const numbers = family.map((codon) => counts[codon] ?? 0);
    family.forEach((codon, i) => {
      values[codon] = value(numbers[i]!, numbers);
    });
  }
  return values;
}
