import { dataError } from '../core/errors.ts';
import { type Alphabet, type AmbiguityPolicy, describeLetter, expectedLetters } from '../data/alphabet.ts';
import type { FeatureValue } from '../data/dataset-features.ts';
import { checkFeatures, encodeFeatures, type FeatureSpec } from './features.ts';

/** What a prediction is made from. */
export interface PredictionInput {
  readonly id: string;
  readonly sequence: string;
  /** One array per track of the model, each as long as the sequence. */
  readonly tracks?: readonly Float32Array[];
  /** One value for each feature of the model (columns of a table); null where it is missing. */
  readonly features?: readonly FeatureValue[];
}

/** A record as the network reads it. */
export interface Encoded {
  readonly id: string;
  readonly tokens: Int32Array;
  readonly tracks: readonly Float32Array[];
  /** Numbers that stand for the columns of a table. */
  readonly features: Float32Array;
}

/** What a model asks of its records. */
export interface Demands {
  readonly alphabet: Alphabet;
  readonly tracks: readonly string[];
  readonly features?: readonly FeatureSpec[] | undefined;
  readonly fixedLength: number | null;
  readonly ambiguous: AmbiguityPolicy;
}

/**
 * Turns records into what the network reads; undefined where one is to be left out. Throws a data error that names the record for an empty
 * sequence, one too long for the model, letters that it does not know, and tracks and features that do not fit.
 */
export function recordEncoder({ alphabet, tracks, features = [], fixedLength, ambiguous }: Demands) {
  return (input: PredictionInput): Encoded | undefined => {
    const { id, sequence } = input;
    const what = `record ${JSON.stringify(id)}`;
    if (sequence.length === 0)
      throw dataError(`${what} has an empty sequence; expected at least one letter. Leave it out.`);
    if (fixedLength !== null && sequence.length > fixedLength)
      throw dataError(
        `${what} has ${sequence.length} letters; the model was trained on windows of ${fixedLength}, in which position has a meaning. Cut the window out of the record, or train a model without length.`,
      );
    const tokens = encodeLetters(sequence, alphabet, what);
    const unclear = ambiguous === 'mask' ? -1 : tokens.findIndex((token) => token >= alphabet.size);
    if (unclear >= 0 && ambiguous === 'skip') return undefined;
    if (unclear >= 0)
      throw dataError(
        `${what} has ${describeLetter(sequence, unclear)}; expected one of ${[...alphabet.letters].join(' ')}. Use --ambiguous mask to keep such letters or --ambiguous skip to leave the record out.`,
      );
    checkFeatures(features, input.features, what);
    return {
      ...{ id, tokens, tracks: checkedTracks(input, tracks, what) },
      features: encodeFeatures(features, input.features ?? []),
    };
  };
}

function encodeLetters(sequence: string, alphabet: Alphabet, what: string): Int32Array {
  const { ids } = alphabet;
  const tokens = new Int32Array(sequence.length);
  for (let i = 0; i < sequence.length; i++) {
    const token = ids[sequence.charCodeAt(i)] ?? -1;
    if (token < 0)
      throw dataError(
        `${what} has ${describeLetter(sequence, i)}; the model reads ${alphabet.name}: expected ${expectedLetters(alphabet)}. Correct the record or leave it out.`,
      );
    tokens[i] = token;
  }
  return tokens;
}

function checkedTracks(
  { sequence, tracks = [] }: PredictionInput,
  names: readonly string[],
  what: string,
): readonly Float32Array[] {
  if (tracks.length !== names.length)
    throw dataError(
      `${what} has ${tracks.length} numeric tracks; the model needs ${names.length}${names.length > 0 ? ` (${names.join(', ')})` : ''}.`,
    );
  const odd = tracks.findIndex((track) => track.length !== sequence.length);
  if (odd >= 0)
    throw dataError(
      `${what}: track ${JSON.stringify(names[odd])} has ${tracks[odd]!.length} numbers; expected one for each of the ${sequence.length} letters.`,
    );
  return tracks;
}
