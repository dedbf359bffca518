import { usageError } from '../core/errors.ts';
import { bestCandidates } from './candidates.ts';

/**
 * A linear chain of T positions and K tags. The score of a path y is
 * start[y₁] + Σₜ emissions[t, yₜ] + Σₜ transitions[yₜ₋₁, yₜ] + end[y_T]; −Infinity forbids.
 */
export interface Chain {
  /** [T, K], row-major. */
  emissions: ArrayLike<number>;
  /** [K, K], from row to column. */
  transitions: ArrayLike<number>;
  /** [K]; zeros if not given. */
  start?: ArrayLike<number>;
  /** [K]; zeros if not given. */
  end?: ArrayLike<number>;
  /** [K, K]: where it is 0 or false a transition is forbidden, whatever its score. */
  allowed?: ArrayLike<number | boolean>;
  /** Names of the tags, for messages. */
  tags?: readonly string[];
}

export interface TagPath {
  /** [T] */
  readonly tags: Int32Array;
  readonly score: number;
}

/** A chain with everything filled in. */
interface Lattice {
  readonly length: number;
  readonly size: number;
  readonly emissions: ArrayLike<number>;
  /** Forbidden transitions are −Infinity. */
  readonly transitions: Float64Array;
  readonly start: ArrayLike<number>;
  readonly end: ArrayLike<number>;
}

/**
 * The path with the highest score (Viterbi 1967; for CRFs Lafferty et al. 2001); of equals the one whose tags, from
 * the last to the first, are lower. O(T K²).
 *
 * Throws a usage error for shapes that do not fit and where no path is allowed; it then says at which position.
 * @example
 * crfViterbi({ emissions: [2, 1, 0, 1], transitions: [0, -5, -5, 0] }).tags // [0, 0]
 */
export function crfViterbi(chain: Chain): TagPath {
  const { length, size, emissions, transitions, start, end } = lattice(chain);
  const before = new Int32Array(length * size);
  let scores = Float64Array.from({ length: size }, (_, tag) =>
    length ? start[tag]! + emissions[tag]! : end[tag]!,
  );
  for (let t = 1; t < length; t++) {
    const next = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    for (let from = 0; from < size; from++)
      for (let to = 0; to < size; to++) {
        const score = scores[from]! + transitions[from * size + to]!;
        if (!(score > next[to]!)) continue;
        next[to] = score;
        before[t * size + to] = from;
      }
    for (let to = 0; to < size; to++) next[to]! += emissions[t * size + to]!;
    checkPossible(next, chain, t);
    scores = next;
  }
  if (length === 0) return { tags: new Int32Array(0), score: 0 };
  for (let tag = 0; tag < size; tag++) scores[tag]! += end[tag]!;
  checkPossible(scores, chain, length - 1);
  const tags = new Int32Array(length);
  for (let tag = 1; tag < size; tag++) if (scores[tag]! > scores[tags[length - 1]!]!) tags[length - 1] = tag;
  const score = scores[tags[length - 1]!]!;
  for (let t = length - 1; t > 0; t--) tags[t - 1] = before[t * size + tags[t]!]!;
  return { tags, score };
}

/**
 * The `count` best paths, the best first, fewer where there are fewer (the list Viterbi algorithm, Seshadri and
 * Sundberg 1994). O(T K² count log count).
 *
 * Throws as `crfViterbi` does.
 * @example
 * crfBestPaths({ emissions: [2, 1, 0, 1], transitions: [0, 0, 0, 0] }, 2).map(({ score }) => score) // [3, 2]
 */
export function crfBestPaths(chain: Chain, count: number): TagPath[] {
  if (!Number.isInteger(count) || count < 1)
    throw usageError(`crfBestPaths: count is ${count}; expected a whole number from 1.`);
  const { length, size, emissions, transitions, start, end } = lattice(chain);
  if (length === 0) return [{ tags: new Int32Array(0), score: 0 }];
  interface Entry {
    readonly tag: number;
    readonly score: number;
    readonly before: Entry | undefined;
  }
  const isPossible = ({ score }: Entry) => score > Number.NEGATIVE_INFINITY;
  const first = (tag: number): Entry => ({ tag, score: start[tag]! + emissions[tag]!, before: undefined });
  let lists = Array.from({ length: size }, (_, tag) => [first(tag)].filter(isPossible));
  /** The best of all entries, each with what `step` adds for its tag. */
  const merged = (step: (from: number) => number): [entry: Entry, score: number][] => {
    const best = bestCandidates(Math.min(count, size * count));
    lists.forEach((list, from) => {
      list.forEach(({ score }, rank) => {
        const total = score + step(from);
        if (total > Number.NEGATIVE_INFINITY) best.add(from, rank, total);
      });
    });
    return best.sorted().map(({ row, token, value }) => [lists[row]![token]!, value]);
  };
  for (let t = 1; t < length; t++) {
    lists = Array.from({ length: size }, (_, tag) =>
      merged((from) => transitions[from * size + tag]! + emissions[t * size + tag]!).map(
        ([before, score]) => ({ tag, score, before }),
      ),
    );
    checkPossible(
      lists.map((list) => list[0]?.score ?? Number.NEGATIVE_INFINITY),
      chain,
      t,
    );
  }
  const paths = merged((tag) => end[tag]!).map(([last, score]) => {
    const tags = new Int32Array(length);
    let t = length;
    for (let entry: Entry | undefined = last; entry; entry = entry.before) tags[--t] = entry.tag;
    return { tags, score };
  });
  checkPossible(
    paths.map(({ score }) => score),
    chain,
    length - 1,
  );
  return paths;
}

function lattice({ emissions, transitions, start, end, allowed }: Chain): Lattice {
  const size = Math.round(Math.sqrt(transitions.length));
  const fits = (given: ArrayLike<unknown> | undefined, expected: number) =>
    !given || given.length === expected;
  if (size === 0 || size * size !== transitions.length || !fits(allowed, size * size))
    throw usageError(
      `transitions (${transitions.length}) and allowed are tables of K × K numbers for K tags.`,
    );
  if (emissions.length % size !== 0 || !fits(start, size) || !fits(end, size))
    throw usageError(
      `There are ${size} tags by the transitions; expected T × ${size} emissions (${emissions.length} arrived) and ${size} numbers for start and end.`,
    );
  return {
    length: emissions.length / size,
    size,
    emissions,
    transitions: Float64Array.from(transitions, (score, i) =>
      !allowed || allowed[i] ? score : Number.NEGATIVE_INFINITY,
    ),
    start: start ?? new Float64Array(size),
    end: end ?? new Float64Array(size),
  };
}

function checkPossible(scores: ArrayLike<number>, { tags }: Chain, position: number): void {
  if (Array.from(scores).some((score) => score > Number.NEGATIVE_INFINITY)) return;
  const of = tags ? ` of the tags ${tags.join(' ')}` : '';
  throw usageError(
    `No sequence${of} gets past position ${position + 1}: the allowed transitions, start and end leave none. Allow more, or check for NaN in the scores.`,
  );
}
