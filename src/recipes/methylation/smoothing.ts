/** Exponential smoothing of one series, forecast = level + slope · c with c′ = f·c + (1 − f)·y, as least squares has it. */
export interface Smoothing {
  readonly factor: number;
  /** Forecast of each next number, from the second on. */
  readonly forecast: Float64Array;
}

/**
 * The classical method that the network is held against: f on a fine grid, for each the best line of the next number on c, over the first
 * `times` without their first `from`.
 */
export function exponentialSmoothing(
  y: Float64Array,
  { times, from }: { times: number; from: number },
): Smoothing {
  let best = { squares: Number.POSITIVE_INFINITY, factor: 0, slope: 0, level: 0 };
  for (let i = 0; i < 200; i++) {
    const factor = i / 200;
    const c = smoothed(y, factor);
    let [n, sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0, 0];
    for (let t = from; t + 1 < times; t++) {
      const [a, b] = [c[t]!, y[t + 1]!];
      n++;
      sx += a;
      sy += b;
      sxx += a * a;
      sxy += a * b;
      syy += b * b;
    }
    const spread = sxx - (sx * sx) / n;
    const slope = spread > 1e-12 ? (sxy - (sx * sy) / n) / spread : 0;
    const squares = syy - (sy * sy) / n - slope * (sxy - (sx * sy) / n);
    if (squares < best.squares) best = { squares, factor, slope, level: (sy - slope * sx) / n };
  }
  const c = smoothed(y, best.factor);
  return { factor: best.factor, forecast: c.map((v) => best.level + best.slope * v) };
}

function smoothed(y: Float64Array, factor: number): Float64Array {
  let c = y[0]!;
  return y.map((v) => {
    c = factor * c + (1 - factor) * v;
    return c;
  });
}
