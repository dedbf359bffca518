import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../core/random.ts';
import { aminoProfile, customProfileAlphabet, dnaProfile } from '../alphabet.ts';
import { meanRelativeEntropy } from '../profile-hmm.ts';
import { sampleProfile } from '../sample-profile.ts';
import { openComparison } from '../search.ts';
import { fitGumbel, gumbelLocation, gumbelSurvival } from '../tails.ts';
import { buildProfile } from './build-profile.ts';
import { type AlignmentCodes, alignmentCodes, markFragments } from './columns.ts';
import { countAlignment } from './counts.ts';
import { logGamma, posteriorMeans } from './dirichlet.ts';
import { maxLength } from './max-length.ts';
import { positionBasedWeights } from './weights.ts';

const rowsOf = (...texts: string[]) => texts.map((text, i) => ({ id: `r${i + 1}`, text }));
const codesOf = (...texts: string[]): AlignmentCodes =>
  alignmentCodes({ rows: rowsOf(...texts) }, dnaProfile);
const all = (columns: number) => new Uint8Array(columns).fill(1);

describe('position-based weights', () => {
  it('are those of the example of Henikoff and Henikoff (1994)', () => {
    const codes = alignmentCodes({ rows: rowsOf('GYVGS', 'GFDGF', 'GYDGF', 'GYQGG') }, aminoProfile);
    const weights = positionBasedWeights(codes, all(5));
    // 4/15, 4/15, 3/15, 4/15 of the total, rounded in the paper's Table 1.
    [16, 16, 12, 16].forEach((share, i) => {
      expect(weights[i]).toBeCloseTo((4 * share) / 60, 12);
    });
  });

  it('sum to the number of rows, and copies of a row share its weight', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[ACGT-]{8}$/), { minLength: 2, maxLength: 8 }),
        fc.nat(),
        (texts, pick) => {
          const twice = [...texts, texts[pick % texts.length]!];
          const weights = positionBasedWeights(codesOf(...twice), all(8));
          expect(weights.reduce((a, b) => a + b)).toBeCloseTo(twice.length, 9);
          expect(weights.at(-1)).toBeCloseTo(weights[pick % texts.length]!, 12);
        },
      ),
    );
  });
});

describe('Dirichlet mixtures', () => {
  it('logGamma is that of factorials and halves', () => {
    let factorial = 1;
    for (let n = 1; n < 30; n++) {
      expect(logGamma(n)).toBeCloseTo(Math.log(factorial), 11);
      factorial *= n;
    }
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 13);
    expect(logGamma(0.001)).toBeCloseTo(6.907178885383853, 11);
  });

  it('of one component add its pseudocounts', () => {
    const means = posteriorMeans({ weights: [1], pseudocounts: [[1, 2, 3]] });
    const [a, b, c] = means([4, 0, 0]);
    expect(a).toBeCloseTo(5 / 10, 14);
    expect(b).toBeCloseTo(2 / 10, 14);
    expect(c).toBeCloseTo(3 / 10, 14);
  });

  it('of several weigh components by how well they explain the counts', () => {
    // By quadrature over the one free probability p of two letters.
    const [one, other] = [
      [5, 1],
      [0.5, 2.5],
    ] as const;
    const mixture = { weights: [0.3, 0.7], pseudocounts: [one, other] };
    const counts = [3, 1];
    let [total, first] = [0, 0];
    const density = (p: number) =>
      mixture.weights.reduce((sum, w, q) => {
        const [a, b] = mixture.pseudocounts[q] as [number, number];
        const beta = logGamma(a) + logGamma(b) - logGamma(a + b);
        return sum + w * Math.exp((a - 1) * Math.log(p) + (b - 1) * Math.log1p(-p) - beta);
      }, 0);
    const steps = 200_000;
    for (let i = 0; i < steps; i++) {
      const p = (i + 0.5) / steps;
      const weight = density(p) * p ** counts[0]! * (1 - p) ** counts[1]!;
      total += weight;
      first += weight * p;
    }
    expect(posteriorMeans(mixture)(counts)[0]).toBeCloseTo(first / total, 6);
  });
});

