import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { tokenizerFrom } from './description.ts';
import { bestSegmentation, expectPieces, trie } from './lattice.ts';
import { digamma, frequentSubstrings } from './learn-unigram.ts';
import { type Piece, trainUnigram, unigram } from './unigram.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/tokenize/subwords.json', import.meta.url), 'utf8'),
);

/** Every way to cut symbols into pieces: lists of piece numbers. */
function segmentations(symbols: readonly number[], pieces: readonly (readonly number[])[]): number[][] {
  if (symbols.length === 0) return [[]];
  return pieces.flatMap((piece, i) =>
    piece.every((symbol, at) => symbols[at] === symbol)
      ? segmentations(symbols.slice(piece.length), pieces).map((rest) => [i, ...rest])
      : [],
  );
}

const pieces = [[0], [1], [0, 1], [1, 0], [0, 0], [0, 1, 0], [1, 1, 1]];
const symbolLists = fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 9 });
const scoreLists = fc.array(fc.double({ min: -6, max: -0.1, noNaN: true }), { minLength: 7, maxLength: 7 });

describe('segmentations, beside all of them enumerated', () => {
  const tree = trie(pieces);
  const total = (list: readonly number[], scores: readonly number[]) =>
    list.reduce((sum, i) => sum + scores[i]!, 0);

  it('the best one has the highest sum of scores', () => {
    fc.assert(
      fc.property(symbolLists, scoreLists, (symbols, scores) => {
        const best = Math.max(...segmentations(symbols, pieces).map((list) => total(list, scores)));
        const found = bestSegmentation(symbols, tree, scores, -100);
        expect(found.score).toBeCloseTo(best, 9);
        expect(total(found.pieces, scores)).toBeCloseTo(best, 9);
        expect(found.pieces.flatMap((i) => pieces[i]!)).toEqual(symbols);
      }),
    );
  });

  it('expected pieces are their mean over all segmentations, by probability', () => {
    fc.assert(
      fc.property(symbolLists, scoreLists, (symbols, scores) => {
        const expected = new Float64Array(7);
        const logSum = expectPieces(symbols, tree, scores.map(Math.exp), expected, 2);
        const all = segmentations(symbols, pieces).map((list) => ({
          list,
          p: Math.exp(total(list, scores)),
        }));
        const sum = all.reduce((acc, { p }) => acc + p, 0);
        expect(logSum).toBeCloseTo(2 * Math.log(sum), 8);
        for (let i = 0; i < 7; i++) {
          const mean = all.reduce(
            (acc, { list, p }) => acc + (p / sum) * list.filter((x) => x === i).length,
            0,
          );
          expect(expected[i]).toBeCloseTo(2 * mean, 8);
        }
      }),
    );
  });

  it('stay numbers where the probability of a sequence is far below the smallest double', () => {
    const symbols = Array.from({ length: 5000 }, (_, i) => i % 2);
    const expected = new Float64Array(7);
    const logSum = expectPieces(symbols, tree, new Float64Array(7).fill(1e-20), expected, 1);
    // Fewest pieces win: 5000 symbols in pieces of three and two.
    expect(logSum).toBeLessThan(-20 * Math.LN10 * 1666);
    expect(logSum).toBeGreaterThan(-20 * Math.LN10 * 2600);
    const covered = expected.reduce((sum, count, i) => sum + count * pieces[i]!.length, 0);
    expect(covered).toBeCloseTo(5000, 5);
  });
});

