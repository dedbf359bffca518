import { randomStream } from '../../core/random.ts';
import { quantile } from '../../train/metrics/index.ts';
import { closedForm } from './integrator.ts';

/** What is known of promoters: where they begin, what lies before them, and how active they are. */
export interface PromoterData {
  /** Enhancers (their last letters) and promoters (the letters before their first), each in rising order in one coordinate. */
  readonly enhancers: Float64Array;
  readonly promoters: Float64Array;
  readonly activity: Float64Array;
}

/** Activity = base + weight · h, with h from the retention. */
export interface EnhancerFit {
  readonly retention: number;
  /** 95 % percentile interval over resampled promoters. */
  readonly low: number;
  readonly high: number;
  readonly weight: number;
  readonly base: number;
  /** Residual sum of squares by decay length in letters: the profile of the fit. */
  readonly profile: readonly [length: number, squares: number][];
}

const resamples = 400;

/**
 * Least squares of activity on h(r): for each decay length −1/ln r on a logarithmic grid the best line is exact, and between the
 * three best lengths a parabola finds the smallest sum of squares. `resamples` bootstraps over promoters give the interval.
 */
export function fitRetention(data: PromoterData, seed: number): EnhancerFit {
  const lengths = Array.from({ length: 120 }, (_, i) => 20 * (50_000 / 20) ** (i / 119));
  const levels = lengths.map((length) => closedForm(data.enhancers, data.promoters, Math.exp(-1 / length)));
  const once = new Float64Array(data.activity.length).fill(1);
  const squaresFor = (weights: Float64Array) => levels.map((h) => line(h, data.activity, weights).squares);
  const best = (weights: Float64Array) => Math.exp(-1 / smallest(lengths, squaresFor(weights)));
  const retention = best(once);
  const random = randomStream(seed, 'enhancer bootstrap');
  const drawn = Float64Array.from({ length: resamples }, () => {
    const weights = new Float64Array(once.length);
    for (let i = 0; i < once.length; i++) weights[random.below(once.length)]! += 1;
    return best(weights);
  }).sort();
  const { weight, base } = line(closedForm(data.enhancers, data.promoters, retention), data.activity, once);
  const squares = squaresFor(once);
  return {
    retention,
    low: quantile(drawn, 0.025),
    high: quantile(drawn, 0.975),
    weight,
    base,
    profile: lengths.map((length, i): [number, number] => [length, squares[i]!]),
  };
}

/** The weighted least-squares line of y on x. */
export function line(x: ArrayLike<number>, y: Float64Array, weights?: Float64Array) {
  let [n, sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < y.length; i++) {
    const w = weights ? weights[i]! : 1;
    n += w;
    sx += w * x[i]!;
    sy += w * y[i]!;
    sxx += w * x[i]! * x[i]!;
    sxy += w * x[i]! * y[i]!;
    syy += w * y[i]! * y[i]!;
  }
  const spread = sxx - (sx * sx) / n;
  const weight = spread > 1e-12 ? (sxy - (sx * sy) / n) / spread : 0;
  const squares = syy - (sy * sy) / n - weight * (sxy - (sx * sy) / n);
  return { weight, base: (sy - weight * sx) / n, squares };
}

/** The length with the smallest sum of squares, by a parabola through the best point and its neighbours on the logarithmic scale. */
function smallest(lengths: readonly number[], squares: readonly number[]): number {
  const at = squares.indexOf(Math.min(...squares));
  if (at === 0 || at === lengths.length - 1) return lengths[at]!;
  const [a, b, c] = [squares[at - 1]!, squares[at]!, squares[at + 1]!];
  const shift = a - 2 * b + c > 0 ? (0.5 * (a - c)) / (a - 2 * b + c) : 0;
  const step = Math.log(lengths[1]! / lengths[0]!);
  return lengths[at]! * Math.exp(shift * step);
}

/** How many events lie in the window before each place. */
export function countsBefore(events: Float64Array, places: Float64Array, window: number): Float64Array {
  let [from, to] = [0, 0];
  return places.map((t) => {
    while (to < events.length && events[to]! <= t) to++;
    while (from < events.length && events[from]! < t - window) from++;
    return Math.max(0, to - from);
  });
}
