import { usageError } from '../../core/errors.ts';

/** A genetic code: what each codon means, and which may begin a protein. */
export interface GeneticCode {
  readonly name: string;
  /** The amino acid of each codon in DNA letters; `*` is stop. */
  readonly aminoAcids: Readonly<Record<string, string>>;
  readonly starts: readonly string[];
}

/** Amino acids of the 64 codons in the order T, C, A, G of the first, then second, then third base. */
const standard = 'FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG';

function code(name: string, row: string, starts: readonly string[]): GeneticCode {
  const bases = [...'TCAG'];
  const codons = bases.flatMap((a) => bases.flatMap((b) => bases.map((c) => a + b + c)));
  return { name, aminoAcids: Object.fromEntries(codons.map((codon, i) => [codon, row[i]!])), starts };
}

/** Translation tables of the NCBI by their numbers: 1, 2, 4 and 11. */
export const geneticCodes: Readonly<Record<number, GeneticCode>> = {
  1: code('standard', standard, ['TTG', 'CTG', 'ATG']),
  2: code('vertebrate mitochondrial', 'FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG', [
    'ATT',
    'ATC',
    'ATA',
    'ATG',
    'GTG',
  ]),
  4: code(
    'mould, protozoan and coelenterate mitochondrial; Mycoplasma',
    'FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG',
    ['TTA', 'TTG', 'CTG', 'ATT', 'ATC', 'ATA', 'ATG', 'GTG'],
  ),
  11: code('bacterial, archaeal and plant plastid', standard, [
    'TTG',
    'CTG',
    'ATT',
    'ATC',
    'ATA',
    'ATG',
    'GTG',
  ]),
};

/** The code of a number, or the code that was given. Throws a usage error for a number that is not known. */
export function geneticCode(table: number | GeneticCode): GeneticCode {
  if (typeof table !== 'number') return table;
  const known = geneticCodes[table];
  if (known) return known;
  const numbers = Object.keys(geneticCodes).join(', ');
  throw usageError(
    `There is no genetic code ${table} here; choose ${numbers}, or give the codons themselves.`,
  );
}
