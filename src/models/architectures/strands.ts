import { usageError } from '../../core/errors.ts';
import type { Dim } from '../../graph/dims.ts';
import {
  add,
  concat,
  constant,
  gather,
  less,
  maximum,
  mul,
  type RandomKey,
  randomUniform,
  reshape,
  reverseSequence,
  split,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { AlphabetData } from './common-options.ts';
import type { SequenceInputs } from './sequence-model.ts';

/** The other strand of each sequence: complements of its letters from its last to its first, tracks reversed; padding stays behind. */
export function otherStrand(
  { tokens, lengths, tracks }: SequenceInputs,
  { complement }: AlphabetData,
): SequenceInputs {
  if (!complement)
    throw usageError(
      'reverseComplement: only DNA and RNA have another strand; this alphabet has no complements.',
    );
  const paired = gather(constant(complement, [complement.length], 'int32'), tokens);
  return {
    tokens: reverseSequence(paired, lengths, 1),
    lengths,
    ...(tracks && { tracks: reverseSequence(tracks, lengths, 1) }),
  };
}

/** Each sequence, or with probability ½ its other strand. */
export function randomStrand(
  given: SequenceInputs,
  alphabet: AlphabetData,
  random: RandomKey,
  site: number,
): SequenceInputs {
  const other = otherStrand(given, alphabet);
  const turned = less(randomUniform(random, [given.tokens.shape[0]!, 1], site), 0.5);
  return {
    tokens: where(turned, other.tokens, given.tokens),
    lengths: given.lengths,
    ...(given.tracks && {
      tracks: where(reshape(turned, [given.tokens.shape[0]!, 1, 1]), other.tracks!, given.tracks),
    }),
  };
}

/** Both strands as one batch of twice the size, the given strands first: one pass through the layers instead of two. */
export function bothStrands(given: SequenceInputs, alphabet: AlphabetData): SequenceInputs {
  const other = otherStrand(given, alphabet);
  return {
    tokens: concat([given.tokens, other.tokens], 0),
    lengths: concat([given.lengths, other.lengths], 0),
    ...(given.tracks && { tracks: concat([given.tracks, other.tracks!], 0) }),
  };
}

/** The two halves of a batch that `bothStrands` doubled. */
export function halves(x: Value, batch: Dim): [Value, Value] {
  return split(x, 0, [batch, batch]) as [Value, Value];
}

export const meanOfStrands = (x: Value, batch: Dim): Value => mul(add(...halves(x, batch)), 0.5);
export const maxOfStrands = (x: Value, batch: Dim): Value => maximum(...halves(x, batch));
