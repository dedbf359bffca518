import type { Features } from '../../linear-baseline.ts';

/** What a linear method is fitted to: 1 and 0 (logistic regression) or values (least squares). */
export type LinearKind = 'binary' | 'signal';

/** A fitted linear method: the intercept last. */
interface Fitted {
  readonly weights: Float64Array;
  readonly kind: LinearKind;
}

const penalties = [1e-3, 1e-2, 1e-1];
const mostSteps = 8;

/**
 * Logistic or least-squares regression with a ridge penalty, fitted exactly (Newton's method; le Cessie and van Houwelingen 1992) on
 * standardised columns. The penalty is chosen on the last fifth of the rows, which lie apart from the others along the genome. Returns
 * what it says of `asked`, one number a row.
 */
export function ridgeRegression(
  kind: LinearKind,
  learned: Features,
  truth: Float64Array,
  asked: Features,
): Float64Array {
  const { rows, scale } = standardised(learned);
  const { width } = learned;
  const cut = Math.floor(truth.length * 0.8);
  const part = { rows: rows.subarray(0, cut * width), truth: truth.subarray(0, cut) };
  const held = { rows: rows.subarray(cut * width), truth: truth.subarray(cut) };
  const losses = penalties.map((penalty) => {
    const fitted = regression(kind, part.rows, part.truth, width, penalty);
    const told = apply(fitted, held.rows, width);
    return held.truth.reduce((sum, y, i) => sum + lossOf(kind, y, told[i]!), 0);
  });
  const best = penalties[losses.indexOf(Math.min(...losses))] ?? penalties[1]!;
  return apply(regression(kind, rows, truth, width, best), scale(asked), width);
}

const lossOf = (kind: LinearKind, y: number, told: number): number =>
  kind === 'signal' ? (y - told) ** 2 : -Math.log(Math.max(1e-12, y === 1 ? told : 1 - told));

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Columns with mean 0 and deviation 1; one that never varies is 0. */
function standardised({ width, rows }: Features) {
  const n = rows.length / width;
  const [mean, deviation] = [new Float64Array(width), new Float64Array(width)];
  rows.forEach((x, i) => {
    mean[i % width]! += x / n;
  });
  rows.forEach((x, i) => {
    deviation[i % width]! += (x - mean[i % width]!) ** 2 / n;
  });
  const scale = (of: Features) =>
    Float64Array.from(of.rows, (x, i) => {
      const spread = Math.sqrt(deviation[i % width]!);
      return spread > 1e-9 ? (x - mean[i % width]!) / spread : 0;
    });
  return { rows: scale({ width, rows }), scale };
}

function apply({ weights, kind }: Fitted, rows: Float64Array, width: number): Float64Array {
  const told = new Float64Array(rows.length / width);
  for (let i = 0; i < told.length; i++) {
    let sum = weights[width]!;
    for (let j = 0; j < width; j++) sum += weights[j]! * rows[i * width + j]!;
    told[i] = kind === 'binary' ? sigmoid(sum) : sum;
  }
  return told;
}

function regression(
  kind: LinearKind,
  rows: Float64Array,
  truth: Float64Array,
  width: number,
  penalty: number,
): Fitted {
  const weights = new Float64Array(width + 1);
  const mean = truth.reduce((a, b) => a + b, 0) / truth.length;
  const share = Math.min(1 - 1e-6, Math.max(1e-6, mean));
  weights[width] = kind === 'binary' ? Math.log(share / (1 - share)) : mean;
  const fitted = { weights, kind };
  for (let step = 0; step < (kind === 'binary' ? mostSteps : 1); step++) {
    const moved = newtonStep(fitted, rows, truth, width, penalty * truth.length);
    let largest = 0;
    moved.forEach((d, j) => {
      weights[j]! -= d;
      largest = Math.max(largest, Math.abs(d));
    });
    if (largest < 1e-3) break;
  }
  return fitted;
}

/** (XᵀWX + λ)⁻¹ (Xᵀ(p − y) + λw); the intercept has no penalty. */
function newtonStep(
  fitted: Fitted,
  rows: Float64Array,
  truth: Float64Array,
  width: number,
  lambda: number,
): Float64Array {
  const size = width + 1;
  const [gradient, hessian] = [new Float64Array(size), new Float64Array(size * size)];
  const told = apply(fitted, rows, width);
  const row = new Float64Array(size).fill(1);
  for (let i = 0; i < truth.length; i++) {
    row.set(rows.subarray(i * width, (i + 1) * width));
    const weight = fitted.kind === 'binary' ? Math.max(1e-6, told[i]! * (1 - told[i]!)) : 1;
    const off = told[i]! - truth[i]!;
    for (let a = 0; a < size; a++) {
      gradient[a]! += off * row[a]!;
      const x = weight * row[a]!;
      for (let b = 0; b <= a; b++) hessian[a * size + b]! += x * row[b]!;
    }
  }
  for (let j = 0; j < width; j++) {
    gradient[j]! += lambda * fitted.weights[j]!;
    hessian[j * size + j]! += lambda;
  }
  return solved(hessian, gradient);
}

/** A⁻¹b of a symmetric positive definite A, whose lower half is given (Cholesky). */
function solved(lower: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!;
      lower[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[j * n + j]!;
    }
    for (let k = 0; k < i; k++) x[i]! -= lower[i * n + k]! * x[k]!;
    x[i]! /= lower[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= lower[k * n + i]! * x[k]!;
    x[i]! /= lower[i * n + i]!;
  }
  return x;
}
