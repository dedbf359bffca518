import { type LetterSet, letterSet } from './constraint.ts';
import { type ExpressionReader, refuse, take } from './expression-reader.ts';

/** Reads a class such as `[^A-C\d]` behind its opening bracket. */
export function characterClass(reader: ExpressionReader): LetterSet {
  const { marks, letters, options } = reader;
  const open = reader.at - 1;
  const negated = take(reader, '^');
  const parts: ((letter: string) => boolean)[] = [];
  while (marks[reader.at] !== ']') {
    if (reader.at >= marks.length) throw refuse(reader, '"[" is never closed', open);
    parts.push(classPart(reader));
  }
  reader.at++;
  const fits = (one: string) => parts.some((part) => part(one));
  const eitherCase = (one: string) => fits(one) || fits(one.toLowerCase()) || fits(one.toUpperCase());
  return letterSet(letters, (one) => (options.ignoreCase ? eitherCase(one) : fits(one)) !== negated);
}

/** One letter, range or escaped class between the brackets. */
function classPart(reader: ExpressionReader): (letter: string) => boolean {
  const { marks, letters } = reader;
  const low = member(reader);
  if (low.letter === undefined) return (one) => low.has[letters.number(one)!] === 1;
  const isRange = marks[reader.at] === '-' && reader.at + 1 < marks.length && marks[reader.at + 1] !== ']';
  if (!isRange) return (one) => one === low.letter;
  reader.at++;
  const high = member(reader).letter;
  if (high === undefined || code(high) < code(low.letter)) throw refuse(reader, 'a range is out of order');
  return (one) => code(one) >= code(low.letter) && code(one) <= code(high);
}

const member = (reader: ExpressionReader): Escaped =>
  take(reader, '\\') ? escaped(reader) : { letter: reader.marks[reader.at++]! };

const code = (letter: string) => letter.codePointAt(0)!;

type Escaped = { letter: string; has?: undefined } | { letter?: undefined; has: LetterSet };

/** What stands behind a backslash: a class of letters or one letter. */
export function escaped(reader: ExpressionReader): Escaped {
  const mark = reader.marks[reader.at++] ?? '';
  const kind = classes[mark];
  if (kind) return { has: letterSet(reader.letters, (one) => kind.test(one)) };
  const control = controls[mark];
  if (control) return { letter: control };
  if (mark === 'x' || mark === 'u') return { letter: codePoint(reader, mark === 'x' ? 2 : 4) };
  if (mark === '' || /[A-Za-z0-9]/.test(mark))
    throw refuse(reader, `"\\${mark}" is not supported`, reader.at - 2);
  return { letter: mark };
}

function codePoint(reader: ExpressionReader, digits: number): string {
  const hex = reader.marks.slice(reader.at, reader.at + digits).join('');
  if (!/^[0-9a-f]+$/i.test(hex) || hex.length < digits)
    throw refuse(reader, `expected ${digits} hexadecimal digits`);
  reader.at += digits;
  return String.fromCodePoint(Number.parseInt(hex, 16));
}

const classes: Record<string, RegExp> = { d: /\d/, D: /\D/, w: /\w/, W: /\W/, s: /\s/, S: /\S/ };
const controls: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', 0: '\0' };
