import { type RandomStream, randomStream } from '../../core/random.ts';
import type { SequenceRecord } from '../../data/dataset.ts';
import { type GeneticCode, geneticCode } from '../../data/genetic-codes.ts';
import { type CodonTable, codonCounts } from '../../tokenize/index.ts';

/** How a value is written into synonymous codons. */
export interface RecodeOptions {
  /** How strongly: a codon's odds change e times for each unit of value · preference · strength. */
  readonly strength: number;
  /** Translation table of the NCBI. */
  readonly table: number;
  readonly seed: number;
}

/** Genes that say the same proteins, and what each was given to say beside. */
export interface Recoded {
  readonly records: SequenceRecord[];
  readonly values: Float64Array;
  /** What each codon is for: mean 0 within an amino acid. */
  readonly preference: CodonTable;
}

/**
 * Writes a standard normal value into each gene by its choice among synonymous codons alone: every codon is drawn anew, with its frequency
 * among all genes times exp(strength · value · preference). The proteins stay letter for letter, so that no model of residues can know the
 * value. Starts, stops, and codons with ambiguous letters stay too.
 */
export function recode(genes: readonly SequenceRecord[], { strength, table, seed }: RecodeOptions): Recoded {
  const random = randomStream(seed, 'recode');
  const code = geneticCode(table);
  const families = synonyms(code);
  const usage = codonCounts(genes.map(({ sequence }) => sequence));
  const preference = preferences(families, random);
  const values = Float64Array.from(genes, () => random.normal());
  const records = genes.map((gene, g) => {
    const codons = gene.sequence.toUpperCase().match(/.{3}/g) ?? [];
    const written = codons.map((codon, i) => {
      const family = families.get(code.aminoAcids[codon] ?? '');
      if (i === 0 || !family) return codon;
      const weights = family.map(
        (one) => (usage[one]! + 0.5) * Math.exp(strength * values[g]! * preference[one]!),
      );
      return family[drawn(weights, random)]!;
    });
    return { ...gene, sequence: written.join('') };
  });
  return { records, values, preference };
}

/** Codons by amino acid, where there are several; not those of stop. */
export function synonyms({ aminoAcids }: GeneticCode): Map<string, string[]> {
  const families = new Map<string, string[]>();
  for (const [codon, meaning] of Object.entries(aminoAcids))
    if (meaning !== '*') families.set(meaning, [...(families.get(meaning) ?? []), codon]);
  for (const [meaning, family] of families) if (family.length < 2) families.delete(meaning);
  return families;
}

function preferences(families: ReadonlyMap<string, readonly string[]>, random: RandomStream) {
  const preference: Record<string, number> = {};
  for (const family of families.values()) {
    const raw = family.map(() => random.normal());
    const mean = raw.reduce((a, b) => a + b, 0) / raw.length;
    const size = Math.sqrt(raw.reduce((sum, x) => sum + (x - mean) ** 2, 0) / raw.length);
    family.forEach((codon, i) => {
      preference[codon] = (raw[i]! - mean) / size;
    });
  }
  return preference;
}

function drawn(weights: readonly number[], random: RandomStream): number {
  let left = random.uniform() * weights.reduce((a, b) => a + b, 0);
  const place = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return place < 0 ? weights.length - 1 : place;
}
