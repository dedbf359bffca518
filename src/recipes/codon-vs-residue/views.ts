import { type Alphabet, customAlphabet, dna, protein } from '../../data/alphabet.ts';
import { type Dataset, skipCounter, subset } from '../../data/dataset.ts';
import { codons, translate } from '../../tokenize/index.ts';

/** The same genes in other letters. */
export interface View {
  readonly name: 'nucleotides' | 'codons' | 'amino acids';
  readonly dataset: Dataset;
}

/** One letter for each of the 64 codons, in alphabetical order: AAA is A, AAC B … TTT the last. */
export const codonAlphabet: Alphabet = customAlphabet(
  'codons',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
);

/** The codon that each letter of `codonAlphabet` stands for. */
export const codonOfLetter = (): [letter: string, codon: string][] => {
  const tokenizer = codons({ remainder: 'drop' });
  return [...codonAlphabet.letters].map((letter, id) => [letter, tokenizer.decode([id])]);
};

/** A gene as letters of `codonAlphabet`; one or two letters at its end are left out. */
export const codonLetters = (sequence: string): string =>
  Array.from(codons({ remainder: 'drop' }).encode(sequence), (id) => codonAlphabet.letters[id]!).join('');

/**
 * The genes that are in frame from their start codon on and spelled in A, C, G, T (or U), in upper case; the others are counted as left out. Stops
 * within a gene stay: some are read as selenocysteine.
 */
export function inFrame(genes: Dataset): Dataset {
  const [uneven, spelled] = [skipCounter('length no multiple of three'), skipCounter('ambiguous letters')];
  const kept: number[] = [];
  const records = genes.records.map((record, i) => {
    const sequence = record.sequence.toUpperCase().replaceAll('U', 'T');
    if (sequence.length % 3 !== 0) uneven.add(record.id);
    else if (/[^ACGT]/.test(sequence)) spelled.add(record.id);
    else kept.push(i);
    return { ...record, sequence };
  });
  const left = [uneven, spelled].filter(({ count }) => count > 0);
  const skipped = left.map(({ reason, count, examples }) => ({ reason, count, examples }));
  return { ...subset({ ...genes, records }, kept), skipped: [...genes.skipped, ...skipped] };
}

/** Genes, their first `most` codons, as nucleotides, as codons and as amino acids, under the same values. */
export function viewsOf(genes: Dataset, { most, table }: { most: number; table: number }): View[] {
  const as = (alphabet: Alphabet, spell: (sequence: string) => string): Dataset => ({
    ...genes,
    alphabet,
    records: genes.records.map((record) => ({
      ...record,
      sequence: spell(record.sequence.slice(0, 3 * most)),
    })),
  });
  return [
    { name: 'nucleotides', dataset: as(dna, (sequence) => sequence) },
    { name: 'codons', dataset: as(codonAlphabet, codonLetters) },
    { name: 'amino acids', dataset: as(protein, (sequence) => translate(sequence, { table })) },
  ];
}
