import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../core/random.ts';
import { aminoProfile } from '../alphabet.ts';
import { domainPosterior, statePosterior } from '../decoding.ts';
import { fastScores } from '../fast-scores.ts';
import { plainScores } from '../filters.ts';
import { profileBackward, profileForward } from '../forward.ts';
import { randomCodes, randomProfile } from '../random-profile.fixture.ts';
import { sampleProfile } from '../sample-profile.ts';
import { lengthModel, searchProfile } from '../search-profile.ts';
import { fastMsv } from './msv.ts';
import { fastPasses } from './passes.ts';
import { fastViterbi } from './viterbi.ts';

/** Profiles of all widths around whole vectors, with sequences of theirs in others. */
const cases = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100, 145].map((nodes) => {
  const source = randomProfile(nodes, nodes, aminoProfile);
  const stream = randomStream(nodes, 'cases');
  const noise = (n: number, seed: number) => randomCodes(n, 20, seed);
  const own = () => sampleProfile(source, stream).codes;
  const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
  const sequences = [
    noise(1, 1),
    noise(50, 2),
    noise(300, 3),
    joined(noise(30, 4), own(), noise(20, 5)),
    joined(own(), own(), noise(7, 6), own()),
  ];
  return { nodes, profile: searchProfile(source), sequences };
});

describe.each(cases)('filters of $nodes nodes', ({ profile, sequences }) => {
  const plain = plainScores(profile);

  it('Forward is the defined one but for float32', () => {
    const { score } = fastPasses(profile)!;
    for (const codes of sequences) expect(score(codes)! - plain.forward(codes)).toBeCloseTo(0, 3);
  });

  it('Forward and Backward decode to the same posteriors as the defined ones', () => {
    const passes = fastPasses(profile)!;
    for (const multihit of [true, false])
      for (const codes of sequences) {
        const lengths = lengthModel(codes.length, { multihit });
        const rows = { rows: true };
        const exact = profileForward(profile, codes, lengths, rows);
        const exactBack = profileBackward(profile, codes, lengths, exact, rows);
        const forward = passes.forward(codes, lengths, rows)!;
        const backward = passes.backward(codes, lengths, forward, rows)!;
        expect(forward.score - exact.score).toBeCloseTo(0, 3);
        expect(backward.score - exact.score).toBeCloseTo(0, 3);
        const ours = statePosterior(forward, backward, lengths, profile.nodes);
        const theirs = statePosterior(exact, exactBack, lengths, profile.nodes);
        const far = ours.states.map((p, at) => Math.abs(p - theirs.states[at]!));
        expect(far.reduce((a, b) => Math.max(a, b), 0)).toBeLessThan(2e-3);
        const parsed = domainPosterior(
          passes.forward(codes, lengths)!,
          passes.backward(codes, lengths, passes.forward(codes, lengths)!)!,
          lengths,
        );
        const whole = domainPosterior(exact, exactBack, lengths);
        for (const part of ['begun', 'ended', 'inside'] as const)
          parsed[part].forEach((p, i) => {
            expect(Math.abs(p - whole[part][i]!)).toBeLessThan(5e-3);
          });
      }
  });

  it('Viterbi is the defined one but for rounding, or does not fit a word', () => {
    const viterbi = fastViterbi(profile)!;
    for (const codes of sequences) {
      const exact = plain.viterbi(codes);
      const found = viterbi(codes);
      if (exact < 20 / Math.LN2) expect(Math.abs(found - exact)).toBeLessThan(0.05 + codes.length * 2e-3);
      else if (Number.isFinite(found)) expect(Math.abs(found - exact)).toBeLessThan(0.2);
    }
  });

  it('MSV is the defined one but for rounding to thirds of bits, or does not fit a byte', () => {
    const msv = fastMsv(profile)!;
    for (const codes of sequences) {
      const exact = plain.msv(codes);
      const found = msv(codes);
      if (Number.isFinite(found)) expect(Math.abs(found - exact)).toBeLessThan(2);
      else expect(exact).toBeGreaterThan(5);
    }
  });
});

describe('fast scores', () => {
  it('belong to their own profile, in whatever order profiles take turns', () => {
    const [a, b] = [cases[3]!, cases[10]!];
    const [fastA, fastB] = [fastScores(a.profile), fastScores(b.profile)];
    const codes = a.sequences[2]!;
    for (const score of ['msv', 'viterbi', 'forward'] as const) {
      const first = fastA[score](codes);
      const other = fastB[score](codes);
      expect(fastA[score](codes)).toBe(first);
      expect(fastB[score](codes)).toBe(other);
      expect(first).not.toBe(other);
    }
  });

  it('grow with the sequence', () => {
    const { profile } = cases[5]!;
    const { forward, msv, viterbi } = fastScores(profile);
    const short = randomCodes(20, 20, 1);
    const before = [forward(short), msv(short), viterbi(short)];
    const long = randomCodes(400_000, 20, 2);
    expect(forward(long)).toBeGreaterThan(-100);
    expect(msv(long) + viterbi(long)).not.toBeNaN();
    expect([forward(short), msv(short), viterbi(short)]).toEqual(before);
  });

  it('are the defined ones without SIMD, for glocal profiles and for symbols that no state emits', () => {
    const { profile, sequences } = cases[4]!;
    const codes = sequences[1]!;
    const plain = plainScores(profile);
    expect(fastScores(profile, { simd: false }).viterbi(codes)).toBe(plain.viterbi(codes));
    const starred = Uint8Array.from([...codes, aminoProfile.symbols.indexOf('*')]);
    expect(fastScores(profile).forward(starred)).toBe(plain.forward(starred));
    const glocal = searchProfile(profile.profile, { mode: 'glocal' });
    expect(fastScores(glocal).forward(codes)).toBe(plainScores(glocal).forward(codes));
  });
});
