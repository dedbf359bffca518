import { describe, expect, it } from 'vitest';
import { geneticCodes } from '../../data/genetic-codes.ts';
import { all } from './all.ts';
import { codons } from './codons.ts';
import { acceptor, disagreements } from './constraint.fixture.ts';
import { gc } from './gc.ts';
import { length } from './length.ts';
import { mask } from './mask.ts';
import { avoid, endsWith, require, startsWith } from './motifs.ts';
import { restrictionSites, sites } from './restriction-sites.ts';

const share = (s: string) => [...s].filter((letter) => 'GC'.includes(letter)).length / s.length;
const windows = (s: string, w: number) =>
  s.length < w ? [s] : Array.from({ length: s.length - w + 1 }, (_, i) => s.slice(i, i + w));

describe('motifs, against JavaScript searching every sequence of up to six bases', () => {
  it('avoid forbids every motif anywhere, overlapping ones too', () => {
    expect(disagreements(avoid('ACA'), (s) => !s.includes('ACA'))).toEqual([]);
    const three = ['ACA', 'CAC', 'GG'];
    expect(disagreements(avoid(three), (s) => !three.some((m) => s.includes(m)))).toEqual([]);
  });

  it('avoid reads IUPAC codes only when asked, and sees both strands only when asked', () => {
    const codes = avoid('GANT', { iupac: true });
    expect(disagreements(codes, (s) => !/GA[ACGT]T/.test(s))).toEqual([]);
    expect(disagreements(avoid('GAC', { bothStrands: true }), (s) => !/GAC|GTC/.test(s))).toEqual([]);
    expect(() => acceptor(avoid('GANT'), 'ACGT')).toThrow(
      'avoid("GANT"): "N" is none of the letters that this model writes (A C G T). For IUPAC codes give { iupac: true }.',
    );
  });

  it('require wants one of the motifs, or several occurrences', () => {
    expect(disagreements(require(['ACG', 'TT']), (s) => /ACG|TT/.test(s))).toEqual([]);
    const occurrences = (s: string) => [...s.matchAll(/(?=AA)/g)].length;
    expect(disagreements(require('AA', { times: 3 }), (s) => occurrences(s) >= 3)).toEqual([]);
  });

  it('startsWith and endsWith hold the ends', () => {
    expect(disagreements(startsWith('ACA'), (s) => s.startsWith('ACA'))).toEqual([]);
    expect(disagreements(startsWith('AYA', { iupac: true }), (s) => /^A[CT]A/.test(s))).toEqual([]);
    expect(disagreements(endsWith('ACA'), (s) => s.endsWith('ACA'))).toEqual([]);
    expect(disagreements(endsWith(['TAA', 'TGA', 'A']), (s) => /(TAA|TGA|A)$/.test(s))).toEqual([]);
  });

  it('refuses what is no motif', () => {
    expect(() => acceptor(avoid(''), 'ACGT')).toThrow('the motif is empty');
    expect(() => acceptor(avoid([]), 'ACGT')).toThrow('there is no motif');
    expect(() => require('A', { times: 0 })).toThrow('times is 0; expected a whole number from 1');
  });
});

describe('restriction sites', () => {
  it('are forbidden on both strands', () => {
    const free = acceptor(sites(['BsaI', 'HinfI']), 'ACGT');
    const cases = { GGTCTC: false, GAGACC: false, GATTC: false, GAGTC: false, GGTCTA: true, GATC: true };
    for (const [site, expected] of Object.entries(cases))
      expect([site, free(`AA${site}AA`)]).toEqual([site, expected]);
  });

  it('are forbidden in RNA as well, where T is U', () => {
    const free = acceptor(sites(['EcoRI']), 'ACGU');
    expect([free('GAAUUC'), free('GAAUUA')]).toEqual([false, true]);
  });

  it('are all written in IUPAC letters, as palindromes where the enzyme cuts inside', () => {
    for (const site of Object.values(restrictionSites)) expect(site).toMatch(/^[ACGTRYSWKMBDHVN]{4,13}$/);
    const opposite: Record<string, string> = { A: 'T', C: 'G', G: 'C', T: 'A', N: 'N', W: 'W' };
    const isPalindrome = (s: string) =>
      [...s]
        .reverse()
        .map((letter) => opposite[letter])
        .join('') === s;
    const others = Object.keys(restrictionSites).filter((name) => !isPalindrome(restrictionSites[name]!));
    // The type IIS enzymes of the list, which cut beside their site.
    expect(others).toEqual(['AarI', 'BbsI', 'BsaI', 'BsmBI', 'Esp3I', 'SapI']);
  });

  it('unknown by name are refused with the next step', () => {
    expect(() => sites(['ECORI'])).toThrow(
      'sites(["ECORI"]): there is no enzyme "ECORI" in the list. Did you mean EcoRI?',
    );
    expect(() => sites(['EcoR1'])).toThrow('Did you mean EcoRI?');
    expect(() => sites(['constructor'])).toThrow('there is no enzyme "constructor"');
  });
});

