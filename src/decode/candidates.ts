/**
 * The best `capacity` of all continuations that are offered: row of the beam, token and value. Of equal values
 * the one with the lower row, then the lower token wins, whatever the order of the offers.
 */
export interface Candidates {
  /** Whether this one would get in now: ask before an expensive check. */
  fits(row: number, token: number, value: number): boolean;
  add(row: number, token: number, value: number): void;
  /** All that got in, the best first. */
  sorted(): Candidate[];
}

export interface Candidate {
  readonly row: number;
  readonly token: number;
  readonly value: number;
}

/** A heap with the worst on top. */
export function bestCandidates(capacity: number): Candidates {
  const rows = new Int32Array(capacity);
  const tokens = new Int32Array(capacity);
  const values = new Float64Array(capacity);
  let size = 0;
  /** Whether the candidate at `i` is better than another. */
  const beats = (i: number, row: number, token: number, value: number) => {
    if (values[i] !== value) return values[i]! > value;
    return rows[i] !== row ? rows[i]! < row : tokens[i]! < token;
  };
  const put = (i: number, row: number, token: number, value: number) => {
    rows[i] = row;
    tokens[i] = token;
    values[i] = value;
  };
  const move = (from: number, to: number) => put(to, rows[from]!, tokens[from]!, values[from]!);
  const isWorse = (i: number, j: number) => beats(j, rows[i]!, tokens[i]!, values[i]!);
  const up = (row: number, token: number, value: number) => {
    let i = size++;
    for (let parent = (i - 1) >> 1; i > 0 && beats(parent, row, token, value); parent = (i - 1) >> 1) {
      move(parent, i);
      i = parent;
    }
    put(i, row, token, value);
  };
  const down = (row: number, token: number, value: number) => {
    let i = 0;
    for (let child = 1; child < size; child = 2 * i + 1) {
      if (child + 1 < size && isWorse(child + 1, child)) child++;
      if (!beats(child, row, token, value)) {
        move(child, i);
        i = child;
      } else break;
    }
    put(i, row, token, value);
  };
  return {
    fits: (row, token, value) => size < capacity || (size > 0 && !beats(0, row, token, value)),
    add(row, token, value) {
      if (size < capacity) up(row, token, value);
      else if (!beats(0, row, token, value)) down(row, token, value);
    },
    sorted() {
      const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => (isWorse(i, j) ? 1 : -1));
      return order.map((i) => ({ row: rows[i]!, token: tokens[i]!, value: values[i]! }));
    },
  };
}
