import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geneticCodes } from '../data/genetic-codes.ts';
import {
  codonAdaptationIndex,
  codonCounts,
  relativeAdaptiveness,
  relativeSynonymousUsage,
} from './codon-usage.ts';
import { codons } from './codons.ts';
import { translate } from './translate.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/tokenize/codons.json', import.meta.url), 'utf8'),
);
const numbers = (record: Record<string, number>) => Object.entries(record);

describe('genetic codes', () => {
  it('are those of Biopython: every codon, start and stop of every table', () => {
    expect(Object.keys(geneticCodes)).toEqual(Object.keys(golden.tables));
    for (const [number, { row, starts, stops }] of Object.entries<{
      row: string;
      starts: string[];
      stops: string[];
    }>(golden.tables)) {
      const code = geneticCodes[Number(number)]!;
      expect(Object.values(code.aminoAcids).join(''), number).toBe(row);
      expect([...code.starts].sort(), number).toEqual(starts);
      expect([...code.stops].sort(), number).toEqual(stops);
    }
  });
});

describe('translate', () => {
  it('gives the proteins of Biopython, ambiguous letters included', () => {
    for (const { table, sequence, protein } of golden.translations)
      expect(translate(sequence, { table })).toBe(protein);
  });

  it('reads frames, RNA and lower case, stops where asked and drops or refuses a rest', () => {
    expect(translate('cAUGaaaUAAgg', { frame: 1 })).toBe('MK*');
    expect(translate('ATGTAAAAA', { toStop: true })).toBe('M');
    expect(translate('RAYSARATHMTM---NNN')).toBe('BZIJ-X');
    expect(translate('')).toBe('');
    expect(() => translate('ATGA', { incomplete: 'error' })).toThrow('end with 1 that make no codon');
    expect(() => translate('AT!')).toThrow('"!" at position 3');
    expect(() => translate('ATG', { table: 7 })).toThrow('no genetic code 7');
  });

  it('of the tokens of a codon tokenizer is what each of them means', () => {
    for (const table of [1, 2, 12]) {
      const tokenizer = codons({ table, remainder: 'drop' });
      fc.assert(
        fc.property(fc.string({ unit: fc.constantFrom(...'ACGT'), maxLength: 60 }), (text) => {
          const means = Array.from(tokenizer.encode(text), (id) => tokenizer.aminoAcid(id)).join('');
          expect(means).toBe(translate(text, { table }));
        }),
      );
    }
    expect(codons().aminoAcid(70)).toBe('');
  });
});

describe('codon usage', () => {
  const counts = codonCounts(golden.genes);

  it('relative synonymous usage, adaptiveness and index are those of the formulas of Sharp and Li in Python', () => {
    const rscu = relativeSynonymousUsage(counts);
    for (const [codon, value] of numbers(golden.rscu)) expect(rscu[codon]).toBeCloseTo(value, 12);
    const adaptiveness = relativeAdaptiveness(counts);
    for (const [codon, value] of numbers(golden.adaptiveness))
      expect(adaptiveness[codon]).toBeCloseTo(value, 12);
    golden.genes.forEach((gene: string, i: number) => {
      expect(codonAdaptationIndex(gene, adaptiveness)).toBeCloseTo(golden.cai[i], 12);
    });
  });

  it('counts whole codons of four letters only', () => {
    const found = codonCounts(['augAAAaaNAA', 'GG']);
    expect(numbers(found).filter(([, count]) => count > 0)).toEqual([
      ['ATG', 1],
      ['AAA', 1],
    ]);
    expect(numbers(found).length).toBe(64);
  });

  it('usage sums to the size of a family, adaptiveness has one 1 at least', () => {
    const rscu = relativeSynonymousUsage(counts, { table: 2 });
    const adaptiveness = relativeAdaptiveness(counts, { table: 2 });
    const { aminoAcids } = geneticCodes[2]!;
    for (const amino of new Set(Object.values(aminoAcids))) {
      const family = Object.keys(aminoAcids).filter((codon) => aminoAcids[codon] === amino);
      expect(family.reduce((sum, codon) => sum + rscu[codon]!, 0)).toBeCloseTo(family.length, 12);
      expect(Math.max(...family.map((codon) => adaptiveness[codon]!))).toBe(1);
    }
  });

  it('of nothing is NaN, of the best codons 1; a weight of 0 is refused', () => {
    expect(codonAdaptationIndex('ATGTGGTAA', relativeAdaptiveness(counts))).toBeNaN();
    expect(codonAdaptationIndex('AAAAAG', { AAA: 1, AAG: 0.25 })).toBeCloseTo(0.5, 15);
    expect(() => codonAdaptationIndex('AAA', { AAA: 0 })).toThrow('adaptiveness of AAA is 0');
    expect(() => relativeAdaptiveness(counts, { absent: 0 })).toThrow('absent is 0');
  });
});

const shared = new URL('../../../shared/data/debian/', import.meta.url);
describe.skipIf(!existsSync(shared))('published tables of adaptiveness', () => {
  it('of E. coli: coding sequences of E. coli are better adapted to it than to yeast, shuffled codons less', () => {
    const rows = readFileSync(new URL('caitab.csv', shared), 'utf8').trim().split('\n').slice(1);
    const column = (index: number) =>
      Object.fromEntries(
        rows.map((row) => {
          const cells = row.split(',');
          return [cells[0]!.replaceAll('"', '').toUpperCase(), Number(cells[index])];
        }),
      );
    const [ecoli, yeast] = [column(1), column(3)];
    const { aminoAcids } = geneticCodes[1]!;
    for (const amino of new Set(Object.values(aminoAcids)))
      if (amino !== '*')
        expect(
          Math.max(
            ...Object.keys(aminoAcids).flatMap((codon) =>
              aminoAcids[codon] === amino ? [ecoli[codon]!] : [],
            ),
          ),
        ).toBe(1);
    const genes = readFileSync(new URL('ecoli_cds999.fa', shared), 'utf8')
      .split('>')
      .slice(1, 200)
      .map((record) => record.slice(record.indexOf('\n')).replace(/\s/g, ''));
    const better = genes.filter(
      (gene) => codonAdaptationIndex(gene, ecoli) > codonAdaptationIndex(gene, yeast),
    );
    expect(better.length / genes.length).toBeGreaterThan(0.8);
  });
});
