import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bpe, trainBpe } from './bpe.ts';
import { tokenizerFrom } from './description.ts';
import { heap } from './heap.ts';
import { trainUnigram } from './unigram.ts';

interface Encoded {
  text: string;
  tokens: string[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/tokenize/subwords.json', import.meta.url), 'utf8'),
);

describe('a heap', () => {
  it('gives numbers back in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const queue = heap<number>((a, b) => a < b);
        numbers.forEach(queue.push);
        expect(numbers.map(() => queue.pop())).toEqual(numbers.toSorted((a, b) => a - b));
        expect(queue.pop()).toBeUndefined();
      }),
    );
  });
});

describe.each<{
  name: string;
  split: 'none' | 'spaces';
  options: { vocab_size: number; min_frequency: number };
  texts: string[];
  characters: string[];
  merges: [string, string][];
  encoded: Encoded[];
}>(golden.bpe)(
  'byte-pair encoding of $name, beside tokenizers',
  ({ split, options, texts, characters, merges, encoded }) => {
    const tokenizer = trainBpe(texts, {
      size: options.vocab_size,
      minCount: options.min_frequency,
      longest: 1000,
      split,
      bytes: false,
    });

    it('learns the same merges in the same order', () => {
      const saved = tokenizer.toJSON() as unknown as { characters: string[]; merges: [number, number][] };
      expect(saved.characters).toEqual(characters);
      expect(saved.merges.map((pair) => pair.map(tokenizer.token))).toEqual(merges);
    });

    it('encodes into the same tokens', () => {
      for (const { text, tokens } of encoded)
        expect(Array.from(tokenizer.encode(text), tokenizer.token)).toEqual(tokens);
    });
  },
);

describe('subwords', () => {
  const text = fc.string({ unit: fc.constantFrom(...'abc é😀\n'), maxLength: 80 });
  const anyText = fc
    .array(fc.oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff })))
    .map((points) => String.fromCodePoint(...points));
  const learned = trainBpe(['abcabcab caé é', 'bcbc aaab'], { size: 300, special: ['pad'] });
  const spaced = trainBpe(['abc abc ab', 'c c ab'], { size: 280, split: 'spaces' });

  it.each([
    ['without limits', learned],
    ['within spaces', spaced],
    ['of pieces', trainUnigram(['abcabcab caé é', 'bcbc aaab'], { size: 280, special: ['pad'] })],
    ['of pieces within spaces', trainUnigram(['abc abc ab', 'c c ab'], { size: 270, split: 'spaces' })],
  ])('%s: any text comes back, its tokens tile it, and it can be saved', (_, tokenizer) => {
    expect(tokenizer.lossless).toBe(true);
    const saved = JSON.stringify(tokenizer);
    const read = tokenizerFrom(JSON.parse(saved));
    expect(JSON.stringify(read)).toBe(saved);
    fc.assert(
      fc.property(fc.oneof(text, anyText), (string) => {
        const ids = tokenizer.encode(string);
        expect(tokenizer.decode(ids)).toBe(string);
        expect(read.encode(string)).toEqual(ids);
        const offsets = tokenizer.offsets!(string);
        expect(offsets.length).toBe(2 * ids.length);
        const ends = [0, ...offsets.filter((_, i) => i % 2 === 1)];
        expect([...offsets.filter((_, i) => i % 2 === 0), string.length]).toEqual(ends);
      }),
    );
  });

  it('cuts a long text as it cuts its parts between marks that never merge', () => {
    const tokenizer = trainBpe(['abcabcabcaabbcc'.repeat(3)], {
      size: 14,
      bytes: false,
      special: ['unknown'],
    });
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom(...'abc'), maxLength: 20 })), (list) => {
        const apart = list.flatMap((part) => [...tokenizer.encode(part)]);
        const together = [...tokenizer.encode(list.join('|'))];
        expect(together.filter((id) => id !== tokenizer.special.unknown)).toEqual(apart);
      }),
    );
  });

  it('makes no subword longer than asked', () => {
    const tokenizer = trainBpe(golden.bpe[0].texts, { size: 1000, longest: 3, bytes: false });
    const lengths = Array.from({ length: tokenizer.size }, (_, id) => tokenizer.token(id).length);
    expect(Math.max(...lengths)).toBe(3);
  });

  it('the same texts give the same bytes', () => {
    const texts = golden.bpe[0].texts as string[];
    const once = JSON.stringify(trainBpe(texts, { size: 400 }));
    expect(JSON.stringify(trainBpe(texts, { size: 400 }))).toBe(once);
  });

  it('has bytes for what it never saw, or an unknown token, or refuses it', () => {
    expect(Array.from(learned.encode('aZé'), learned.token)).toEqual(['a', '<0x5A>', 'é']);
    const unknown = trainBpe(['abab'], { size: 4, bytes: false, special: ['unknown'] });
    expect(Array.from(unknown.encode('abZ'), unknown.token)).toEqual(['ab', '<unk>']);
    expect(() => trainBpe(['abab'], { bytes: false }).encode('abZ')).toThrow('"Z" at position 3');
  });

  it('refuses what cannot be', () => {
    expect(() => trainBpe(['abc'], { size: 10 })).toThrow(
      '3 characters, 256 bytes and 0 special tokens are 259',
    );
    expect(() => trainBpe([''])).toThrow('empty');
    expect(() => trainBpe(['abc'], { longest: 0 })).toThrow('longest is 0');
    expect(() => bpe(['a'], [[0, 5]])).toThrow('Merge 1 of 0 and 5 cannot be');
    const doubling = Array.from({ length: 30 }, (_, i) => [i, i] as const);
    expect(() => bpe(['a'], doubling, { bytes: false })).toThrow('Merge 10');
  });
});
