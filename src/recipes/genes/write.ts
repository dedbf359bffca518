import { dna, reverseComplement } from '../../data/alphabet.ts';
import { fastaText } from '../../data/fasta/fasta-text.ts';
import type { GeneticCode } from '../../data/genetic-codes.ts';
import { gff3Header, gff3Line } from '../../data/gff/gff-text.ts';
import { translate } from '../../tokenize/translate.ts';
import { type Contig, type Gene, hasStart, hasStop, lettersOf } from './gene.ts';

/** Genes as they were found, one list a contig. */
export type Found = readonly (readonly Gene[])[];

const codingLetters = ({ sequence }: Contig, gene: Gene): string => {
  const letters = lettersOf(sequence, gene);
  return gene.strand === '+' ? letters : reverseComplement(letters, dna);
};

const idOf = (contig: Contig, i: number) => `${contig.id}_${i + 1}`;

/** How NCBI's GFF3 says that a feature goes on beyond the contig: its first or last base is no more than the one that is known. */
function cutAttributes(gene: Gene): Record<string, string[]> {
  if (gene.runsOff === undefined) return {};
  const forward = gene.strand === '+';
  const [left, right] = forward ? [hasStart(gene), hasStop(gene)] : [hasStop(gene), hasStart(gene)];
  return {
    partial: ['true'],
    ...(!left && { start_range: ['.', `${gene.start + 1}`] }),
    ...(!right && { end_range: [`${gene.end}`, '.'] }),
  };
}

/** A gene and its CDS each, with phase, score in nats, and the codons at its ends; one that crosses an origin ends behind the last base, as GFF3 has it. */
export function genesGff3(contigs: readonly Contig[], found: Found): string {
  const lines = contigs.flatMap((contig, c) => [
    `##sequence-region ${contig.id} 1 ${contig.sequence.length}\n`,
    ...found[c]!.flatMap((gene, i) => {
      const { start, end, strand, score } = gene;
      const letters = codingLetters(contig, gene);
      const place = { chrom: contig.id, source: 'seqwright', start, end, strand };
      const held = { ...place, ...(score !== undefined && { score: Number(score.toFixed(2)) }) };
      const id = idOf(contig, i);
      return [
        gff3Line({ ...held, type: 'gene', id: `gene-${id}`, parents: [], attributes: cutAttributes(gene) }),
        gff3Line({
          ...held,
          type: 'CDS',
          phase: 0,
          id: `cds-${id}`,
          parents: [`gene-${id}`],
          attributes: {
            ...(hasStart(gene) && { start_codon: [letters.slice(0, 3)] }),
            ...(hasStop(gene) && { stop_codon: [letters.slice(-3)] }),
            ...cutAttributes(gene),
          },
        }),
      ];
    }),
  ]);
  return gff3Header + lines.join('');
}

const proteinOf = (letters: string, gene: Gene, table: GeneticCode): string => {
  const end = hasStop(gene) ? -3 : letters.length;
  return hasStart(gene)
    ? `M${translate(letters.slice(3, end), { table })}`
    : translate(letters.slice(0, end), { table });
};

/** The proteins of all genes: whatever the start codon is, a protein begins with M; the stop is left out. Those that a contig cut off have what is there. */
export function proteinsFasta(contigs: readonly Contig[], found: Found, table: GeneticCode): string {
  const records = contigs.flatMap((contig, c) =>
    found[c]!.map((gene, i) => ({
      id: idOf(contig, i),
      description: `${contig.id}:${gene.start + 1}-${gene.end}(${gene.strand})`,
      sequence: proteinOf(codingLetters(contig, gene), gene, table),
    })),
  );
  return [...fastaText(records)].join('');
}