describe('counting constraints, against counting', () => {
  it('gc holds the share of the whole sequence', () => {
    const rule = (s: string) => s === '' || (share(s) >= 0.4 && share(s) <= 0.6);
    expect(disagreements(gc({ min: 0.4, max: 0.6 }), rule)).toEqual([]);
  });

  it('gc holds the share of every window, and of a shorter sequence as a whole', () => {
    const rule = (s: string) => s === '' || windows(s, 3).every((w) => share(w) >= 0.3 && share(w) <= 0.7);
    expect(disagreements(gc({ min: 0.3, max: 0.7, window: 3 }), rule)).toEqual([]);
  });

  it('length is exact or a range', () => {
    expect(disagreements(length(4), (s) => s.length === 4)).toEqual([]);
    expect(disagreements(length({ min: 2 }), (s) => s.length >= 2)).toEqual([]);
    expect(disagreements(length({ max: 3 }), (s) => s.length <= 3)).toEqual([]);
    expect(disagreements(length({ min: 2, max: 3 }), (s) => s.length === 2 || s.length === 3)).toEqual([]);
  });

  it('impossible numbers are refused', () => {
    expect(() => gc({ min: 40, max: 60 })).toThrow('expected 0 ≤ min ≤ max ≤ 1; shares, not percentages');
    expect(() => gc({ min: 0.6, max: 0.4 })).toThrow('gc({ min: 0.6, max: 0.4 })');
    expect(() => gc({ window: 0 })).toThrow('window is 0');
    expect(() => length(-1)).toThrow('length(-1): expected whole numbers from 0');
    expect(() => length({ min: 3, max: 2 })).toThrow('min no greater than max');
  });
});

describe('codons, against a naive translation of every sequence of up to seven bases', () => {
  const translate = (s: string, table: number) =>
    (s.match(/.../g) ?? []).map((codon) => geneticCodes[table]!.aminoAcids[codon]).join('');
  const isFrame = (s: string, table: number, start: RegExp) =>
    s.length % 3 === 0 && start.test(s) && /^[^*]*\*$/.test(translate(s, table));

  it('hold a reading frame from start to stop', () => {
    expect(disagreements(codons(), (s) => isFrame(s, 1, /^ATG/), { most: 7 })).toEqual([]);
    const bacterial = codons({ table: 11, start: true });
    expect(disagreements(bacterial, (s) => isFrame(s, 11, /^(TTG|CTG|AT.|GTG)/), { most: 7 })).toEqual([]);
    const mitochondrial = codons({ table: 2, start: ['GTG'] });
    expect(disagreements(mitochondrial, (s) => isFrame(s, 2, /^GTG/), { most: 6 })).toEqual([]);
  });

  it('hold an open frame without start and stop, behind free letters', () => {
    const rule = (s: string) => s.length > 3 && s.length % 3 === 1 && !translate(s.slice(1), 1).includes('*');
    expect(disagreements(codons({ frame: 1, start: false, stop: false }), rule, { most: 7 })).toEqual([]);
  });

  it('spell a protein in any of its synonymous ways', () => {
    const rule = (s: string) => s.length === 6 && translate(s, 1) === 'W*';
    expect(disagreements(codons({ start: false, protein: 'W' }), rule)).toEqual([]);
    const accepts = acceptor(codons({ table: 11, start: true, protein: 'ML' }), 'ACGU');
    expect([accepts('GUGUUAUAA'), accepts('GUGUUUUAA'), accepts('GUGUUA'), accepts('GUGCUGUUAUAA')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('know the stops and starts of the codes: tables 1 and 11 share their amino acids, 2 and 4 read TGA as W', () => {
    const stops = (table: number) =>
      Object.entries(geneticCodes[table]!.aminoAcids)
        .filter(([, amino]) => amino === '*')
        .map(([codon]) => codon);
    expect(stops(1).sort()).toEqual(['TAA', 'TAG', 'TGA']);
    expect(geneticCodes[11]!.aminoAcids).toEqual(geneticCodes[1]!.aminoAcids);
    expect(stops(2).sort()).toEqual(['AGA', 'AGG', 'TAA', 'TAG']);
    expect(stops(4).sort()).toEqual(['TAA', 'TAG']);
    expect([geneticCodes[2]!.aminoAcids.ATA, geneticCodes[4]!.aminoAcids.ATA]).toEqual(['M', 'I']);
  });

  it('refuse tables and codons that do not exist', () => {
    expect(() => codons({ table: 99 })).toThrow(
      'There is no genetic code 99 here; choose 1, 2, 3, 4, 5, 6, 9',
    );
    expect(() => codons({ start: ['AXG'] })).toThrow('"AXG" is not a codon; expected three of A, C, G, T.');
    expect(() => codons({ frame: -1 })).toThrow('frame is -1');
  });
});

describe('masks and sums of constraints', () => {
  it('mask asks the rule for every position, with as much of the prefix as it wants', () => {
    const third = mask((position) => (position % 3 === 2 ? 'GC' : undefined), { lookBack: 0 });
    expect(
      disagreements(third, (s) => [...s].every((letter, i) => i % 3 !== 2 || 'GC'.includes(letter))),
    ).toEqual([]);
    const noPairs = mask((_, prefix) => [...'ACGT'].filter((letter) => !prefix.endsWith(letter)), {
      lookBack: 1,
    });
    expect(disagreements(noPairs, (s) => !/(.)\1/.test(s))).toEqual([]);
    const once = mask((_, prefix) => [...'ACGT'].filter((letter) => !prefix.includes(letter)));
    expect(disagreements(once, (s) => new Set(s).size === s.length)).toEqual([]);
  });

  it('all wants each of them', () => {
    const both = all(avoid('AA'), endsWith('C'), length({ min: 2 }));
    expect(disagreements(both, (s) => s.length > 1 && s.endsWith('C') && !s.includes('AA'))).toEqual([]);
    expect(both.text).toBe('all(avoid("AA"), endsWith("C"), length({ min: 2 }))');
  });
});
