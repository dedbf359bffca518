import type { Compiled } from '../compiled.ts';
import type { EmissionStatistics } from '../emissions/emissions.ts';
import { type LogSum, logSumValue, multiply } from '../forward-block.ts';
import type { Hmm } from '../model.ts';
import { firstRow } from './forward-words.ts';
import { type WordTables, wordReader, wordSpan, wordTables } from './tables.ts';
import { type WordCounts, wordCounts } from './word-counts.ts';
import { type WordSteps, wordSteps } from './word-steps.ts';

/** What expected counts are added to; see `HmmCounts`. */
interface Counts {
  readonly start: Float64Array;
  readonly edges: Float64Array;
  readonly end: Float64Array;
  readonly emissions: EmissionStatistics<ArrayLike<number>>;
}

/**
 * Adds the expected counts of one sequence by steps over whole words, and returns ln P(observations): how often each word led from each
 * state to each is summed up first, and only then, once for each kind of word, divided among the transitions within it. Null, and nothing
 * added, where words do not pay or do not apply, or the sequence looks impossible.
 */
export function addExpectedWords(
  model: Hmm<ArrayLike<number>>,
  c: Compiled,
  observations: ArrayLike<number>,
  counts: Counts,
): number | null {
  const span = wordSpan(model, c, observations.length);
  if (span < 2) return null;
  const tables = wordTables(model, c, span, 'sum');
  const steps = wordSteps(tables, 'sum');
  const back = wordCounts(tables);
  const passed = steps && back && forwardThrough(model, c, observations, tables, steps);
  if (!passed) return null;
  const { last, end } = passed;
  const first = backwardThrough(c, observations, { tables, steps, back, pieces: passed.pieces });
  if (!first) return null;
  const { vocabulary } = tables;
  const weights = new Float64Array(vocabulary * c.groups);
  for (let s = 0; s < c.states; s++) {
    counts.start[c.user[s]!]! += first[s]!;
    const token = observations[0]!;
    if (token >= 0 && token < vocabulary) weights[token * c.groups + c.group[s]!]! += first[s]!;
    if (model.end) counts.end[c.user[s]!]! += (last[s]! * c.end[s]!) / end;
  }
  divideAmong(c, tables, back, { weights, edges: counts.edges });
  counts.emissions.add(
    Int32Array.from({ length: vocabulary }, (_, w) => w),
    0,
    vocabulary,
    weights,
  );
  return passed.logLikelihood;
}

/** Where a run of words begins, and the forward row before it. */
interface Piece {
  readonly from: number;
  readonly row: Float64Array;
}

function forwardThrough(
  model: Hmm<ArrayLike<number>>,
  c: Compiled,
  observations: ArrayLike<number>,
  tables: WordTables,
  steps: WordSteps,
) {
  const sum: LogSum = { log: 0, product: 1 };
  let row = firstRow(model, c, observations, sum);
  if (!row) return null;
  const reader = wordReader(observations, tables, steps.most);
  const pieces: Piece[] = [];
  for (let t = 1; t < observations.length; ) {
    pieces.push({ from: t, row });
    const { count, next } = reader.read(t);
    steps.rows.set(row);
    steps.run(reader.words, count);
    for (let i = 0; i < count; i++) {
      const total = steps.totals[i]!;
      if (!(total > 0)) return null;
      multiply(sum, total);
    }
    row = rowAt(steps, count, c.states, steps.totals[count - 1]!);
    t = next;
  }
  const end = row.reduce((total, x, s) => total + x * c.end[s]!, 0);
  return end > 0 ? { pieces, last: row, end, logLikelihood: logSumValue(sum) + Math.log(end) } : null;
}

const rowAt = ({ rows, stride }: Pick<WordSteps, 'rows' | 'stride'>, at: number, n: number, total: number) =>
  rows.slice(at * stride, at * stride + n).map((x) => x / total);

