import { randomStream } from '../../../core/random.ts';
import { letterProbabilities, letterShares } from '../../../models/masked/letters.ts';
import type { MaskedReader } from '../../../models/masked/reader.ts';
import type { MaskedSpec } from '../../../models/masked/spec.ts';
import { maskedVocabulary } from '../../../models/masked/vocabulary.ts';
import type { Corpus } from '../language/corpus.ts';
import { encodeMasked } from './encode.ts';

/** A place that was hidden alone: where it is, −ln P of what stands there, and of how many letters that is. */
export interface ToldPlace {
  readonly at: number;
  readonly nats: number;
  readonly size: number;
}

/** Places by text, in their order. */
export type ToldPlaces = readonly (readonly ToldPlace[])[];

export interface OneByOne {
  /** Of tokens. */
  readonly tokens: ToldPlaces;
  /** Of letters given all others; of vocabularies that spell no alphabet the same as of tokens. */
  readonly letters: ToldPlaces;
}

/**
 * What a model says of places that are hidden one at a time: tokens, and letters where its vocabulary spells an alphabet. Of more than `most`
 * places so many are chosen by chance.
 */
export async function toldOneByOne(
  reader: MaskedReader,
  spec: MaskedSpec,
  test: Corpus,
  { seed, most }: { seed: number; most: number },
): Promise<OneByOne> {
  const vocabulary = maskedVocabulary(spec);
  const { maskable, alphabet, tokenizer } = vocabulary;
  const sequences = encodeMasked(spec, test);
  const may = sequences.map((tokens) => Array.from(tokens.keys()).filter((t) => maskable[tokens[t]!]));
  const single = alphabet !== undefined && spec.tokenizer.kind === 'letters';
  const [tokens, letters]: [ToldPlace[][], ToldPlace[][]] = [
    sequences.map(() => []),
    sequences.map(() => []),
  ];
  await reader.hidden(sequences, someOf(may, most, seed), (s, at, logs) => {
    const token = sequences[s]![at]!;
    const size = Math.max(1, [...tokenizer.token(token)].length);
    tokens[s]!.push({ at, nats: -logs[token]!, size });
    if (!single) return;
    // Where tokens are letters, one reading answers both questions.
    const { shares, truth } = letterShares(vocabulary, token, 0, logs)!;
    letters[s]!.push({ at, nats: -Math.log(shares[truth]!), size: 1 });
  });
  for (const own of [...tokens, ...letters]) own.sort((a, b) => a.at - b.at);
  if (!alphabet) return { tokens, letters: tokens };
  return { tokens, letters: single ? letters : await toldLetters(reader, spec, test, { seed, most }) };
}

/** Letters of longer tokens, each given all others. */
async function toldLetters(
  reader: MaskedReader,
  spec: MaskedSpec,
  { texts }: Corpus,
  { seed, most }: { seed: number; most: number },
): Promise<ToldPlaces> {
  const { size } = maskedVocabulary(spec).alphabet!;
  const every = texts.map((text) => Array.from({ length: text.length }, (_, i) => i));
  const wanted = someOf(every, most, seed);
  const found = await letterProbabilities(reader, spec, texts, wanted);
  return found.map(({ probabilities, truth }, s) =>
    wanted[s]!.flatMap((at): ToldPlace[] => {
      const letter = truth[at]!;
      if (letter < 0) return [];
      return [{ at, size: 1, nats: -Math.log(probabilities[at * size + letter]!) }];
    }),
  );
}

/** All of the places, or so many of them by chance, in order. */
function someOf(places: readonly (readonly number[])[], most: number, seed: number): number[][] {
  const total = places.reduce((sum, { length }) => sum + length, 0);
  if (total <= most) return places.map((own) => [...own]);
  const all = Int32Array.from({ length: total }, (_, i) => i);
  const kept = randomStream(seed, 'places').shuffle(all).slice(0, most).sort();
  let [before, next] = [0, 0];
  return places.map((own) => {
    const mine: number[] = [];
    for (; next < kept.length && kept[next]! < before + own.length; next++)
      mine.push(own[kept[next]! - before]!);
    before += own.length;
    return mine;
  });
}

/** What the bootstrap draws: the places of a text, or of few texts about a hundred neighbouring places. */
export interface PlaceBlock {
  readonly text: number;
  readonly places: readonly ToldPlace[];
}

const enoughTexts = 20;

export function placeBlocks(told: ToldPlaces): PlaceBlock[] {
  const whole = told.length >= enoughTexts;
  return told.flatMap((own, text) => {
    if (own.length === 0) return [];
    const count = whole ? 1 : Math.max(1, Math.round(own.length / 100));
    const cut = (i: number) => Math.round((i * own.length) / count);
    return Array.from({ length: count }, (_, i) => ({ text, places: own.slice(cut(i), cut(i + 1)) }));
  });
}

/** How blocks were drawn, in words. */
export const drawnOf = (told: ToldPlaces): string =>
  told.length >= enoughTexts ? 'texts' : 'blocks of neighbouring places';

/** A number of each place, summed over each block. */
export const blockSums = (
  blocks: readonly PlaceBlock[],
  of: (place: ToldPlace, text: number) => number,
): Float64Array =>
  Float64Array.from(blocks, ({ text, places }) => places.reduce((sum, place) => sum + of(place, text), 0));
