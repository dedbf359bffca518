import type { Tail } from './profile-hmm.ts';

/** P(score ≥ x) of a Gumbel distribution. */
export function gumbelSurvival(x: number, { location, lambda }: Tail): number {
  return -Math.expm1(-Math.exp(-lambda * (x - location)));
}

/** ln P(score ≥ x) of an exponential tail, which is 1 below its location. */
export function logTailSurvival(x: number, { location, lambda }: Tail): number {
  return x < location ? 0 : -lambda * (x - location);
}

/** The maximum likelihood location of a Gumbel distribution of known slope (Eddy 2008). */
export function gumbelLocation(scores: ArrayLike<number>, lambda: number): number {
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += Math.exp(-lambda * scores[i]!);
  return -Math.log(sum / scores.length) / lambda;
}

/** The maximum likelihood Gumbel distribution (Lawless 1982, section 4.1.2), by Newton's method with bisection. */
export function fitGumbel(scores: ArrayLike<number>): Tail {
  const n = scores.length;
  const x = Array.from(scores);
  const mean = x.reduce((sum, s) => sum + s, 0) / n;
  const least = Math.min(...x);
  const variance = x.reduce((sum, s) => sum + (s - mean) ** 2, 0) / n;
  if (!(variance > 0)) return { location: mean, lambda: Math.LN2 };
  /** The derivative of the likelihood by lambda, which falls. */
  const slope = (lambda: number) => {
    let [weights, weighted] = [0, 0];
    for (const s of x) {
      const weight = Math.exp(-lambda * (s - least));
      weights += weight;
      weighted += s * weight;
    }
    return 1 / lambda - mean + weighted / weights;
  };
  let low = 0;
  let high = Math.PI / Math.sqrt(6 * variance);
  while (slope(high) > 0) [low, high] = [high, 2 * high];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (slope(middle) > 0) low = middle;
    else high = middle;
  }
  const lambda = (low + high) / 2;
  return { location: gumbelLocation(x, lambda), lambda };
}
