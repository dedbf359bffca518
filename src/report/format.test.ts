import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bounds,
  bytes,
  compact,
  counted,
  duration,
  figure,
  percent,
  plain,
  shorten,
  whole,
} from './format.ts';

describe('format', () => {
  it.each([
    [0.97132, '0.971'],
    [-0.25, '−0.250'],
    [0, '0.000'],
    [1e-17, '0.000'],
    [0.00002, '2.0×10^−5'],
    [12.345, '12.35'],
    [1234567, '1,234,567'],
    [2.5e9, '2.5×10^9'],
    [null, '–'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('figure writes %s as %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });

  it('figure is true to about three digits for every number', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
        const back = Number(
          figure(value).replace('−', '-').replace(/,/g, '').replace('×10^', 'e').replace('−', '-'),
        );
        expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.max(0.000501, Math.abs(value) * 0.051));
      }),
    );
  });

  it.each([
    [0.99999, '1'],
    [-1.9999, '−2'],
    [2.5001, '2.5'],
    [10.0001, '10'],
    [0.00002, '2.0×10^−5'],
    [1e12 + 0.5, '1.0×10^12'],
    [1e10 + 0.5, '1.0×10^10'],
  ])('plain writes %s as %s, with no zeros at the end and no point before nothing', (value, text) => {
    expect(plain(value)).toBe(text);
  });

  it('writes counts, shares, times, sizes and intervals as people do', () => {
    expect([whole(3186), plain(5), plain(3.5), percent(0.125)]).toEqual(['3,186', '5', '3.5', '12.5 %']);
    expect([0.04, 9.94, 9.96, 41.23].map(duration)).toEqual(['0.0 s', '9.9 s', '10 s', '41 s']);
    expect([59.6, 95, 200, 3900].map(duration)).toEqual([
      '1 min 0 s',
      '1 min 35 s',
      '3 min 20 s',
      '1 h 05 min',
    ]);
    expect([0, 999, 1000, 1_400_000].map(bytes)).toEqual(['0 B', '999 B', '1.0 kB', '1.4 MB']);
    expect([7, 1500, 12_000, 1_500_000].map(compact)).toEqual(['7', '1.5k', '12k', '1.5M']);
    expect(bounds({ value: 0.5, low: 0.4, high: 0.6 })).toBe('0.400–0.600');
    expect(bounds({ value: 0.5, low: -0.4, high: 0.6 })).toBe('−0.400 to 0.600');
    expect(bounds({ value: 0.5 })).toBe('–');
    expect([counted(1, 'record'), counted(2, 'record')]).toEqual(['1 record', '2 records']);
  });

  it('shortens to the limit, keeping start and end', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 4, max: 20 }), (text, limit) => {
        const short = shorten(text, limit);
        expect(Array.from(short).length).toBeLessThanOrEqual(Math.max(limit, 0));
        if (Array.from(text).length <= limit) expect(short).toBe(text);
        else expect(text.startsWith(short.split('…')[0]!)).toBe(true);
      }),
    );
    expect(shorten('ACGTACGTAC', 7)).toBe('ACGT…AC');
  });
});
