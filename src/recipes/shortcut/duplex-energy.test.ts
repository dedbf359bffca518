import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reverseComplement, rna } from '../../data/alphabet.ts';
import { ribosomalTail, strongestDuplex } from './duplex-energy.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/duplex.json', import.meta.url), 'utf8'),
) as { cases: { strand: string; other: string; energy: number }[] };

const strands = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'ACGU'), minLength: min, maxLength: max });

describe('strongestDuplex', () => {
  it('gives perfect helices the energy of an independent table of enthalpies and entropies', () => {
    // A strand may fold on its complement more strongly when shifted or cut, so ours can only be lower; most are the whole helix.
    const whole = golden.cases.filter(
      ({ strand, other }) => strongestDuplex(strand, other).pairs === strand.length,
    );
    expect(whole.length).toBeGreaterThan(25);
    for (const { strand, other, energy } of whole)
      expect(Math.abs(strongestDuplex(strand, other).energy - energy), strand).toBeLessThan(0.12);
    for (const { strand, other, energy } of golden.cases)
      expect(strongestDuplex(strand, other).energy).toBeLessThan(Math.min(0, energy) + 0.12);
  });

  it('adds up the stacks of a Shine–Dalgarno sequence by hand', () => {
    expect(strongestDuplex('AGGAGG', 'CCUCCU')).toEqual({
      energy: expect.closeTo(4.09 - 2.08 - 3.26 - 2.35 - 2.08 - 3.26 + 0.45, 9),
      start: 0,
      pairs: 6,
    });
    // The consensus before AUG, in DNA letters, finds its place on the tail.
    expect(strongestDuplex('ACCATAAGGAGGTCCACCATG', ribosomalTail)).toMatchObject({ start: 4, pairs: 9 });
  });

  it('lets G pair with U, at its price', () => {
    const wobble = strongestDuplex('GGGGUCC', 'GGAUCUC').energy;
    expect(wobble).toBeLessThan(0);
    expect(wobble).toBeGreaterThan(strongestDuplex('GAGAUCC', 'GGAUCUC').energy);
  });

  it('is the same whichever strand is named first, and never above 0', () => {
    fc.assert(
      fc.property(strands(2, 14), strands(2, 14), (a, b) => {
        const { energy, pairs, start } = strongestDuplex(a, b);
        expect(strongestDuplex(b, a).energy).toBeCloseTo(energy, 9);
        expect(energy).toBeLessThanOrEqual(0);
        expect(pairs === 0).toBe(energy === 0);
        expect(start + pairs).toBeLessThanOrEqual(a.length);
      }),
    );
  });

  it('letters around a helix never make it weaker', () => {
    fc.assert(
      fc.property(strands(6, 10), strands(0, 5), strands(0, 5), (core, before, after) => {
        const other = reverseComplement(core, rna);
        expect(strongestDuplex(before + core + after, other).energy).toBeLessThanOrEqual(
          strongestDuplex(core, other).energy + 1e-9,
        );
      }),
    );
  });

  it('finds nothing where nothing pairs, and refuses what has no pairing', () => {
    expect(strongestDuplex('AAAA', 'AAAA')).toEqual({ energy: 0, start: 0, pairs: 0 });
    expect(() => strongestDuplex('ACNA', 'ACGU')).toThrow(/"N" at position 3 has no pairing/);
  });
});