describe('learning', () => {
  it('digamma has its known values and its recurrence', () => {
    expect(digamma(1)).toBeCloseTo(-0.5772156649015329, 12);
    expect(digamma(0.5)).toBeCloseTo(-1.9635100260214235, 12);
    for (const x of [0.3, 2.7, 11.5, 1e4]) expect(digamma(x + 1) - digamma(x)).toBeCloseTo(1 / x, 10);
  });

  it('frequent substrings are those that counting finds, and their counts', () => {
    const texts = fc.array(fc.array(fc.constantFrom(0, 1, 2), { maxLength: 12 }), { maxLength: 4 });
    fc.assert(
      fc.property(texts, (list) => {
        const corpus = list.map((symbols, i) => ({ symbols, count: i + 1 }));
        const found = frequentSubstrings(corpus, { singles: 3, longest: 4, minCount: 3, seeds: 1e6 });
        const counts = new Map<string, number>();
        for (const { symbols, count } of corpus)
          for (let length = 2; length <= 4; length++)
            for (let at = 0; at + length <= symbols.length; at++) {
              const key = symbols.slice(at, at + length).join();
              counts.set(key, (counts.get(key) ?? 0) + count);
            }
        const expected = [...counts]
          .filter(([, n]) => n >= 3)
          .map(([key, n]) => [key, n * ((key.length + 1) / 2)]);
        expect(
          found
            .slice(3)
            .map(({ symbols, weight }) => [symbols.join(), weight])
            .sort(),
        ).toEqual(expected.sort());
      }),
    );
  });

  const draw = randomStream(5, 'unigram');
  const motifs = ['TATAAT', 'GGATCC', 'TTGACA'];
  const sequences = Array.from({ length: 25 }, () =>
    Array.from({ length: 40 }, () =>
      draw.uniform() < 0.5 ? motifs[draw.below(3)]! : 'ACGT'[draw.below(4)]!,
    ).join(''),
  );

  it('finds planted words, has the size asked for, and the same texts give the same bytes', () => {
    const train = () => trainUnigram(sequences, { size: 24, bytes: false });
    const tokenizer = train();
    expect(tokenizer.size).toBe(24);
    const tokens = Array.from({ length: 24 }, (_, id) => tokenizer.token(id));
    expect(tokens.slice(0, 4)).toEqual([...'ACGT']);
    for (const motif of motifs) expect(tokens).toContain(motif);
    expect(JSON.stringify(train())).toBe(JSON.stringify(tokenizer));
    expect(JSON.stringify(tokenizerFrom(JSON.parse(JSON.stringify(tokenizer))))).toBe(
      JSON.stringify(tokenizer),
    );
  });

  it('more pieces make a text shorter and likelier', () => {
    const counts = [8, 16, 40].map((size) => {
      const tokenizer = trainUnigram(sequences, { size, bytes: false });
      return sequences.reduce((sum, sequence) => sum + tokenizer.encode(sequence).length, 0);
    });
    expect(counts[1]).toBeLessThan(counts[0]!);
    expect(counts[2]).toBeLessThan(counts[1]!);
  });
});

describe('unigram tokenizers', () => {
  const list = golden.unigram.pieces as Piece[];
  const tokenizer = unigram(list.slice(0, 4), list.slice(4), { bytes: false, special: ['unknown'] });

  it('cut as the tokenizers library does with the same pieces', () => {
    for (const { text, tokens } of golden.unigram.encoded)
      expect(Array.from(tokenizer.encode(text), tokenizer.token)).toEqual(tokens);
  });

  it('are refused with pieces that cannot be', () => {
    const letters: Piece[] = [
      ['A', -1],
      ['C', -1],
    ];
    expect(() => unigram(letters, [['AG', -1]])).toThrow('"AG" cannot be');
    expect(() => unigram(letters, [['A', -1]])).toThrow('"A" cannot be');
    expect(() =>
      unigram(letters, [
        ['AC', -1],
        ['AC', -2],
      ]),
    ).toThrow('"AC" cannot be');
    expect(() => unigram(letters, [['AC', Number.NaN]])).toThrow('finite score');
    expect(() => unigram([['AC', -1]], [])).toThrow('not one character');
    expect(() => tokenizerFrom({ ...tokenizer.toJSON(), subwords: [['AC', '1']] })).toThrow(
      'tokenizer.subwords[0][1] is "1"; expected a number',
    );
  });
});
