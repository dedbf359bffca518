/** Pieces as a tree over symbols, for finding all that begin at a place. */
export interface Trie {
  /** Calls for every piece that `symbols` holds from `from` on, the shortest first, with the place behind it. */
  visit(symbols: ArrayLike<number>, from: number, found: (piece: number, end: number) => void): void;
}

/** A tree of pieces, each a list of symbols below 2²¹; of equal ones the last counts. */
export function trie(pieces: Iterable<ArrayLike<number>>): Trie {
  const children = new Map<number, number>();
  const pieceOf: number[] = [-1];
  let piece = 0;
  for (const symbols of pieces) {
    let node = 0;
    for (let i = 0; i < symbols.length; i++) {
      const key = node * 2 ** 21 + symbols[i]!;
      let child = children.get(key);
      if (child === undefined) children.set(key, (child = pieceOf.push(-1) - 1));
      node = child;
    }
    pieceOf[node] = piece++;
  }
  return {
    visit(symbols, from, found) {
      let node = 0;
      for (let i = from; i < symbols.length; i++) {
        const child = children.get(node * 2 ** 21 + symbols[i]!);
        if (child === undefined) return;
        node = child;
        if (pieceOf[node]! >= 0) found(pieceOf[node]!, i + 1);
      }
    },
  };
}

/** A way to cut a sequence: pieces (−1 where a symbol is none), and where each ends. */
export interface Segmentation {
  readonly pieces: number[];
  readonly ends: number[];
  readonly score: number;
}

/**
 * The segmentation of the highest total score (Viterbi 1967); of equal ones that with the longer last pieces. A symbol that is no
 * piece stands alone at `penalty`. With `without`, that piece takes no part.
 */
export function bestSegmentation(
  symbols: ArrayLike<number>,
  { visit }: Trie,
  scores: ArrayLike<number>,
  penalty: number,
  without = -1,
): Segmentation {
  const length = symbols.length;
  const best = new Float64Array(length + 1).fill(Number.NEGATIVE_INFINITY);
  const last = new Int32Array(length + 1).fill(-1);
  const start = new Int32Array(length + 1);
  best[0] = 0;
  for (let i = 0; i < length; i++) {
    const before = best[i]!;
    let alone = false;
    visit(symbols, i, (piece, end) => {
      if (piece === without) return;
      if (end === i + 1) alone = true;
      const score = before + scores[piece]!;
      if (score <= best[end]!) return;
      best[end] = score;
      last[end] = piece;
      start[end] = i;
    });
    if (alone || before + penalty <= best[i + 1]!) continue;
    best[i + 1] = before + penalty;
    last[i + 1] = -1;
    start[i + 1] = i;
  }
  const pieces: number[] = [];
  const ends: number[] = [];
  for (let at = length; at > 0; at = start[at]!) {
    pieces.push(last[at]!);
    ends.push(at);
  }
  return { pieces: pieces.reverse(), ends: ends.reverse(), score: best[length]! };
}

/** Probabilities are kept above this, in steps of its inverse, so that their products stay numbers. */
const small = 1e-80;

/**
 * Adds to `expected` how often each piece occurs in all segmentations of a sequence, weighted by their probability times `count`
 * (forward and backward sums, Baum 1972), and returns ln of the sum over all segmentations times `count`. Every symbol must be
 * a piece or part of one, so that there is a segmentation.
 */
export function expectPieces(
  symbols: ArrayLike<number>,
  { visit }: Trie,
  probabilities: ArrayLike<number>,
  expected: Float64Array,
  count: number,
): number {
  const length = symbols.length;
  // forward[i] · small^steps[i] is the sum over all ways to reach i; likewise backward.
  const forward = new Float64Array(length + 1);
  const steps = new Int32Array(length + 1);
  forward[0] = 1;
  const pieces: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const firstEdge = new Int32Array(length + 1);
  for (let i = 0; i < length; i++) {
    firstEdge[i] = pieces.length;
    rescale(forward, steps, i);
    visit(symbols, i, (piece, end) => {
      pieces.push(piece);
      starts.push(i);
      ends.push(end);
      add(forward, steps, end, forward[i]! * probabilities[piece]!, steps[i]!);
    });
  }
  rescale(forward, steps, length);
  const backward = new Float64Array(length + 1);
  const stepsBack = new Int32Array(length + 1);
  backward[length] = 1;
  let i = length;
  for (let edge = pieces.length - 1; edge >= 0; edge--) {
    if (starts[edge]! !== i) i = starts[edge]!;
    const piece = pieces[edge]!;
    const end = ends[edge]!;
    add(backward, stepsBack, i, backward[end]! * probabilities[piece]!, stepsBack[end]!);
    if (edge === firstEdge[i]) rescale(backward, stepsBack, i);
  }
  for (let edge = 0; edge < pieces.length; edge++) {
    const [from, to] = [starts[edge]!, ends[edge]!];
    const power = steps[from]! + stepsBack[to]! - steps[length]!;
    const share = (forward[from]! * probabilities[pieces[edge]!]! * backward[to]!) / forward[length]!;
    expected[pieces[edge]!]! += count * (power === 0 ? share : share * small ** power);
  }
  return count * (Math.log(forward[length]!) + steps[length]! * Math.log(small));
}

function add(sums: Float64Array, steps: Int32Array, at: number, value: number, step: number): void {
  if (sums[at] === 0) {
    sums[at] = value;
    steps[at] = step;
  } else if (step === steps[at]) sums[at]! += value;
  // One is so much smaller than the other that only the larger counts, up to what doubles can hold.
  else if (step < steps[at]!) {
    sums[at] = sums[at]! * small ** (steps[at]! - step) + value;
    steps[at] = step;
  } else sums[at]! += value * small ** (step - steps[at]!);
}

function rescale(sums: Float64Array, steps: Int32Array, at: number): void {
  while (sums[at]! > 0 && sums[at]! < small) {
    sums[at]! /= small;
    steps[at]!++;
  }
}
