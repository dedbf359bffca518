import { at, checkGrowth, choiceAt, flagAt, has, type Place, stepsAt, textAt } from '../checks.ts';
import { byteLetters } from './byte-letters.ts';
import { patternAt } from './pattern.ts';

/** Changes a text before it is read. */
export type Normalizer = (text: string) => string;

/** Letter by letter, as Rust does: the end of a word does not change a sigma. */
const lowercase: Normalizer = (text) => Array.from(text, (letter) => letter.toLowerCase()).join('');

const forms = (form: string) => (): Normalizer => (text) => text.normalize(form);

const normalizers = {
  NFC: forms('NFC'),
  NFD: forms('NFD'),
  NFKC: forms('NFKC'),
  NFKD: forms('NFKD'),
  Lowercase: () => lowercase,
  StripAccents: (): Normalizer => (text) => text.replace(/\p{M}/gu, ''),
  Strip: (place: Place): Normalizer => {
    const left = flagAt(at(place, 'strip_left'), true);
    const right = flagAt(at(place, 'strip_right'), true);
    return (text) => {
      const front = left ? text.replace(/^\p{White_Space}+/u, '') : text;
      return right ? withoutEnd(front) : front;
    };
  },
  Prepend: (place: Place): Normalizer => {
    const prefix = textAt(at(place, 'prepend'), { max: 100 });
    return (text) => (text === '' ? text : prefix + text);
  },
  Replace: (place: Place): Normalizer => {
    const pattern = patternAt(at(place, 'pattern'));
    const content = textAt(at(place, 'content'), { max: 16, empty: true });
    return (text) => text.replace(pattern, () => content);
  },
  ByteLevel: (): Normalizer => byteLetters,
  BertNormalizer: bertNormalizer,
  Sequence: (place: Place): Normalizer => {
    const list = stepsAt(at(place, 'normalizers'), normalizerAt);
    return (text) =>
      list.reduce((before, next) => {
        const changed = next(before);
        checkGrowth(text.length, changed.length);
        return changed;
      }, text);
  },
} satisfies Record<string, (place: Place) => Normalizer>;

/** The normalizer that a file describes. Throws a data error that names one that is not supported. */
export function normalizerAt(place: Place): Normalizer {
  const type = choiceAt(at(place, 'type'), Object.keys(normalizers) as (keyof typeof normalizers)[]);
  return normalizers[type](place);
}

/** A loop: an expression that looks for the last white space would try every run of it. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /\p{White_Space}/u.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}

/** BERT's cleaning (Devlin et al. 2019): control characters, spaces around ideographs, accents, case. */
function bertNormalizer(place: Place): Normalizer {
  const lower = flagAt(at(place, 'lowercase'), true);
  const clean = flagAt(at(place, 'clean_text'), true);
  const chinese = flagAt(at(place, 'handle_chinese_chars'), true);
  const strip = has(place, 'strip_accents') ? flagAt(at(place, 'strip_accents')) : lower;
  return (text) => {
    let changed = text;
    if (clean)
      changed = changed
        .replace(/[\0\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}]/gu, '')
        .replace(/\p{White_Space}/gu, ' ');
    if (chinese) changed = changed.replace(ideograph, ' $& ');
    if (strip) changed = changed.normalize('NFD').replace(/\p{Mn}/gu, '');
    return lower ? lowercase(changed) : changed;
  };
}

/** The blocks of unified and compatibility ideographs that BERT divides. */
const ideograph =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;
