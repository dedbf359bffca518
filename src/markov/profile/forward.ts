import type { LengthModel, SearchProfile } from './search-profile.ts';

/** Where the special states stand in a row of five. */
export const N = 0;
export const B = 1;
export const E = 2;
export const J = 3;
export const C = 4;

/**
 * What Forward or Backward left. Row i (0 … length) of `specials` has N, B, E, J, C; what is in it is scaled: Forward's
 * row i by the product of 1 / scales[0 … i], Backward's by that of 1 / scales[i + 1 … length].
 */
export interface ProfilePass {
  /** ln of the odds of the sequence, in nats. */
  readonly score: number;
  readonly length: number;
  readonly specials: Float64Array;
  readonly scales: Float64Array;
  /** Row-major [length + 1, 3, nodes + 1]: match, insert, delete; if they were asked for. */
  readonly rows?: Float32Array;
}

/** Rows are scaled once the sum over a row's domain ends passes this. */
const large = 1e12;

/**
 * Forward: the odds that the profile rather than the null model emitted the codes, summed over all paths. Scaled
 * arithmetic, so that nothing overflows; time O(length · nodes).
 * `rows` keeps all rows for traceback and decoding.
 */
export function profileForward(
  profile: SearchProfile,
  codes: Uint8Array,
  lengths: LengthModel,
  { rows = false } = {},
): ProfilePass {
  const { nodes, local } = profile;
  const { loop, move, again, end } = lengths;
  const length = codes.length;
  const width = nodes + 1;
  const specials = new Float64Array(5 * (length + 1));
  const scales = new Float64Array(length + 1).fill(1);
  const kept = rows ? new Float32Array((length + 1) * 3 * width) : undefined;
  const row = new Float64Array(3 * width);
  specials[N] = 1;
  specials[B] = move;
  let logScale = 0;
  for (let i = 1; i <= length; i++) {
    const at = 5 * i;
    const e = forwardRow(profile, codes[i - 1]!, row, specials[at - 5 + B]!);
    specials[at + E] = local ? e : row[nodes]! + row[2 * width + nodes]!;
    specials[at + J] = specials[at - 5 + J]! * loop + specials[at + E]! * again;
    specials[at + C] = specials[at - 5 + C]! * loop + specials[at + E]! * end;
    specials[at + N] = specials[at - 5 + N]! * loop;
    specials[at + B] = (specials[at + N]! + specials[at + J]!) * move;
    if (e > large) {
      scales[i] = e;
      logScale += Math.log(e);
      for (let s = at; s < at + 5; s++) specials[s]! /= e;
      for (let j = 0; j < row.length; j++) row[j]! /= e;
    }
    kept?.set(row, i * 3 * width);
  }
  const score = Math.log(specials[5 * length + C]! * move) + logScale;
  return { score, length, specials, scales, ...(kept && { rows: kept }) };
}

/** One letter; `row` has match, insert and delete of the letter before and gets those of this one. */
function forwardRow(profile: SearchProfile, code: number, row: Float64Array, begun: number): number {
  const { nodes, begin, mm, mi, md, im, ii, dm, dd } = profile;
  const odds = profile.odds[code]!;
  const insert = profile.inserts[code]!;
  const width = nodes + 1;
  let [m, i, d] = [0, 0, 0];
  let [nowM, nowD, ends] = [0, 0, 0];
  for (let k = 1; k <= nodes; k++) {
    const arrived = m * mm[k - 1]! + i * im[k - 1]! + d * dm[k - 1]! + begun * begin[k]!;
    const del = nowM * md[k - 1]! + nowD * dd[k - 1]!;
    m = row[k]!;
    i = row[width + k]!;
    d = row[2 * width + k]!;
    nowM = arrived * odds[k]!;
    nowD = del;
    row[k] = nowM;
    row[width + k] = (m * mi[k]! + i * ii[k]!) * insert;
    row[2 * width + k] = nowD;
    ends += nowM + nowD;
  }
  return ends;
}

/**
 * Backward, with the scales of a Forward pass over the same codes: its row i is what all continuations after
 * letter i contribute. Its score is Forward's, but for rounding.
 */
export function profileBackward(
  profile: SearchProfile,
  codes: Uint8Array,
  lengths: LengthModel,
  forward: ProfilePass,
  { rows = false } = {},
): ProfilePass {
  const { nodes } = profile;
  const { loop, move, again, end } = lengths;
  const { scales } = forward;
  const length = codes.length;
  const width = nodes + 1;
  const specials = new Float64Array(5 * (length + 1));
  const kept = rows ? new Float32Array((length + 1) * 3 * width) : undefined;
  const row = new Float64Array(3 * (width + 1));
  let logScale = 0;
  for (let i = length; i >= 0; i--) {
    const at = 5 * i;
    const last = i === length;
    const code = last ? -1 : codes[i]!;
    const inverse = last ? 0 : 1 / scales[i + 1]!;
    if (!last && inverse !== 1) {
      logScale += Math.log(scales[i + 1]!);
      for (let j = 0; j < row.length; j++) row[j]! *= inverse;
    }
    specials[at + B] = last ? 0 : beginnings(profile, code, row);
    const begun = specials[at + B]! * move;
    const onward = last ? 0 : loop * inverse;
    specials[at + C] = last ? move : specials[at + 5 + C]! * onward;
    specials[at + J] = (last ? 0 : specials[at + 5 + J]! * onward) + begun;
    specials[at + N] = (last ? 0 : specials[at + 5 + N]! * onward) + begun;
    specials[at + E] = specials[at + C]! * end + specials[at + J]! * again;
    if (i > 0) {
      backwardRow(profile, code, row, specials[at + E]!);
      if (kept)
        for (let s = 0; s < 3; s++)
          kept.set(row.subarray(s * (width + 1), s * (width + 1) + width), (i * 3 + s) * width);
    }
  }
  return {
    score: Math.log(specials[N]!) + logScale,
    length,
    specials,
    scales,
    ...(kept && { rows: kept }),
  };
}

/** What begins before the letter of `code`: the sum over match states, whose rows are of after it. */
function beginnings({ nodes, begin, odds }: SearchProfile, code: number, row: Float64Array): number {
  const of = odds[code]!;
  let sum = 0;
  for (let k = 1; k <= nodes; k++) sum += begin[k]! * of[k]! * row[k]!;
  return sum;
}

/** One letter back; `row` has three runs of nodes + 2, of which the last entry stays zero. */
function backwardRow(profile: SearchProfile, code: number, row: Float64Array, ends: number): void {
  const { nodes, local, mm, mi, md, im, ii, dm, dd } = profile;
  const last = code < 0;
  const odds = last ? null : profile.odds[code]!;
  const insert = last ? 0 : profile.inserts[code]!;
  const [inserts, deletes] = [nodes + 2, 2 * (nodes + 2)];
  let next = 0;
  let del = 0;
  for (let k = nodes; k >= 1; k--) {
    const exit = local || k === nodes ? ends : 0;
    const i = row[inserts + k]! * insert;
    const m = exit + next * mm[k]! + i * mi[k]! + del * md[k]!;
    const d = exit + next * dm[k]! + del * dd[k]!;
    row[inserts + k] = next * im[k]! + i * ii[k]!;
    row[deletes + k] = d;
    next = odds ? row[k]! * odds[k]! : 0;
    row[k] = m;
    del = d;
  }
}
