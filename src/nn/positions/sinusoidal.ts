import { usageError } from '../../core/errors.ts';
import { concat, expandDims, reshape } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type PhaseOptions, phases } from './phases.ts';

/**
 * Sinusoidal positions (Vaswani et al. 2017): int32 positions[…] → […, size], number 2i being sin(p · base^(−2i / size)) and number
 * 2i + 1 its cosine. Positions are what is given: 0, 1, 2, … or absolute genome coordinates up to 2³¹ − 1, at full precision.
 * @example sinusoidalPositions(iota(time), { size: 64 }) // [time, 64], to be added to embeddings
 */
export function sinusoidalPositions(
  positions: Value,
  { size, ...options }: { size: number } & Omit<PhaseOptions, 'count'>,
): Value {
  if (!Number.isInteger(size) || size < 2 || size % 2 !== 0)
    throw usageError(`sinusoidalPositions: expected an even size of 2 or more, received ${size}.`);
  const { sin, cos } = phases(positions, { count: size / 2, ...options });
  const pairs = concat([expandDims(sin, -1), expandDims(cos, -1)], -1);
  return reshape(pairs, [...positions.shape, size]);
}
