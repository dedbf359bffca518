import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { aminoProfile } from './alphabet.ts';
import { domainPosterior, statePosterior } from './decoding.ts';
import { B, profileBackward, profileForward } from './forward.ts';
import { logProfile, multipleSegmentViterbi, profileViterbi } from './max-scores.ts';
import { optimalAccuracy } from './optimal-accuracy.ts';
import { IM } from './profile-hmm.ts';
import { enumeratePaths, randomCodes, randomProfile } from './random-profile.fixture.ts';
import { sampleProfile } from './sample-profile.ts';
import { type LengthModel, lengthModel, type SearchProfile, searchProfile } from './search-profile.ts';
import { stochasticTrace } from './stochastic-trace.ts';
import { type ProfileTrace, traceDomains } from './trace.ts';

const setting = fc.record({
  nodes: fc.integer({ min: 1, max: 12 }),
  length: fc.integer({ min: 1, max: 40 }),
  seed: fc.integer({ min: 0, max: 1e6 }),
  mode: fc.constantFrom('local' as const, 'glocal' as const),
  multihit: fc.boolean(),
});

/** ln of the odds of one path, state by state. */
function traceScore(
  p: SearchProfile,
  codes: Uint8Array,
  { states, nodes, positions }: ProfileTrace,
  { loop, move, again, end }: LengthModel,
): number {
  const between: Record<string, (k: number) => number> = {
    BM: (k) => p.begin[k]!,
    MM: (k) => p.mm[k - 1]!,
    IM: (k) => p.im[k - 1]!,
    DM: (k) => p.dm[k - 1]!,
    MI: (k) => p.mi[k]!,
    II: (k) => p.ii[k]!,
    MD: (k) => p.md[k - 1]!,
    DD: (k) => p.dd[k - 1]!,
    ME: () => 1,
    DE: () => 1,
    EC: () => end,
    EJ: () => again,
    EB: () => again * move,
    NN: () => loop,
    JJ: () => loop,
    CC: () => loop,
    NB: () => move,
    JB: () => move,
  };
  let score = 0;
  const path = ['N', ...states, ...(states.at(-1) === 'E' ? ['C'] : [])];
  const node = [0, ...nodes, 0];
  for (let at = 1; at < path.length; at++) {
    const step = path[at - 1]! + path[at]!;
    // Flanks emit as they loop: entering J or C emits nothing, yet its first letter costs a loop.
    if (step === 'EC' && at <= states.length) score += Math.log(end * loop);
    else if (step === 'EJ') score += Math.log(again * loop);
    else score += Math.log(between[step]!(node[at]!));
    if (path[at] === 'M') score += Math.log(p.odds[codes[positions[at - 1]! - 1]!]![node[at]!]!);
  }
  return score + Math.log(move);
}

