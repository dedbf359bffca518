import { dataError, usageError } from '../../core/errors.ts';
import { logAdd } from '../hmm/plain.ts';

/**
 * A pair HMM: a match state that emits a pair of tokens, and two gap states, each of which emits a token of one
 * sequence only; affine gaps; no gap directly after one in the other sequence (Durbin et al. 1998, chapter 4).
 */
export interface PairHmm {
  /** ln P(a, b | match), [vocabulary, vocabulary]. */
  readonly match: Float64Array;
  /** ln P(a | gap or flank), [vocabulary]. */
  readonly background: Float64Array;
  readonly vocabulary: number;
  /** P(match → gap) for each of the two gap states. */
  readonly open: number;
  /** P(gap → the same gap). */
  readonly extend: number;
  /** P(the alignment ends), from every state. */
  readonly end: number;
  /** Local alignment: P(a flank ends) for each of the four unaligned flanks. Null: global, no flanks. */
  readonly flank: number | null;
}

export interface PairHmmDefinition {
  /** P(a, b), a row per token, of sum one over all. */
  match: readonly (readonly number[])[];
  /** P(a); by default the row sums of `match`. */
  background?: readonly number[];
  open: number;
  extend: number;
  end: number;
  /** Makes alignments local: unaligned ends of geometric length, each of mean 1/flank − 1. */
  flank?: number;
}

/** Throws a usage error for probabilities that are none or leave nothing for a match. */
export function pairHmm({ match, background, open, extend, end, flank }: PairHmmDefinition): PairHmm {
  const n = match.length;
  const joint = match.flat();
  const single = background ?? match.map((row) => row.reduce((a, b) => a + b, 0));
  const sum = (values: readonly number[]) => values.reduce((a, p) => a + (p >= 0 ? p : Number.NaN), 0);
  if (n === 0 || joint.length !== n * n || single.length !== n)
    throw usageError(
      `Match probabilities of ${n} rows, ${joint.length} in all, and ${single.length} of background; expected n × n and n.`,
    );
  if (!(Math.abs(sum(joint) - 1) < 1e-6 && Math.abs(sum(single) - 1) < 1e-6))
    throw usageError(
      `Match and background probabilities sum to ${sum(joint)} and ${sum(single)}; expected 1 each.`,
    );
  if (!(open >= 0 && extend >= 0 && end > 0 && 2 * open + end <= 1 && extend + end <= 1))
    throw usageError(
      `open ${open}, extend ${extend}, end ${end}: expected 2·open + end and extend + end at most 1, and an end above 0.`,
    );
  if (flank !== undefined && !(flank > 0 && flank <= 1))
    throw usageError(`A flank of ${flank}; expected above 0 and at most 1.`);
  return {
    match: Float64Array.from(joint, Math.log),
    background: Float64Array.from(single, Math.log),
    vocabulary: n,
    open,
    extend,
    end,
    flank: flank ?? null,
  };
}

/** An alignment, column by column. */
export interface PairAlignment {
  /** ln P(both sequences and this alignment). */
  logProbability: number;
  /** Index into the first sequence at each column, −1 for a gap. */
  x: Int32Array;
  /** Index into the second sequence at each column, −1 for a gap. */
  y: Int32Array;
}

type Combine = (a: number, b: number) => number;

/** ln P(x, y): the sum over all alignments (Forward). −Infinity where none is possible. O(length × length). */
export function pairForward(model: PairHmm, x: ArrayLike<number>, y: ArrayLike<number>): number {
  return fill(model, x, y, logAdd).total;
}

/**
 * The most likely alignment (Viterbi); a match is preferred among equals. For a local model it covers the
 * aligned part only, whose place the indices tell. Throws a data error where no alignment is possible.
 * @example pairViterbi(model, dna.encode('ACGTTTACGA'), dna.encode('ACGTACGA')).y // [0, 1, 2, 3, -1, -1, 4, …]
 */
export function pairViterbi(model: PairHmm, x: ArrayLike<number>, y: ArrayLike<number>): PairAlignment {
  const dp = fill(model, x, y, Math.max);
  if (dp.total === Number.NEGATIVE_INFINITY)
    throw dataError(
      'No alignment of the two sequences is possible: some token or step has probability zero.',
    );
  let [i, j, state] = dp.last();
  const columns: [number, number][] = [];
  // State 3 is the begin: nothing is aligned before it.
  while (state !== 3) {
    const before = dp.before(state, i, j);
    if (state !== 2) i--;
    if (state !== 1) j--;
    columns.push([state === 2 ? -1 : i, state === 1 ? -1 : j]);
    state = before;
  }
  columns.reverse();
  return {
    logProbability: dp.total,
    x: Int32Array.from(columns, ([a]) => a),
    y: Int32Array.from(columns, ([, b]) => b),
  };
}

