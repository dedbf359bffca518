import type { MaskedReader } from './reader.ts';
import type { MaskedSpec } from './spec.ts';
import { type MaskedVocabulary, maskedVocabulary } from './vocabulary.ts';

/** What a model says of every letter of a sequence, each given all others. */
export interface LetterProbabilities {
  /** P(letter), row-major [length, letters of the alphabet]; NaN where a letter is in no token, or is not canonical. */
  readonly probabilities: Float64Array;
  /** The alphabet's id of each letter; −1 where there is no answer. */
  readonly truth: Int32Array;
}

/** The token that tells of a letter, and the letter's place in it. */
interface Seat {
  readonly token: number;
  readonly at: number;
}

/**
 * For every letter the token that holds it; of several, the one in which it stands nearest to the middle, so that as much as possible of what
 * is hidden with it lies on both sides.
 */
export function seats(offsets: ArrayLike<number>, length: number): (Seat | undefined)[] {
  const found: (Seat | undefined)[] = new Array(length).fill(undefined);
  const distance = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
  for (let token = 0; 2 * token < offsets.length; token++) {
    const [from, to] = [offsets[2 * token]!, offsets[2 * token + 1]!];
    for (let i = from; i < to; i++) {
      const off = Math.abs(i - (from + to - 1) / 2);
      if (off >= distance[i]!) continue;
      distance[i] = off;
      found[i] = { token, at: i - from };
    }
  }
  return found;
}

/**
 * P(letter | all other letters) for the letters of sequences: the token that holds a letter is hidden, with all that share letters with it, and
 * of what the model then holds possible only the tokens are compared that differ in this one letter. So models of bases, k-mers and
 * codons answer the same question. `wanted` chooses letters by sequence and place; without it all of them.
 *
 * Needs a vocabulary that spells an alphabet plainly (`maskedVocabulary(spec).alphabet`).
 */
export async function letterProbabilities(
  reader: MaskedReader,
  spec: MaskedSpec,
  texts: readonly string[],
  wanted?: readonly (readonly number[])[],
): Promise<LetterProbabilities[]> {
  const vocabulary = maskedVocabulary(spec);
  const { tokenizer, alphabet } = vocabulary;
  const width = alphabet!.size;
  const sequences = texts.map(vocabulary.encode);
  const seated = texts.map((text, s) => {
    const all = seats(tokenizer.offsets!(text), text.length);
    return bySeat(all, wanted?.[s] ?? Array.from(all.keys()));
  });
  const results = texts.map(({ length }) => ({
    probabilities: new Float64Array(length * width).fill(Number.NaN),
    truth: new Int32Array(length).fill(-1),
  }));
  const places = seated.map((tokens) => [...tokens.keys()]);
  await reader.hidden(sequences, places, (sequence, place, logs) => {
    const token = sequences[sequence]![place]!;
    for (const { letter, at } of seated[sequence]!.get(place)!) {
      const answer = letterShares(vocabulary, token, at, logs);
      if (!answer) continue;
      results[sequence]!.probabilities.set(answer.shares, letter * width);
      results[sequence]!.truth[letter] = answer.truth;
    }
  });
  return results;
}

/** The wanted letters by the token that tells of them. */
function bySeat(all: readonly (Seat | undefined)[], wanted: readonly number[]) {
  const tokens = new Map<number, { letter: number; at: number }[]>();
  for (const letter of wanted) {
    const seat = all[letter];
    if (!seat) continue;
    const told = tokens.get(seat.token) ?? [];
    told.push({ letter, at: seat.at });
    tokens.set(seat.token, told);
  }
  return tokens;
}

/**
 * P of each letter in place `at` of a token whose other letters are known, from ln P of all tokens, and which of them is the true one; undefined
 * where the token does not spell letters plainly.
 */
export function letterShares(
  vocabulary: MaskedVocabulary,
  token: number,
  at: number,
  logs: Float32Array,
): { shares: Float64Array; truth: number } | undefined {
  const ids = vocabulary.alternatives(token, at);
  if (!ids) return undefined;
  const own = Float64Array.from(ids, (id) => logs[id]!);
  const highest = Math.max(...own);
  const shares = own.map((log) => Math.exp(log - highest));
  const sum = shares.reduce((a, b) => a + b, 0);
  return { shares: shares.map((share) => share / sum), truth: ids.indexOf(token) };
}

/**
 * What a prediction says beyond the frequencies of letters: Σ p · log₂ (p / background), in bits, of each place; NaN where there is none.
 * @example informationGain(Float64Array.of(1, 0, 0, 0), [0.25, 0.25, 0.25, 0.25]) // [2]
 */
export function informationGain(probabilities: Float64Array, background: ArrayLike<number>): Float64Array {
  const width = background.length;
  return Float64Array.from({ length: probabilities.length / width }, (_, at) => {
    let gain = 0;
    for (let letter = 0; letter < width; letter++) {
      const p = probabilities[at * width + letter]!;
      gain += p === 0 ? 0 : p * Math.log2(p / background[letter]!);
    }
    return gain;
  });
}
