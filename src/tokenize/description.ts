import { dataError, SeqwrightError } from '../core/errors.ts';
import { type Alphabet, alphabetByName } from '../data/alphabet.ts';
import type { Split } from './base-symbols.ts';
import { bpe } from './bpe.ts';
import { bytes } from './bytes.ts';
import { characters } from './characters.ts';
import { at, choiceAt, flagAt, listAt, numberAt, type Place, textAt, wholeAt } from './checks.ts';
import { codons } from './codons.ts';
import { huggingface } from './huggingface/huggingface.ts';
import { kmers } from './kmers.ts';
import type { Merge } from './learn-merges.ts';
import { letters } from './letters.ts';
import { type SpecialName, specialNames, type Tokenizer } from './tokenizer.ts';
import { type Piece, unigram } from './unigram.ts';
import { words } from './words.ts';

interface AlphabetDescription {
  readonly name: string;
  readonly letters: string;
}

/** What every kind says of itself beside its own settings. */
interface Described<Kind extends string> {
  readonly kind: Kind;
  readonly special: readonly SpecialName[];
}

/** A tokenizer as plain JSON, as it stands in `model.json` or in a file of its own. */
export type TokenizerDescription =
  | Described<'bytes'>
  | (Described<'characters'> & { readonly characters: readonly string[] })
  | (Described<'letters'> & { readonly alphabet: AlphabetDescription; readonly ambiguous: string })
  | (Described<'words'> & {
      readonly words: readonly string[];
      readonly punctuation: string;
      readonly lowercase: boolean;
    })
  | (Described<'kmers'> & {
      readonly alphabet: AlphabetDescription;
      readonly k: number;
      readonly mask: string;
      readonly stride: number;
      readonly canonical: boolean;
      readonly remainder: string;
    })
  | (Described<'codons'> & {
      readonly alphabet: AlphabetDescription;
      readonly table: number;
      readonly frame: number;
      readonly remainder: string;
    })
  | (Described<'bpe'> & {
      readonly characters: readonly string[];
      readonly merges: readonly Merge[];
      readonly split: Split;
      readonly bytes: boolean;
    })
  | (Described<'unigram'> & {
      readonly characters: readonly Piece[];
      readonly subwords: readonly Piece[];
      readonly split: Split;
      readonly bytes: boolean;
    })
  | {
      readonly kind: 'huggingface';
      /** What `tokenizer.json` holds. */
      readonly file: Readonly<Record<string, unknown>>;
    };

const remainders = ['letters', 'drop', 'error'] as const;

/** One reader a kind: from fields that nobody vouches for to a tokenizer. */
const readers: Record<TokenizerDescription['kind'], (place: Place) => Tokenizer> = {
  bytes: (place) => bytes({ special: specialAt(place) }),
  characters: (place) =>
    characters(
      listAt(at(place, 'characters'), (item) => textAt(item, { max: 2 })),
      { special: specialAt(place) },
    ),
  letters: (place) =>
    letters(alphabetAt(place), {
      ambiguous: choiceAt(at(place, 'ambiguous'), ['keep', 'unknown', 'error']),
      special: specialAt(place),
    }),
  words: (place) =>
    words(
      listAt(at(place, 'words'), (item) => textAt(item)),
      {
        punctuation: choiceAt(at(place, 'punctuation'), ['split', 'keep']),
        lowercase: flagAt(at(place, 'lowercase')),
        special: specialAt(place),
      },
    ),
  kmers: (place) =>
    kmers({
      alphabet: alphabetAt(place),
      k: wholeAt(at(place, 'k'), { min: 1, max: 24 }),
      mask: textAt(at(place, 'mask'), { max: 64 }),
      stride: wholeAt(at(place, 'stride'), { min: 1, max: 64 }),
      canonical: flagAt(at(place, 'canonical')),
      remainder: choiceAt(at(place, 'remainder'), remainders),
      special: specialAt(place),
    }),
  codons: (place) =>
    codons({
      alphabet: alphabetAt(place),
      table: wholeAt(at(place, 'table'), { min: 1, max: 33 }),
      frame: wholeAt(at(place, 'frame'), { max: 2 }) as 0 | 1 | 2,
      remainder: choiceAt(at(place, 'remainder'), remainders),
      special: specialAt(place),
    }),
  bpe: (place) =>
    bpe(charactersAt(place), listAt(at(place, 'merges'), mergeAt), {
      split: choiceAt(at(place, 'split'), ['none', 'spaces']),
      bytes: flagAt(at(place, 'bytes')),
      special: specialAt(place),
    }),
  huggingface: (place) => huggingface(at(place, 'file').value, at(place, 'file').where),
  unigram: (place) =>
    unigram(listAt(at(place, 'characters'), pieceAt), listAt(at(place, 'subwords'), pieceAt), {
      split: choiceAt(at(place, 'split'), ['none', 'spaces']),
      bytes: flagAt(at(place, 'bytes')),
      special: specialAt(place),
    }),
};

function pieceAt(place: Place): Piece {
  listAt(place, () => undefined, { min: 2, max: 2 });
  const [text, score] = place.value as unknown[];
  return [
    textAt({ value: text, where: `${place.where}[0]` }),
    numberAt({ value: score, where: `${place.where}[1]` }),
  ];
}

const charactersAt = (place: Place) => listAt(at(place, 'characters'), (item) => textAt(item, { max: 2 }));

function mergeAt(place: Place): Merge {
  const [left, right] = listAt(place, (item) => wholeAt(item), { min: 2, max: 2 });
  return [left!, right!];
}

/**
 * The tokenizer that `toJSON` described. `description` may come from anywhere: every field is checked, sizes are bounded, and
 * nothing in it is run. `where` names it in messages, such as `mine.model/model.json: spec.tokenizer`.
 * Throws a data error that says which field is wrong.
 * @example tokenizerFrom(JSON.parse(JSON.stringify(kmers({ k: 3 })))).encode('ACGT') // [6, 27]
 */
export function tokenizerFrom(description: unknown, where = 'tokenizer'): Tokenizer {
  const place = { value: description, where };
  const kind = choiceAt(at(place, 'kind'), Object.keys(readers) as TokenizerDescription['kind'][]);
  try {
    return readers[kind](place);
  } catch (error) {
    // What a program did wrong when it called with such settings is wrong data here.
    if (error instanceof SeqwrightError && error.kind === 'usage')
      throw dataError(`${where}: ${error.message}`);
    throw error;
  }
}

function specialAt(place: Place): SpecialName[] {
  return listAt(at(place, 'special'), (item) => choiceAt(item, specialNames), { max: specialNames.length });
}

function alphabetAt(place: Place): Alphabet {
  const field = at(place, 'alphabet');
  return alphabetByName(textAt(at(field, 'name'), { max: 100 }), textAt(at(field, 'letters'), { max: 128 }));
}
