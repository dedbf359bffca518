/** A mixture of Dirichlet densities over `size` probabilities. */
export interface DirichletMixture {
  readonly weights: readonly number[];
  /** One row of `size` pseudocounts a component. */
  readonly pseudocounts: readonly (readonly number[])[];
}

/** ln Γ(x) for x > 0: Stirling's series after shifting x past 8, to 1e-13. */
export function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  if (y < 8) {
    let product = 1;
    for (; y < 8; y++) product *= y;
    shift = Math.log(product);
  }
  const z = 1 / (y * y);
  const series =
    (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - (z * 691) / 360360))))) / y;
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/**
 * The mean posterior probabilities given counts (Sjölander et al. 1996, equations 15 and 16), for as many rows of counts
 * as wanted: what depends on the mixture alone is computed once.
 * @example posteriorMeans(mixture)(counts) // probabilities that sum to one
 */
export function posteriorMeans({ weights, pseudocounts }: DirichletMixture) {
  const totals = pseudocounts.map((row) => row.reduce((sum, a) => sum + a, 0));
  const constants = pseudocounts.map(
    (row, q) => Math.log(weights[q]!) + logGamma(totals[q]!) - row.reduce((sum, a) => sum + logGamma(a), 0),
  );
  return (counts: ArrayLike<number>): Float64Array => {
    const size = counts.length;
    let total = 0;
    for (let i = 0; i < size; i++) total += counts[i]!;
    const logs = pseudocounts.map((row, q) => {
      if (pseudocounts.length === 1) return 0;
      let log = constants[q]! - logGamma(total + totals[q]!);
      for (let i = 0; i < size; i++) log += logGamma(counts[i]! + row[i]!);
      return log;
    });
    const largest = Math.max(...logs);
    const shares = logs.map((log) => Math.exp(log - largest));
    const sum = shares.reduce((a, b) => a + b, 0);
    const out = new Float64Array(size);
    pseudocounts.forEach((row, q) => {
      const factor = shares[q]! / sum / (total + totals[q]!);
      for (let i = 0; i < size; i++) out[i]! += factor * (counts[i]! + row[i]!);
    });
    return out;
  };
}
