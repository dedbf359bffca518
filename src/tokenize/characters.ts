import { dataError, usageError } from '../core/errors.ts';
import { describeLetter } from '../data/alphabet.ts';
import { eachCharacter } from './bytes.ts';
import { assemble, type SpecialName, type Tokenizer } from './tokenizer.ts';

/**
 * One token a character (Unicode code point) of a given list; ids are in the order of the list. Case counts.
 * Throws a usage error for an empty list, an entry that is not one character, and repeated ones.
 * @example characters([...'abc']).encode('cab') // [2, 0, 1]
 */
export function characters(
  list: Iterable<string>,
  { special = [] }: { special?: readonly SpecialName[] } = {},
): Tokenizer {
  const known = [...list];
  const ids = new Map(known.map((character, id) => [character, id]));
  const strange = known.find((entry) => [...entry].length !== 1);
  if (known.length === 0 || strange !== undefined || ids.size < known.length)
    throw usageError(
      `A tokenizer of characters needs a list of different single characters; ${
        strange === undefined ? 'this one is empty or repeats some' : `${JSON.stringify(strange)} is none`
      }.`,
    );
  return assemble(
    {
      name: 'characters',
      count: known.length,
      lossless: true,
      encode: (text, unknown) => {
        const encoded: number[] = [];
        eachCharacter(text, (character, at) => {
          const id = ids.get(character) ?? unknown;
          if (id === undefined) throw strangeCharacter(text, at, known.length);
          encoded.push(id);
        });
        return encoded;
      },
      decode: (tokens, spell) => tokens.map(spell).join(''),
      token: (id) => known[id]!,
      offsets: characterOffsets,
      describe: () => ({ characters: known }),
    },
    special,
  );
}

/** The characters of a corpus, in the order of their code points, as a tokenizer. */
export function charactersOf(
  texts: Iterable<string>,
  options: { special?: readonly SpecialName[] } = {},
): Tokenizer {
  return characters(characterCounts(texts).keys(), options);
}

/** How often each character occurs, in the order of code points. */
export function characterCounts(texts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => a.codePointAt(0)! - b.codePointAt(0)!));
}

/** A refusal that says what to do. */
export const strangeCharacter = (text: string, at: number, count: number) =>
  dataError(
    `${describeLetter(text, at)}; the tokenizer knows ${count} characters and this is none of them. Train it on text that holds it, or give it an unknown token.`,
  );

/** The span of each character. */
export function characterOffsets(text: string): number[] {
  const offsets: number[] = [];
  eachCharacter(text, (character, at) => offsets.push(at, at + character.length));
  return offsets;
}
