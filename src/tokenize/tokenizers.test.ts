import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { customAlphabet, dna, protein, reverseComplement, rna } from '../data/alphabet.ts';
import { bytes } from './bytes.ts';
import { characters, charactersOf } from './characters.ts';
import { codons } from './codons.ts';
import { tokenizerFrom } from './description.ts';
import { kmers } from './kmers.ts';
import { letters } from './letters.ts';
import { specialNames, type Tokenizer } from './tokenizer.ts';
import { words, wordsOf } from './words.ts';

const over = (list: string, options: fc.StringConstraints = {}) =>
  fc.string({ unit: fc.constantFrom(...list), maxLength: 60, ...options });
const bases = over('ACGT');
const iupac = over(dna.tokens.join(''));
const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const special = ['pad', 'mask', 'begin', 'end'] as const;

/** Lossless tokenizers, and what they take. */
const lossless: Record<string, [Tokenizer, fc.Arbitrary<string>]> = {
  bytes: [bytes({ special }), anyText],
  characters: [characters([...'abc é😀'], { special }), over('abc é😀')],
  'DNA letters': [letters(dna, { special }), iupac],
  'RNA letters': [letters(rna), over(rna.tokens.join(''))],
  residues: [letters(protein, { special: ['class', 'separator', 'pad'] }), over(protein.tokens.join(''))],
  'letters of a custom alphabet': [letters(customAlphabet('dssp', 'HEC')), over('HEC')],
  codons: [codons({ special }), iupac],
  'codons in frame 2': [codons({ frame: 2 }), iupac],
  'k-mers side by side': [kmers({ k: 3, stride: 3, special }), iupac],
  'overlapping k-mers': [kmers({ k: 4, remainder: 'error' }), over('ACGT', { minLength: 4 })],
};

/** Those that lose something, and what they take. */
const lossy: Record<string, [Tokenizer, fc.Arbitrary<string>]> = {
  'letters with unknown ones': [letters(dna, { ambiguous: 'unknown' }), iupac],
  words: [words(['the', 'cat', '.'], { special: ['unknown'] }), anyText],
  'spaced k-mers': [kmers({ mask: '1101' }), bases],
  'canonical k-mers': [kmers({ k: 4, canonical: true, special: ['unknown'] }), iupac],
  'overlapping k-mers that may be too few': [kmers({ k: 3, special }), bases],
};
const all = { ...lossless, ...lossy };

describe.each(Object.entries(lossless))('%s', (_, [tokenizer, texts]) => {
  it('come back as they were', () => {
    expect(tokenizer.lossless).toBe(true);
    fc.assert(
      fc.property(texts, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
        expect(tokenizer.decode(tokenizer.encode(text, { special: true }))).toBe(text);
      }),
    );
  });
});

describe.each(Object.entries(all))('%s', (name, [tokenizer, texts]) => {
  it('have ids in range, spelled differently', () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const id of tokenizer.encode(text, { special: true })) {
          expect(id).toBeGreaterThanOrEqual(0);
          expect(id).toBeLessThan(tokenizer.size);
        }
      }),
    );
    const spellings = Array.from({ length: tokenizer.size }, (_, id) => tokenizer.token(id));
    expect(new Set(spellings).size).toBe(tokenizer.size);
    for (const id of [-1, tokenizer.size, 0.5, Number.NaN]) {
      expect(() => tokenizer.token(id)).toThrow('is no token');
      expect(() => tokenizer.decode([id])).toThrow('is no token');
    }
  });

  it('stand in the text one after the other', () => {
    const overlapping = /overlapping|spaced|canonical/.test(name);
    fc.assert(
      fc.property(texts, (text) => {
        const offsets = tokenizer.offsets!(text);
        expect(offsets.length).toBe(2 * tokenizer.encode(text).length);
        let before = 0;
        for (let i = 0; i < offsets.length; i += 2) {
          if (!overlapping) expect(offsets[i]).toBeGreaterThanOrEqual(before);
          if (tokenizer.lossless && !overlapping) expect(offsets[i]).toBe(before);
          before = offsets[i + 1]!;
          expect(before).toBeGreaterThanOrEqual(offsets[i]!);
        }
        expect(before).toBeLessThanOrEqual(text.length);
        if (tokenizer.lossless) expect(before).toBe(text.length);
      }),
    );
  });

  it('are the same after being saved and read', () => {
    const saved = JSON.stringify(tokenizer);
    const read = tokenizerFrom(JSON.parse(saved));
    expect(JSON.stringify(read)).toBe(saved);
    expect([read.name, read.size, read.special]).toEqual([tokenizer.name, tokenizer.size, tokenizer.special]);
    fc.assert(
      fc.property(texts, (text) => {
        expect(read.encode(text)).toEqual(tokenizer.encode(text));
      }),
    );
  });
});