describe('Forward and Viterbi', () => {
  it('are the sum and the largest of all paths, enumerated', () => {
    for (const mode of ['local', 'glocal'] as const)
      for (const multihit of [true, false])
        for (let seed = 0; seed < 6; seed++) {
          const profile = searchProfile(randomProfile(3, seed), { mode });
          const codes = randomCodes(5, 2, seed);
          const lengths = lengthModel(4, { multihit });
          let [sum, best] = [0, 0];
          enumeratePaths(profile, codes, lengths, (odds) => {
            sum += odds;
            best = Math.max(best, odds);
          });
          expect(profileForward(profile, codes, lengths).score).toBeCloseTo(Math.log(sum), 10);
          expect(profileViterbi(logProfile(profile), codes, lengths)).toBeCloseTo(Math.log(best), 10);
        }
  });

  it('Forward is at least Viterbi, and Backward is Forward', () => {
    fc.assert(
      fc.property(setting, ({ nodes, length, seed, mode, multihit }) => {
        const profile = searchProfile(randomProfile(nodes, seed), { mode });
        const codes = randomCodes(length, 2, seed);
        const lengths = lengthModel(length, { multihit });
        const forward = profileForward(profile, codes, lengths);
        const backward = profileBackward(profile, codes, lengths, forward);
        expect(forward.score).toBeGreaterThanOrEqual(
          profileViterbi(logProfile(profile), codes, lengths) - 1e-9,
        );
        expect(backward.score).toBeCloseTo(forward.score, 8);
      }),
    );
  });

  it('give all sequences of all lengths a total probability of one', () => {
    const source = randomProfile(2, 11);
    source.transitions.set([0.9, 0.1], 7 + IM); // Short inserts, so that long sequences are rare.
    const profile = searchProfile(source);
    const { background } = profile.alphabet;
    const lengths: LengthModel = { loop: 0.15, move: 0.85, again: 0.1, end: 0.9 };
    let total = 0;
    for (let length = 1; length <= 13; length++)
      for (let word = 0; word < 2 ** length; word++) {
        const codes = Uint8Array.from({ length }, (_, i) => (word >> i) & 1);
        const null1 = codes.reduce((p, code) => p * background[code]!, 1);
        total += null1 * Math.exp(profileForward(profile, codes, lengths).score);
      }
    expect(total).toBeLessThanOrEqual(1 + 1e-9);
    expect(total).toBeGreaterThan(0.99999);
  });

  it('do not overflow where the odds are beyond every number', () => {
    const profile = searchProfile(randomProfile(30, 5, aminoProfile));
    const best = Uint8Array.from({ length: 30 }, (_, k) => {
      const odds = Array.from({ length: 20 }, (_, x) => profile.odds[x]![k + 1]!);
      return odds.indexOf(Math.max(...odds));
    });
    const codes = Uint8Array.from(new Array(400).fill([...best]).flat());
    const lengths = lengthModel(codes.length);
    const forward = profileForward(profile, codes, lengths);
    const backward = profileBackward(profile, codes, lengths, forward);
    expect(forward.score).toBeGreaterThan(5000);
    expect(backward.score / forward.score).toBeCloseTo(1, 10);
  });

  it('a symbol that no state emits breaks a domain in two, and no score is NaN', () => {
    const profile = searchProfile(randomProfile(4, 3, aminoProfile));
    const star = aminoProfile.symbols.indexOf('*');
    const codes = Uint8Array.from([1, 2, star, 3, 4]);
    const lengths = lengthModel(5);
    expect(profileForward(profile, codes, lengths).score).toBeGreaterThan(-20);
    expect(profileViterbi(logProfile(profile), codes, lengths)).toBeGreaterThan(-20);
    expect(profileForward(profile, Uint8Array.of(star), lengthModel(1)).score).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('multiple segment Viterbi', () => {
  it('is Viterbi of a profile without inserts and deletes whose begins are all equal', () => {
    fc.assert(
      fc.property(setting, ({ nodes, length, seed }) => {
        const profile = searchProfile(randomProfile(nodes, seed));
        const codes = randomCodes(length, 2, seed);
        const lengths = lengthModel(length);
        const zero = new Float64Array(nodes + 1);
        const ungapped: SearchProfile = {
          ...profile,
          begin: zero.map(() => 2 / (nodes * (nodes + 1))),
          mm: zero.map((_, k) => (k < nodes ? 1 : 0)),
          ...{ mi: zero, md: zero, im: zero, ii: zero, dm: zero, dd: zero },
        };
        expect(multipleSegmentViterbi(logProfile(profile), codes, lengths)).toBeCloseTo(
          profileViterbi(logProfile(ungapped), codes, lengths),
          9,
        );
      }),
    );
  });
});

describe('posterior decoding', () => {
  const decode = (profile: SearchProfile, codes: Uint8Array, lengths: LengthModel) => {
    const forward = profileForward(profile, codes, lengths, { rows: true });
    const backward = profileBackward(profile, codes, lengths, forward, { rows: true });
    return { forward, backward, states: statePosterior(forward, backward, lengths, profile.nodes) };
  };

  it('accounts for every letter once', () => {
    fc.assert(
      fc.property(setting, ({ nodes, length, seed, mode, multihit }) => {
        const profile = searchProfile(randomProfile(nodes, seed), { mode });
        const codes = randomCodes(length, 2, seed);
        const lengths = lengthModel(length, { multihit });
        const { forward, backward, states } = decode(profile, codes, lengths);
        const domains = domainPosterior(forward, backward, lengths);
        for (let i = 1; i <= length; i++) {
          const row = states.states.subarray(i * 2 * (nodes + 1), (i + 1) * 2 * (nodes + 1));
          const inside = row.reduce((sum, p) => sum + p, 0);
          expect(inside + states.flankN[i]! + states.flankJ[i]! + states.flankC[i]!).toBeCloseTo(1, 4);
          expect(domains.inside[i]).toBeCloseTo(inside, 4);
        }
        expect(domains.begun[length]).toBeCloseTo(domains.ended[length]!, 8);
      }),
    );
  });

  it('is what sampled paths have on average', () => {
    const profile = searchProfile(randomProfile(5, 2));
    const codes = randomCodes(12, 2, 4);
    const lengths = lengthModel(12);
    const { forward, states } = decode(profile, codes, lengths);
    const stream = randomStream(1, 'traces');
    const seen = new Float64Array(states.states.length);
    const samples = 4000;
    for (let s = 0; s < samples; s++) {
      const trace = stochasticTrace(profile, forward, lengths, stream);
      trace.states.forEach((state, at) => {
        if (state !== 'M' && state !== 'I') return;
        seen[trace.positions[at]! * 12 + (state === 'I' ? 6 : 0) + trace.nodes[at]!]! += 1 / samples;
      });
    }
    const farthest = Math.max(...seen.map((p, at) => Math.abs(p - states.states[at]!)));
    expect(farthest).toBeLessThan(5 * Math.sqrt(0.25 / samples));
    expect(forward.specials[B]).toBe(lengths.move);
  });

  it('the most accurate path counts as many letters as it promises, and no sampled one more', () => {
    fc.assert(
      fc.property(setting, ({ nodes, length, seed, mode, multihit }) => {
        const profile = searchProfile(randomProfile(nodes, seed), { mode });
        const codes = randomCodes(length, 2, seed);
        const lengths = lengthModel(length, { multihit });
        const { forward, states } = decode(profile, codes, lengths);
        if (!Number.isFinite(forward.score)) return;
        const { trace, expected } = optimalAccuracy(profile, states, lengths);
        const sum = trace.posteriors.reduce((total, p) => total + p, 0);
        expect(sum).toBeCloseTo(expected, 3);
        expect(trace.positions.filter((i) => i > 0)).toEqual(Array.from({ length }, (_, i) => i + 1));
        expect(traceScore(profile, codes, trace, lengths)).toBeGreaterThan(Number.NEGATIVE_INFINITY);
      }),
    );
  });
});

describe('sampled paths', () => {
  it('are possible, and score no more than Viterbi', () => {
    fc.assert(
      fc.property(setting, ({ nodes, length, seed, mode, multihit }) => {
        const profile = searchProfile(randomProfile(nodes, seed), { mode });
        const codes = randomCodes(length, 2, seed);
        const lengths = lengthModel(length, { multihit });
        const forward = profileForward(profile, codes, lengths, { rows: true });
        if (!Number.isFinite(forward.score)) return;
        const trace = stochasticTrace(profile, forward, lengths, randomStream(seed, 'trace'));
        const score = traceScore(profile, codes, trace, lengths);
        expect(score).toBeGreaterThan(Number.NEGATIVE_INFINITY);
        expect(score).toBeLessThanOrEqual(profileViterbi(logProfile(profile), codes, lengths) + 1e-4);
        expect(traceDomains(trace).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('a sequence that a profile emits', () => {
  it('scores at least the path that it was emitted by', () => {
    fc.assert(
      fc.property(setting, ({ nodes, seed }) => {
        const source = randomProfile(nodes, seed);
        const profile = searchProfile(source);
        const { codes, trace } = sampleProfile(source, randomStream(seed, 'emit'));
        const lengths = lengthModel(codes.length);
        // A search path neither begins nor ends with deletes or inserts.
        const first = trace.states.indexOf('M');
        const last = trace.states.lastIndexOf('M');
        if (first < 0) return;
        const pick = <T>(of: readonly T[], outside: T) => [outside, ...of.slice(first, last + 1), outside];
        const states = pick(trace.states, 'B');
        states[states.length - 1] = 'E';
        const part = { states, nodes: pick(trace.nodes, 0), positions: pick(trace.positions, 0) };
        const [from, to] = [trace.positions[first]!, trace.positions[last]!];
        const inside = codes.subarray(from - 1, to);
        const shifted = { ...part, positions: part.positions.map((i) => (i > 0 ? i - from + 1 : 0)) };
        const own = traceScore(profile, inside, shifted, lengths);
        expect(profileForward(profile, inside, lengths).score).toBeGreaterThanOrEqual(own - 1e-9);
      }),
    );
  });

  it('is as long and made of the letters that the probabilities say', () => {
    const source = randomProfile(6, 9);
    const stream = randomStream(3, 'emit');
    const used = new Float64Array(7);
    for (let s = 0; s < 2000; s++) {
      const { codes, text, trace } = sampleProfile(source, stream);
      expect(text.length).toBe(codes.length);
      trace.states.forEach((state, at) => {
        if (state === 'M') used[trace.nodes[at]!]! += 1 / 2000;
      });
    }
    let occupied = source.transitions[0]! + source.transitions[1]!;
    for (let k = 1; k <= 6; k++) {
      expect(Math.abs(used[k]! - occupied)).toBeLessThan(0.06);
      const t = source.transitions.subarray(k * 7, k * 7 + 7);
      occupied = occupied * (t[0]! + t[1]!) + (1 - occupied) * t[5]!;
    }
  });
});
