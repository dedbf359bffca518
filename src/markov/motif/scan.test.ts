import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forward } from '../hmm/forward.ts';
import { posteriors } from '../hmm/posterior.ts';
import { randomChain, tokens } from './chain.fixture.ts';
import { firstStates, type MotifChain, motifChainHmm } from './chain.ts';
import { siteScanner } from './scan.ts';

describe('siteScanner', () => {
  it('gives the likelihood and the posteriors of the general algorithms', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom(1, 2),
        tokens,
        fc.nat(13),
        (seed, strands, sequence, hidden) => {
          const chain = randomChain(seed, { strands });
          if (hidden < sequence.length) sequence[hidden] = 7;
          const model = motifChainHmm(chain);
          const { logLikelihood, probabilities } = posteriors(model, sequence);
          const n = model.states.length;
          const found = new Map<string, number>();
          const log = siteScanner(chain)(sequence, (motif, strand, start, p) => {
            found.set(`${motif}${strand}${start}`, p);
          });
          expect(log).toBeCloseTo(logLikelihood, 9);
          firstStates(chain.motifs, chain.complement).forEach(([plus, minus], m) => {
            for (let t = 0; t < sequence.length; t++) {
              expect(found.get(`${m}+${t}`) ?? 0).toBeCloseTo(probabilities[t * n + plus]!, 8);
              if (minus >= 0)
                expect(found.get(`${m}-${t}`) ?? 0).toBeCloseTo(probabilities[t * n + minus]!, 8);
            }
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('neither overflows nor loses sites where hundreds of them are certain', () => {
    const sure = (letter: number) => [0, 1, 2, 3].map((a) => (a === letter ? 0.997 : 0.001));
    const word = [0, 1, 2, 3, 3, 0, 1, 2, 0, 2];
    const chain: MotifChain = {
      motifs: [{ matrix: word.map(sure), rates: [0.01, 0.001] }],
      background: [0.25, 0.25, 0.25, 0.25],
      complement: [3, 2, 1, 0],
      end: 1e-4,
    };
    const sequence = Int32Array.from(Array.from({ length: 500 }, () => [...word, 1, 1]).flat());
    const begins: number[] = [];
    const log = siteScanner(chain)(sequence, (_, strand, start, p) => {
      if (strand === '+' && p > 0.99) begins.push(start);
    });
    expect(begins).toEqual(Array.from({ length: 500 }, (_, i) => 12 * i));
    expect(log).toBeCloseTo(forward(motifChainHmm(chain), sequence).logLikelihood, 4);
  });
});
