import { randomStream } from '../../core/random.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import { padBatch } from '../../data/batch.ts';
import type { TaggerSpec } from '../../models/tagger/spec.ts';
import { formBatcher, type Tokens, tokenEncoder } from '../../models/tagger/vocabulary.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import type { TaggedSequence } from './tagging-data.ts';

/** What is fed at random: a word that is seen `count` times is unknown with probability strength / (strength + count). */
export interface WordDropout {
  readonly strength: number;
  readonly seed: number;
  readonly step: number;
}

type Feeds = Record<string, HostTensor>;

/** Sequences that are encoded once, ready to be fed in batches. */
export interface TaggingFeeder {
  readonly lengths: Int32Array;
  /** The inputs of a tagger's graph. */
  inputs(indices: Int32Array, dropout?: WordDropout): Feeds;
  /** The truth of a batch, int32 [batch, time]; −1 where it is not known and in padding. */
  target(indices: Int32Array): HostTensor;
  /** Tokens of a batch whose truth is known. */
  known(indices: Int32Array): number;
}

/** Encodes sequences for a tagger. */
export function taggingFeeder(
  sequences: readonly (Pick<TaggedSequence, 'tokens'> & { readonly truth?: Int32Array })[],
  spec: Pick<TaggerSpec, 'input' | 'config'>,
): TaggingFeeder {
  const encode = tokenEncoder(spec.input);
  const encoded = sequences.map(({ tokens }) => encode(tokens).tokens);
  const lengths = Int32Array.from(encoded, (tokens) => tokens.length);
  const forms = formsOf(spec);
  const counts = spec.input.kind === 'words' ? idCounts(encoded, spec.input.words.length + 1) : undefined;
  // Word 0, whatever is not known, stands in padding; letters have an id of their own for it.
  const padding =
    spec.input.kind === 'letters'
      ? alphabetByName(spec.input.alphabet.name, spec.input.alphabet.letters).padding
      : 0;
  return {
    lengths,
    inputs(indices, dropout) {
      const { tokens, lengths: own, batch, time } = padBatch(encoded, indices, padding);
      if (dropout && counts && dropout.strength > 0) forget(tokens, counts, dropout);
      return {
        tokens: { dtype: 'int32', shape: [batch, time], data: tokens },
        lengths: { dtype: 'int32', shape: [batch], data: own },
        ...forms?.(
          Array.from(indices, (i) => sequences[i]!.tokens),
          time,
        ),
      };
    },
    target(indices) {
      const time = indices.reduce((most, i) => Math.max(most, lengths[i]!), 0);
      const data = new Int32Array(indices.length * time).fill(-1);
      indices.forEach((i, b) => {
        data.set(sequences[i]!.truth!, b * time);
      });
      return { dtype: 'int32', shape: [indices.length, time], data };
    },
    known: (indices) =>
      indices.reduce((sum, i) => sum + sequences[i]!.truth!.reduce((n, tag) => n + Number(tag >= 0), 0), 0),
  };
}

/** The inputs that spell the words of a batch; none where they are not read. */
function formsOf({ input, config }: Pick<TaggerSpec, 'input' | 'config'>) {
  if (input.kind === 'letters' || config.characters === 'none') return undefined;
  const batcher = formBatcher(input);
  return (sentences: readonly Tokens[], time: number): Feeds => {
    const { forms, characters, lengths, letters } = batcher(
      sentences as readonly (readonly string[])[],
      time,
    );
    return {
      forms: { dtype: 'int32', shape: [sentences.length, time], data: forms },
      characters: { dtype: 'int32', shape: [lengths.length, letters], data: characters },
      characterLengths: { dtype: 'int32', shape: [lengths.length], data: lengths },
    };
  };
}

function idCounts(encoded: readonly Int32Array[], rows: number): Float64Array {
  const counts = new Float64Array(rows);
  for (const tokens of encoded) for (const id of tokens) counts[id]!++;
  return counts;
}

/** Words become unknown at random, rare ones more often (Kiperwasser and Goldberg 2016), so that unknown words have a vector worth something. */
function forget(tokens: Int32Array, counts: Float64Array, { strength, seed, step }: WordDropout): void {
  const random = randomStream(seed, 'unknown words', step);
  for (let i = 0; i < tokens.length; i++) {
    const id = tokens[i]!;
    if (id > 0 && random.uniform() < strength / (strength + counts[id]!)) tokens[i] = 0;
  }
}
