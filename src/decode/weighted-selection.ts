/** Where the smallest keys have reached a weight. */
export interface Selection {
  /** The largest key that is needed. */
  readonly key: number;
  /** The total weight of all smaller keys, which is not enough. */
  readonly before: number;
}

/**
 * The shortest run of smallest keys whose weights sum to `mass` or more, without sorting all: quickselect (Hoare
 * 1961) on weights, O(n) expected. Keys of +Infinity are left out. Where all weights together do not reach the mass
 * the key is +Infinity.
 * @example
 * selectByWeight([3, 1, 2], [0.2, 0.5, 0.3], 0.6) // { key: 2, before: 0.5 }
 */
export function selectByWeight(keys: ArrayLike<number>, weights: ArrayLike<number>, mass: number): Selection {
  const order = new Int32Array(keys.length);
  let high = 0;
  for (let i = 0; i < keys.length; i++) if (keys[i] !== Number.POSITIVE_INFINITY) order[high++] = i;
  let low = 0;
  let before = 0;
  while (low < high) {
    const pivot = middle(keys[order[low]!]!, keys[order[(low + high) >> 1]!]!, keys[order[high - 1]!]!);
    // Smaller keys to the front, larger to the back.
    let [front, at, back, smaller, equal] = [low, low, high, 0, 0];
    while (at < back) {
      const i = order[at]!;
      if (keys[i]! < pivot) {
        smaller += weights[i]!;
        order[at++] = order[front]!;
        order[front++] = i;
      } else if (keys[i]! > pivot) {
        order[at] = order[--back]!;
        order[back] = i;
      } else {
        equal += weights[i]!;
        at++;
      }
    }
    if (before + smaller >= mass) high = front;
    else if (before + smaller + equal >= mass) return { key: pivot, before: before + smaller };
    else {
      before += smaller + equal;
      low = back;
    }
  }
  return { key: Number.POSITIVE_INFINITY, before };
}

const middle = (a: number, b: number, c: number) => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
