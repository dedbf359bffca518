import type { Lists } from './compiled.ts';

/**
 * y[yAt + r] = Σ_c m[r, c]·x[xAt + c] for a square matrix. Four rows at a time share each x, which halves
 * the loads; this is the inner loop of everything here.
 */
export function product(
  m: Float64Array,
  n: number,
  x: Float64Array,
  xAt: number,
  y: Float64Array,
  yAt: number,
): void {
  let r = 0;
  for (; r + 3 < n; r += 4) {
    let a = r * n;
    let b = a + n;
    let c = b + n;
    let d = c + n;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let i = xAt; i < xAt + n; i++) {
      const v = x[i]!;
      s0 += m[a++]! * v;
      s1 += m[b++]! * v;
      s2 += m[c++]! * v;
      s3 += m[d++]! * v;
    }
    y[yAt + r] = s0;
    y[yAt + r + 1] = s1;
    y[yAt + r + 2] = s2;
    y[yAt + r + 3] = s3;
  }
  for (; r < n; r++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += m[r * n + i]! * x[xAt + i]!;
    y[yAt + r] = sum;
  }
}

/** y[yAt + s] = Σ weight·x[xAt + other end] over the transitions of states s in [first, last). */
export function gather(
  { from, state, weight }: Lists,
  first: number,
  last: number,
  x: Float64Array,
  xAt: number,
  y: Float64Array,
  yAt: number,
): void {
  for (let s = first; s < last; s++) {
    let sum = 0;
    const stop = from[s + 1]!;
    for (let e = from[s]!; e < stop; e++) sum += weight[e]! * x[xAt + state[e]!]!;
    y[yAt + s] = sum;
  }
}
