import { usageError } from '../core/errors.ts';
import { dna } from './alphabet.ts';
import { type GeneticCode, geneticCode } from './genetic-codes.ts';

/** What a reading frame may begin with, and how codons are read. */
export interface OrfOptions {
  /** A translation table of the NCBI by number, or a code of your own; its stops end a frame. */
  readonly code?: number | GeneticCode;
  /** Codons that may begin a gene. */
  readonly starts?: readonly string[];
  /** Bases of the shortest, start and stop codon included. */
  readonly minLength?: number;
}

/** An open reading frame: a stop codon, and every start codon that leads to it without another stop between. */
export interface OpenReadingFrame {
  readonly strand: '+' | '-';
  /** The first base, on the forward strand, of the stop codon's three. */
  readonly stop: number;
  /** The same of each start codon, the farthest from the stop first. */
  readonly starts: readonly number[];
}

/** The starts by which bacteria and archaea begin nearly all their genes. */
export const prokaryoticStarts = ['ATG', 'GTG', 'TTG'] as const;

const [isStart, isStop, isUnknown] = [1, 2, 4];

/** What the codon that begins at each base of a strand is, in the direction of that strand; the index is its lowest base. */
function codonMarks(tokens: Int32Array, code: GeneticCode, starts: readonly string[], strand: '+' | '-') {
  const marks = new Uint8Array(64);
  for (const [codon, mark] of [
    ...starts.map((codon) => [codon, isStart] as const),
    ...code.stops.map((codon) => [codon, isStop] as const),
  ]) {
    const ids = [...dna.encode(codon)];
    const [a, b, c] = strand === '+' ? ids : ids.reverse().map((id) => 3 - id);
    marks[16 * a! + 4 * b! + c!]! |= mark;
  }
  const found = new Uint8Array(Math.max(0, tokens.length - 2));
  for (let t = 0; t < found.length; t++) {
    const [a, b, c] = [tokens[t]!, tokens[t + 1]!, tokens[t + 2]!];
    if (a < 4 && b < 4 && c < 4) found[t] = marks[16 * a + 4 * b + c]!;
    else if (a >= 4 && b >= 4 && c >= 4) found[t] = isUnknown;
  }
  return found;
}

/**
 * All open reading frames of a sequence on both strands, by strand and then by frame. A codon with an ambiguous letter is neither start nor stop; one of
 * three ambiguous letters (a gap between contigs) ends a frame, so that none runs through it. Frames that run off an end are not reported.
 *
 * Throws a data error for letters that are none of DNA's, a usage error for starts that are stops or no codons.
 * @example openReadingFrames('ATGAAATAAC', { minLength: 9 }) // [{ strand: '+', stop: 6, starts: [0] }]
 */
export function openReadingFrames(
  sequence: string,
  { code: table = 11, starts = prokaryoticStarts, minLength = 90 }: OrfOptions = {},
): OpenReadingFrame[] {
  const code = geneticCode(table);
  checkStarts(starts, code);
  if (!Number.isSafeInteger(minLength) || minLength < 6)
    throw usageError(`minLength: expected a whole number of at least 6 bases, received ${minLength}.`);
  const tokens = dna.encode(sequence);
  const found: OpenReadingFrame[] = [];
  for (const strand of ['+', '-'] as const) {
    const marks = codonMarks(tokens, code, starts, strand);
    const last = marks.length - 1;
    for (let frame = 0; frame < 3; frame++) {
      let open: number[] = [];
      for (let i = frame; i <= last; i += 3) {
        // The reverse strand is read from the other end.
        const at = strand === '+' ? i : last - i;
        const mark = marks[at]!;
        if (mark === isStart) open.push(at);
        else if (mark !== 0) {
          const fits = open.filter((start) => Math.abs(at - start) + 3 >= minLength);
          if (mark === isStop && fits.length > 0) found.push({ strand, stop: at, starts: fits });
          open = [];
        }
      }
    }
  }
  return found;
}

function checkStarts(starts: readonly string[], { stops }: GeneticCode): void {
  const odd = starts.find((codon) => !/^[ACGT]{3}$/.test(codon) || stops.includes(codon));
  if (odd !== undefined || starts.length === 0)
    throw usageError(
      `starts: expected codons such as ATG that are no stops (${stops.join(', ')}), received ${JSON.stringify(odd ?? starts)}.`,
    );
}

/**
 * The stretch from a start codon to a stop codon, 0-based and half-open, both included.
 * @example codingInterval({ strand: '-', stop: 3 }, 9) // { start: 3, end: 12, strand: '-' }
 */
export const codingInterval = (
  { strand, stop }: Pick<OpenReadingFrame, 'strand' | 'stop'>,
  start: number,
): { start: number; end: number; strand: '+' | '-' } =>
  strand === '+' ? { start, end: stop + 3, strand } : { start: stop, end: start + 3, strand };
