import { describe, expect, it } from 'vitest';
import { dna } from '../../data/alphabet.ts';
import { kmers } from '../../tokenize/kmers.ts';
import { letters } from '../../tokenize/letters.ts';
import { tokenizers } from './masked.fixture.ts';
import { maskedVocabulary } from './vocabulary.ts';

const of = (name: keyof typeof tokenizers) => maskedVocabulary({ tokenizer: tokenizers[name].toJSON() });

describe('the vocabulary of a masked model', () => {
  it('has one more id for the mask, unless the tokenizer has a mask of its own', () => {
    const { size } = tokenizers.letters;
    expect(of('letters')).toMatchObject({ mask: size, reads: size + 1, writes: size });
    const own = tokenizers['k-mers at every other letter'];
    expect(of('k-mers at every other letter')).toMatchObject({
      mask: own.special.mask,
      reads: own.size,
      writes: own.size,
    });
  });

  it('hides nothing special and no ambiguous letter', () => {
    const { choices, tokenizer } = of('letters');
    expect(Array.from(choices, (id) => tokenizer.token(id)).join('')).toBe('ACGT');
    const kmer = of('k-mers at every other letter');
    expect(kmer.choices.length).toBe(64);
    expect(kmer.maskable[kmer.tokenizer.special.unknown!]).toBe(0);
    const text = of('words');
    expect(Array.from(text.choices, (id) => text.tokenizer.token(id)).sort()).toEqual([
      'a',
      'hen',
      'sat',
      'the',
    ]);
  });

  it('reads letters that it has no token for as the mask, and refuses what is no letter', () => {
    const vocabulary = maskedVocabulary({ tokenizer: letters(dna, { ambiguous: 'error' }).toJSON() });
    expect([...vocabulary.encode('aNT')]).toEqual([0, vocabulary.mask, 3]);
    expect(vocabulary.mask).toBe(4);
    expect(() => vocabulary.encode('A!')).toThrow(/"!"/);
    expect([...of('letters').encode('N')]).toEqual([14]);
  });

  it('knows how many neighbours share letters with a token', () => {
    expect([
      of('letters').overlap,
      of('codons').overlap,
      of('k-mers side by side').overlap,
      of('k-mers at every other letter').overlap,
      of('k-mers at each letter').overlap,
    ]).toEqual([0, 0, 0, 1, 2]);
  });

  it('finds the tokens that differ in one letter, and none where letters are not told plainly', () => {
    const { alternatives, tokenizer } = of('codons');
    const [atg] = tokenizer.encode('ATG');
    expect(Array.from(alternatives(atg!, 2)!, (id) => tokenizer.token(id))).toEqual([
      'ATA',
      'ATC',
      'ATG',
      'ATT',
    ]);
    const [, rest] = tokenizer.encode('ATGC');
    expect(Array.from(alternatives(rest!, 0)!, (id) => tokenizer.token(id))).toEqual(['A', 'C', 'G', 'T']);
    expect(alternatives(rest!, 1)).toBeUndefined();
    const spaced = maskedVocabulary({ tokenizer: kmers({ mask: '101' }).toJSON() });
    expect(spaced.alphabet).toBeUndefined();
    expect(
      maskedVocabulary({ tokenizer: kmers({ k: 3, canonical: true }).toJSON() }).alphabet,
    ).toBeUndefined();
    expect(of('words').alternatives(0, 0)).toBeUndefined();
  });
});
