import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { dictionary } from './translation-baselines.ts';

describe('a dictionary learned from pairs', () => {
  it('finds which word goes with which, whatever the order and although every pair has several', () => {
    const random = randomStream(1, 'pairs');
    const pairs = Array.from({ length: 200 }, () => {
      const source = Array.from({ length: 2 + random.below(4) }, () => random.below(8));
      return { source, target: random.shuffle(source.map((word) => 17 - word)) };
    });
    const { entries, translate } = dictionary(pairs);
    expect([...entries].sort(([a], [b]) => a - b)).toEqual(Array.from({ length: 8 }, (_, w) => [w, 17 - w]));
    expect(translate([3, 99, 0])).toEqual([14, 17]);
  });

  it('leaves out a word that nothing comes from', () => {
    const random = randomStream(2, 'pairs');
    const pairs = Array.from({ length: 100 }, () => {
      const kept = Array.from({ length: 1 + random.below(3) }, () => random.below(4));
      return { source: [9, ...kept], target: kept };
    });
    expect(dictionary(pairs).translate([9, 2])).toEqual([2]);
  });
});
