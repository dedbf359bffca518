import { dataError } from '../../../core/errors.ts';
import { DD, DM, II, IM, MD, MI, MM } from '../profile-hmm.ts';
import { type AlignmentCodes, isGapCode, isResidue } from './columns.ts';

/** What the rows of an alignment used of a profile, weighted; laid out as a `ProfileHmm`. */
export interface ProfileCounts {
  readonly nodes: number;
  readonly match: Float64Array;
  readonly insert: Float64Array;
  readonly transitions: Float64Array;
}

/** One state of a row's path: X is missing data. */
interface Step {
  state: 'B' | 'M' | 'I' | 'D' | 'E' | 'X';
  node: number;
  code: number;
}

/** Counts the paths that the rows of an alignment take, given which columns are those of the profile. */
export function countAlignment(
  codes: AlignmentCodes,
  assigned: Uint8Array,
  weights: ArrayLike<number>,
): ProfileCounts {
  const { size } = codes.alphabet;
  const nodes = assigned.reduce((sum, marked) => sum + marked, 0);
  if (nodes === 0)
    throw dataError(
      'No column of the alignment has residues in enough rows for a profile. Lower --symfrac, or mark columns with a reference line and --hand.',
    );
  const counts: ProfileCounts = {
    nodes,
    match: new Float64Array((nodes + 1) * size),
    insert: new Float64Array((nodes + 1) * size),
    transitions: new Float64Array((nodes + 1) * 7),
  };
  codes.rows.forEach((row, i) => {
    const path = withoutDirectSwitches(rowPath(codes, row, assigned, nodes));
    countPath(counts, path, weights[i]!, codes);
  });
  return counts;
}

function rowPath({ alphabet }: AlignmentCodes, row: Uint8Array, assigned: Uint8Array, nodes: number): Step[] {
  const path: Step[] = [{ state: 'B', node: 0, code: 0 }];
  let node = 0;
  row.forEach((code, c) => {
    if (assigned[c]) node++;
    if (isResidue(alphabet, code)) path.push({ state: assigned[c] ? 'M' : 'I', node, code });
    else if (isGapCode(alphabet, code)) {
      if (assigned[c]) path.push({ state: 'D', node, code });
    } else if (path.at(-1)!.state !== 'X') path.push({ state: 'X', node, code });
  });
  path.push({ state: 'E', node: nodes + 1, code: 0 });
  return path;
}

/** A delete next to an insert is one match: Plan7 has no transitions between the two. */
function withoutDirectSwitches(path: readonly Step[]): Step[] {
  const out: Step[] = [];
  for (let at = 0; at < path.length; at++) {
    const [one, other] = [path[at]!, path[at + 1]];
    const switches = (a: string, b: string) => one.state === a && other?.state === b;
    if (switches('D', 'I') || switches('I', 'D')) {
      const [del, insert] = one.state === 'D' ? [one, other!] : [other!, one];
      out.push({ state: 'M', node: del.node, code: insert.code });
      at++;
    } else out.push(one);
  }
  return out;
}

const transitionOf: Record<string, number> = {
  BM: MM,
  BI: MI,
  BD: MD,
  MM,
  MI,
  MD,
  ME: MM,
  IM,
  II,
  IE: IM,
  DM,
  DD,
  DE: DM,
};

function countPath(
  { match, insert, transitions }: ProfileCounts,
  path: readonly Step[],
  weight: number,
  { alphabet: { members, size } }: AlignmentCodes,
): void {
  path.forEach(({ state, node, code }, at) => {
    const next = path[at + 1];
    // As in HMMER, whose profiles these are to equal, the letter before missing data is not counted either.
    if (next?.state === 'X') return;
    if (state === 'M' || state === 'I') {
      const into = state === 'M' ? match : insert;
      // A letter that stands for several counts for each of them in part.
      for (const x of members[code]!) into[node * size + x]! += weight / members[code]!.length;
    }
    const transition = next && transitionOf[state + next.state];
    if (transition !== undefined) transitions[node * 7 + transition]! += weight;
  });
}
