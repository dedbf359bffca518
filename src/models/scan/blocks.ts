import { dataError } from '../../core/errors.ts';
import { type Alphabet, type AmbiguityPolicy, describeLetter, expectedLetters } from '../../data/alphabet.ts';
import type { Stretch, StretchPiece } from '../../data/stretches.ts';
import type { ScanWindow, Windowing } from './windowing.ts';

/** A window within a block. */
export interface BlockWindow extends ScanWindow {
  readonly chrom: string;
  /** What is to be added to its coordinates, which are those of its stretch, to have those of the sequence. */
  readonly offset: number;
  /** Where its letters begin among those of the block; −1 where it is left out for its unknown letters. */
  readonly place: number;
}

/**
 * What is run together: windows `index` · size to before (`index` + 1) · size of all windows of the input. As that depends on nothing
 * else, a block gives the same bits in whatever shard or thread it is run.
 */
export interface ScanBlock {
  readonly index: number;
  readonly windows: readonly BlockWindow[];
  /** Tokens; windows that overlap share theirs. */
  readonly letters: Uint8Array;
}

/** How blocks are made. */
export interface BlockOptions {
  readonly windowing: Windowing;
  /** Windows in a block. */
  readonly size: number;
  readonly alphabet: Alphabet;
  /**
   * Letters such as N: `error` refuses them, `mask` keeps them as unknown but leaves windows out of which they are more than half, `skip` leaves
   * out every window that has one.
   */
  readonly ambiguous: AmbiguityPolicy;
  /** The name of the input, for messages. */
  readonly name: string;
}

/** Where a block begins: its first window is window `window` of a stretch, whose letters are needed from `at` on. */
export interface BlockPlace {
  readonly index: number;
  readonly stretch: number;
  readonly window: number;
  readonly at: number;
}

/** How many blocks stretches have. */
export const blockCount = (
  stretches: readonly Pick<Stretch, 'length'>[],
  { windowing, size }: Pick<BlockOptions, 'windowing' | 'size'>,
): number => Math.ceil(stretches.reduce((sum, { length }) => sum + windowing.count(length), 0) / size);

/** Where block `index` begins; behind the last window where there is no such block. */
export function blockPlace(
  stretches: readonly Pick<Stretch, 'length'>[],
  index: number,
  { windowing, size }: Pick<BlockOptions, 'windowing' | 'size'>,
): BlockPlace {
  let before = 0;
  for (const [stretch, { length }] of stretches.entries()) {
    const count = windowing.count(length);
    const window = index * size - before;
    if (window < count) return { index, stretch, window, at: windowing.needs(window) };
    before += count;
  }
  return { index, stretch: stretches.length, window: 0, at: 0 };
}

const start: BlockPlace = { index: 0, stretch: 0, window: 0, at: 0 };

/**
 * The blocks of what is read, in order, from a place on; `pieces` begin there. Memory is that of a block, a piece and a window. Throws a data
 * error that names input, sequence and position for letters outside the alphabet, and for ambiguous ones under `error`.
 */
export async function* scanBlocks(
  pieces: AsyncIterable<StretchPiece> | Iterable<StretchPiece>,
  options: BlockOptions,
  from: BlockPlace = start,
): AsyncGenerator<ScanBlock, void, undefined> {
  const { windowing, size } = options;
  const letters = letterWindow(options);
  let block = blockBuilder(from.index, options);
  let [open, k] = [-1, 0];
  for await (const piece of pieces) {
    if (piece.stretch !== open) {
      k = open === -1 ? from.window : 0;
      open = piece.stretch;
      letters.restart(piece.at);
    }
    letters.append(piece);
    const seen = piece.at + piece.letters.length;
    const length = piece.last ? seen : Infinity;
    const more = () => (piece.last ? k < windowing.count(seen) : windowing.decided(k, seen));
    for (; more(); k++) {
      block.add(piece, windowing.at(k, length), letters);
      if (block.count() < size) continue;
      yield block.end();
      block = blockBuilder(block.index + 1, options);
    }
    letters.release(windowing.needs(k));
  }
  if (block.count() > 0) yield block.end();
}

/** Tells a letter that no model knows what it may be; `check` of `Stretches.measure`. */
export function letterCheck(options: Pick<BlockOptions, 'alphabet' | 'ambiguous' | 'name'>) {
  const encode = letterEncoder(options);
  return (piece: StretchPiece): void => encode(piece, undefined);
}

const none = 255;

