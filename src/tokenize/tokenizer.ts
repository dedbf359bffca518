import { usageError } from '../core/errors.ts';
import type { TokenizerDescription } from './description.ts';

/** The roles that tokens without letters of their own may have, in the order of their ids. */
export const specialNames = ['pad', 'unknown', 'begin', 'end', 'mask', 'separator', 'class'] as const;
export type SpecialName = (typeof specialNames)[number];

/** The ids of the special tokens that a tokenizer has. */
export type SpecialTokens = Readonly<Partial<Record<SpecialName, number>>>;

/** How special tokens of our own tokenizers are spelled. */
export const specialSpelling: Readonly<Record<SpecialName, string>> = {
  pad: '<pad>',
  unknown: '<unk>',
  begin: '<s>',
  end: '</s>',
  mask: '<mask>',
  separator: '<sep>',
  class: '<cls>',
};

/** Whether special tokens take part; without it they do not. */
export interface SpecialOption {
  special?: boolean;
}

/**
 * Text to numbers and back.
 *
 * Ids are 0 … `size` − 1: the pieces of text first, then the special tokens (a tokenizer that was read from elsewhere has its
 * own order). What `encode` does with text that has no token depends on the tokenizer: with an `unknown` token it is that token,
 * otherwise a data error that names letter and position, unless the kind has a way to spell anything (bytes).
 *
 * @example
 * const tokenizer = kmers({ k: 3 });
 * tokenizer.encode('ACGTA');                        // [6, 27, 44]: ACG, CGT, GTA
 * tokenizer.decode(tokenizer.encode('ACGTA'));      // 'ACGTA'
 */
export interface Tokenizer {
  /** The kind: `letters`, `characters`, `bytes`, `words`, `kmers`, `codons`, `bpe`, `unigram`, `huggingface`. */
  readonly name: string;
  /** How many ids there are, special tokens included. */
  readonly size: number;
  readonly special: SpecialTokens;
  /**
   * Whether `decode(encode(text))` is `text` for every text that `encode` takes without unknown tokens. Kinds that fold case,
   * or U and T, give the folded text back and are lossless for text that is folded already.
   */
  readonly lossless: boolean;
  /**
   * The ids of a text. With `special`, the tokenizer's own frame stands around them: `class` or else `begin` before, `separator`
   * or else `end` after, as far as it has them. The spelling of a special token in the text is ordinary text (of a tokenizer read
   * from `tokenizer.json` it is that token, as in the library it comes from).
   */
  encode(text: string, options?: SpecialOption): Int32Array;
  /**
   * The text of ids; unknown tokens are spelled out, other special tokens left out, or with `special` spelled out too.
   * Throws a usage error for a number that is no id.
   */
  decode(ids: ArrayLike<number>, options?: SpecialOption): string;
  /** The spelling of one id. Throws a usage error for a number that is no id. */
  token(id: number): string;
  /**
   * Where each token of `encode(text)` stands in the text: start and end (exclusive) in UTF-16 units, two numbers a token. Where
   * a token is a part of a character's bytes, the character belongs to the token of its first byte, the others are empty.
   * Absent where a tokenizer changes the text before it reads it.
   */
  offsets?(text: string): Int32Array;
  /** Plain data from which `tokenizerFrom` makes the same tokenizer again. */
  toJSON(): TokenizerDescription;
}

/** Ids that a body has read, and where each token stands. */
export interface Reading {
  readonly ids: ArrayLike<number>;
  readonly offsets: ArrayLike<number>;
}

/** What a kind of tokenizer has of its own: the pieces of text. Special tokens are added by `assemble`. */
export interface Body {
  readonly name: string;
  /** How many pieces there are: their ids are 0 … `count` − 1. */
  readonly count: number;
  readonly lossless: boolean;
  /** `unknown` is the id for text without a token; undefined: there is none, and such text is refused. */
  encode(text: string, unknown: number | undefined): ArrayLike<number>;
  /** `ids` are of pieces, or the unknown token (or with `special` any other special token); `spell` spells each of them. */
  decode(ids: readonly number[], spell: (id: number) => string): string;
  token(id: number): string;
  offsets?(text: string, unknown: number | undefined): ArrayLike<number>;
  /** The description without its special tokens. */
  describe(): Record<string, unknown>;
}

/** A tokenizer from its body and the names of its special tokens, whose ids follow those of the pieces. */
export function assemble(body: Body, special: readonly SpecialName[] = []): Tokenizer {
  const names = checkedSpecials(special);
  const { name, count, lossless } = body;
  const size = count + names.length;
  const ids: SpecialTokens = Object.fromEntries(names.map((role, i) => [role, count + i]));
  const token = (id: number) => {
    if (!(Number.isInteger(id) && id >= 0 && id < size))
      throw usageError(
        `${id} is no token of this tokenizer (${name}); expected a whole number below ${size}.`,
      );
    return id < count ? body.token(id) : specialSpelling[names[id - count]!];
  };
  const { offsets } = body;
  return {
    ...{ name, size, special: ids, lossless, token },
    encode: (text, options) =>
      framed(body.encode(text, ids.unknown), options?.special ? ids : ({} as SpecialTokens)),
    decode(tokens, options) {
      const kept: number[] = [];
      for (let i = 0; i < tokens.length; i++) {
        const id = tokens[i]!;
        if (!(Number.isInteger(id) && id >= 0 && id < count)) token(id);
        if (options?.special || id < count || id === ids.unknown) kept.push(id);
      }
      return body.decode(kept, token);
    },
    ...(offsets && { offsets: (text: string) => Int32Array.from(offsets(text, ids.unknown)) }),
    toJSON: () => ({ kind: name, ...body.describe(), special: names }) as unknown as TokenizerDescription,
  };
}

function framed(ids: ArrayLike<number>, special: SpecialTokens): Int32Array {
  const before = special.class ?? special.begin;
  const after = special.separator ?? special.end;
  if (before === undefined && after === undefined)
    return ids instanceof Int32Array ? ids : Int32Array.from(ids);
  const start = Number(before !== undefined);
  const all = new Int32Array(ids.length + start + Number(after !== undefined));
  all.set(ids, start);
  if (before !== undefined) all[0] = before;
  if (after !== undefined) all[all.length - 1] = after;
  return all;
}

/** The names in the order of their ids. Throws a usage error for one that is not known or occurs twice. */
function checkedSpecials(special: readonly SpecialName[]): SpecialName[] {
  const strange = special.find((name, i) => !specialNames.includes(name) || special.indexOf(name) !== i);
  if (strange !== undefined)
    throw usageError(
      `Special token ${JSON.stringify(strange)} is not known or occurs twice; choose from ${specialNames.join(', ')}.`,
    );
  return specialNames.filter((name) => special.includes(name));
}
