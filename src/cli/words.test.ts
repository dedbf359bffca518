import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closest } from './closest.ts';
import { oneLine } from './error-text.ts';
import { barText } from './messages.ts';
import { readSettings } from './settings.ts';
import { size } from './values.ts';

describe('closest', () => {
  it.each([
    ['trian', 'train'],
    ['predit', 'predict'],
    ['EXPORT', 'export'],
    ['xylophone', undefined],
  ])('guesses %s to mean %s', (word, meant) => {
    expect(closest(word, ['train', 'predict', 'export', 'run'])).toBe(meant);
  });

  it('finds every word that is there', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 }), (words) => {
        for (const word of words) expect(closest(word, words)).toBe(word);
      }),
    );
  });
});

describe('a size', () => {
  it.each([
    ['4G', 4e9],
    ['500 MB', 5e8],
    ['1.5e9', 1.5e9],
    ['64k', 64_000],
  ])('%s is %s bytes', (text, bytes) => expect(size(text)).toBe(bytes));
  it.each(['', 'x', '4X', '-1', '0', '4 G B'])('is not %j', (text) => expect(() => size(text)).toThrow());
});

describe('the bar', () => {
  it('shows share, text and time left', () => {
    expect(barText('epoch 3 of 8', 0.5, 95, 100)).toBe(
      `${'━'.repeat(12)}${'─'.repeat(12)}  50 %  epoch 3 of 8, 1 min 35 s left`,
    );
  });

  it('never reaches the last column, where terminals wrap', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.double({ noNaN: true }),
        fc.integer({ min: 11, max: 200 }),
        (text, done, columns) => {
          expect(barText(text, done, 1, columns).length).toBeLessThan(columns);
        },
      ),
    );
  });
});

describe('messages', () => {
  it('stay on one line and cannot steer the terminal', () => {
    expect(oneLine('a\n  b\r\nc\u001b[2Jd')).toBe('a b c\ufffd[2Jd');
  });
});

describe('readSettings', () => {
  const known = ['hidden', 'pool', 'filters', 'deep', 'none'];
  it('reads numbers, words, lists, truth and JSON', () => {
    expect(
      readSettings(['hidden=64', 'pool=max', 'filters=64,32', 'deep={"a":[1]}', 'none=null'], known, 'm'),
    ).toEqual({
      hidden: 64,
      pool: 'max',
      filters: [64, 32],
      deep: { a: [1] },
      none: null,
    });
  });

  it('reads back whatever JSON it is given', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(readSettings([`deep=${JSON.stringify(value)}`], known, 'm')).toEqual({
          deep: JSON.parse(JSON.stringify(value)),
        });
      }),
    );
  });

  it('refuses a word without = and a key that is not there', () => {
    expect(() => readSettings(['hidden'], known, 'm')).toThrow(
      '--set hidden: expected key=value, such as hidden=1.',
    );
    expect(() => readSettings(['hiden=1'], known, 'm')).toThrow(
      'm has no setting "hiden". Did you mean hidden?',
    );
    expect(() => readSettings(['zzzzzz=1'], known, 'm')).toThrow('It has hidden, pool, filters, deep, none.');
  });
});
