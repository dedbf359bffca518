import { statePosterior } from './decoding.ts';
import { posteriorLetter } from './domain-alignment.ts';
import { optimalAccuracy } from './optimal-accuracy.ts';
import { passesOf } from './passes.ts';
import type { ProfileHmm } from './profile-hmm.ts';
import type { TargetSequence } from './search.ts';
import { lengthModel, type SearchProfile, searchProfile } from './search-profile.ts';
import type { ProfileTrace } from './trace.ts';

/** Sequences aligned to a profile, one column a node and as many between nodes as the longest insert needs. */
export interface ProfileAlignedRows {
  readonly rows: readonly {
    readonly id: string;
    readonly description?: string;
    /** Upper case and - in the profile's columns, lower case and . between them. */
    readonly text: string;
    /** Posterior probability in tenths, * from 0.95 on; . where there is no letter. */
    readonly posterior: string;
  }[];
  /** `x` marks the profile's columns (Stockholm's RF). */
  readonly reference: string;
  /** The mean of the rows' posterior probabilities, in the profile's columns. */
  readonly posteriorConsensus: string;
}

/** What stands in a row: the letters between nodes, and that of every node. */
interface RowParts {
  readonly matched: (readonly [letter: string, posterior: number] | undefined)[];
  readonly inserted: [letter: string, posterior: number][][];
}

/**
 * Aligns sequences to a profile, each by its most accurate path with one domain (as HMMER's hmmalign). Letters outside of
 * the domain stand before the first and after the last node; `trim` leaves them out.
 * @example
 * alignToProfile(profile, [{ id: 'a', codes: encodeSequence('ACGT', profile.alphabet) }]).rows[0].text
 */
export function alignToProfile(
  profile: ProfileHmm,
  sequences: readonly TargetSequence[],
  { trim = false, mode = 'local' }: { trim?: boolean; mode?: 'local' | 'glocal' } = {},
): ProfileAlignedRows {
  const search = searchProfile(profile, { mode });
  const parts = sequences.map(({ codes }) => rowParts(search, codes, trim));
  const gaps = Array.from({ length: profile.nodes + 1 }, (_, k) =>
    parts.reduce((most, { inserted }) => Math.max(most, inserted[k]!.length), 0),
  );
  const sums: number[] = [];
  const counts: number[] = [];
  const rows = sequences.map(({ id, description }, i) => {
    const cells = [...rowCells(parts[i]!, gaps)];
    cells.forEach(([, p], c) => {
      sums[c] = (sums[c] ?? 0) + (p ?? 0);
      counts[c] = (counts[c] ?? 0) + (p === undefined ? 0 : 1);
    });
    const text = cells.map(([letter]) => letter).join('');
    const posterior = cells.map(([, p]) => (p === undefined ? '.' : posteriorLetter(p))).join('');
    return { id, ...(description && { description }), text, posterior };
  });
  const reference = gaps.map((n, k) => (k > 0 ? 'x' : '') + '.'.repeat(n)).join('');
  const mean = (c: number) =>
    reference[c] === 'x' && counts[c]! > 0 ? posteriorLetter(sums[c]! / counts[c]!) : '.';
  return { rows, reference, posteriorConsensus: sums.map((_, c) => mean(c)).join('') };
}

function rowParts(search: SearchProfile, codes: Uint8Array, trim: boolean): RowParts {
  const { nodes, alphabet } = search;
  const parts: RowParts = {
    matched: new Array(nodes + 1).fill(undefined),
    inserted: Array.from({ length: nodes + 1 }, () => []),
  };
  const { states, nodes: at, positions, posteriors } = mostAccurate(search, codes);
  const letter = (i: number) => alphabet.symbols[codes[positions[i]! - 1]!]!;
  const lower = (text: string) => (alphabet.name === 'custom' ? text : text.toLowerCase());
  states.forEach((state, i) => {
    if (state === 'M') parts.matched[at[i]!] = [letter(i), posteriors[i]!];
    if (state === 'I') parts.inserted[at[i]!]!.push([lower(letter(i)), posteriors[i]!]);
    if (state === 'N' && !trim) parts.inserted[0]!.push([lower(letter(i)), posteriors[i]!]);
    if (state === 'C' && !trim) parts.inserted[nodes]!.push([lower(letter(i)), posteriors[i]!]);
  });
  return parts;
}

function mostAccurate(search: SearchProfile, codes: Uint8Array): Required<ProfileTrace> {
  const lengths = lengthModel(codes.length, { multihit: false });
  const forward = passesOf(search).forward(codes, lengths, { rows: true });
  if (!Number.isFinite(forward.score)) {
    // No path has this sequence: all of it is outside.
    const all = Array.from(codes, (_, i) => i + 1);
    return {
      states: all.map(() => 'N'),
      nodes: all.map(() => 0),
      positions: all,
      posteriors: all.map(() => 1),
    };
  }
  const backward = passesOf(search).backward(codes, lengths, forward, { rows: true });
  return optimalAccuracy(search, statePosterior(forward, backward, lengths, search.nodes), lengths).trace;
}

/** The cells of a row: inserts begin at the left half and end at the right one; those before the first node, right. */
function* rowCells(
  { matched, inserted }: RowParts,
  gaps: readonly number[],
): Generator<readonly [letter: string, posterior?: number]> {
  for (const [k, width] of gaps.entries()) {
    if (k > 0) yield matched[k] ?? ['-'];
    const letters = inserted[k]!;
    const last = k === gaps.length - 1;
    const left = k === 0 ? 0 : last ? letters.length : Math.ceil(letters.length / 2);
    yield* letters.slice(0, left);
    for (let n = letters.length; n < width; n++) yield ['.'];
    yield* letters.slice(left);
  }
}
