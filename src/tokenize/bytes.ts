import { assemble, type SpecialName, type Tokenizer } from './tokenizer.ts';

/**
 * One token a byte of UTF-8: 256 tokens that spell any text. Lone surrogates, which are no text, become U+FFFD; ids that
 * are not UTF-8 together decode to U+FFFD where they are wrong.
 * @example bytes().encode('ACé') // [65, 67, 195, 169]
 */
export function bytes({ special = [] }: { special?: readonly SpecialName[] } = {}): Tokenizer {
  return assemble(
    {
      name: 'bytes',
      count: 256,
      lossless: true,
      encode: (text) => Int32Array.from(encoder.encode(text)),
      decode: decodeBytes((id) => (id < 256 ? id : undefined)),
      token: (id) => byteSpelling(id),
      offsets: (text) => {
        const offsets: number[] = [];
        eachCharacter(text, (character, at) => byteOffsets(offsets, character, at));
        return offsets;
      },
      describe: () => ({}),
    },
    special,
  );
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A visible ASCII character as such, any other byte as `<0x0A>`. */
export const byteSpelling = (byte: number): string =>
  byte > 32 && byte < 127 ? String.fromCharCode(byte) : hexSpelling(byte);

/** `<0x0A>`: how byte tokens are called beside tokens of letters. */
export const hexSpelling = (byte: number): string =>
  `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;

/** Calls with every code point and where it begins, in UTF-16 units. */
export function eachCharacter(text: string, visit: (character: string, at: number) => void): void {
  let at = 0;
  for (const character of text) {
    visit(character, at);
    at += character.length;
  }
}

/** Adds the spans of a character's bytes: the first has the character, the others are empty and stand behind it. */
export function byteOffsets(offsets: number[], character: string, at: number): void {
  const end = at + character.length;
  offsets.push(at, end);
  for (let i = encoder.encode(character).length; i > 1; i--) offsets.push(end, end);
}

/** The bytes of a text in UTF-8. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** A `decode` in which runs of byte tokens are decoded together and all others are spelled. */
export const decodeBytes =
  (byteOf: (id: number) => number | undefined) =>
  (ids: readonly number[], spell: (id: number) => string): string => {
    const parts: string[] = [];
    let run: number[] = [];
    const flush = () => {
      if (run.length > 0) parts.push(decoder.decode(Uint8Array.from(run)));
      run = [];
    };
    for (const id of ids) {
      const byte = byteOf(id);
      if (byte !== undefined) {
        run.push(byte);
        continue;
      }
      flush();
      parts.push(spell(id));
    }
    flush();
    return parts.join('');
  };
