import { dataError, usageError } from '../core/errors.ts';
import {
  type BaseSymbols,
  baseSymbols,
  baseSymbolsOf,
  partCounts,
  parts,
  type Split,
} from './base-symbols.ts';
import { type BpeOptions, checkedRoom, longestSubword } from './bpe.ts';
import { decodeBytes } from './bytes.ts';
import { bestSegmentation, type Trie, trie } from './lattice.ts';
import { learnUnigram } from './learn-unigram.ts';
import { assemble, type Reading, type Tokenizer } from './tokenizer.ts';

/** A piece of text and its score: ln of its probability. */
export type Piece = readonly [text: string, score: number];

export interface UnigramTrainOptions extends BpeOptions {
  /** How many tokens at most, special ones included. */
  size?: number;
  /** The most characters of a subword. */
  longest?: number;
  /** A substring that occurs less often is none to begin with. */
  minCount?: number;
  /** With how many substrings to begin, beside the characters (default: ten times `size`, at least 100 000). */
  seeds?: number;
}

/** How much worse than the worst piece a byte or an unknown character is, in nats. */
const penalty = 10;

/**
 * A unigram tokenizer from its pieces: a text is cut into those whose scores sum to the most. Ids are the characters, then 256
 * bytes, then the other pieces. A character that is no piece costs 10 nats more than the worst piece, and is spelled in bytes.
 * Throws a usage error for pieces that are repeated, empty or made of other characters, and for scores that are no numbers.
 * @example unigram([['A', -1], ['C', -1]], [['AC', -1.5]], { bytes: false }).encode('ACA') // [2, 0]
 */
export function unigram(
  characters: readonly Piece[],
  subwords: readonly Piece[],
  { split = 'none', bytes = true, special = [] }: BpeOptions = {},
): Tokenizer {
  const base = baseSymbols(
    characters.map(([character]) => character),
    bytes,
  );
  const pieces = [...characters, ...subwords];
  const least = pieces.reduce((min, [, score]) => Math.min(min, score), Number.POSITIVE_INFINITY);
  if (!pieces.every(([, score]) => Number.isFinite(score)))
    throw usageError('A unigram tokenizer needs a finite score for every piece.');
  const lengths = checkedPieces(base, subwords);
  const tree = trie([
    ...characters.map((_, id) => [id]),
    ...subwords.map(([text]) => base.read(text, undefined)),
  ]);
  const settings = {
    ...{ base, tree, split, scores: Float64Array.from(pieces, ([, score]) => score), least: least - penalty },
  };
  return assemble(
    {
      name: 'unigram',
      count: base.count + lengths,
      lossless: true,
      encode: (text, unknown) => readPieces(text, unknown, settings).ids,
      offsets: (text, unknown) => readPieces(text, unknown, settings).offsets,
      decode: decodeBytes(base.byteOf),
      token: (id) => (id < base.count ? base.spell(id) : subwords[id - base.count]![0]),
      describe: () => ({ characters, subwords, split, bytes }),
    },
    special,
  );
}

/**
 * Learns a unigram tokenizer from texts or sequences (see `learnUnigram`). The same texts give the same tokenizer. Sequences
 * are searched for substrings of up to `longest` characters.
 * Throws a usage error where `size` has no room for the characters and bytes, a data error for texts without a letter.
 */
export function trainUnigram(
  texts: Iterable<string>,
  {
    size = 4096,
    longest = 16,
    minCount = 2,
    seeds = Math.max(10 * size, 100_000),
    split = 'none',
    bytes = true,
    special = [],
  }: UnigramTrainOptions = {},
): Tokenizer {
  if (!(Number.isInteger(longest) && longest >= 1 && longest <= longestSubword))
    throw usageError(`longest is ${longest}; expected 1 to ${longestSubword} characters.`);
  const counts = partCounts(texts, split);
  const base = baseSymbolsOf(counts.keys(), bytes);
  if (base.characters.length === 0) throw dataError('The texts to learn from are empty.');
  const room = checkedRoom(size, base, special) - (bytes ? 256 : 0);
  const corpus = knownRuns(counts, base);
  const singles = base.characters.length;
  const learned = learnUnigram(corpus, { size: room, singles, longest, minCount, seeds });
  const pieces = learned.map(
    ({ symbols, score }): Piece => [symbols.map((symbol) => base.spell(symbol)).join(''), score],
  );
  return unigram(pieces.slice(0, singles), pieces.slice(singles), { split, bytes, special });
}

/** The corpus without the characters that are spelled in bytes: what stands between them. */
function knownRuns(counts: ReadonlyMap<string, number>, base: BaseSymbols) {
  const runs: { symbols: number[]; count: number }[] = [];
  for (const [part, count] of counts) {
    let run: number[] = [];
    for (const symbol of [...base.read(part, undefined), -1]) {
      if (symbol >= 0 && symbol < base.characters.length) run.push(symbol);
      else {
        if (run.length > 0) runs.push({ symbols: run, count });
        run = [];
      }
    }
  }
  return runs;
}

function checkedPieces({ characters }: BaseSymbols, subwords: readonly Piece[]): number {
  const known = new Set(characters);
  const seen = new Set<string>();
  let letters = 0;
  for (const [text] of subwords) {
    const list = [...text];
    if (list.length < 2 || list.length > longestSubword || !list.every((c) => known.has(c)) || seen.has(text))
      throw usageError(
        `The piece ${JSON.stringify(text.slice(0, 40))} cannot be: expected different pieces of 2 to ${longestSubword} of the characters.`,
      );
    seen.add(text);
    letters += text.length;
    if (letters > 2 ** 26) throw usageError('The pieces have more than 2^26 letters.');
  }
  return subwords.length;
}

interface Settings {
  readonly base: BaseSymbols;
  readonly tree: Trie;
  readonly scores: Float64Array;
  readonly least: number;
  readonly split: Split;
}

function readPieces(
  text: string,
  unknown: number | undefined,
  { base, tree, scores, least, split }: Settings,
): Reading {
  const ids: number[] = [];
  const offsets: number[] = [];
  const bytes = base.count - base.characters.length;
  let from = 0;
  for (const part of parts(text, split)) {
    const spans: number[] = [];
    const symbols = base.read(part, unknown, spans);
    const { pieces, ends } = bestSegmentation(symbols, tree, scores, least);
    pieces.forEach((piece, i) => {
      const end = ends[i]!;
      const begin = i === 0 ? 0 : ends[i - 1]!;
      // Symbols without a piece are bytes or unknown; pieces beyond the characters follow the bytes.
      ids.push(piece < 0 ? symbols[begin]! : piece < base.characters.length ? piece : piece + bytes);
      offsets.push(from + spans[2 * begin]!, from + spans[2 * end - 1]!);
    });
    from += part.length;
  }
  return { ids, offsets };
}
