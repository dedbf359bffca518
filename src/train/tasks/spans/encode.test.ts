import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dna } from '../../../data/alphabet.ts';
import { trainBpe } from '../../../tokenize/bpe.ts';
import { bytes } from '../../../tokenize/bytes.ts';
import { charactersOf } from '../../../tokenize/characters.ts';
import { letters } from '../../../tokenize/letters.ts';
import { wordsOf } from '../../../tokenize/words.ts';
import { passageEncoder, textSpan, tokensOf } from './encode.ts';

const sample = ['Mr. Hall-Dane paid 3.50 — “so much?” — in Åbo.', 'the theatre, then 🙂 home', 'a  b'];
const tokenizers = {
  words: wordsOf(sample, { lowercase: true, special: ['unknown'] }),
  characters: charactersOf(sample, { special: ['unknown'] }),
  bpe: trainBpe(sample, { size: 300, split: 'spaces' }),
  bytes: bytes(),
};

describe.each(Object.entries(tokenizers))('spans in tokens (%s)', (name, tokenizer) => {
  const encode = passageEncoder({ tokenizer: tokenizer.toJSON(), question: false });

  it('from a token to a token, as text, is found again as the same tokens', () => {
    for (const passage of sample) {
      const { offsets } = encode({ id: 'x', passage });
      const filled = Array.from({ length: offsets.length / 2 }, (_, i) => i).filter((i) =>
        /\S/.test(passage.slice(offsets[2 * i], offsets[2 * i + 1])),
      );
      for (const first of filled)
        for (const last of filled) {
          if (last < first) continue;
          const span = textSpan(passage, offsets, first, last);
          const found = tokensOf(offsets, span)!;
          expect(textSpan(passage, offsets, found.first, found.last)).toEqual(span);
          expect(found.first).toBeGreaterThanOrEqual(first);
          expect(found.last).toBeLessThanOrEqual(last);
        }
    }
  });

  it('hold every stretch of text that they are asked for', () => {
    const texts = fc.constantFrom(...sample);
    fc.assert(
      fc.property(texts, fc.nat(100), fc.nat(100), (passage, a, b) => {
        const [start, end] = [a % passage.length, b % passage.length].sort((x, y) => x - y) as [
          number,
          number,
        ];
        const asked = { start, end: end + 1 };
        if (passage.slice(start, end + 1).trim() !== passage.slice(start, end + 1)) return;
        const { offsets } = encode({ id: 'x', passage });
        const { first, last } = tokensOf(offsets, asked)!;
        const found = textSpan(passage, offsets, first, last);
        expect(found.start).toBeLessThanOrEqual(asked.start);
        expect(found.end).toBeGreaterThanOrEqual(asked.end);
        // Characters cut anywhere but within themselves.
        if (name === 'characters' && !/[\ud800-\udfff]/.test(passage)) expect(found).toEqual(asked);
      }),
      { numRuns: 200 },
    );
  });
});

describe('reading passages', () => {
  it('gives a letter one place each', () => {
    const encode = passageEncoder({ tokenizer: letters(dna).toJSON(), question: false });
    const { passage, offsets } = encode({ id: 's', passage: 'acGTN' });
    expect([...passage]).toEqual([0, 1, 2, 3, 14]);
    expect(tokensOf(offsets, { start: 1, end: 3 })).toEqual({ first: 1, last: 2 });
    expect(() => encode({ id: 's', passage: 'ACGZ' })).toThrow(/^record "s": its passage has .*Z/);
  });

  it('marks what question and passage share, whatever the vocabulary', () => {
    const encode = passageEncoder({ tokenizer: tokenizers.words.toJSON(), question: true });
    const read = encode({ id: '1', passage: 'Xylo met Ann.', question: 'Whom met xylo.' });
    expect([...read.passageMatches!]).toEqual([1, 1, 0, 0]);
    expect([...read.questionMatches!]).toEqual([0, 1, 1, 0]);
    expect(() => encode({ id: '1', passage: 'Xylo' })).toThrow(/record "1" has no question/);
    expect(() => encode({ id: '1', passage: ' ', question: 'x' })).toThrow(/record "1" has an empty passage/);
  });

  it('knows of stretches that no token holds', () => {
    const encode = passageEncoder({ tokenizer: tokenizers.words.toJSON(), question: false });
    const { offsets } = encode({ id: '1', passage: 'a  b' });
    expect(tokensOf(offsets, { start: 1, end: 3 })).toBeUndefined();
    expect(tokensOf(offsets, { start: 1, end: 4 })).toEqual({ first: 1, last: 1 });
  });
});
