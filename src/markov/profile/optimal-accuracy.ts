import type { StatePosterior } from './decoding.ts';
import type { LengthModel, SearchProfile } from './search-profile.ts';
import { backwardTrace, type ProfileTrace } from './trace.ts';

const none = Number.NEGATIVE_INFINITY;

/** The alignment with the largest expected number of correctly placed letters. */
export interface AccurateAlignment {
  readonly trace: Required<ProfileTrace>;
  /** That number. */
  readonly expected: number;
}

/** Tables of the best sums: three of [length + 1, nodes + 1], and five special states a row. */
interface Tables {
  width: number;
  match: Float32Array;
  insert: Float32Array;
  del: Float32Array;
  n: Float64Array;
  b: Float64Array;
  e: Float64Array;
  j: Float64Array;
  c: Float64Array;
}

/**
 * Maximum expected accuracy (Holmes and Durbin 1998; Käll et al. 2005) over the paths that the profile allows: every
 * letter counts as the posterior probability of its state.
 */
export function optimalAccuracy(
  profile: SearchProfile,
  posterior: StatePosterior,
  lengths: LengthModel,
): AccurateAlignment {
  const tables = fill(profile, posterior, lengths);
  const expected = tables.c[posterior.length]!;
  return { expected, trace: traceback(profile, posterior, lengths, tables) };
}

function fill(profile: SearchProfile, posterior: StatePosterior, { again }: LengthModel): Tables {
  const { length, nodes, flankN, flankJ, flankC } = posterior;
  const width = nodes + 1;
  const table = () => new Float32Array((length + 1) * width).fill(none);
  const special = () => new Float64Array(length + 1).fill(none);
  const t: Tables = {
    width,
    match: table(),
    insert: table(),
    del: table(),
    n: special(),
    b: special(),
    e: special(),
    j: special(),
    c: special(),
  };
  t.n[0] = t.b[0] = 0;
  for (let i = 1; i <= length; i++) {
    t.e[i] = fillRow(profile, posterior, t, i);
    t.n[i] = t.n[i - 1]! + flankN[i]!;
    t.j[i] = Math.max(t.j[i - 1]! + flankJ[i]!, again > 0 ? t.e[i]! : none);
    t.c[i] = Math.max(t.c[i - 1]! + flankC[i]!, t.e[i]!);
    t.b[i] = Math.max(t.n[i]!, t.j[i]!);
  }
  return t;
}

/** One letter; returns the best of all ends. */
function fillRow(profile: SearchProfile, { states }: StatePosterior, t: Tables, i: number): number {
  const { nodes, local, begin, mm, mi, md, im, ii, dm, dd } = profile;
  const { width, match, insert, del } = t;
  const [row, before] = [i * width, (i - 1) * width];
  const at = i * 2 * width;
  let best = none;
  for (let k = 1; k <= nodes; k++) {
    let arrived = begin[k]! > 0 ? t.b[i - 1]! : none;
    if (k > 1) {
      if (mm[k - 1]! > 0 && match[before + k - 1]! > arrived) arrived = match[before + k - 1]!;
      if (im[k - 1]! > 0 && insert[before + k - 1]! > arrived) arrived = insert[before + k - 1]!;
      if (dm[k - 1]! > 0 && del[before + k - 1]! > arrived) arrived = del[before + k - 1]!;
    }
    match[row + k] = arrived + states[at + k]!;
    let inserted = mi[k]! > 0 ? match[before + k]! : none;
    if (ii[k]! > 0 && insert[before + k]! > inserted) inserted = insert[before + k]!;
    insert[row + k] = inserted + states[at + width + k]!;
    let skipped = md[k - 1]! > 0 ? match[row + k - 1]! : none;
    if (dd[k - 1]! > 0 && del[row + k - 1]! > skipped) skipped = del[row + k - 1]!;
    del[row + k] = skipped;
    if (local || k === nodes) best = Math.max(best, match[row + k]!, skipped);
  }
  return best;
}

function traceback(
  profile: SearchProfile,
  { length, states, flankN, flankJ, flankC }: StatePosterior,
  { again }: LengthModel,
  t: Tables,
): Required<ProfileTrace> {
  const trace = backwardTrace();
  let i = length;
  while (i > 0 && t.c[i]! > t.e[i]!) {
    trace.add('C', 0, i, flankC[i]!);
    i--;
  }
  while (i > 0) {
    i = traceDomain(profile, states, t, i, trace);
    if (i > 0 && again > 0 && t.j[i]! > t.n[i]!) {
      while (t.j[i]! > t.e[i]!) {
        trace.add('J', 0, i, flankJ[i]!);
        i--;
      }
      continue;
    }
    for (; i > 0; i--) trace.add('N', 0, i, flankN[i]!);
  }
  return trace.finish();
}

/** From E at position i back to B; returns the position before the domain. */
function traceDomain(
  profile: SearchProfile,
  states: Float32Array,
  t: Tables,
  end: number,
  trace: ReturnType<typeof backwardTrace>,
): number {
  const { nodes, local, begin, mm, mi, md, im, dm } = profile;
  const { width, match, insert, del } = t;
  trace.add('E');
  let i = end;
  let k = nodes;
  if (local) for (k = 1; k < nodes && Math.max(match[i * width + k]!, del[i * width + k]!) !== t.e[i]!; ) k++;
  let state = match[i * width + k]! >= del[i * width + k]! ? 'M' : 'D';
  while (state !== 'B') {
    const before = (i - 1) * width;
    if (state === 'M') {
      trace.add('M', k, i, states[i * 2 * width + k]!);
      const options: [string, number][] = [
        ['M', k > 1 && mm[k - 1]! > 0 ? match[before + k - 1]! : none],
        ['I', k > 1 && im[k - 1]! > 0 ? insert[before + k - 1]! : none],
        ['D', k > 1 && dm[k - 1]! > 0 ? del[before + k - 1]! : none],
        ['B', begin[k]! > 0 ? t.b[i - 1]! : none],
      ];
      state = options.reduce((a, b) => (b[1] > a[1] ? b : a))[0];
      i--;
      k--;
    } else if (state === 'I') {
      trace.add('I', k, i, states[i * 2 * width + width + k]!);
      const fromMatch = mi[k]! > 0 ? match[before + k]! : none;
      state = fromMatch >= insert[before + k]! ? 'M' : 'I';
      i--;
    } else {
      trace.add('D', k);
      const fromMatch = md[k - 1]! > 0 ? match[i * width + k - 1]! : none;
      state = fromMatch >= del[i * width + k - 1]! ? 'M' : 'D';
      k--;
    }
  }
  trace.add('B');
  return i;
}
