/** A queue that gives back first what stands before all others (binary heap, Williams 1964). */
export interface Heap<T> {
  push(item: T): void;
  /** Takes the first out; undefined when there is none. */
  pop(): T | undefined;
}

/** An empty queue in the order of `before`. */
export function heap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = [];
  return {
    push(item) {
      let hole = items.push(item) - 1;
      while (hole > 0) {
        const parent = (hole - 1) >> 1;
        if (!before(item, items[parent]!)) break;
        items[hole] = items[parent]!;
        hole = parent;
      }
      items[hole] = item;
    },
    pop() {
      const first = items[0];
      const last = items.pop();
      if (items.length === 0) return first;
      let hole = 0;
      for (;;) {
        let child = 2 * hole + 1;
        if (child >= items.length) break;
        if (child + 1 < items.length && before(items[child + 1]!, items[child]!)) child++;
        if (!before(items[child]!, last!)) break;
        items[hole] = items[child]!;
        hole = child;
      }
      items[hole] = last!;
      return first;
    },
  };
}
