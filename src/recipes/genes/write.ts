import { dna, reverseComplement } from '../../data/alphabet.ts';
import { fastaText } from '../../data/fasta/fasta-text.ts';
import type { GeneticCode } from '../../data/genetic-codes.ts';
import { gff3Header, gff3Line } from '../../data/gff/gff-text.ts';
import { translate } from '../../tokenize/translate.ts';
import { type Contig, type Gene, lettersOf } from './gene.ts';

/** Genes as they were found, one list a contig. */
export type Found = readonly (readonly Gene[])[];

const codingLetters = ({ sequence }: Contig, gene: Gene): string => {
  const letters = lettersOf(sequence, gene);
  return gene.strand === '+' ? letters : reverseComplement(letters, dna);
};

const idOf = (contig: Contig, i: number) => `${contig.id}_${i + 1}`;

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
        gff3Line({ ...held, type: 'gene', id: `gene-${id}`, parents: [] }),
        gff3Line({
          ...held,
          type: 'CDS',
          phase: 0,
          id: `cds-${id}`,
          parents: [`gene-${id}`],
          attributes: { start_codon: [letters.slice(0, 3)], stop_codon: [letters.slice(-3)] },
        }),
      ];
    }),
  ]);
  return gff3Header + lines.join('');
}

/** The proteins of all genes: whatever the start codon is, a protein begins with M; the stop is left out. */
export function proteinsFasta(contigs: readonly Contig[], found: Found, table: GeneticCode): string {
  const records = contigs.flatMap((contig, c) =>
    found[c]!.map((gene, i) => ({
      id: idOf(contig, i),
      description: `${contig.id}:${gene.start + 1}-${gene.end}(${gene.strand})`,
      sequence: `M${translate(codingLetters(contig, gene).slice(3, -3), { table })}`,
    })),
  );
  return [...fastaText(records)].join('');
}
