import { at, checkGrowth, choiceAt, flagAt, has, type Place, stepsAt, textAt, wholeAt } from '../checks.ts';
import { byteLetters } from './byte-letters.ts';
import { gpt2Pattern, patternAt, wordClass } from './pattern.ts';

/** Cuts a text into words; `first` says that it is the beginning of the whole text. */
export type PreTokenizer = (text: string, first: boolean) => string[];

const behaviors = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;
type Behavior = (typeof behaviors)[number];

const preTokenizers = {
  Whitespace: () =>
    splitter(new RegExp(`[${wordClass}]+|[^${wordClass}\\p{White_Space}]+`, 'gu'), 'Removed', true),
  WhitespaceSplit: () => splitter(/\p{White_Space}/gu, 'Removed'),
  BertPreTokenizer: () =>
    inTurn([splitter(/\p{White_Space}/gu, 'Removed'), splitter(punctuation, 'Isolated')]),
  Punctuation: (place: Place) =>
    splitter(punctuation, choiceAt(has(place, 'behavior') ? at(place, 'behavior') : isolated, behaviors)),
  Digits: (place: Place) =>
    splitter(/\p{N}/gu, flagAt(at(place, 'individual_digits'), false) ? 'Isolated' : 'Contiguous'),
  Split: (place: Place) => {
    const pattern = at(place, 'pattern');
    // The empty string matches between any two characters, which leaves them one by one.
    if (at(pattern, 'String').value === '') {
      choiceAt(at(place, 'behavior'), ['Isolated', 'Removed']);
      return (text: string) => [...text];
    }
    return splitter(
      patternAt(pattern),
      choiceAt(at(place, 'behavior'), behaviors),
      flagAt(at(place, 'invert'), false),
    );
  },
  CharDelimiterSplit: (place: Place) => {
    const delimiter = textAt(at(place, 'delimiter'), { max: 2 });
    return (text: string) => text.split(delimiter).filter(Boolean);
  },
  FixedLength: (place: Place) => {
    const length = wholeAt(at(place, 'length'), { min: 1, max: 10_000 });
    return (text: string) => {
      const list = [...text];
      return Array.from({ length: Math.ceil(list.length / length) }, (_, i) =>
        list.slice(i * length, (i + 1) * length).join(''),
      );
    };
  },
  ByteLevel: byteLevel,
  Metaspace: metaspace,
  Sequence: (place: Place) => inTurn(stepsAt(at(place, 'pretokenizers'), preTokenizerAt)),
} satisfies Record<string, (place: Place) => PreTokenizer>;

/** The pre-tokenizer that a file describes. Throws a data error that names one that is not supported. */
export function preTokenizerAt(place: Place): PreTokenizer {
  const type = choiceAt(at(place, 'type'), Object.keys(preTokenizers) as (keyof typeof preTokenizers)[]);
  return preTokenizers[type](place);
}

/** No words at all: the text as it is. */
export const whole: PreTokenizer = (text) => (text === '' ? [] : [text]);

const isolated: Place = { value: 'Isolated', where: 'behavior' };
/** All of ASCII's marks, and Unicode's punctuation. */
const punctuation = /[!-/:-@[-`{-~\p{P}]/gu;

function byteLevel(place: Place): PreTokenizer {
  const prefix = flagAt(at(place, 'add_prefix_space'), true);
  const cut = flagAt(at(place, 'use_regex'), true) ? splitter(gpt2Pattern, 'Isolated') : whole;
  return (text, first) => cut(prefix && !text.startsWith(' ') ? ` ${text}` : text, first).map(byteLetters);
}

function metaspace(place: Place): PreTokenizer {
  const mark = textAt(at(place, 'replacement'), { max: 2 });
  const scheme = has(place, 'prepend_scheme')
    ? choiceAt(at(place, 'prepend_scheme'), ['always', 'first', 'never'])
    : flagAt(at(place, 'add_prefix_space'), true)
      ? 'always'
      : 'never';
  const cut = flagAt(at(place, 'split'), true)
    ? splitter(new RegExp(`\\u{${mark.codePointAt(0)!.toString(16)}}`, 'gu'), 'MergedWithNext')
    : whole;
  return (text, first) => {
    const marked = text.replaceAll(' ', mark);
    const prefix = scheme === 'always' || (scheme === 'first' && first);
    return cut(prefix && !marked.startsWith(mark) ? mark + marked : marked, first);
  };
}

function inTurn(list: readonly PreTokenizer[]): PreTokenizer {
  return (text, first) =>
    list.reduce(
      (before, next) => {
        const words = before.flatMap((word, i) => next(word, first && i === 0));
        checkGrowth(
          text.length,
          words.reduce((sum, word) => sum + word.length, 0),
        );
        return words;
      },
      [text],
    );
}

interface Segment {
  text: string;
  match: boolean;
}

/** Cuts where a pattern matches (with `invert` where it does not) and does with the matches as told. */
function splitter(pattern: RegExp, behavior: Behavior, invert = false): PreTokenizer {
  return (text) => {
    const segments: Segment[] = [];
    const add = (from: number, to: number, match: boolean) => {
      if (to > from) segments.push({ text: text.slice(from, to), match: match !== invert });
    };
    let end = 0;
    for (const found of text.matchAll(pattern)) {
      add(end, found.index, false);
      end = found.index + found[0].length;
      add(found.index, end, true);
    }
    add(end, text.length, false);
    return arranged(segments, behavior);
  };
}

function arranged(segments: readonly Segment[], behavior: Behavior): string[] {
  if (behavior === 'Removed') return segments.filter(({ match }) => !match).map(({ text }) => text);
  if (behavior === 'Isolated') return segments.map(({ text }) => text);
  const backwards = behavior === 'MergedWithNext';
  const words: string[] = [];
  let before: boolean | undefined;
  for (const { text, match } of backwards ? segments.toReversed() : segments) {
    const joins = behavior === 'Contiguous' ? match === before : match && before === false;
    const last = words.at(-1);
    if (joins && last !== undefined) words[words.length - 1] = backwards ? text + last : last + text;
    else words.push(text);
    before = match;
  }
  return backwards ? words.reverse() : words;
}
