import { dataError } from '../../core/errors.ts';

/** A sequence that intervals lie on. */
export interface Chromosome {
  name: string;
  length: number;
  /** Whether its last base is followed by its first. */
  circular?: boolean;
}

/** Sequences to fetch parts of: a FASTA file with its index, a 2bit file, or records in memory. */
export interface Genome {
  /** The name of its file, for messages. */
  name: string;
  chromosomes: ReadonlyMap<string, Chromosome>;
  /** The letters from `start` up to before `end`, 0-based, both within the chromosome. See `fetchInterval`. */
  letters(chrom: string, start: number, end: number): Promise<string>;
  close(): Promise<void>;
}

/**
 * A genome held in memory. Records with `circular` (GenBank and EMBL tell) or `[topology=circular]` in their description are circular.
 * Throws a data error where two records have one id.
 * @example await genomeOf([{ id: 'c', sequence: 'ACGTACGTAC' }]).letters('c', 2, 5) // 'GTA'
 */
export function genomeOf(
  records: Iterable<{ id: string; sequence: string; description?: string; circular?: boolean }>,
  { name = 'genome' }: { name?: string } = {},
): Genome {
  const chromosomes = new Map<string, Chromosome>();
  const sequences = new Map<string, string>();
  for (const { id, sequence, description = '', circular } of records) {
    if (chromosomes.has(id))
      throw dataError(`${name}: "${id}" occurs twice; names of chromosomes must be unique.`);
    const round = circular ?? saysCircular(description);
    chromosomes.set(id, { name: id, length: sequence.length, ...(round && { circular: true }) });
    sequences.set(id, sequence);
  }
  return {
    name,
    chromosomes,
    letters: async (chrom, start, end) => sequences.get(chrom)!.slice(start, end),
    close: async () => {},
  };
}

/** Whether a FASTA header says that its sequence is circular, as NCBI writes it. */
export const saysCircular = (description: string): boolean => /\btopology=circular\b/i.test(description);

/** The chromosome; throws a data error that says which names the genome has. */
export function chromosomeOf({ name, chromosomes }: Genome, chrom: string): Chromosome {
  const found = chromosomes.get(chrom);
  if (found) return found;
  const other = chrom.startsWith('chr') ? chrom.slice(3) : `chr${chrom}`;
  const names = [...chromosomes.keys()].slice(0, 5).join(', ');
  const hint = chromosomes.has(other)
    ? `It has "${other}": use the names of one source in both files.`
    : `It has: ${names}${chromosomes.size > 5 ? ' …' : ''}.`;
  throw dataError(`${name} has no sequence "${chrom}". ${hint}`);
}
