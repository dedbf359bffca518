import { type Alphabet, alphabetByName } from '../../data/alphabet.ts';
import type { TokenizerDescription } from '../../tokenize/description.ts';
import type { Tokenizer } from '../../tokenize/tokenizer.ts';
import { tokenizerOf } from '../language/spec.ts';

/** What a masked model needs to know of its tokens. */
export interface MaskedVocabulary {
  readonly tokenizer: Tokenizer;
  /** The tokens of a text; an ambiguous letter for which there is no token is read as the mask: it is not known. */
  encode(text: string): Int32Array;
  /** The token that stands where something is hidden: the tokenizer's own, else one more id. */
  readonly mask: number;
  /** Ids that are read. */
  readonly reads: number;
  /** Ids that may be the answer: those of the tokenizer. */
  readonly writes: number;
  /** For each id that is read, whether it may be hidden: special tokens and ambiguous letters may not. */
  readonly maskable: Uint8Array;
  /** The ids that may be hidden, and that stand in where a random token is read. */
  readonly choices: Int32Array;
  /** How many tokens on either side share letters with a token: k − 1 of k-mers at each letter, else 0. */
  readonly overlap: number;
  /** Letters of a token, where all have as many but for remainders (1, k, 3), else 1. */
  readonly letters: number;
  /** The alphabet that tokens spell plainly, where there is one: then single letters have probabilities. */
  readonly alphabet: Alphabet | undefined;
  /**
   * The ids of the tokens that differ from `token` in its letter `at` alone, in the order of the alphabet, `token` itself among them; undefined
   * where the token spells no canonical letters.
   */
  alternatives(token: number, at: number): Int32Array | undefined;
}

const made = new WeakMap<TokenizerDescription, MaskedVocabulary>();

/** The vocabulary of a masked model; a description is read once. */
export function maskedVocabulary(spec: { readonly tokenizer: TokenizerDescription }): MaskedVocabulary {
  const known = made.get(spec.tokenizer) ?? readVocabulary(spec.tokenizer);
  made.set(spec.tokenizer, known);
  return known;
}

function readVocabulary(description: TokenizerDescription): MaskedVocabulary {
  const tokenizer = tokenizerOf({ tokenizer: description });
  const { size, special } = tokenizer;
  const mask = special.mask ?? size;
  const reads = Math.max(size, mask + 1);
  const spelled = spelledLetters(description);
  const specials = new Set(Object.values(special));
  const maskable = Uint8Array.from({ length: reads }, (_, id) =>
    Number(id !== mask && !specials.has(id) && (!spelled || spelled.spells(tokenizer.token(id)))),
  );
  const choices = Int32Array.from(Array.from(maskable.keys()).filter((id) => maskable[id]));
  const { k = 1, stride = k } = description as { k?: number; stride?: number };
  const width = description.kind === 'kmers' ? description.mask.length : 1;
  const plain = spelled?.plain ? spelled.alphabet : undefined;
  return {
    ...{ tokenizer, mask, reads, writes: size, maskable, choices },
    encode: encoderOf(tokenizer, description, mask),
    overlap: description.kind === 'kmers' ? Math.ceil(width / stride) - 1 : 0,
    letters: description.kind === 'codons' ? 3 : width,
    alphabet: plain,
    alternatives: alternativesOf(tokenizer, plain, maskable),
  };
}

function encoderOf(
  tokenizer: Tokenizer,
  description: TokenizerDescription,
  mask: number,
): MaskedVocabulary['encode'] {
  if (description.kind !== 'letters' || description.ambiguous !== 'error')
    return (text) => tokenizer.encode(text);
  const { name, letters } = description.alphabet;
  const alphabet = alphabetByName(name, letters);
  return (text) => alphabet.encode(text).map((id) => (id < alphabet.size ? id : mask));
}

/** Which tokens are made of canonical letters alone; `plain`: every one of their letters stands for itself, on this strand. */
function spelledLetters(description: TokenizerDescription) {
  if (!('alphabet' in description)) return undefined;
  const { name, letters } = description.alphabet;
  const alphabet = alphabetByName(name, letters);
  const canonical = new Set([...alphabet.letters, '.']);
  const isKmers = description.kind === 'kmers';
  return {
    alphabet,
    plain: !isKmers || (!description.canonical && !description.mask.includes('0')),
    spells: (token: string) => [...token].every((letter) => canonical.has(letter)),
  };
}

function alternativesOf(
  tokenizer: Tokenizer,
  alphabet: Alphabet | undefined,
  maskable: Uint8Array,
): MaskedVocabulary['alternatives'] {
  if (!alphabet) return () => undefined;
  const ids = new Map<string, number>();
  maskable.forEach((may, id) => {
    if (may) ids.set(tokenizer.token(id), id);
  });
  return (token, at) => {
    if (!maskable[token]) return undefined;
    const text = tokenizer.token(token);
    if (at >= text.length) return undefined;
    const [before, after] = [text.slice(0, at), text.slice(at + 1)];
    return Int32Array.from(alphabet.letters, (letter) => ids.get(before + letter + after)!);
  };
}
