import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { forward } from '../hmm/forward.ts';
import { noisyWord, randomChain, reversed, withWords } from './chain.fixture.ts';
import { dnaComplement, type MotifChain, motifChainHmm } from './chain.ts';
import { fitMotifChain, plainChain } from './fit.ts';
import { consensus } from './matrix.ts';

const random = randomStream(5, 'fit test');
const sequences = withWords(random, { count: 60, length: 60, words: [noisyWord(random, 'GATTACAC')] });
const start: MotifChain = {
  ...plainChain(sequences, { complement: dnaComplement, size: 4 }).chain,
  motifs: [
    {
      matrix: Array.from('GATTACAC', (letter) =>
        Array.from('ACGT', (other) => (other === letter ? 0.55 : 0.15)),
      ),
      rates: [0.002, 0.002],
    },
  ],
};

describe('fitMotifChain', () => {
  it('never loses likelihood from round to round, without a prior', () => {
    const likelihoods = Array.from(
      { length: 8 },
      (_, i) => fitMotifChain(start, sequences, { iterations: i + 1, pseudocount: 0 }).logLikelihood,
    );
    likelihoods.slice(1).forEach((value, i) => {
      expect(value).toBeGreaterThanOrEqual(likelihoods[i]! - 1e-6);
    });
    expect(likelihoods.at(-1)! - likelihoods[0]!).toBeGreaterThan(5);
  });

  it('comes to the motif, to the number of its sites, and to the same on reverse complements', () => {
    const { chain, sites } = fitMotifChain(start, sequences);
    expect(consensus(chain.motifs[0]!.matrix, 'ACGT')).toBe('GATTACAC');
    expect(sites[0]).toBeGreaterThan(35);
    expect(sites[0]).toBeLessThan(60);
    const mirror = fitMotifChain(start, sequences.map(reversed));
    expect(mirror.sites[0]).toBeCloseTo(sites[0]!, 4);
    mirror.chain.motifs[0]!.matrix.forEach((row, i) => {
      row.forEach((p, a) => {
        expect(p).toBeCloseTo(chain.motifs[0]!.matrix[i]![a]!, 5);
      });
    });
    expect(mirror.chain.motifs[0]!.rates[0]).toBeCloseTo(chain.motifs[0]!.rates[1], 6);
  });

  it('holds a motif that would take up the background', () => {
    const everywhere = { ...start, motifs: [{ matrix: [start.background], rates: [0.3, 0.3] as const }] };
    const { chain } = fitMotifChain(everywhere, sequences, { iterations: 3, most: 0.1 });
    const [a, b] = chain.motifs[0]!.rates;
    expect(a + b).toBeLessThanOrEqual(0.1 + 1e-12);
  });
});

describe('plainChain', () => {
  it('gives sequences what Forward gives them without motifs, and the best that a background can', () => {
    const withUnknown = [...sequences.slice(0, 3), Int32Array.of(0, 9, 9, 3)];
    for (const complement of [dnaComplement, null]) {
      const { chain, logLikelihood } = plainChain(withUnknown, { complement, size: 4 });
      const sum = (own: MotifChain) =>
        withUnknown.reduce((all, s) => all + forward(motifChainHmm(own), s).logLikelihood, 0);
      expect(sum(chain)).toBeCloseTo(logLikelihood, 1);
      expect(sum({ ...chain, end: chain.end * 1.3 })).toBeLessThan(sum(chain));
      const { background } = randomChain(3);
      expect(sum({ ...chain, background })).toBeLessThan(sum(chain));
    }
  });
});
