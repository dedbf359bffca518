import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Smoothing } from '../../markov/ngram/smoothing.ts';
import { characters } from '../../tokenize/characters.ts';
import type { Observed } from './hmm-file.ts';
import { markovLanguage } from './language.ts';
import { markovFileFrom } from './markov-file.ts';
import { ngramFile, ngramFileText } from './ngram-file.ts';
import { simpleHmm } from './simple-hmm.ts';

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON, which each case spoils in its own way
type Loose = any;

const abc: Observed = { kind: 'letters', letters: ['a', 'b', 'c'] };
const smoothings: Smoothing[] = [
  { kind: 'witten-bell' },
  { kind: 'kneser-ney', discounts: 1 },
  { kind: 'kneser-ney', discounts: 3 },
  { kind: 'additive', alpha: 0.5 },
];
const tokenizer = characters([...'ab"c '], { special: ['unknown'] });
const ngrams = fc
  .record({
    texts: fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 }), {
      minLength: 1,
      maxLength: 6,
    }),
    order: fc.integer({ min: 0, max: 4 }),
    period: fc.integer({ min: 1, max: 3 }),
    ends: fc.boolean(),
    smoothing: fc.constantFrom(...smoothings),
    prune: fc.constantFrom(0, 0.5),
  })
  .map(({ texts, ...rest }) => ngramFile(texts, { ...rest, tokenizer: tokenizer.toJSON() }));

describe('the file of an n-gram model', () => {
  it('gives back the same probabilities to the bit', () => {
    fc.assert(
      fc.property(ngrams, fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 }), (file, tokens) => {
        const text = [...ngramFileText(file)].join('');
        const read = markovFileFrom(text, 'x.json');
        if (read.kind !== 'ngram') throw new Error('not an n-gram model');
        expect(read.model.logs(tokens)).toEqual(file.model.logs(tokens));
        expect(read.model.contexts).toBe(file.model.contexts);
        expect(read.counts.counted()).toBe(file.counts.counted());
        expect([...ngramFileText(read)].join('').length).toBe(text.length);
      }),
      { numRuns: 200 },
    );
  });

  it('can be read: what followed a context, and the contexts one token longer', () => {
    const file = ngramFile([tokenizer.encode('abab')], {
      ...{ tokenizer: tokenizer.toJSON(), ends: true, order: 2, smoothing: { kind: 'witten-bell' } },
    });
    const { counts } = JSON.parse([...ngramFileText(file)].join(''));
    expect(counts[0].next).toEqual({ a: 2, b: 2, '': 1 });
    expect(counts[0].before.a).toEqual({
      next: { b: 2 },
      before: { '': { next: { b: 1 } }, b: { next: { b: 1 } } },
    });
  });

  const sound = JSON.parse(
    [
      ...ngramFileText(
        ngramFile([tokenizer.encode('abba')], {
          ...{ tokenizer: tokenizer.toJSON(), ends: false, order: 1, smoothing: { kind: 'witten-bell' } },
        }),
      ),
    ].join(''),
  );
  it.each([
    [
      'tokens that it does not know',
      (f: Loose) => (f.counts[0].next.q = 1),
      'x.json: counts after "" holds "q", which is no token of the model.',
    ],
    [
      'an end that it does not model',
      (f: Loose) => (f.counts[0].next[''] = 1),
      'x.json: counts after "" holds "", which is no token',
    ],
    [
      'counts that are none',
      (f: Loose) => (f.counts[0].next.a = 1.5),
      'x.json: counts after "": "a" was seen 1.5 times; expected a whole number from 1.',
    ],
    [
      'contexts that outdo shorter ones',
      (f: Loose) => (f.counts[0].before.a.next.b = 9),
      'x.json: counts after "a": "b" was seen more often than after the shorter context.',
    ],
    [
      'contexts that are too long',
      (f: Loose) => (f.counts[0].before.a.before = { b: { next: { b: 1 } } }),
      'x.json: counts after "a" go on to a longer context; expected at most order 1.',
    ],
    [
      'a tree too many',
      (f: Loose) => f.counts.push(f.counts[0]),
      'x.json has 2 trees of counts; expected one for each of 1 phases.',
    ],
    ['no tree', (f: Loose) => (f.counts[0] = []), 'x.json: counts after "": expected { "next"'],
    [
      'an unknown smoothing',
      (f: Loose) => (f.smoothing.kind = 'laplace'),
      'x.json: smoothing.kind is "laplace"; expected one of additive, witten-bell, kneser-ney.',
    ],
    [
      'an order that is none',
      (f: Loose) => (f.order = -1),
      'x.json: order is -1; expected a whole number from 0 to 100.',
    ],
    [
      'a tokenizer that is none',
      (f: Loose) => (f.tokenizer = { kind: 'runes' }),
      'x.json: tokenizer.kind is "runes"',
    ],
    ['an unknown field', (f: Loose) => (f.weights = []), 'x.json has a field "weights", which is not known'],
  ])('is refused with %s', (_, change, message) => {
    const copy = structuredClone(sound);
    change(copy);
    expect(() => markovFileFrom(JSON.stringify(copy), 'x.json')).toThrow(message);
  });
});

describe('a Markov model as a language model', () => {
  it('is a scorer over the tokens of its letters, its symbols or its tokenizer, with an end where it has one', () => {
    const hmmFile = simpleHmm({ states: 2, observes: abc, emissions: 'categorical', ends: true });
    const { spec, scorer } = markovLanguage({ ...hmmFile, open: [] }, 'x');
    expect([spec.ends, spec.tokenizer, scorer.vocabulary, scorer.end]).toEqual([
      ...[true, { kind: 'characters', characters: ['a', 'b', 'c'], special: [] }, 4, 3],
    ]);
    const words = simpleHmm({
      states: 2,
      observes: { kind: 'symbols', symbols: ['to', 'be'] },
      emissions: 'categorical',
    });
    expect(markovLanguage({ ...words, open: [] }, 'x').spec.tokenizer).toMatchObject({
      kind: 'words',
      words: ['to', 'be'],
    });
    const file = ngramFile([[0, 1]], {
      tokenizer: tokenizer.toJSON(),
      ends: true,
      order: 1,
      smoothing: { kind: 'witten-bell' },
    });
    expect(markovLanguage(file, 'x').scorer.end).toBe(tokenizer.size);
    const numbers = simpleHmm({
      states: 2,
      observes: { kind: 'columns', columns: ['x'] },
      emissions: 'gaussian',
    });
    expect(() => markovLanguage({ ...numbers, open: [] }, 'x')).toThrow('x is an HMM of numbers');
    const spaced = simpleHmm({
      states: 1,
      observes: { kind: 'symbols', symbols: ['a b', 'c'] },
      emissions: 'categorical',
    });
    expect(() => markovLanguage({ ...spaced, open: [] }, 'x')).toThrow(
      'the symbol "a b", which is no single word',
    );
  });
});