describe('counts of an alignment', () => {
  it('have every row begin once, and reach every node once', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ACGT-]{9}$/), { minLength: 1, maxLength: 6 }), (texts) => {
        const assigned = Uint8Array.of(1, 1, 0, 1, 0, 0, 1, 1, 1);
        const { transitions } = countAlignment(
          codesOf(...texts),
          assigned,
          texts.map(() => 1),
        );
        const node = (k: number) => transitions.subarray(k * 7, k * 7 + 7);
        const sum = (of: Float64Array) => of.reduce((a, b) => a + b, 0);
        expect(sum(node(0).subarray(0, 3))).toBe(texts.length);
        for (let k = 1; k <= 6; k++) {
          const [mm, mi, md, im, , dm, dd] = node(k) as unknown as number[];
          // Whoever is inserted came from the match and goes on to the next one.
          expect(im).toBe(mi);
          expect(mm! + mi! + md! + dm! + dd!).toBe(texts.length);
        }
      }),
    );
  });

  it('turn a delete beside an insert into a match', () => {
    const { match, transitions } = countAlignment(codesOf('A-CG'), Uint8Array.of(1, 1, 0, 1), [1]);
    expect(match[2 * 4 + 1]).toBe(1); // The inserted C is matched by node 2.
    expect(transitions[7]).toBe(1);
  });

  it('know nothing of what a fragment lacks', () => {
    const codes = markFragments(codesOf('ACGTACGT', '----AC--'), 0.5);
    const { transitions } = countAlignment(codes, all(8), [1, 1]);
    expect(transitions[2]).toBe(0); // Nobody begins with a delete.
    expect(transitions[7]).toBe(1);
    const whole = countAlignment(codesOf('ACGTACGT', '----AC--'), all(8), [1, 1]);
    expect(whole.transitions[2]).toBe(1);
  });
});

describe('the maximum length', () => {
  it('is rarely exceeded', () => {
    const profile = buildProfile({ rows: rowsOf('ACGTACGTAC', 'ACG-ACGTAC', 'ACGTACTTAC') });
    const bound = maxLength(profile, { beyond: 0.01 });
    const stream = randomStream(1, 'lengths');
    let longer = 0;
    for (let i = 0; i < 3000; i++) if (sampleProfile(profile, stream).codes.length > bound) longer++;
    expect(longer).toBeLessThan(45);
    expect(maxLength(profile, { beyond: 1e-7 })).toBeGreaterThan(bound);
  });
});

describe('tails', () => {
  it('a fitted Gumbel is the one that numbers were drawn from', () => {
    const stream = randomStream(5, 'gumbel');
    const drawn = Float64Array.from(
      { length: 20_000 },
      () => -3 - Math.log(-Math.log(stream.uniform())) / 0.7,
    );
    const { location, lambda } = fitGumbel(drawn);
    expect(Math.abs(location + 3)).toBeLessThan(0.05);
    expect(Math.abs(lambda - 0.7)).toBeLessThan(0.02);
    expect(Math.abs(gumbelLocation(drawn, 0.7) + 3)).toBeLessThan(0.05);
    expect(gumbelSurvival(-3, { location: -3, lambda: 0.7 })).toBeCloseTo(1 - Math.exp(-1), 12);
  });
});

