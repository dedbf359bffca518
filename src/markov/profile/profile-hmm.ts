import type { ProfileAlphabet } from './alphabet.ts';

/** Where the probabilities of a node's transitions stand in its row of seven. */
export const MM = 0;
export const MI = 1;
export const MD = 2;
export const IM = 3;
export const II = 4;
export const DM = 5;
export const DD = 6;

/** Location and slope of a score's tail: scores are in bits. */
export interface Tail {
  location: number;
  lambda: number;
}

/** How scores of random sequences are distributed: Gumbel for MSV and Viterbi, exponential tail for Forward. */
export interface ProfileStatistics {
  msv: Tail;
  viterbi: Tail;
  forward: Tail;
}

/** Trusted, gathering and noise cutoffs: bits of the sequence and of a domain. */
export type Cutoffs = Partial<Record<'GA' | 'TC' | 'NC', readonly [sequence: number, domain: number]>>;

/**
 * A profile HMM of the Plan7 architecture (Eddy 1998, 2011): nodes 1 … `nodes`, each with a match, an insert and a
 * delete state; node 0 begins. Probabilities, not logarithms.
 */
export interface ProfileHmm {
  name: string;
  accession?: string;
  description?: string;
  alphabet: ProfileAlphabet;
  nodes: number;
  /** Row-major [nodes + 1, letters]; row 0 is not used. */
  match: Float64Array;
  /** Row-major [nodes + 1, letters]. */
  insert: Float64Array;
  /**
   * Row-major [nodes + 1, 7]: match to match, insert, delete; insert to match, insert; delete to match, delete. From
   * node 0 the first three are where a path begins; the last node's "match" is the end.
   */
  transitions: Float64Array;
  /** Mean letter frequencies along a path; of the bias filter. */
  composition?: Float64Array;
  /** Column of the alignment (from 1) of every node, [nodes + 1]. */
  map?: Int32Array;
  /** One letter a node: the most probable one, the reference line, the mask, the structure. */
  consensus?: string;
  reference?: string;
  mask?: string;
  structure?: string;
  /** How many sequences the profile was built from, and how many independent ones that is worth. */
  sequences?: number;
  effective?: number;
  /** Of the alignment that the profile was built from. */
  checksum?: number;
  /** Nearly all sequences that the profile emits are at most this long. */
  maxLength?: number;
  cutoffs?: Cutoffs;
  statistics?: ProfileStatistics;
  date?: string;
  /** What the file's first line says of the program that wrote it. */
  writer?: string;
  /** Other lines of the file's header, as they stood. */
  otherLines?: readonly string[];
}

/** The probability that a path uses the match state of every node, [nodes + 1]. */
export function matchOccupancy({ nodes, transitions: t }: ProfileHmm): Float64Array {
  const occupancy = new Float64Array(nodes + 1);
  if (nodes > 0) occupancy[1] = t[MI]! + t[MM]!;
  for (let k = 2; k <= nodes; k++) {
    const from = (k - 1) * 7;
    occupancy[k] =
      occupancy[k - 1]! * (t[from + MM]! + t[from + MI]!) + (1 - occupancy[k - 1]!) * t[from + DM]!;
  }
  return occupancy;
}

/** Mean letter frequencies along a path, matches and inserts, summing to one. */
export function meanComposition(profile: ProfileHmm): Float64Array {
  const { nodes, transitions: t, match, insert, alphabet } = profile;
  const { size } = alphabet;
  const out = new Float64Array(size);
  const occupancy = matchOccupancy(profile);
  occupancy[0] = 1;
  for (let k = 0; k <= nodes; k++) {
    const inserted = (occupancy[k]! * t[k * 7 + MI]!) / t[k * 7 + IM]!;
    for (let x = 0; x < size; x++) {
      if (k > 0) out[x]! += occupancy[k]! * match[k * size + x]!;
      out[x]! += inserted * insert[k * size + x]!;
    }
  }
  const total = out.reduce((sum, p) => sum + p, 0);
  return out.map((p) => p / total);
}

/** Mean relative entropy of the match states to the background, in bits. */
export function meanRelativeEntropy({ nodes, match, alphabet: { size, background } }: ProfileHmm): number {
  let sum = 0;
  for (let k = 1; k <= nodes; k++)
    for (let x = 0; x < size; x++) {
      const p = match[k * size + x]!;
      if (p > 0) sum += p * Math.log2(p / background[x]!);
    }
  return sum / nodes;
}

/**
 * The most probable letter of every node: upper case from 0.5 on (0.9 for nucleotides), else lower case. Letters of a
 * user's own keep their case, which may tell them apart.
 */
export function consensusOf({ nodes, match, alphabet: { size, letters, name } }: ProfileHmm): string {
  const sure = name === 'DNA' || name === 'RNA' ? 0.9 : 0.5;
  let text = '';
  for (let k = 1; k <= nodes; k++) {
    const row = match.subarray(k * size, (k + 1) * size);
    const best = row.indexOf(Math.max(...row));
    const letter = letters[best]!;
    if (name === 'custom') text += letter;
    else text += row[best]! >= sure ? letter.toUpperCase() : letter.toLowerCase();
  }
  return text;
}
