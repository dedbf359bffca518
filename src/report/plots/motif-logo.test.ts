import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMarkup } from '../markup.fixture.ts';
import { motifLogo } from './motif-logo.ts';

/** Letters from bottom to top of each stack, with their font sizes. */
const stacks = (svg: string) =>
  svg
    .split('<g class="stack">')
    .slice(1)
    .map((part) =>
      [...part.matchAll(/class="glyph"[^>]* y="([\d.]+)" font-size="([\d.]+)"[^>]*>(\w)</g)].map(
        ([, y, size, letter]) => ({ letter: letter!, y: Number(y), size: Number(size) }),
      ),
    );

describe('motifLogo', () => {
  it('draws a certain base two bits high, and a position without information not at all', () => {
    const svg = motifLogo({
      matrix: [
        [0, 0, 0, 1],
        [0.25, 0.25, 0.25, 0.25],
      ],
      title: 'T',
      height: 238,
    });
    const [first, second] = stacks(svg);
    // 200 units of height for two bits.
    expect(first).toEqual([{ letter: 'T', y: 212, size: expect.closeTo(200 / 0.72, 1) }]);
    expect(second).toEqual([]);
    expect(svg).toContain('1: T 1.00, A 0.00, C 0.00, G 0.00; 2.00 bits');
  });

  it('stacks letters without gaps, the most probable on top and highest', () => {
    const column = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(column, { minLength: 1, maxLength: 12 }), (counts) => {
        const matrix = counts.map((row) => row.map((n) => n / row.reduce((a, b) => a + b)));
        const svg = motifLogo({ matrix, title: 't' });
        readMarkup(svg);
        expect(svg).not.toMatch(/NaN|undefined|Infinity/);
        stacks(svg).forEach((stack, i) => {
          stack.slice(1).forEach(({ y, size, letter }, above) => {
            const under = stack[above]!;
            expect(Math.abs(y - (under.y - under.size * 0.72))).toBeLessThan(0.3);
            expect(size).toBeGreaterThanOrEqual(under.size - 0.1);
            expect(matrix[i]!['ACGT'.indexOf(letter)]!).toBeGreaterThanOrEqual(
              matrix[i]!['ACGT'.indexOf(under.letter)]!,
            );
          });
        });
      }),
      { numRuns: 50 },
    );
  });

  it('counts information against the background that it is given', () => {
    const matrix = [[0.4, 0.1, 0.1, 0.4]];
    expect(motifLogo({ matrix, background: [0.4, 0.1, 0.1, 0.4], title: 't' })).toContain('0.00 bits');
    expect(motifLogo({ matrix, title: 't' })).toContain('0.28 bits');
  });

  it('names amino acids, too', () => {
    const letters = 'ACDEFGHIKLMNPQRSTVWY';
    const matrix = [Array.from(letters, (letter) => +(letter === 'W'))];
    const [stack] = stacks(motifLogo({ matrix, letters, title: 't' }));
    expect(stack!.map(({ letter }) => letter)).toEqual(['W']);
  });
});
