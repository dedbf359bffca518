import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forward } from '../hmm/forward.ts';
import { posteriors } from '../hmm/posterior.ts';
import { pathLogProbability } from '../hmm/state-path.ts';
import { viterbi } from '../hmm/viterbi.ts';
import { randomChain, reversed, tokens } from './chain.fixture.ts';
import { firstStates, type MotifChain, motifChainHmm } from './chain.ts';
import { reverseComplementMatrix } from './matrix.ts';
import { motifSites } from './sites.ts';

const seeds = fc.integer({ min: 1, max: 1e6 });

/** P(sequence) by adding up all ways to cut it into background letters and sites: no states, no scaling. */
function byCuts({ motifs, background, complement, end }: MotifChain, sequence: Int32Array | number): number {
  const length = typeof sequence === 'number' ? sequence : sequence.length;
  // A number stands for all sequences of that length together: every letter has probability one.
  const letter = (row: readonly number[], t: number) =>
    typeof sequence === 'number' || sequence[t]! >= 4 ? 1 : row[sequence[t]!]!;
  const free = 1 - end - motifs.reduce((sum, { rates }) => sum + rates[0] + rates[1], 0);
  const until = [1];
  for (let t = 1; t <= length; t++) {
    let sum = until[t - 1]! * free * letter(background, t - 1);
    for (const { matrix, rates } of motifs)
      for (const [s, own] of [
        matrix,
        ...(complement ? [reverseComplementMatrix(matrix, complement)] : []),
      ].entries()) {
        const from = t - own.length;
        if (from >= 0)
          sum += until[from]! * rates[s]! * own.reduce((p, row, i) => p * letter(row, from + i), 1);
      }
    until.push(sum);
  }
  return until[length]! * end;
}

describe('a motif chain', () => {
  it('gives sequences the sum over all ways to cut them into letters and sites, unknown letters included', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(1, 2), tokens, fc.nat(13), (seed, strands, sequence, hidden) => {
        const chain = randomChain(seed, { strands });
        if (hidden < sequence.length) sequence[hidden] = 9;
        const { logLikelihood } = forward(motifChainHmm(chain), sequence);
        expect(logLikelihood).toBeCloseTo(Math.log(byCuts(chain, sequence)), 9);
      }),
      { numRuns: 200 },
    );
  });

  it('has Forward equal Backward, and posteriors that sum to one', () => {
    fc.assert(
      fc.property(seeds, tokens, (seed, sequence) => {
        const model = motifChainHmm(randomChain(seed));
        const { logLikelihood, probabilities } = posteriors(model, sequence);
        expect(logLikelihood).toBeCloseTo(forward(model, sequence).logLikelihood, 10);
        const n = model.states.length;
        for (let t = 0; t < sequence.length; t++)
          expect(probabilities.subarray(t * n, (t + 1) * n - 1).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      }),
      { numRuns: 50 },
    );
  });

  it('gives all sequences of a length together the probability of that length', () => {
    const chain = randomChain(7);
    const model = motifChainHmm(chain);
    for (const length of [1, 2, 3, 4, 5]) {
      let sum = 0;
      for (let word = 0; word < 4 ** length; word++)
        sum += Math.exp(
          forward(
            model,
            Int32Array.from({ length }, (_, i) => Math.floor(word / 4 ** i) % 4),
          ).logLikelihood,
        );
      expect(sum).toBeCloseTo(byCuts(chain, length), 10);
    }
  });

  it('reads a reverse complement as it reads the sequence, with the strands exchanged', () => {
    fc.assert(
      fc.property(seeds, tokens, (seed, sequence) => {
        const chain = randomChain(seed);
        const exchanged = {
          ...chain,
          motifs: chain.motifs.map(({ matrix, rates: [a, b] }) => ({ matrix, rates: [b, a] as const })),
        };
        const [model, mirror] = [motifChainHmm(chain), motifChainHmm(exchanged)];
        const own = posteriors(model, sequence);
        const other = posteriors(mirror, reversed(sequence));
        expect(other.logLikelihood).toBeCloseTo(own.logLikelihood, 9);
        const n = model.states.length;
        firstStates(chain.motifs, chain.complement).forEach(([plus, minus], m) => {
          const width = chain.motifs[m]!.matrix.length;
          for (let t = 0; t + width <= sequence.length; t++)
            expect(other.probabilities[(sequence.length - t - width) * n + minus]).toBeCloseTo(
              own.probabilities[t * n + plus]!,
              9,
            );
        });
      }),
      { numRuns: 60 },
    );
  });

  it('never cuts a site off: paths hold whole sites, with the posterior of their beginning', () => {
    fc.assert(
      fc.property(seeds, tokens, (seed, sequence) => {
        const chain = randomChain(seed);
        const model = motifChainHmm(chain);
        const path = viterbi(model, sequence);
        expect(pathLogProbability(model, sequence, path)).toBeCloseTo(path.logProbability, 9);
        const sites = motifSites(model, chain, [sequence]);
        const covered = sites.reduce((sum, { start, end }) => sum + end - start, 0);
        expect(covered).toBe(path.states.filter((s) => s !== 0).length);
        const { probabilities } = posteriors(model, sequence);
        for (const { start, end, motif, strand, posterior } of sites) {
          expect(end - start).toBe(chain.motifs[motif]!.matrix.length);
          const first = firstStates(chain.motifs, chain.complement)[motif]![strand === '+' ? 0 : 1];
          expect(posterior).toBeCloseTo(probabilities[start * model.states.length + first]!, 10);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('refuses rates that leave the background nothing, and rows that are no probabilities', () => {
    const chain = randomChain(1);
    const { matrix } = chain.motifs[0]!;
    expect(() => motifChainHmm({ ...chain, motifs: [{ matrix, rates: [0.6, 0.5] }] })).toThrow(
      /sum to 1.1\d*; expected numbers from 0 whose sum is below 1/,
    );
    expect(() => motifChainHmm({ ...chain, motifs: [{ matrix: [[1, 1, 0, 0]], rates: [0, 0] }] })).toThrow(
      /Position 1 of a motif is 1 1 0 0; expected 4 probabilities of sum one/,
    );
  });
});
