import type { LengthModel, SearchProfile } from './search-profile.ts';

/** Natural logarithms of a search profile's numbers, for the recursions that take the best path. */
export interface LogProfile {
  readonly nodes: number;
  readonly local: boolean;
  readonly odds: readonly Float64Array[];
  readonly inserts: Float64Array;
  readonly begin: Float64Array;
  readonly mm: Float64Array;
  readonly mi: Float64Array;
  readonly md: Float64Array;
  readonly im: Float64Array;
  readonly ii: Float64Array;
  readonly dm: Float64Array;
  readonly dd: Float64Array;
}

const logs = (of: Float64Array) => of.map((p) => Math.log(p));

/** The logarithms of a profile, made once. */
export function logProfile(profile: SearchProfile): LogProfile {
  const { nodes, local } = profile;
  return {
    nodes,
    local,
    odds: profile.odds.map(logs),
    inserts: logs(profile.inserts),
    begin: logs(profile.begin),
    mm: logs(profile.mm),
    mi: logs(profile.mi),
    md: logs(profile.md),
    im: logs(profile.im),
    ii: logs(profile.ii),
    dm: logs(profile.dm),
    dd: logs(profile.dd),
  };
}

const none = Number.NEGATIVE_INFINITY;

/** The score of the best path in nats: Viterbi, the counterpart of `profileForward`. */
export function profileViterbi(profile: LogProfile, codes: Uint8Array, lengths: LengthModel): number {
  const { nodes, local, begin, mm, mi, md, im, ii, dm, dd } = profile;
  const special = specialScores(lengths);
  const match = new Float64Array(nodes + 1).fill(none);
  const insert = new Float64Array(nodes + 1).fill(none);
  const del = new Float64Array(nodes + 1).fill(none);
  for (let at = 0; at < codes.length; at++) {
    const odds = profile.odds[codes[at]!]!;
    const inserts = profile.inserts[codes[at]!]!;
    const b = special.begin();
    let [m, i, d, nowM, nowD, best] = [none, none, none, none, none, none];
    for (let k = 1; k <= nodes; k++) {
      const arrived = Math.max(m + mm[k - 1]!, i + im[k - 1]!, d + dm[k - 1]!, b + begin[k]!) + odds[k]!;
      const skipped = Math.max(nowM + md[k - 1]!, nowD + dd[k - 1]!);
      m = match[k]!;
      i = insert[k]!;
      d = del[k]!;
      match[k] = nowM = arrived;
      insert[k] = Math.max(m + mi[k]!, i + ii[k]!) + inserts;
      del[k] = nowD = skipped;
      if (local || k === nodes) best = Math.max(best, nowM, nowD);
    }
    special.advance(best);
  }
  return special.finish();
}

/** N, J and C along a sequence, where only the best path counts. */
function specialScores({ loop, move, again, end }: LengthModel) {
  const [logLoop, logMove, logAgain, logEnd] = [loop, move, again, end].map(Math.log) as [
    number,
    number,
    number,
    number,
  ];
  let [n, j, c] = [0, none, none];
  return {
    begin: () => Math.max(n, j) + logMove,
    advance(e: number) {
      n += logLoop;
      j = Math.max(j + logLoop, e + logAgain);
      c = Math.max(c + logLoop, e + logEnd);
    },
    finish: () => c + logMove,
  };
}

/**
 * The score of the best set of ungapped local alignments in nats: multiple segment Viterbi (Eddy 2011), where all
 * begins and ends are equally probable and a path never leaves the match states.
 */
export function multipleSegmentViterbi(
  { nodes, odds }: LogProfile,
  codes: Uint8Array,
  lengths: LengthModel,
): number {
  const special = specialScores(lengths);
  const begin = Math.log(2 / (nodes * (nodes + 1)));
  const match = new Float64Array(nodes + 1).fill(none);
  for (let at = 0; at < codes.length; at++) {
    const of = odds[codes[at]!]!;
    const b = special.begin() + begin;
    let [m, best] = [none, none];
    for (let k = 1; k <= nodes; k++) {
      const now = Math.max(m, b) + of[k]!;
      m = match[k]!;
      match[k] = now;
      if (now > best) best = now;
    }
    special.advance(best);
  }
  return special.finish();
}
