import type { SearchProfile } from './search-profile.ts';
import type { ProfileTrace, TraceDomain } from './trace.ts';

/** A domain's alignment in lines of equal length, as HMMER shows it. */
export interface DomainAlignment {
  /** The consensus; dots where letters are inserted. */
  readonly model: string;
  /** The letter where both agree, + where the match scores above zero. */
  readonly agreement: string;
  /** Matched letters are upper case, inserted ones lower case, - is a deleted node. */
  readonly target: string;
  /** Posterior probability in tenths; * from 0.95 on, dots for deleted nodes. */
  readonly posterior: string;
  readonly reference?: string;
  readonly structure?: string;
}

/** `0` to `9` for tenths, `*` from 0.95 on. */
export const posteriorLetter = (p: number): string =>
  p + 0.05 >= 1 ? '*' : String(Math.max(0, Math.floor(p * 10 + 0.5)));

/** The alignment of one domain of a trace, from its first to its last match. */
export function domainAlignment(
  profile: SearchProfile,
  codes: Uint8Array,
  trace: ProfileTrace,
  { start, end }: TraceDomain,
): DomainAlignment {
  const { states } = trace;
  const first = states.indexOf('M', start);
  const last = states.lastIndexOf('M', end);
  const { reference, structure } = profile.profile;
  const lines = { model: '', agreement: '', target: '', posterior: '', reference: '', structure: '' };
  for (let at = first; at <= last; at++) {
    const k = trace.nodes[at]!;
    const inserted = states[at] === 'I';
    lines.reference += inserted ? '.' : (reference?.[k - 1] ?? '.');
    lines.structure += inserted ? '.' : (structure?.[k - 1] ?? '.');
    column(profile, codes, trace, at, lines);
  }
  const { reference: rf, structure: cs, ...shown } = lines;
  return {
    ...shown,
    ...(reference !== undefined && { reference: rf }),
    ...(structure !== undefined && { structure: cs }),
  };
}

function column(
  { profile, odds, alphabet: { symbols, codes: codeOf, name } }: SearchProfile,
  codes: Uint8Array,
  { states, nodes, positions, posteriors }: ProfileTrace,
  at: number,
  lines: { model: string; agreement: string; target: string; posterior: string },
): void {
  const k = nodes[at]!;
  const consensus = profile.consensus?.[k - 1] ?? 'x';
  if (states[at] === 'D') {
    lines.model += consensus;
    lines.agreement += ' ';
    lines.target += '-';
    lines.posterior += '.';
    return;
  }
  const code = codes[positions[at]! - 1]!;
  const letter = symbols[code]!;
  lines.posterior += posteriorLetter(posteriors?.[at] ?? 0);
  if (states[at] === 'I') {
    lines.model += '.';
    lines.agreement += ' ';
    lines.target += name === 'custom' ? letter : letter.toLowerCase();
    return;
  }
  lines.model += consensus;
  lines.target += name === 'custom' ? letter : letter.toUpperCase();
  if (codeOf[consensus.charCodeAt(0)] === code) lines.agreement += consensus;
  else lines.agreement += odds[code]![k]! > 1 ? '+' : ' ';
}
