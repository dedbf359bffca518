import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dna, reverseComplement } from './alphabet.ts';
import { codingInterval, openReadingFrames } from './orf.ts';

const letters = fc.string({ unit: fc.constantFrom('A', 'C', 'G', 'T', 'T', 'A', 'N'), maxLength: 120 });

/** All genes by trying every pair of places on a strand. */
function byTrying(sequence: string, minLength: number): string[] {
  const found: string[] = [];
  for (const strand of ['+', '-'] as const) {
    const read = strand === '+' ? sequence : reverseComplement(sequence, dna);
    for (let from = 0; from < read.length; from++)
      for (let to = from + minLength; to <= read.length; to++) {
        const codons = read.slice(from, to).match(/.../g) ?? [];
        const fits =
          (to - from) % 3 === 0 &&
          /^[AGT]TG$/.test(codons[0]!) &&
          /^(TAA|TAG|TGA)$/.test(codons.at(-1)!) &&
          !codons.slice(0, -1).some((codon) => /^(TAA|TAG|TGA|NNN)$/.test(codon));
        const [start, end] = strand === '+' ? [from, to] : [read.length - to, read.length - from];
        if (fits) found.push(`${start}-${end}${strand}`);
      }
  }
  return found.sort();
}

describe('openReadingFrames', () => {
  it('finds what trying every pair of places finds', () => {
    fc.assert(
      fc.property(letters, fc.constantFrom(6, 9, 30), (sequence, minLength) => {
        const found = openReadingFrames(sequence, { minLength }).flatMap((orf) =>
          orf.starts.map((start) => codingInterval(orf, start)),
        );
        expect(found.map(({ start, end, strand }) => `${start}-${end}${strand}`).sort()).toEqual(
          byTrying(sequence, minLength),
        );
      }),
    );
  });

  it('has the farthest start first, on both strands', () => {
    const gene = 'ATGAAAATGCCCTAA';
    expect(openReadingFrames(`CC${gene}C`, { minLength: 9 })).toEqual([
      { strand: '+', stop: 14, starts: [2, 8] },
    ]);
    expect(openReadingFrames(reverseComplement(`CC${gene}C`, dna), { minLength: 9 })).toEqual([
      { strand: '-', stop: 1, starts: [13, 7] },
    ]);
  });

  it('reads codons by the code, and ends at three unknown letters', () => {
    const gene = 'ATGTGACCCTAA';
    expect(openReadingFrames(gene, { minLength: 12 })).toEqual([]);
    expect(openReadingFrames(gene, { minLength: 12, code: 4 })[0]!.stop).toBe(9);
    expect(openReadingFrames('ATGCNCCCCTAA', { minLength: 12 })).toHaveLength(1);
    expect(openReadingFrames('ATGNNNCCCTAA', { minLength: 12 })).toEqual([]);
    expect(openReadingFrames('')).toEqual([]);
  });

  it('refuses starts that begin nothing', () => {
    expect(() => openReadingFrames('ATG', { starts: ['TAA'] })).toThrow(
      /no stops \(TAA, TAG, TGA\), received "TAA"/,
    );
    expect(() => openReadingFrames('ATG', { starts: [] })).toThrow(/received \[\]/);
    expect(() => openReadingFrames('ATG', { minLength: 3 })).toThrow(/at least 6 bases, received 3/);
  });
});
