import { dataError } from '../../core/errors.ts';
import { at, type Place, textAt } from '../checks.ts';

/** A word character as Rust and Oniguruma see it. */
export const wordClass = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}';
/** GPT-2's pattern for words, which many files hold. */
const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
export const gpt2Pattern = new RegExp(
  gpt2.replaceAll('\\s', '\\p{White_Space}').replaceAll('\\S', '\\P{White_Space}'),
  'gu',
);

/** A pattern `{ String }` or `{ Regex }` of a file. */
export function patternAt(place: Place): RegExp {
  if (at(place, 'String').value !== undefined)
    return new RegExp([...textAt(at(place, 'String'), { max: 1000 })].map(literal).join(''), 'gu');
  const field = at(place, 'Regex');
  return linearPattern(textAt(field, { max: 1000 }), field.where);
}

const literal = (character: string) => `\\u{${character.codePointAt(0)!.toString(16)}}`;

const most = 256;

/**
 * Translates the patterns that cannot take long: alternatives of letters, classes and `\s \d \w \p{…}`, each with a fixed count,
 * the last of an alternative with any, the first perhaps optional. No groups, anchors or references: a file that nobody
 * vouches for must not be able to make matching exponential. GPT-2's own pattern is known as a whole.
 * Throws a data error that shows the pattern otherwise.
 */
export function linearPattern(source: string, where: string): RegExp {
  if (source === gpt2) return gpt2Pattern;
  const refuse = (why: string) =>
    dataError(
      `${where}: the regular expression ${JSON.stringify(source.slice(0, 80))} is not supported (${why}). Expected alternatives of letters, classes and counts without groups.`,
    );
  const rest = [...source];
  const alternatives: string[] = [];
  let items: string[] = [];
  let loose = false;
  const close = () => {
    if (items.length === 0) throw refuse('an empty alternative');
    alternatives.push(items.join(''));
    items = [];
    loose = false;
  };
  while (rest.length > 0) {
    if (rest[0] === '|') {
      rest.shift();
      close();
      continue;
    }
    if (loose) throw refuse('something follows an item of any length');
    const atom = atomOf(rest, refuse);
    const { text, fixed } = countOf(rest, refuse);
    loose = !fixed && !(text === '?' && items.length === 0);
    items.push(atom + text);
  }
  close();
  if (alternatives.length > 50) throw refuse('more than 50 alternatives');
  try {
    return new RegExp(alternatives.join('|'), 'gu');
  } catch {
    throw refuse('not understood');
  }
}

type Refuse = (why: string) => Error;

const classes: Readonly<Record<string, string>> = {
  s: '\\p{White_Space}',
  S: '\\P{White_Space}',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  n: '\\n',
  r: '\\r',
  t: '\\t',
};

/** Takes one atom off the front and gives it in JavaScript's words. */
function atomOf(rest: string[], refuse: Refuse): string {
  const letter = rest.shift()!;
  if (letter === '.') return '[^\\n]';
  if (letter === '[') return classOf(rest, refuse);
  if (letter === '\\') {
    if (rest[0] === 'w' || rest[0] === 'W') return `[${rest.shift() === 'W' ? '^' : ''}${wordClass}]`;
    return escapeOf(rest, refuse);
  }
  if ('()^$*+?{}]'.includes(letter)) throw refuse(`"${letter}"`);
  return literal(letter);
}

function escapeOf(rest: string[], refuse: Refuse): string {
  const letter = rest.shift();
  if (letter === undefined) throw refuse('it ends in "\\"');
  const known = Object.hasOwn(classes, letter) ? classes[letter] : undefined;
  if (known !== undefined) return known;
  if (letter === 'p' || letter === 'P') {
    const end = rest.indexOf('}');
    const name = rest.splice(0, end + 1).join('');
    if (!/^\{[A-Za-z_]{1,40}\}$/.test(name)) throw refuse('a property');
    return `\\${letter}${name}`;
  }
  if (/[\p{L}\p{N}]/u.test(letter)) throw refuse(`"\\${letter}"`);
  return literal(letter);
}

function classOf(rest: string[], refuse: Refuse): string {
  let text = '[';
  if (rest[0] === '^') text += rest.shift();
  const begin = text.length;
  for (;;) {
    const letter = rest.shift();
    if (letter === undefined) throw refuse('a class without an end');
    if (letter === ']') break;
    if (letter === '[' || (letter === '&' && rest[0] === '&')) throw refuse('a class within a class');
    if (letter === '\\')
      text += rest[0] === 'w' ? wordClass + rest.shift()!.slice(1) : escapeOf(rest, refuse);
    else if (letter === '-' && text.length > begin && rest[0] !== ']') text += '-';
    else text += literal(letter);
  }
  if (text.length === begin) throw refuse('an empty class');
  return `${text}]`;
}

/** Takes a count off the front; `fixed` where it can match in one way only. */
function countOf(rest: string[], refuse: Refuse): { text: string; fixed: boolean } {
  const [, count = ''] = /^([*+?]|\{\d{0,4}(?:,\d{0,4})?\})/.exec(rest.slice(0, 12).join('')) ?? [];
  rest.splice(0, count.length);
  if (count !== '' && '*+?{'.includes(rest[0] ?? ' ')) throw refuse('a count of a count');
  if (count === '') return { text: '', fixed: true };
  const [, low, comma, high] = /^\{(\d*)(,?)(\d*)\}$/.exec(count) ?? [];
  if (low === undefined) return { text: count, fixed: false };
  if (low === '' || Number(low) > most || Number(high) > most)
    throw refuse(`a count above ${most} or without a beginning`);
  return { text: count, fixed: comma === '' };
}