/** Counts words, last to first; returns the posterior of the states of the first position. */
function backwardThrough(
  c: Compiled,
  observations: ArrayLike<number>,
  {
    tables,
    steps,
    back,
    pieces,
  }: { tables: WordTables; steps: WordSteps; back: WordCounts; pieces: readonly Piece[] },
): Float64Array | null {
  const { states: n } = c;
  const { stride } = back;
  const reader = wordReader(observations, tables, steps.most);
  back.clear();
  const ends = c.end.reduce((a, b) => a + b, 0);
  let beta = c.end.map((p) => p / ends);
  for (const { from, row } of pieces.toReversed()) {
    const { count } = reader.read(from);
    steps.rows.set(row);
    steps.run(reader.words, count);
    back.alpha.set(steps.rows.subarray(0, (count + 1) * stride));
    back.beta.set(beta, count * stride);
    back.run(reader.words, count);
    for (let i = 0; i < count; i++) if (!(back.overlaps[i]! > 0)) return null;
    const total = back.beta.subarray(0, n).reduce((a, b) => a + b, 0);
    beta = rowAt({ rows: back.beta, stride }, 0, n, total);
  }
  const first = pieces[0]!.row.map((a, s) => a * beta[s]!);
  const total = first.reduce((a, b) => a + b, 0);
  return total > 0 ? first.map((x) => x / total) : null;
}

/**
 * With X[to, from] how often a word was passed so (but for its own matrix), M the matrix of all of it but its last token and T that of this
 * token, the last transition v → v′ was used (X·Mᵀ)[v′, v]·T[v′, v] times, and the rest was passed Tᵀ·X times: so words are
 * taken apart from their ends, all words with one beginning together.
 */
function divideAmong(
  c: Compiled,
  { words, vocabulary, span, matrices, levels }: WordTables,
  { counts, stride }: WordCounts,
  { weights, edges }: { weights: Float64Array; edges: Float64Array },
): void {
  const { states: n, groups, group, out } = c;
  const size = n * n;
  const full = vocabulary ** span;
  const singles = matrices.subarray(full * size);
  const passed = compact(counts, words * n, n, stride);
  const used = passed.slice(full * size);
  let whole = passed.subarray(0, full * size);
  for (let length = span; length > 1; length--) {
    const shorter = new Float64Array(vocabulary ** (length - 1) * size);
    for (let word = 0; word < vocabulary ** length; word++) {
      const [begins, token] = [Math.floor(word / vocabulary), word % vocabulary];
      timesTransposed(whole, word * size, levels[length - 2]!, begins * size, n, used, token * size);
      transposedTimes(singles, token * size, whole, word * size, n, shorter, begins * size);
    }
    whole = shorter;
  }
  for (let i = 0; i < whole.length; i++) used[i]! += whole[i]!;
  const between = new Float64Array(size);
  for (let token = 0; token <= vocabulary; token++)
    for (let to = 0; to < n; to++)
      for (let from = 0; from < n; from++) {
        const at = token * size + to * n + from;
        const times = used[at]! * singles[at]!;
        between[from * n + to]! += times;
        if (token < vocabulary) weights[token * groups + group[to]!]! += times;
      }
  for (let s = 0; s < n; s++)
    for (let e = out.from[s]!; e < out.from[s + 1]!; e++)
      edges[out.edge[e]!]! += between[s * n + out.state[e]!]!;
}

/** out += a·bᵀ of n × n matrices, each from its place on. */
function timesTransposed(
  a: Float64Array,
  aAt: number,
  b: Float64Array,
  bAt: number,
  n: number,
  out: Float64Array,
  outAt: number,
): void {
  for (let r = 0; r < n; r++)
    for (let k = 0; k < n; k++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += a[aAt + r * n + i]! * b[bAt + k * n + i]!;
      out[outAt + r * n + k]! += sum;
    }
}

/** out += aᵀ·b of n × n matrices, each from its place on. */
function transposedTimes(
  a: Float64Array,
  aAt: number,
  b: Float64Array,
  bAt: number,
  n: number,
  out: Float64Array,
  outAt: number,
): void {
  for (let i = 0; i < n; i++)
    for (let r = 0; r < n; r++) {
      const x = a[aAt + i * n + r]!;
      for (let k = 0; k < n; k++) out[outAt + r * n + k]! += x * b[bAt + i * n + k]!;
    }
}

/** Rows without padding. */
function compact(values: Float64Array, rows: number, n: number, stride: number): Float64Array {
  if (stride === n) return values.slice(0, rows * n);
  const out = new Float64Array(rows * n);
  for (let r = 0; r < rows; r++) for (let k = 0; k < n; k++) out[r * n + k] = values[r * stride + k]!;
  return out;
}