/** Writes tokens of a piece into `into`, where that is given; throws for letters that are none. */
function letterEncoder({ alphabet, ambiguous, name }: Pick<BlockOptions, 'alphabet' | 'ambiguous' | 'name'>) {
  const last = ambiguous === 'error' ? alphabet.size : alphabet.padding;
  const table = new Uint8Array(256).fill(none);
  alphabet.ids.forEach((id, code) => {
    if (id >= 0 && id < last) table[code] = id;
  });
  return ({ letters, ...place }: StretchPiece, into: Uint8Array | undefined): void => {
    for (let i = 0; i < letters.length; i++) {
      const token = table[letters[i]!]!;
      if (token === none) throw badLetter({ letters, ...place }, i, { alphabet, name });
      if (into) into[i] = token;
    }
  };
}

function badLetter(
  { chrom, start, at, letters }: StretchPiece,
  i: number,
  { alphabet, name }: Pick<BlockOptions, 'alphabet' | 'name'>,
): Error {
  const letter = describeLetter(String.fromCharCode(letters[i]!), 0).replace(/ at position 1$/, '');
  const where = `${name}: "${chrom}" has ${letter} at position ${start + at + i + 1}`;
  const isToken = (alphabet.ids[letters[i]!] ?? -1) >= 0;
  return dataError(
    isToken
      ? `${where}; expected one of ${[...alphabet.letters].join(' ')}. Use --ambiguous mask to keep such letters or --ambiguous skip to leave their windows out.`
      : `${where}; the model reads ${alphabet.name}: expected ${expectedLetters(alphabet)}. Correct the file, or choose a model of its alphabet.`,
  );
}

/** The letters of a stretch that windows to come may need, as tokens. */
function letterWindow(options: BlockOptions) {
  const encode = letterEncoder(options);
  const { size } = options.alphabet;
  let tokens = new Uint8Array(1 << 16);
  // unknown[i]: how many of the tokens before i are no canonical letter.
  let unknown = new Int32Array((1 << 16) + 1);
  let [base, filled] = [0, 0];
  const reserve = (more: number) => {
    if (filled + more <= tokens.length) return;
    const room = Math.max(2 * tokens.length, filled + more);
    const [wider, counts] = [new Uint8Array(room), new Int32Array(room + 1)];
    wider.set(tokens.subarray(0, filled));
    counts.set(unknown.subarray(0, filled + 1));
    [tokens, unknown] = [wider, counts];
  };
  return {
    restart(at: number) {
      [base, filled] = [at, 0];
      unknown[0] = 0;
    },
    append(piece: StretchPiece) {
      reserve(piece.letters.length);
      encode(piece, tokens.subarray(filled));
      for (let i = 0; i < piece.letters.length; i++, filled++)
        unknown[filled + 1] = unknown[filled]! + (tokens[filled]! < size ? 0 : 1);
    },
    /** Lets go of what stands before a letter of the stretch. */
    release(before: number) {
      const gone = Math.min(filled, Math.max(0, before - base));
      if (gone === 0) return;
      const counted = unknown[gone]!;
      tokens.copyWithin(0, gone, filled);
      unknown.copyWithin(0, gone, filled + 1);
      [base, filled] = [base + gone, filled - gone];
      if (counted > 0) for (let i = 0; i <= filled; i++) unknown[i]! -= counted;
    },
    unknown: (from: number, to: number) => unknown[to - base]! - unknown[from - base]!,
    tokens: (from: number, to: number) => tokens.subarray(from - base, to - base),
  };
}

function blockBuilder(index: number, { windowing, size, ambiguous }: BlockOptions) {
  const windows: BlockWindow[] = [];
  const letters = new Uint8Array(size * windowing.width);
  let filled = 0;
  let before: { stretch: number; end: number } | undefined;
  const leftOut = (unknown: number, length: number) =>
    ambiguous === 'skip' ? unknown > 0 : 2 * unknown > length;
  return {
    index,
    count: () => windows.length,
    add(
      { stretch, chrom, start: offset }: StretchPiece,
      window: ScanWindow,
      from: ReturnType<typeof letterWindow>,
    ) {
      const { start, end } = window;
      if (leftOut(from.unknown(start, end), end - start)) {
        windows.push({ ...window, chrom, offset, place: -1 });
        return;
      }
      const shared = before?.stretch === stretch && before.end >= start ? before.end - start : 0;
      windows.push({ ...window, chrom, offset, place: filled - shared });
      letters.set(from.tokens(start + shared, end), filled);
      filled += end - start - shared;
      before = { stretch, end };
    },
    end: (): ScanBlock => ({ index, windows, letters: letters.slice(0, filled) }),
  };
}
