import type { Dim, Shape } from '../../graph/dims.ts';
import {
  add,
  and,
  argMax,
  greater,
  iota,
  less,
  log,
  maximum,
  neg,
  randomUniform,
  reshape,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { Context } from '../../nn/context.ts';
import type { OwnTokens } from './architecture.ts';

/** Where the decoder reads its own token: bool of the given shape, time along `timeAxis`; never at the first place, before which there is none. */
export function ownPlaces({ share }: OwnTokens, shape: Shape, timeAxis: 0 | 1, context: Context): Value {
  const time = shape[timeAxis] as Dim;
  const drawn = less(randomUniform(context.random!, shape, context.site()), share);
  return and(drawn, reshape(greater(iota(time), 0), timeAxis === 0 ? [time, 1] : [1, time]));
}

/** What is added to logits before the largest is taken: nothing, or noise that makes that a draw from the softmax (Gumbel 1954). */
export function pickNoise({ pick }: OwnTokens, shape: Shape, context: Context): Value | undefined {
  if (pick === 'argmax') return undefined;
  const drawn = maximum(randomUniform(context.random!, shape, context.site()), 1e-7);
  return neg(log(maximum(neg(log(drawn)), 1e-7)));
}

/** The token that is picked, int32; no gradient goes through it. */
export const picked = (logits: Value, noise: Value | undefined): Value =>
  argMax(noise ? add(logits, noise) : logits);
