import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aminoProfile, customProfileAlphabet, dnaProfile } from './alphabet.ts';
import type { ProfileHmm } from './profile-hmm.ts';
import { randomProfile } from './random-profile.fixture.ts';
import { readHmmer } from './read-hmmer.ts';
import { hmmerText } from './write-hmmer.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const readAll = async (text: string, name = 'x.hmm') => {
  const profiles: ProfileHmm[] = [];
  for await (const profile of readHmmer([bytes(text)], { name })) profiles.push(profile);
  return profiles;
};
const tail = { location: -5.25, lambda: 0.71 };
const full = (seed: number, alphabet = dnaProfile): ProfileHmm => ({
  ...randomProfile(3, seed, alphabet),
  accession: 'PF1.2',
  description: 'a made-up family',
  map: Int32Array.of(0, 2, 3, 7),
  consensus: alphabet === dnaProfile ? 'aCg' : 'aAb',
  reference: 'x.x',
  structure: '<.>',
  sequences: 5,
  effective: 2.5,
  checksum: 4294967295,
  maxLength: 12,
  cutoffs: { GA: [20, 10.5] },
  statistics: { msv: tail, viterbi: tail, forward: { location: -3, lambda: 0.71 } },
  date: 'Sat Nov 21 10:00:00 2026',
  otherLines: ['COM   [1] hmmbuild x.hmm x.sto'],
});

describe('HMMER3 files', () => {
  it('are written as the same bytes once read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(dnaProfile, aminoProfile, customProfileAlphabet('aAbX')),
        async (seed, alphabet) => {
          const once = hmmerText(full(seed, alphabet));
          const twice = hmmerText((await readAll(once))[0]!);
          expect(twice).toBe(once);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('give back every field', async () => {
    const [read] = await readAll(hmmerText(full(3)));
    const { match, insert, transitions, composition, writer, otherLines, ...rest } = read!;
    const { match: m, insert: i, transitions: t, ...expected } = full(3);
    expect({ ...rest, otherLines }).toEqual(expected);
    expect(composition).toBeUndefined();
    expect(writer).toMatch(/^Seqwright /);
    for (const [got, was] of [
      [match.subarray(4), m.subarray(4)],
      [insert, i],
      [transitions, t],
    ] as const)
      got.forEach((p, at) => {
        expect(p).toBeCloseTo(was[at]!, 5);
      });
  });

  it('hold several profiles, in pieces of any size and with any line ends', async () => {
    const text = (hmmerText(full(1)) + hmmerText(full(2))).replaceAll('\n', '\r\n');
    const pieces = Array.from({ length: Math.ceil(text.length / 7) }, (_, i) =>
      bytes(text.slice(7 * i, 7 * i + 7)),
    );
    const names: string[] = [];
    for await (const { name } of readHmmer(pieces)) names.push(name);
    expect(names).toEqual(['random1', 'random2']);
  });

  const good = hmmerText(full(1));
  const lines = good.split('\n');
  const without = (from: number) => lines.slice(0, from).join('\n');
  const header = lines.findIndex((line) => line.startsWith('HMM  '));
  it.each([
    ['another version', good.replace('HMMER3/f', 'HMMER3/b'), /^x\.hmm:1: .*HMMER3\/b.*hmmconvert/],
    ['HMMER 2', good.replace('HMMER3/f', 'HMMER2.0'), /^x\.hmm:1: .*HMMER2\.0/],
    ['no profile at all', '>seq\nACGT\n', /^x\.hmm:1: expected a profile .*">seq"/],
    ['an empty file', '', /^x\.hmm: is empty/],
    ['an end within the header', without(4), /^x\.hmm: ends within the header/],
    ['an end within the nodes', without(header + 8), /ends before node \d.*LENG promised 3/],
    ['a missing end', without(lines.length - 2), /expected "\/\/" after node 3/],
    ['a huge length', good.replace(/LENG .*/, 'LENG  4000000000'), /^x\.hmm:5: LENG is "4000000000".*100000/],
    ['a negative length', good.replace(/LENG .*/, 'LENG  -3'), /LENG is "-3"/],
    ['a length too long', good.replace(/LENG .*/, 'LENG  4'), /ends before node 4.*LENG promised 4/],
    ['a length too short', good.replace(/LENG .*/, 'LENG  2'), /expected "\/\/" after node 2/],
    ['an alphabet that is none', good.replace(/ALPH .*/, 'ALPH  klingon'), /^x\.hmm:7: ALPH is "klingon"/],
    ['letters of another alphabet', good.replace(/ALPH .*/, 'ALPH  RNA'), /the letters of RNA are ACGU/],
    ['statistics that are none', good.replace(/(LOCAL MSV).*/, '$1 -3 x'), /expected "STATS LOCAL/],
    ['a cutoff that is none', good.replace(/GA .*/, 'GA    high'), /expected one or two scores/],
  ])('refuses %s', async (_, text, message) => {
    await expect(readAll(text)).rejects.toThrow(message);
  });

  it('names the line of a number that is none, or missing', async () => {
    const at = header + 5;
    const broken = (change: (line: string) => string) =>
      lines.map((line, i) => (i === at ? change(line) : line)).join('\n');
    await expect(readAll(broken((line) => line.replace(/\d\.\d+/, '-1.00000')))).rejects.toThrow(
      new RegExp(`^x\\.hmm:${at + 1}: "-1\\.00000" is no negative logarithm`),
    );
    await expect(readAll(broken((line) => line.replace(/\s\d\.\d{5}/, '')))).rejects.toThrow(
      new RegExp(`^x\\.hmm:${at + 1}: `),
    );
  });

  it('no cut of a file is taken for a whole one', async () => {
    for (let end = 1; end < good.length - 4; end += 11)
      await expect(readAll(good.slice(0, end))).rejects.toMatchObject({ kind: 'data' });
  });
});
