import { usageError } from '../../core/errors.ts';

/**
 * The slopes of ALiBi for any number of heads (Press, Smith and Lewis 2022): 2^(−8 i / n) for n heads that are a power of two; for others
 * those of the power of two below, then every second one of the power above.
 * @example alibiSlopes(4) // [1/4, 1/16, 1/64, 1/256]
 */
export function alibiSlopes(heads: number): number[] {
  if (!Number.isInteger(heads) || heads < 1)
    throw usageError(`alibiSlopes: expected 1 or more heads, received ${heads}.`);
  const geometric = (n: number) => Array.from({ length: n }, (_, i) => 2 ** ((-8 * (i + 1)) / n));
  const lower = 2 ** Math.floor(Math.log2(heads));
  const between = geometric(2 * lower).filter((_, i) => i % 2 === 0);
  return [...geometric(lower), ...between.slice(0, heads - lower)];
}
