import { utf8 } from '../bytes.ts';

/**
 * GPT-2's visible letter for each byte (Radford et al. 2019): printable Latin-1 characters stand for themselves, the other bytes
 * in order for the characters from U+0100 on.
 */
const letters: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(visible ? byte : next++);
  });
})();
const bytes = new Map(letters.map((letter, byte) => [letter, byte]));

/** A text as the letters of its bytes. */
export const byteLetters = (text: string): string =>
  Array.from(utf8(text), (byte) => letters[byte]!).join('');

/** The bytes that letters stand for; undefined where one stands for none. */
export function bytesOfLetters(text: string): number[] | undefined {
  const found = Array.from(text, (letter) => bytes.get(letter));
  return found.includes(undefined) ? undefined : (found as number[]);
}
