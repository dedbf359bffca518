import { usageError } from '../core/errors.ts';
import { byteOffsets, eachCharacter, hexSpelling, utf8 } from './bytes.ts';
import { characterCounts, strangeCharacter } from './characters.ts';

/** Where subwords may not cross: nowhere, or before each run of white space, so that `" be"` is a piece of `"to be"`. */
export type Split = 'none' | 'spaces';

/** The symbols that subwords are made of: characters, and bytes for all other characters. */
export interface BaseSymbols {
  readonly characters: readonly string[];
  /** Whether the 256 bytes, which spell whatever else comes, follow the characters. */
  readonly bytes: boolean;
  /** How many symbols there are. */
  readonly count: number;
  spell(symbol: number): string;
  /** The byte that a symbol is; undefined for characters. */
  byteOf(symbol: number): number | undefined;
  /**
   * Symbols of a text, and with `spans` where each stands (start and end in UTF-16 units). Where there are no bytes, a character
   * that is not known is `unknown`, or a data error.
   */
  read(text: string, unknown: number | undefined, spans?: number[]): number[];
}

/** Throws a usage error for entries that are no single characters and for repeated ones. */
export function baseSymbols(characters: readonly string[], bytes: boolean): BaseSymbols {
  const ids = new Map(characters.map((character, id) => [character, id]));
  const strange = characters.find((entry, i) => [...entry].length !== 1 || ids.get(entry) !== i);
  if (strange !== undefined)
    throw usageError(
      `${JSON.stringify(strange)} is not one character, or occurs twice among the characters.`,
    );
  const first = characters.length;
  const count = first + (bytes ? 256 : 0);
  const byteOf = (symbol: number) =>
    bytes && symbol >= first && symbol < count ? symbol - first : undefined;
  return {
    ...{ characters, bytes, count, byteOf },
    spell: (symbol) => (symbol < first ? characters[symbol]! : hexSpelling(symbol - first)),
    read(text, unknown, spans) {
      const symbols: number[] = [];
      eachCharacter(text, (character, at) => {
        const id = ids.get(character);
        if (id === undefined && bytes) {
          for (const byte of utf8(character)) symbols.push(first + byte);
          if (spans) byteOffsets(spans, character, at);
          return;
        }
        if (id === undefined && unknown === undefined) throw strangeCharacter(text, at, first);
        symbols.push(id ?? unknown!);
        spans?.push(at, at + character.length);
      });
      return symbols;
    },
  };
}

/** The base symbols of a corpus: all of its characters, or the `most` frequent ones where bytes spell the others. */
export function baseSymbolsOf(texts: Iterable<string>, bytes: boolean, most = 1000): BaseSymbols {
  const counts = characterCounts(texts);
  const frequent = [...counts]
    .sort(([, m], [, n]) => n - m)
    .slice(0, bytes ? most : counts.size)
    .map(([character]) => character);
  const chosen = new Set(frequent);
  return baseSymbols(
    [...counts.keys()].filter((character) => chosen.has(character)),
    bytes,
  );
}

/** The parts of a text that subwords may not cross, joined again the same text. */
export function* parts(text: string, split: Split): Generator<string> {
  if (split === 'none') {
    if (text !== '') yield text;
    return;
  }
  for (const [part] of text.matchAll(/\s*\S+|\s+$/g)) yield part;
}

/** How often each part of a corpus occurs, in the order of first appearance. */
export function partCounts(texts: Iterable<string>, split: Split): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const part of parts(text, split)) counts.set(part, (counts.get(part) ?? 0) + 1);
  return counts;
}
