import { dna, reverseComplement } from '../../data/alphabet.ts';
import type { GeneticCode } from '../../data/genetic-codes.ts';
import type { Gene } from './gene.ts';

/** What codons mean, and bases of the shortest gene. */
export interface EdgeRules {
  readonly code: GeneticCode;
  readonly starts: readonly string[];
  readonly minLength: number;
}

/**
 * Reading frames that run off a sequence, in whole codons: from its edge to the first stop, from each start behind the last stop to the other edge, and from
 * edge to edge where there is no stop. A codon of three ambiguous letters ends a frame, as it does in `openReadingFrames`.
 * @example edgeFrames('CATGAAATAAC', { code: geneticCode(11), starts: ['ATG'], minLength: 6 })
 * // in the frame of the stop also its frame from the edge: { start: 1, end: 10, strand: '+', runsOff: 'start' } …
 */
export function edgeFrames(sequence: string, rules: EdgeRules): Gene[] {
  const { length } = sequence;
  const forward = oneStrand(sequence, rules).map((gene): Gene => ({ ...gene, strand: '+' }));
  const backward = oneStrand(reverseComplement(sequence, dna), rules).map(
    ({ start, end, runsOff }): Gene => ({ start: length - end, end: length - start, strand: '-', runsOff }),
  );
  return [...forward, ...backward];
}

type Cut = Pick<Gene, 'start' | 'end'> & { readonly runsOff: NonNullable<Gene['runsOff']> };

function oneStrand(letters: string, { code, starts, minLength }: EdgeRules): Cut[] {
  const codon = (at: number) => letters.slice(at, at + 3);
  const isStop = (at: number) => code.stops.includes(codon(at));
  const goesOn = (at: number) => !isStop(at) && /[ACGT]/.test(codon(at));
  const found: Cut[] = [];
  for (let frame = 0; frame < 3; frame++) {
    const edge = letters.length - ((letters.length - frame) % 3);
    let stop = frame;
    while (stop < edge && goesOn(stop)) stop += 3;
    if (stop >= edge) found.push({ start: frame, end: edge, runsOff: 'both' });
    else if (isStop(stop)) found.push({ start: frame, end: stop + 3, runsOff: 'start' });
    for (let at = edge - 3; at >= frame && goesOn(at); at -= 3)
      if (starts.includes(codon(at))) found.push({ start: at, end: edge, runsOff: 'stop' });
  }
  return found.filter(({ start, end }) => end - start >= minLength);
}
