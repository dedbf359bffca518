/** Numbers pairs of small integers 0, 1, 2 … in the order of their first insertion. */
export interface PairIndex {
  /** How many pairs there are. */
  readonly size: number;
  /** The number of a pair, or −1. */
  find(a: number, b: number): number;
  /** The number of a pair, a new one if it was not there. */
  insert(a: number, b: number): number;
  /** The first members by number (longer than `size`). */
  readonly first: Int32Array;
  /** The second members by number (longer than `size`). */
  readonly second: Int32Array;
}

const mix = (a: number, b: number): number => {
  const h = Math.imul(Math.imul(a, 0x9e3779b1) ^ (b + 0x7f4a7c15), 0x85ebca6b);
  return (h ^ (h >>> 15)) >>> 0;
};

/**
 * An open-addressing hash table on typed arrays: several times faster and smaller than a Map with a key of
 * text, and not bound to its 2²⁴ entries.
 */
export function pairIndex(): PairIndex {
  let slots = new Int32Array(64).fill(-1);
  let first = new Int32Array(32);
  let second = new Int32Array(32);
  let size = 0;
  const slotOf = (a: number, b: number): number => {
    const mask = slots.length - 1;
    let slot = mix(a, b) & mask;
    for (let n = slots[slot]!; n >= 0 && (first[n] !== a || second[n] !== b); n = slots[slot]!)
      slot = (slot + 1) & mask;
    return slot;
  };
  const grow = () => {
    first = enlarged(first);
    second = enlarged(second);
    slots = new Int32Array(2 * slots.length).fill(-1);
    for (let n = 0; n < size; n++) slots[slotOf(first[n]!, second[n]!)] = n;
  };
  return {
    get size() {
      return size;
    },
    get first() {
      return first;
    },
    get second() {
      return second;
    },
    find: (a, b) => slots[slotOf(a, b)]!,
    insert(a, b) {
      const found = slots[slotOf(a, b)]!;
      if (found >= 0) return found;
      if (size === first.length) grow();
      first[size] = a;
      second[size] = b;
      slots[slotOf(a, b)] = size;
      return size++;
    },
  };
}

/** The same numbers in an array twice as long. */
export function enlarged<T extends Int32Array | Float64Array>(array: T): T {
  const longer = new (array.constructor as new (length: number) => T)(2 * array.length);
  longer.set(array);
  return longer;
}
