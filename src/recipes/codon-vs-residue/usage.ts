import { usageError } from '../../core/errors.ts';
import type { SequenceRecord } from '../../data/dataset.ts';
import { geneticCode } from '../../data/genetic-codes.ts';
import {
  type CodonTable,
  codonAdaptationIndex,
  codonCounts,
  relativeAdaptiveness,
  relativeSynonymousUsage,
} from '../../tokenize/index.ts';

import { builtInText } from '../built-in-data.ts';

/** Whose highly expressed genes say how well adapted a codon is: `own` are the genes at hand. */
export const adaptivenessNames = ['ecoli', 'bsubtilis', 'yeast', 'own'] as const;
export type AdaptivenessName = (typeof adaptivenessNames)[number];

const columns: Readonly<Record<Exclude<AdaptivenessName, 'own'>, string>> = {
  ecoli: 'ec',
  bsubtilis: 'bs',
  yeast: 'sc',
};

/**
 * Relative adaptiveness of codons (Sharp and Li 1987), as published for three organisms, or from the given genes. Throws a usage error
 * for another name.
 */
export async function adaptivenessOf(
  name: AdaptivenessName,
  genes: readonly SequenceRecord[],
  table: number,
): Promise<CodonTable> {
  if (!adaptivenessNames.includes(name))
    throw usageError(`adaptiveness: expected one of ${adaptivenessNames.join(', ')}, received "${name}".`);
  if (name === 'own')
    return relativeAdaptiveness(codonCounts(genes.map(({ sequence }) => sequence)), { table });
  const [head, ...rows] = (await builtInText('codon_adaptiveness.csv')).trim().split('\n');
  const column = head!.replaceAll('"', '').split(',').indexOf(columns[name]);
  return Object.fromEntries(
    rows.map((row) => {
      const cells = row.replaceAll('"', '').split(',');
      return [cells[0]!.toUpperCase(), Number(cells[column])];
    }),
  );
}

/** What is known of a codon over all genes. */
export interface CodonUsage {
  readonly codon: string;
  /** One letter; `*` is stop. */
  readonly aminoAcid: string;
  readonly count: number;
  /** Relative synonymous codon usage. */
  readonly rscu: number;
  readonly adaptiveness: number | null;
}

/** Counts, relative synonymous usage and adaptiveness of all 64 codons, by amino acid. */
export function codonUsage(
  genes: readonly SequenceRecord[],
  adaptiveness: CodonTable,
  table: number,
): CodonUsage[] {
  const counts = codonCounts(genes.map(({ sequence }) => sequence));
  const rscu = relativeSynonymousUsage(counts, { table });
  return Object.entries(geneticCode(table).aminoAcids)
    .map(([codon, aminoAcid]) => ({
      codon,
      aminoAcid,
      count: counts[codon]!,
      rscu: rscu[codon]!,
      adaptiveness: aminoAcid === '*' ? null : (adaptiveness[codon] ?? null),
    }))
    .sort((a, b) => a.aminoAcid.localeCompare(b.aminoAcid) || a.codon.localeCompare(b.codon));
}

/** The codon adaptation index of each gene; NaN where no codon counts. */
export const adaptationOf = (
  genes: readonly SequenceRecord[],
  adaptiveness: CodonTable,
  table: number,
): Float64Array =>
  Float64Array.from(genes, ({ sequence }) => codonAdaptationIndex(sequence, adaptiveness, { table }));

/** Share of codons that end in G or C. */
export function gcOfThird(sequence: string): number {
  let count = 0;
  for (let i = 2; i < sequence.length; i += 3) if ('GC'.includes(sequence[i]!)) count++;
  return count / Math.floor(sequence.length / 3);
}
