import { usageError } from '../core/errors.ts';

/** A genetic code: what each codon means, and which may begin a protein. */
export interface GeneticCode {
  readonly name: string;
  /**
   * The amino acid of each codon in DNA letters; `*` is stop. A codon of table 27, 28 or 31 that ends a protein in some places and
   * means an amino acid in others has the amino acid here.
   */
  readonly aminoAcids: Readonly<Record<string, string>>;
  readonly starts: readonly string[];
  /** Every codon that may end a protein, those that also mean an amino acid included. */
  readonly stops: readonly string[];
}

/** Amino acids of the 64 codons in the order T, C, A, G of the first, then second, then third base. */
const standard = 'FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG';

const bases = [...'TCAG'];
const codons = bases.flatMap((a) => bases.flatMap((b) => bases.map((c) => a + b + c)));
const standardCode = Object.fromEntries(codons.map((codon, i) => [codon, standard[i]!]));

/** A code by its difference from the standard one, such as `TGA=W`; `also` are stops that have an amino acid as well. */
function code(name: string, starts: string, difference = '', also = ''): GeneticCode {
  const changes = listed(difference).map((change) => change.split('=') as [string, string]);
  const aminoAcids = { ...standardCode, ...Object.fromEntries(changes) };
  const stops = codons.filter((codon) => aminoAcids[codon] === '*' || listed(also).includes(codon));
  return { name, aminoAcids, starts: listed(starts), stops };
}

const listed = (text: string) => text.split(' ').filter(Boolean);

const bacterialStarts = 'TTG CTG ATT ATC ATA ATG GTG';

/** All translation tables of the NCBI (The Genetic Codes, compiled by Elzanowski and Ostell) by their numbers. */
export const geneticCodes: Readonly<Record<number, GeneticCode>> = {
  1: code('standard', 'TTG CTG ATG'),
  2: code('vertebrate mitochondrial', 'ATT ATC ATA ATG GTG', 'TGA=W ATA=M AGA=* AGG=*'),
  3: code('yeast mitochondrial', 'ATA ATG GTG', 'TGA=W CTT=T CTC=T CTA=T CTG=T ATA=M'),
  4: code(
    'mould, protozoan and coelenterate mitochondrial; Mycoplasma',
    'TTA TTG CTG ATT ATC ATA ATG GTG',
    'TGA=W',
  ),
  5: code('invertebrate mitochondrial', 'TTG ATT ATC ATA ATG GTG', 'TGA=W ATA=M AGA=S AGG=S'),
  6: code('ciliate, dasycladacean and Hexamita nuclear', 'ATG', 'TAA=Q TAG=Q'),
  9: code('echinoderm and flatworm mitochondrial', 'ATG GTG', 'TGA=W AAA=N AGA=S AGG=S'),
  10: code('euplotid nuclear', 'ATG', 'TGA=C'),
  11: code('bacterial, archaeal and plant plastid', bacterialStarts),
  12: code('alternative yeast nuclear', 'CTG ATG', 'CTG=S'),
  13: code('ascidian mitochondrial', 'TTG ATA ATG GTG', 'TGA=W ATA=M AGA=G AGG=G'),
  14: code('alternative flatworm mitochondrial', 'ATG', 'TAA=Y TGA=W AAA=N AGA=S AGG=S'),
  15: code('Blepharisma macronuclear', 'ATG', 'TAG=Q'),
  16: code('chlorophycean mitochondrial', 'ATG', 'TAG=L'),
  21: code('trematode mitochondrial', 'ATG GTG', 'TGA=W ATA=M AAA=N AGA=S AGG=S'),
  22: code('Scenedesmus obliquus mitochondrial', 'ATG', 'TCA=* TAG=L'),
  23: code('Thraustochytrium mitochondrial', 'ATT ATG GTG', 'TTA=*'),
  24: code('pterobranch mitochondrial', 'TTG CTG ATG GTG', 'TGA=W AGA=S AGG=K'),
  25: code('candidate division SR1 and Gracilibacteria', 'TTG ATG GTG', 'TGA=G'),
  26: code('Pachysolen tannophilus nuclear', 'CTG ATG', 'CTG=A'),
  27: code('karyorelict nuclear', 'ATG', 'TAA=Q TAG=Q TGA=W', 'TGA'),
  28: code('Condylostoma nuclear', 'ATG', 'TAA=Q TAG=Q TGA=W', 'TAA TAG TGA'),
  29: code('Mesodinium nuclear', 'ATG', 'TAA=Y TAG=Y'),
  30: code('peritrich nuclear', 'ATG', 'TAA=E TAG=E'),
  31: code('Blastocrithidia nuclear', 'ATG', 'TAA=E TAG=E TGA=W', 'TAA TAG'),
  32: code('Balanophoraceae plastid', bacterialStarts, 'TAG=W'),
  33: code('Cephalodiscidae mitochondrial', 'TTG CTG ATG GTG', 'TAA=Y TGA=W AGA=S AGG=K'),
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
