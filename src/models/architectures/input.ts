import { usageError } from '../../core/errors.ts';
import { type Dim, dimSub } from '../../graph/dims.ts';
import { broadcastTo, concat, expandDims, minimum, pad } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { embedding } from '../../nn/embedding.ts';
import { normal } from '../../nn/initializers.ts';
import { kmerCount, kmers, oneHotInput } from '../../nn/input.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { module, parameter } from '../../nn/module.ts';
import { type dataOptions, type inputOptions, tokenCount } from './common-options.ts';
import type { ConfigOf } from './options.ts';
import type { SequenceInputs } from './sequence-model.ts';

export type InputConfig = ConfigOf<typeof dataOptions> & ConfigOf<typeof inputOptions>;

/** Numbers that stand for each position of an encoded sequence. */
export function inputWidth(config: InputConfig): number {
  const letters = config.encoding === 'oneHot' ? config.alphabet.size : config.embedding;
  return letters + config.tracks + (config.position === 'learned' ? config.positionSize : 0);
}

/**
 * Tokens[batch, time] and tracks[batch, time, tracks] as x[batch, time, width], zero in padding. With `length` set, time becomes exactly
 * that: shorter sequences are padded on the right.
 */
export function sequenceInput(config: InputConfig) {
  const { alphabet, encoding, tracks, length, position, positionSize } = config;
  if (position === 'learned' && length === null)
    throw usageError('position: a learned position needs the length of the sequences; set length.');
  const rows = encoding === 'kmer' ? kmerCount(kmerOptions(config)) : tokenCount(alphabet);
  return module({
    params: {
      letters: encoding === 'oneHot' ? undefined : embedding({ rows, size: config.embedding }),
      position:
        position === 'learned'
          ? parameter([length!, positionSize], { initial: normal(0.1), decay: false })
          : undefined,
    },
    apply: (own, given: SequenceInputs): { x: Value; lengths: Value } => {
      checkInputs(given, config);
      const { ids, lengths } =
        encoding === 'kmer'
          ? kmers(given.tokens, given.lengths, kmerOptions(config))
          : { ids: given.tokens, lengths: given.lengths };
      const parts = [own.letters ? own.letters(ids) : oneHotInput(ids, alphabet)];
      if (tracks > 0) parts.push(given.tracks!);
      const letters = toLength(concat(parts, 2), length);
      const [batch, time] = letters.shape as [Dim, Dim];
      const x = own.position
        ? concat([letters, broadcastTo(expandDims(own.position, 0), [batch, time, positionSize])], 2)
        : letters;
      const within = length === null ? lengths : minimum(lengths, length);
      return { x: zeroPadding(x, within, 1), lengths: within };
    },
  });
}

const kmerOptions = ({ k, alphabet }: InputConfig) => ({ k, letters: alphabet.size });

function toLength(x: Value, length: number | null): Value {
  return length === null ? x : pad(x, 1, 0, dimSub(length, x.shape[1]!));
}

function checkInputs({ tokens, tracks }: SequenceInputs, { tracks: count, length }: InputConfig): void {
  const time = tokens.shape[1]!;
  if (length !== null && typeof time === 'number' && time > length)
    throw usageError(`expected sequences of at most ${length} positions (length), received ${time}.`);
  if ((tracks?.shape[2] ?? 0) !== count)
    throw usageError(
      `expected ${count} tracks, received ${tracks ? `[${tracks.shape.join(', ')}]` : 'none'}; tracks are [batch, time, tracks].`,
    );
}
