import { ribosomalTail, strongestDuplex } from './duplex-energy.ts';

/** P(second class) = σ(bias + slope · ΔG): two numbers, and all of the physics. */
export interface Mechanism {
  readonly bias: number;
  readonly slope: number;
}

/** The free energy of each sequence's strongest helix with the ribosome's tail, kcal/mol. */
export const energiesOf = (sequences: readonly string[]): Float64Array =>
  Float64Array.from(sequences, (sequence) => strongestDuplex(sequence, ribosomalTail).energy);

/** Logistic regression on one number by Newton's method, with a little ridge so that separable data have a maximum. */
export function fitMechanism(energies: Float64Array, truth: ArrayLike<number>, ridge = 1e-3): Mechanism {
  let [bias, slope] = [0, 0];
  for (let round = 0; round < 50; round++) {
    // Gradient and Hessian of the mean log loss + ridge/2 · slope².
    let [g0, g1, h00, h01, h11] = [0, ridge * slope, 0, 0, ridge];
    energies.forEach((x, i) => {
      const p = sigmoid(bias + slope * x);
      const [off, weight] = [(p - truth[i]!) / energies.length, (p * (1 - p)) / energies.length];
      g0 += off;
      g1 += off * x;
      h00 += weight;
      h01 += weight * x;
      h11 += weight * x * x;
    });
    const determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 1e-15)) break;
    const [d0, d1] = [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
    bias -= d0;
    slope -= d1;
    if (Math.abs(d0) + Math.abs(d1) < 1e-10) break;
  }
  return { bias, slope };
}

/** P(second class) of each sequence. */
export const mechanismProbabilities = (
  { bias, slope }: Mechanism,
  sequences: readonly string[],
): Float64Array => energiesOf(sequences).map((energy) => sigmoid(bias + slope * energy));

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
