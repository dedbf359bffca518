import { characterClass, escaped } from './character-class.ts';
import { type LetterSet, type Letters, letterSet, motifLetter, unknownLetter } from './constraint.ts';
import { type ExpressionOptions, type ExpressionReader, refuse, take } from './expression-reader.ts';

/** A regular expression as a tree. */
export type Expression =
  | { readonly kind: 'set'; readonly has: LetterSet }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly item: Expression; readonly least: number; readonly most: number };

/**
 * Reads the subset of JavaScript's regular expressions that describes regular languages, with the same meaning:
 * no look-around, back references or word boundaries. Lazy quantifiers mean what greedy ones do, since only
 * membership counts. Throws a usage error that names the place for anything else, and for a letter that the
 * model does not write.
 */
export function parseExpression(source: string, letters: Letters, options: ExpressionOptions): Expression {
  return choice({ marks: [...source], at: 0, letters, options }, 0);
}

function choice(reader: ExpressionReader, depth: number): Expression {
  const options = [sequence(reader, depth)];
  while (take(reader, '|')) options.push(sequence(reader, depth));
  return options.length === 1 ? options[0]! : { kind: 'choice', options };
}

function sequence(reader: ExpressionReader, depth: number): Expression {
  const { marks } = reader;
  const items: Expression[] = [];
  // The whole sequence has to match, so that anchors at the ends say nothing new.
  if (depth === 0) take(reader, '^');
  const isEnd = () => marks[reader.at] === undefined || marks[reader.at] === '|' || marks[reader.at] === ')';
  while (!isEnd()) {
    const anchor = depth === 0 && take(reader, '$');
    if (!anchor) items.push(quantified(reader, depth));
    else if (!isEnd()) throw refuse(reader, '"$" is not at the end', reader.at - 1);
  }
  if (marks[reader.at] === ')' && depth === 0) throw refuse(reader, '")" closes nothing');
  return { kind: 'sequence', items };
}

function quantified(reader: ExpressionReader, depth: number): Expression {
  const item = atom(reader, depth);
  const range = quantifier(reader);
  if (!range) return item;
  take(reader, '?');
  const at = reader.at;
  if (quantifier(reader)) throw refuse(reader, `"${reader.marks[at]}" repeats a repetition`, at);
  return { kind: 'repeat', item, least: range[0], most: range[1] };
}

/** What one repetition may unfold to. */
const mostTimes = 1000;

function quantifier(reader: ExpressionReader): readonly [least: number, most: number] | undefined {
  if (take(reader, '*')) return [0, Number.POSITIVE_INFINITY];
  if (take(reader, '+')) return [1, Number.POSITIVE_INFINITY];
  if (take(reader, '?')) return [0, 1];
  const found = /^\{(\d+)(,(\d*))?\}/.exec(reader.marks.slice(reader.at, reader.at + 24).join(''));
  if (!found) return undefined;
  const [whole, low, comma, high] = found;
  const least = Number(low);
  const most = comma === undefined ? least : high === '' ? Number.POSITIVE_INFINITY : Number(high);
  if (least > most) throw refuse(reader, `${whole} has its numbers the wrong way round`);
  if (least > mostTimes || (most > mostTimes && most !== Number.POSITIVE_INFINITY))
    throw refuse(reader, `${whole} repeats more than ${mostTimes} times`);
  reader.at += whole.length;
  return [least, most];
}

function atom(reader: ExpressionReader, depth: number): Expression {
  const { letters, options } = reader;
  const mark = reader.marks[reader.at++]!;
  switch (mark) {
    case '(':
      return group(reader, depth);
    case '[':
      return set(characterClass(reader));
    case '.':
      return set(letterSet(letters, (one) => options.dotAll || !/[\n\r\u2028\u2029]/.test(one)));
    case '\\': {
      const { has, letter } = escaped(reader);
      return set(has ?? literal(reader, letter, false));
    }
  }
  if ('*+?{}]^$'.includes(mark)) throw refuse(reader, `"${mark}" is not understood`, reader.at - 1);
  return set(literal(reader, mark, options.iupac));
}

const set = (has: LetterSet): Expression => ({ kind: 'set', has });

function group(reader: ExpressionReader, depth: number): Expression {
  const open = reader.at - 1;
  if (take(reader, '?') && !take(reader, ':'))
    throw refuse(reader, `"(?${reader.marks[reader.at] ?? ''}" is not supported`, open);
  const inner = choice(reader, depth + 1);
  if (!take(reader, ')')) throw refuse(reader, '"(" is never closed', open);
  return inner;
}

function literal({ letters, options }: ExpressionReader, letter: string, iupac: boolean): LetterSet {
  const { ignoreCase, text } = options;
  if (iupac || !ignoreCase) return motifLetter(letter, letters, { iupac, text });
  const has = letterSet(letters, (one) => one.toLowerCase() === letter.toLowerCase());
  if (!has.includes(1)) throw unknownLetter(letter, letters, text);
  return has;
}