/** Cells of the table that is kept: 3 states, 8 bytes. */
const mostCells = 5e7;

/** ln P of the unaligned ends: before index i and from index i on; for a global model only the very ends. */
function flanks({ background, flank }: PairHmm, tokens: ArrayLike<number>) {
  const n = tokens.length;
  const before = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY);
  const after = before.slice();
  before[0] = after[n] = flank === null ? 0 : Math.log(flank);
  if (flank === null) return { before, after };
  const stay = Math.log1p(-flank);
  for (let i = 0; i < n; i++) before[i + 1] = before[i]! + stay + background[tokens[i]!]!;
  for (let i = n - 1; i >= 0; i--) after[i] = after[i + 1]! + stay + background[tokens[i]!]!;
  return { before, after };
}

function fill(model: PairHmm, x: ArrayLike<number>, y: ArrayLike<number>, combine: Combine) {
  const { match, background, vocabulary, open, extend, end } = model;
  const [n, m] = [x.length, y.length];
  for (const tokens of [x, y]) checkTokens(tokens, vocabulary);
  const width = m + 1;
  const cells = (n + 1) * width;
  if (cells > mostCells)
    throw usageError(
      `An alignment of ${n} × ${m} tokens needs ${cells} cells; expected at most ${mostCells}. Cut the sequences.`,
    );
  const [fx, fy] = [flanks(model, x), flanks(model, y)];
  const stay = Math.log(1 - 2 * open - end);
  const close = Math.log(1 - extend - end);
  const [opened, extended, ended] = [Math.log(open), Math.log(extend), Math.log(end)];
  const M = new Float64Array(cells).fill(Number.NEGATIVE_INFINITY);
  const X = M.slice();
  const Y = M.slice();
  const begin = (i: number, j: number) => fx.before[i]! + fy.before[j]!;
  /** Where the core may be left off to reach a match: a begin counts as a match that emitted nothing. */
  const toMatch = (c: number, i: number, j: number) =>
    combine(stay + combine(M[c]!, begin(i, j)), close + combine(X[c]!, Y[c]!));
  const toGap = (G: Float64Array, c: number, i: number, j: number) =>
    combine(opened + combine(M[c]!, begin(i, j)), extended + G[c]!);
  const leave = (c: number, i: number, j: number) =>
    ended + combine(combine(M[c]!, begin(i, j)), combine(X[c]!, Y[c]!)) + fx.after[i]! + fy.after[j]!;
  let total = Number.NEGATIVE_INFINITY;
  for (let i = 0, c = 0; i <= n; i++)
    for (let j = 0; j <= m; j++, c++) {
      if (i > 0 && j > 0)
        M[c] = match[x[i - 1]! * vocabulary + y[j - 1]!]! + toMatch(c - width - 1, i - 1, j - 1);
      if (i > 0) X[c] = background[x[i - 1]!]! + toGap(X, c - width, i - 1, j);
      if (j > 0) Y[c] = background[y[j - 1]!]! + toGap(Y, c - 1, i, j - 1);
      total = combine(total, leave(c, i, j));
    }
  /** The best of: match, gap in y, gap in x, begin; numbered 0 to 3. */
  const best = (c: number, i: number, j: number, match: number, gapX: number, gapY: number) => {
    const values = [match + M[c]!, gapX + X[c]!, gapY + Y[c]!, match + begin(i, j)];
    return values.indexOf(Math.max(...values));
  };
  const none = Number.NEGATIVE_INFINITY;
  return {
    total,
    last(): [number, number, number] {
      for (let i = n; i >= 0; i--)
        for (let j = m; j >= 0; j--)
          if (leave(i * width + j, i, j) === total) return [i, j, best(i * width + j, i, j, 0, 0, 0)];
      throw new Error('the best alignment has no end');
    },
    before(state: number, i: number, j: number): number {
      if (state === 0) return best((i - 1) * width + j - 1, i - 1, j - 1, stay, close, close);
      if (state === 1) return best((i - 1) * width + j, i - 1, j, opened, extended, none);
      return best(i * width + j - 1, i, j - 1, opened, none, extended);
    },
  };
}

function checkTokens(tokens: ArrayLike<number>, vocabulary: number): void {
  for (let i = 0; i < tokens.length; i++)
    if (!(tokens[i]! >= 0 && tokens[i]! < vocabulary))
      throw dataError(
        `Token ${tokens[i]} at position ${i + 1} is outside the vocabulary of ${vocabulary} of the pair HMM.`,
      );
}
