import { usageError } from '../../core/errors.ts';
import { type Compiled, compiled } from './compiled.ts';
import type { Hmm } from './model.ts';
import { type StatePath, tracedPath } from './state-path.ts';

const impossible = Number.NEGATIVE_INFINITY;

/** One of the best ways into a state: its score, and the state and rank it came from. */
interface Table {
  readonly score: Float64Array;
  readonly state: Int32Array;
  readonly rank: Int32Array;
}

/**
 * The `k` most likely paths, best first (list Viterbi: Seshadri and Sundberg 1994); fewer if there are no
 * more of them; none for a sequence of probability zero. Paths that differ in silent states only are
 * different paths. Needs memory for length × states × k ways; throws a usage error past 10⁸.
 * @example kBestPaths(model, dna.encode('ACGTTTACGA'), 3).map((path) => pathLetters(model, path))
 */
export function kBestPaths<O>(model: Hmm<O>, observations: O, k: number): StatePath[] {
  const c = compiled(model);
  const n = c.states;
  const length = model.emissions.length(observations);
  if (!Number.isInteger(k) || k < 1) throw usageError(`${k} best paths: expected a whole number from 1.`);
  if ((length + 1) * n * k > 1e8)
    throw usageError(
      `${k} best paths of ${length} positions through ${n} states need ${(length + 1) * n * k} entries; expected at most 10⁸. Ask for fewer, or cut the sequence.`,
    );
  const rows = Array.from({ length: length + 1 }, () => table(n * k));
  const into = merging(c, k);
  const emit = new Float64Array(c.groups);
  for (let s = c.emitting; s < n; s++) into(s, rows[0]!, rows[0]!, c.start[s]!);
  for (let t = 0; t < length; t++) {
    const [before, row] = [rows[t]!, rows[t + 1]!];
    model.emissions.fillLogs(observations, t, t + 1, emit);
    for (let s = 0; s < c.emitting; s++) {
      into(s, before, row, t === 0 ? c.start[s]! : 0);
      for (let r = 0; r < k; r++) row.score[s * k + r]! += emit[c.group[s]!]!;
    }
    for (let s = c.emitting; s < n; s++) into(s, row, row, 0);
  }
  if (length === 0 && !model.end) return [{ logProbability: 0, states: new Int32Array(0), silent: [] }];
  const last = rows[length]!;
  const ends = [...last.score.keys()]
    .map((i) => ({ i, log: last.score[i]! + Math.log(c.end[Math.floor(i / k)]!) }))
    .filter(({ log }) => log > impossible)
    .sort((a, b) => b.log - a.log || a.i - b.i)
    .slice(0, k);
  return ends.map(({ i, log }) => followed(c, rows, k, i, log));
}

const table = (size: number): Table => ({
  score: new Float64Array(size).fill(impossible),
  state: new Int32Array(size),
  rank: new Int32Array(size),
});

/** Fills the k best ways into a state from a row, the start among them where its probability is above zero. */
function merging({ into, states: n }: Compiled, k: number) {
  const logs = into.weight.map(Math.log);
  return (s: number, before: Table, row: Table, start: number) => {
    const at = s * k;
    let held = 0;
    const offer = (score: number, state: number, rank: number) => {
      if (score === impossible || (held === k && score <= row.score[at + k - 1]!)) return false;
      let i = held < k ? held++ : k - 1;
      for (; i > 0 && row.score[at + i - 1]! < score; i--) {
        row.score[at + i] = row.score[at + i - 1]!;
        row.state[at + i] = row.state[at + i - 1]!;
        row.rank[at + i] = row.rank[at + i - 1]!;
      }
      row.score[at + i] = score;
      row.state[at + i] = state;
      row.rank[at + i] = rank;
      return true;
    };
    if (start > 0) offer(Math.log(start), n, 0);
    for (let e = into.from[s]!; e < into.from[s + 1]!; e++) {
      const from = into.state[e]!;
      // A state's ways are sorted, so that the first refused one ends them.
      for (let r = 0; r < k; r++) if (!offer(logs[e]! + before.score[from * k + r]!, from, r)) break;
    }
  };
}

function followed(c: Compiled, rows: Table[], k: number, end: number, log: number): StatePath {
  const length = rows.length - 1;
  let rank = end % k;
  const step = (row: Table, s: number) => {
    const i = s * k + rank;
    rank = row.rank[i]!;
    return row.state[i]!;
  };
  const trace = tracedPath(c, length, Math.floor(end / k));
  trace.back(0, length, (r, s) => step(rows[r + 1]!, s));
  return trace.finish(log, (s) => step(rows[0]!, s));
}