describe('letters', () => {
  it('have the ids of their alphabet, and refuse what is none of it', () => {
    expect([...letters(dna).encode('acgun')]).toEqual([0, 1, 2, 3, 14]);
    expect([...letters(dna, { ambiguous: 'unknown' }).encode('ACGTN!')]).toEqual([0, 1, 2, 3, 4, 4]);
    expect(() => letters(dna).encode('AC!')).toThrow('"!" at position 3; expected a DNA letter');
    expect(() => letters(protein, { ambiguous: 'error' }).encode('MKX')).toThrow('"X" at position 3');
    expect(() => letters(dna).encode('Aé')).toThrow('"é" at position 2');
  });
});

describe('characters and words', () => {
  it('characters are counted by code point, in order', () => {
    const tokenizer = charactersOf(['b😀a', 'ab'], { special: ['unknown'] });
    expect(Array.from({ length: 4 }, (_, id) => tokenizer.token(id))).toEqual(['a', 'b', '😀', '<unk>']);
    expect([...tokenizer.encode('😀x')]).toEqual([2, 3]);
    expect(() => charactersOf(['ab']).encode('abz')).toThrow(
      '"z" at position 3; the tokenizer knows 2 characters',
    );
    expect(() => characters(['ab'])).toThrow('"ab"');
    expect(() => characters(['a', 'a'])).toThrow('repeats');
    expect(() => characters([])).toThrow('empty');
  });

  it('words are the most frequent first, of equal ones the first in the alphabet', () => {
    const tokenizer = wordsOf(['The cat, the dog.', 'A cat!'], { lowercase: true, special: ['unknown'] });
    expect(tokenizer.token(0)).toBe('cat');
    expect(tokenizer.token(1)).toBe('the');
    expect(tokenizer.token(2)).toBe('!');
    expect(tokenizer.decode(tokenizer.encode('The dog, a cat.'))).toBe('the dog, a cat.');
    expect(tokenizer.decode(tokenizer.encode('the mouse.'))).toBe('the <unk>.');
    expect(wordsOf(['a b b c c c'], { most: 2, minCount: 2 }).size).toBe(2);
    expect(() => wordsOf(['a b'], { minCount: 2 })).toThrow('No word occurs 2 times');
    expect(() => words(['a b'])).toThrow('not one word');
    expect(() => words(['a']).encode('a b')).toThrow('"b" at position 3');
  });

  it('an apostrophe or hyphen within a word is part of it, other marks stand alone', () => {
    const tokenizer = wordsOf(["don't stop-gap - 'x'"]);
    expect(Array.from({ length: tokenizer.size }, (_, id) => tokenizer.token(id)).sort()).toEqual(
      ['-', "'", "don't", 'stop-gap', 'x'].sort(),
    );
    const apart = wordsOf(["don't (stop)."], { punctuation: 'keep' });
    expect(apart.decode(apart.encode("don't (stop)."))).toBe("don't (stop).");
  });

  it('long hostile text takes no long time', () => {
    const tokenizer = words(['a'], { special: ['unknown'] });
    const started = performance.now();
    tokenizer.encode(`${"a'".repeat(100_000)} ${'-'.repeat(100_000)}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('k-mers', () => {
  const spelled = (tokenizer: Tokenizer, text: string) =>
    Array.from(tokenizer.encode(text), (id) => tokenizer.token(id));

  it('are numbered in alphabetical order', () => {
    const tokenizer = kmers({ k: 2 });
    const list = Array.from({ length: 16 }, (_, id) => tokenizer.token(id));
    expect(list).toEqual([...list].sort());
    expect(spelled(kmers({ k: 3 }), 'ACGTA')).toEqual(['ACG', 'CGT', 'GTA']);
  });

  it('side by side give way to letters where a letter is ambiguous, and at the end', () => {
    expect(spelled(kmers({ k: 3, stride: 3 }), 'ACGANTTTAC')).toEqual(['ACG', 'A', 'N', 'TTT', 'A', 'C']);
  });

  it('spaced ones see only the positions of their mask', () => {
    const tokenizer = kmers({ mask: '1101' });
    expect(spelled(tokenizer, 'ACGTA')).toEqual(['AC.T', 'CG.A']);
    fc.assert(
      fc.property(over('ACGT', { minLength: 4, maxLength: 4 }), fc.constantFrom(...'ACGT'), (text, other) => {
        const changed = text.slice(0, 2) + other + text.slice(3);
        expect(tokenizer.encode(changed)).toEqual(tokenizer.encode(text));
      }),
    );
  });

  it('canonical ones are the same on both strands, the other way round', () => {
    for (const tokenizer of [
      kmers({ k: 3, canonical: true }),
      kmers({ k: 4, canonical: true }),
      kmers({ mask: '11011', canonical: true, special: ['unknown'] }),
    ])
      fc.assert(
        fc.property(tokenizer.special.unknown === undefined ? bases : over('ACGTN'), (text) => {
          expect([...tokenizer.encode(reverseComplement(text, dna))].reverse()).toEqual([
            ...tokenizer.encode(text),
          ]);
        }),
      );
    // 4³ / 2 of odd length; of even length those that are their own reverse complement stay whole: (4⁴ + 4²) / 2.
    expect(kmers({ k: 3, canonical: true }).size).toBe(32);
    expect(kmers({ k: 4, canonical: true }).size).toBe(136);
  });

  it('with ambiguous letters are unknown, or refused where there is no unknown token', () => {
    const tokenizer = kmers({ k: 2, special: ['unknown'] });
    expect([...tokenizer.encode('ACNA')]).toEqual([1, 16, 16]);
    expect(() => kmers({ k: 2 }).encode('ACNA')).toThrow(
      '"N" at position 3; expected a DNA letter (A C G T)',
    );
    expect(() => kmers({ k: 2 }).encode('AC?A')).toThrow('"?" at position 3');
  });

  it('a rest that fills none is dropped or refused, as asked', () => {
    expect(spelled(kmers({ k: 3, stride: 3, remainder: 'drop' }), 'ACGTA')).toEqual(['ACG']);
    const strict = kmers({ k: 3, stride: 3, remainder: 'error' });
    expect(() => strict.encode('ACGTA')).toThrow('2 letters after position 3 fill no 3-mer');
    expect(() => kmers({ k: 3, remainder: 'error' }).encode('AC')).toThrow('2 letters after position 0');
    expect(spelled(strict, 'ACGTAC')).toEqual(['ACG', 'TAC']);
  });

  it('that cannot be are refused', () => {
    expect(() => kmers({})).toThrow('need k');
    expect(() => kmers({ k: 13 })).toThrow('4^13');
    expect(() => kmers({ k: 2.5 })).toThrow('k is 2.5');
    expect(() => kmers({ mask: '0110' })).toThrow('begin and end with 1');
    expect(() => kmers({ mask: '1101', k: 4 })).toThrow('has 3 ones');
    expect(() => kmers({ k: 3, stride: 4 })).toThrow('stride is 4');
    expect(() => kmers({ mask: '1101', canonical: true })).toThrow('reads differently backwards');
    expect(() => kmers({ k: 2, canonical: true, alphabet: protein })).toThrow('not protein');
    expect(() => kmers({ k: 3, remainder: 'letters' })).toThrow('side by side');
  });
});

describe('descriptions that nobody vouches for', () => {
  const good = JSON.parse(JSON.stringify(kmers({ k: 3 })));
  it.each([
    ['no object', 3, 'tokenizer is 3; expected an object'],
    ['no kind', {}, 'tokenizer.kind is missing; expected one of'],
    ['a kind that objects inherit', { kind: 'constructor' }, 'expected one of'],
    ['a special token that is none', { ...good, special: ['toString'] }, 'tokenizer.special[0]'],
    ['the same special token twice', { ...good, special: ['pad', 'pad'] }, 'occurs twice'],
    ['k as text', { ...good, k: '3' }, 'tokenizer.k is "3"; expected a whole number'],
    ['too many k-mers', { ...good, k: 20, mask: '1'.repeat(20) }, '2^24'],
    ['a mask that does not fit', { ...good, mask: '11111' }, 'has 5 ones'],
    [
      'an alphabet of other letters',
      { ...good, alphabet: { name: 'dna', letters: 'A' } },
      'at least two letters',
    ],
    [
      'an inherited field',
      Object.assign(Object.create(good), { kind: 'kmers', special: [] }),
      'alphabet is missing',
    ],
    ['repeated characters', { kind: 'characters', characters: ['a', 'a'], special: [] }, 'repeats'],
    ['a table that is not there', { ...JSON.parse(JSON.stringify(codons())), table: 7 }, 'no genetic code 7'],
    [
      'words that are numbers',
      { kind: 'words', words: [1], punctuation: 'keep', lowercase: false, special: [] },
      'words[0] is 1',
    ],
  ])('%s: a data error that says so', (_, description, message) => {
    expect(() => tokenizerFrom(description)).toThrow(expect.objectContaining({ kind: 'data' }));
    expect(() => tokenizerFrom(description)).toThrow(message);
  });
});

describe('special tokens', () => {
  it('follow the pieces in one order, whatever the order they are asked in', () => {
    const { special } = bytes({ special: ['class', 'pad'] });
    expect(special).toEqual({ pad: 256, class: 257 });
    expect(bytes({ special: specialNames }).size).toBe(263);
    expect(() => bytes({ special: ['pad', 'pad'] })).toThrow('occurs twice');
  });

  it('frame a text when asked, class and separator before begin and end', () => {
    const both = letters(dna, { special: ['begin', 'end', 'class', 'separator'], ambiguous: 'error' });
    expect([...both.encode('AC', { special: true })]).toEqual([7, 0, 1, 6]);
    const ends = letters(dna, { special: ['end'], ambiguous: 'error' });
    expect([...ends.encode('AC', { special: true })]).toEqual([0, 1, 4]);
    expect([...ends.encode('AC')]).toEqual([0, 1]);
    expect(ends.decode([0, 4], { special: true })).toBe('A</s>');
    expect(ends.decode([0, 4])).toBe('A');
  });
});
