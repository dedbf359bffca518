import { describe, expect, it } from 'vitest';
import { tokenizerFrom } from '../../../tokenize/description.ts';
import { corpusTokenizer } from './tokenizers.ts';

const texts = ['the cat sat on the mat', 'the mat sat on the cat', 'a cat on a mat'];
const corpus = { texts, kind: 'text' } as const;

describe('the tokenizer of a corpus', () => {
  it.each(['characters', 'bytes', 'words:50', 'bpe:300', 'unigram:300'])(
    '%s gives back what it read, and is the same after it was saved',
    (name) => {
      const tokenizer = corpusTokenizer(corpus, name);
      const again = tokenizerFrom(JSON.parse(JSON.stringify(tokenizer)));
      for (const text of texts) {
        const ids = tokenizer.encode(text);
        expect(tokenizer.decode(ids)).toBe(text);
        expect([...again.encode(text)]).toEqual([...ids]);
      }
    },
  );

  it('joins what stands together, as byte-pair encoding and the unigram model do', () => {
    const count = (name: string) => corpusTokenizer(corpus, name).encode(texts[0]!).length;
    for (const name of ['bpe:300', 'unigram:300']) expect(count(name)).toBeLessThan(count('characters'));
  });

  it('is refused by a name that there is not, with those there are', () => {
    expect(() => corpusTokenizer(corpus, 'syllables')).toThrow(/unigram, or kmers:6, words:20000, bpe:1000/);
    expect(() => corpusTokenizer(corpus, 'bytes:3')).toThrow('there is no tokenizer "bytes:3"');
  });
});
