import { dataError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { type GeneticCode, geneticCode } from '../../data/genetic-codes.ts';
import { openRecords } from '../../data/read-records.ts';
import type { PairData, TextPair } from '../../train/tasks/translation-data.ts';

/** Coding sequences and their proteins, short ones to learn from and longer ones to be tested on. */
export interface GeneSet {
  readonly fit: PairData;
  readonly test: PairData;
}

/** Lengths in codons, the stop left out. */
export interface CodonRange {
  readonly from: number;
  readonly to: number;
}

/** What the built-in genes are like. */
export interface GeneOptions {
  readonly code: number;
  readonly genes: number;
  readonly tests: number;
  readonly learn: CodonRange;
  readonly translate: CodonRange;
  readonly seed: number;
}

/** Random genes: sense codons drawn evenly and a stop; what they mean is the code's to say. */
export function randomGenes({ code, genes, tests, learn, translate, seed }: GeneOptions): GeneSet {
  const { aminoAcids, stops } = geneticCode(code);
  const sense = Object.keys(aminoAcids).filter((codon) => aminoAcids[codon] !== '*');
  const ends = stops.filter((codon) => aminoAcids[codon] === '*');
  const drawn = (count: number, { from, to }: CodonRange, name: string): PairData => {
    const random = randomStream(seed, 'genes', name);
    const pairs = Array.from({ length: count }, (_, i): TextPair => {
      const codons = Array.from(
        { length: from + random.below(to - from + 1) },
        () => sense[random.below(sense.length)]!,
      );
      const stop = ends[random.below(ends.length)] ?? '';
      return {
        id: `${name}${i + 1}`,
        source: codons.join('') + stop,
        target: codons.map((codon) => aminoAcids[codon]).join(''),
      };
    });
    return { pairs, sources: [] };
  };
  return { fit: drawn(genes, learn, 'short'), test: drawn(tests, translate, 'long') };
}

/** Of the user's genes this share, the longest, is translated; the others are learned from. */
const testedShare = 0.2;
const fewest = 50;

/**
 * Reads coding sequences and translates them by the code; the longest fifth is held out. Throws a data error that names the record for a length
 * that is no multiple of 3, a letter that is no base, and a stop before the end.
 */
export async function readGenes(path: string, code: number): Promise<GeneSet> {
  const opened = await openRecords(path, { foldCase: true });
  const meaning = geneticCode(code);
  const pairs: TextPair[] = [];
  for await (const { id, sequence } of opened.records)
    pairs.push({
      id,
      source: sequence.replaceAll('U', 'T'),
      target: protein(sequence, meaning, `${opened.name}: record "${id}"`),
    });
  if (pairs.length < fewest)
    throw dataError(`${opened.name} has ${pairs.length} coding sequences; expected at least ${fewest}.`);
  const sorted = [...pairs].sort((a, b) => a.source.length - b.source.length);
  const cut = Math.floor(pairs.length * (1 - testedShare));
  const longest = sorted[cut - 1]!.source.length;
  // Lengths that occur on both sides would not be held out.
  const test = sorted.filter(({ source }) => source.length > longest);
  if (test.length === 0)
    throw dataError(
      `${opened.name}: the longest sequences are equally long, so that no length can be held out.`,
    );
  const sources = [opened.digest()];
  return {
    fit: { pairs: sorted.filter(({ source }) => source.length <= longest), sources },
    test: { pairs: test, sources },
  };
}

function protein(sequence: string, { aminoAcids, name }: GeneticCode, place: string): string {
  if (sequence.length === 0 || sequence.length % 3 !== 0)
    throw dataError(
      `${place} has ${sequence.length} letters; expected a multiple of 3. Give coding sequences from start to stop.`,
    );
  const codons = sequence.replaceAll('U', 'T').match(/.../gu) ?? [];
  const letters = codons.map((codon, i) => {
    const letter = aminoAcids[codon];
    if (letter === undefined)
      throw dataError(`${place} has the codon ${codon} at ${3 * i + 1}; expected A, C, G and T.`);
    if (letter === '*' && i + 1 < codons.length)
      throw dataError(
        `${place} has a stop, ${codon}, at ${3 * i + 1} of ${sequence.length}, in the code "${name}". Is it in frame, and is code the right table?`,
      );
    return letter;
  });
  return letters.join('').replace(/\*$/, '');
}
