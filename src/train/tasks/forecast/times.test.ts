import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockOf, readTime, stepsBetween, timeAfter, timeKind } from './times.ts';

const dates = (...texts: string[]) => texts.map((text) => readTime(text, 'date')!);

describe('times', () => {
  it.each<[string, number | undefined]>([
    ['2024-01-31', Date.UTC(2024, 0, 31)],
    ['2024-02', Date.UTC(2024, 1, 1)],
    ['2024-01-31T06:30', Date.UTC(2024, 0, 31, 6, 30)],
    ['2024-01-31 06:30:15', Date.UTC(2024, 0, 31, 6, 30, 15)],
    ['2024-01-31T06:30+02:00', Date.UTC(2024, 0, 31, 4, 30)],
    ['2024-01-31T06:30-0130', Date.UTC(2024, 0, 31, 8, 0)],
    ['2023-02-29', undefined],
    ['2024-13-01', undefined],
    ['31.01.2024', undefined],
    ['2024-01-31T25:00', undefined],
    ['', undefined],
  ])('%s as a date', (text, found) => {
    expect(readTime(text, 'date')).toBe(found);
  });

  it('are numbers or dates by the first of them, and anything else is refused', () => {
    expect(timeKind('2024', 'x')).toBe('number');
    expect(timeKind('2024-05', 'x')).toBe('date');
    expect(() => timeKind('May', 'a.csv:2')).toThrow(
      'a.csv:2: the time is "May"; expected a number, or a date such as 2024-01-31',
    );
  });

  it.each<[string, string[], string[]]>([
    ['days', ['2024-02-27', '2024-02-28'], ['2024-02-29', '2024-03-01']],
    ['months', ['2023-11', '2023-12'], ['2024-01', '2024-02']],
    ['firsts of months', ['2023-11-01', '2023-12-01'], ['2024-01-01', '2024-02-01']],
    ['ends of months', ['2023-12-31', '2024-01-31', '2024-02-29'], ['2024-03-31', '2024-04-30']],
    ['the 28th, which is an end but once', ['2023-01-28', '2023-02-28'], ['2023-03-28', '2023-04-28']],
    ['years', ['2022-06-01', '2023-06-01'], ['2024-06-01', '2025-06-01']],
    ['hours', ['2024-01-01T22:00Z', '2024-01-01T23:00Z'], ['2024-01-02T00:00Z', '2024-01-02T01:00Z']],
    ['before 1970', ['1960-01-01 06:00', '1960-02-01 06:00'], ['1960-03-01 06:00', '1960-04-01 06:00']],
  ])('go on by %s, written as they were', (_, known, next) => {
    const clock = clockOf([dates(...known)], 'date')!;
    expect(next.map((__, i) => timeAfter(clock, known.at(-1)!, i + 1))).toEqual(next);
  });

  it('numbers go on without rounding errors', () => {
    const clock = clockOf([[0.1, 0.2, 0.3, 0.4]], 'number')!;
    expect([1, 2, 3].map((h) => timeAfter(clock, '0.4', h))).toEqual(['0.5', '0.6', '0.7']);
  });

  it('gaps are whole steps; what is uneven has no clock', () => {
    const clock = clockOf([dates('2024-01-01', '2024-01-02', '2024-01-05', '2024-01-06')], 'date')!;
    expect(stepsBetween(clock, ...(dates('2024-01-01', '2024-01-06') as [number, number]))).toBe(5);
    expect(clockOf([[0, 1, 2.5, 3.5]], 'number')).toBeUndefined();
    expect(clockOf([[4]], 'number')).toBeUndefined();
  });

  it('property: positions of a clock are given back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 9 }),
        (step, places) => {
          const sorted = [0, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, ...places].sort((a, b) => a - b);
          const times = sorted.map((place) => 7 + place * step);
          const clock = clockOf([times], 'number')!;
          expect(times.map((time) => stepsBetween(clock, times[0]!, time))).toEqual(sorted);
        },
      ),
    );
  });
});