describe('buildProfile', () => {
  const rows = rowsOf('ACGTTACGTA', 'ACGT-ACGTA', 'ACGTAACG-A', 'TCGTTACGTA');

  it('is the same for the same input, seed included', () => {
    expect(buildProfile({ rows }, { seed: 5 })).toEqual(buildProfile({ rows }, { seed: 5 }));
    expect(buildProfile({ rows }, { seed: 6 }).statistics).not.toEqual(
      buildProfile({ rows }, { seed: 5 }).statistics,
    );
  });

  it('has probabilities that sum to one', () => {
    const p = buildProfile({ rows });
    const sums = (of: Float64Array, width: number, from = 0, count = width) =>
      Array.from({ length: p.nodes + 1 }, (_, k) =>
        of.subarray(k * width + from, k * width + from + count).reduce((a, b) => a + b, 0),
      );
    for (const sum of [
      ...sums(p.match, 4),
      ...sums(p.insert, 4),
      ...sums(p.transitions, 7, 0, 3),
      ...sums(p.transitions, 7, 3, 2),
      ...sums(p.transitions, 7, 5, 2),
    ])
      expect(sum).toBeCloseTo(1, 12);
  });

  it('takes match columns by hand where a reference line marks them', () => {
    const reference = 'xxxx..xxxx';
    const p = buildProfile({ rows, reference }, { columns: 'hand' });
    expect(p.nodes).toBe(8);
    expect([...p.map!]).toEqual([0, 1, 2, 3, 4, 7, 8, 9, 10]);
    expect(() => buildProfile({ rows }, { columns: 'hand' })).toThrow(/has no reference line/);
  });

  it('meets the target of information where rows suffice, and not with more rows than there are', () => {
    const many = rowsOf(
      ...Array.from({ length: 40 }, (_, i) => `${'ACGTTGCAAC'.repeat(10)}${'ACGT'[i % 4]}`),
    );
    const p = buildProfile({ rows: many }, { target: 0.9 });
    expect(meanRelativeEntropy(p)).toBeCloseTo(0.9, 2);
    expect(p.effective).toBeLessThan(40);
    expect(buildProfile({ rows: many.slice(0, 2) }, { target: 1.99 }).effective).toBe(2);
    expect(buildProfile({ rows: many }, { effective: 3 }).effective).toBe(3);
  });

  it('serves events of a user’s own letters: a warped series is found, its likes by chance are not', () => {
    // Steps of a process: up, down, flat; capital letters are others than small ones.
    const alphabet = customProfileAlphabet('uUdDf');
    const motif = 'uuUUdDfDduUfdUuDDdfu';
    const warped = [
      'uuUUdDfDduUfdUuDDdfu',
      'uuUU-DfDduUfdUuDDdfu',
      'uuUUdDfDduU-dUuDDdfu',
      'uuUUdDf-duUfdUuDDdfu',
    ];
    const rows = rowsOf(...warped, ...warped, ...warped, ...warped);
    const profile = buildProfile({ rows }, { alphabet, effective: 'rows' });
    expect(profile.consensus).toBe(motif);
    const stream = randomStream(8, 'events');
    const noise = (n: number) => Array.from({ length: n }, () => 'uUdDf'[stream.below(5)]).join('');
    const codes = (text: string) => Uint8Array.from(text, (c) => 'uUdDf'.indexOf(c));
    const { compare } = openComparison(profile);
    const slowed = motif.replace('fD', 'fffD').replace('uU', 'U');
    const hit = compare({ id: 'slowed', codes: codes(noise(40) + slowed + noise(40)) })!;
    expect(Math.exp(hit.logP)).toBeLessThan(1e-4);
    expect(Math.abs(hit.domains[0]!.from - 41)).toBeLessThan(4);
    const chance = Array.from({ length: 50 }, (_, i) => compare({ id: `n${i}`, codes: codes(noise(100)) }));
    expect(chance.filter((h) => h && Math.exp(h.logP) < 1e-4)).toEqual([]);
  });

  it.each([
    ['no rows', { rows: [] }, {}, /has no rows/],
    [
      'rows of unequal length',
      { name: 'a.sto', rows: rowsOf('ACGT', 'ACG') },
      {},
      /a\.sto: row "r2" has 3 columns/,
    ],
    [
      'letters of no alphabet',
      { rows: rowsOf('AC!T') },
      { alphabet: dnaProfile },
      /row "r1": "!" in column 3/,
    ],
    ['letters that could be any', { rows: rowsOf('HHEECC') }, {}, /Name it with --alphabet/],
    [
      'no match columns',
      { rows: rowsOf('A--', '-C-', '--G') },
      { alphabet: dnaProfile, fragment: 0 },
      /No column/,
    ],
    [
      'a reference of another width',
      { rows: rowsOf('ACGT'), reference: 'xx' },
      { alphabet: dnaProfile, columns: 'hand' as const },
      /its reference line has 2 columns/,
    ],
  ])('refuses %s', (_, alignment, options, message) => {
    expect(() => buildProfile(alignment, options)).toThrow(message);
  });
});
