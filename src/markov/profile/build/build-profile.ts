import { dataError } from '../../../core/errors.ts';
import { guessProfileAlphabet, type ProfileAlphabet } from '../alphabet.ts';
import { consensusOf, meanComposition, type ProfileHmm } from '../profile-hmm.ts';
import { calibrate } from './calibrate.ts';
import {
  alignmentChecksum,
  alignmentCodes,
  consensusColumns,
  markFragments,
  type ProfileAlignment,
  referenceColumns,
} from './columns.ts';
import { countAlignment } from './counts.ts';
import { effectiveNumber } from './effective-number.ts';
import { maxLength } from './max-length.ts';
import { estimateParameters } from './parameters.ts';
import { laplacePriors, type ProfilePriors, priorsFor } from './priors.ts';
import { positionBasedWeights, weightColumns } from './weights.ts';

/** How a profile is built; the defaults are HMMER's. */
export interface BuildOptions {
  name?: string;
  /** Default: told by the letters. */
  alphabet?: ProfileAlphabet;
  /** `symfrac`: columns where enough rows have a residue; `hand`: those that the reference line marks. */
  columns?: 'symfrac' | 'hand';
  symfrac?: number;
  /** Rows with at most this share of residues are fragments: their outer gaps are missing data. */
  fragment?: number;
  weights?: 'position' | 'none' | 'given';
  /** The effective number of sequences: by entropy, the number of rows, or a given one. */
  effective?: 'entropy' | 'rows' | number;
  /** Bits a match state should have, where `effective` is by entropy. */
  target?: number;
  priors?: 'published' | 'laplace' | ProfilePriors;
  /** Written into the file; nothing is written unless given, so that the same input gives the same bytes. */
  date?: string;
  seed?: number;
}

/**
 * Builds a calibrated profile from an alignment as HMMER3's hmmbuild does: match columns, position-based weights,
 * effective number of sequences by entropy, Dirichlet mixture priors, statistics by simulation.
 * Throws a data error for rows of unequal length, letters of no alphabet, and an alignment without match columns.
 * @example
 * buildProfile({ name: 'tiny', rows: [{ id: 'a', text: 'ACGT-ACGTA' }, { id: 'b', text: 'ACGTTACGTA' }] }).nodes
 */
export function buildProfile(alignment: ProfileAlignment, options: BuildOptions = {}): ProfileHmm {
  const { columns = 'symfrac', symfrac = 0.5, fragment = 0.5, effective = 'entropy' } = options;
  const alphabet = options.alphabet ?? alphabetOf(alignment);
  const codes = alignmentCodes(alignment, alphabet);
  const weights = rowWeights(alignment, codes, options);
  const marked = markFragments(codes, fragment);
  const assigned =
    columns === 'hand'
      ? referenceColumns(alignment, codes.columns)
      : consensusColumns(marked, weights, symfrac);
  const counts = countAlignment(marked, assigned, weights);
  const priors = priorsOf(options, alphabet);
  const rows = alignment.rows.length;
  const number = effectiveRows(effective, rows, () =>
    effectiveNumber(
      counts,
      rows,
      alphabet,
      priors,
      options.target === undefined ? {} : { target: options.target },
    ),
  );
  const parameters = estimateParameters(counts, priors, alphabet, number / rows);
  const profile: ProfileHmm = {
    name: options.name ?? alignment.name ?? 'profile',
    alphabet,
    nodes: counts.nodes,
    ...parameters,
    sequences: rows,
    effective: number,
    checksum: alignmentChecksum(codes),
  };
  annotate(profile, alignment, assigned, options);
  profile.statistics = calibrate(profile, { seed: options.seed ?? 42 });
  maskNodes(profile);
  if (alphabet.name === 'DNA' || alphabet.name === 'RNA') profile.maxLength = maxLength(profile);
  return profile;
}

function alphabetOf({ name = 'The alignment', rows }: ProfileAlignment): ProfileAlphabet {
  if (rows.length === 0) throw dataError(`${name} has no rows; expected aligned sequences.`);
  const guess = guessProfileAlphabet(rows.map(({ text }) => text));
  if (guess) return guess;
  throw dataError(
    `${name} could be of any alphabet: its letters are not clearly those of proteins, DNA or RNA. Name it with --alphabet, or give letters of your own with --letters.`,
  );
}

function rowWeights(
  alignment: ProfileAlignment,
  codes: ReturnType<typeof alignmentCodes>,
  { weights = 'position', symfrac = 0.5, fragment = 0.5 }: BuildOptions,
): Float64Array {
  const { rows } = alignment;
  if (weights === 'none') return new Float64Array(rows.length).fill(1);
  if (weights === 'given') {
    const given = Float64Array.from(rows, ({ weight }) => weight ?? 1);
    const total = given.reduce((sum, w) => sum + w, 0);
    return given.map((w) => (w * rows.length) / total);
  }
  const marked =
    alignment.reference !== undefined
      ? referenceColumns(alignment, codes.columns)
      : weightColumns(codes, { symfrac, fragment });
  return positionBasedWeights(codes, marked);
}

function priorsOf({ priors = 'published' }: BuildOptions, alphabet: ProfileAlphabet): ProfilePriors {
  if (priors === 'published') return priorsFor(alphabet);
  return priors === 'laplace' ? laplacePriors(alphabet) : priors;
}

function effectiveRows(
  effective: NonNullable<BuildOptions['effective']>,
  rows: number,
  byEntropy: () => number,
): number {
  if (effective === 'entropy') return byEntropy();
  return effective === 'rows' ? rows : effective;
}

function annotate(
  profile: ProfileHmm,
  alignment: ProfileAlignment,
  assigned: Uint8Array,
  { date }: BuildOptions,
): void {
  const { reference, mask, structure, accession, description, cutoffs } = alignment;
  const picked = [...assigned.keys()].filter((c) => assigned[c]);
  const pick = (line: string) => picked.map((c) => line[c] ?? '.').join('');
  profile.map = Int32Array.from([0, ...picked.map((c) => c + 1)]);
  profile.consensus = consensusOf(profile);
  profile.composition = meanComposition(profile);
  if (reference !== undefined) profile.reference = pick(reference);
  if (mask !== undefined) profile.mask = pick(mask);
  if (structure !== undefined) profile.structure = pick(structure);
  if (accession !== undefined) profile.accession = accession;
  if (description !== undefined) profile.description = description;
  if (cutoffs !== undefined) profile.cutoffs = cutoffs;
  if (date !== undefined) profile.date = date;
}

/** Masked nodes emit what the background does. */
function maskNodes({ mask, match, alphabet: { size, background } }: ProfileHmm): void {
  [...(mask ?? '')].forEach((letter, i) => {
    if (letter === 'm') match.set(background, (i + 1) * size);
  });
}
