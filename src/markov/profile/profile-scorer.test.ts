import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { sequenceLogProbability } from '../../core/scorer.ts';
import { forward } from '../hmm/forward.ts';
import { viterbi } from '../hmm/viterbi.ts';
import { buildProfile } from './build/build-profile.ts';
import { II } from './profile-hmm.ts';
import { profileScorer, profileToHmm } from './profile-scorer.ts';
import { randomProfile } from './random-profile.fixture.ts';
import { readHmmer } from './read-hmmer.ts';
import { sampleProfile } from './sample-profile.ts';
import { hmmerText } from './write-hmmer.ts';

describe('a profile as a scorer', () => {
  it('gives the sequences it emits the probability they are emitted with', async () => {
    const profile = randomProfile(2, 4);
    const scorer = profileScorer(profile);
    expect([scorer.vocabulary, scorer.end]).toEqual([3, 2]);
    const stream = randomStream(2, 'often');
    const seen = new Map<string, number>();
    let drawn = 0;
    for (; drawn < 20_000; drawn++) {
      const { codes } = sampleProfile(profile, stream);
      const key = [...codes].join();
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    // Empty sequences are drawn again, and are probable here.
    const empty = Math.exp(await sequenceLogProbability(scorer, [2], undefined));
    const often = [...seen].filter(([, n]) => n > 200);
    expect(often.length).toBeGreaterThan(5);
    for (const [key, n] of often) {
      const tokens = [...key.split(',').map(Number), 2];
      const p = Math.exp(await sequenceLogProbability(scorer, tokens, undefined)) / (1 - empty);
      expect(Math.abs(n / drawn - p)).toBeLessThan(5 * Math.sqrt(p / drawn));
    }
  });

  it('has a total of one over all sequences', async () => {
    const profile = randomProfile(2, 7);
    for (let k = 0; k <= 2; k++) profile.transitions.set([0.95, 0.05], k * 7 + II - 1);
    const scorer = profileScorer(profile);
    let total = 0;
    for (let length = 0; length <= 8; length++)
      for (let word = 0; word < 2 ** length; word++) {
        const tokens = Array.from({ length }, (_, i) => (word >> i) & 1);
        total += Math.exp(await sequenceLogProbability(scorer, [...tokens, 2], undefined));
      }
    expect(total).toBeLessThanOrEqual(1 + 1e-9);
    expect(total).toBeGreaterThan(0.9999);
  });

  it('has the path that an alignment shows, and is sound once read from a file', async () => {
    const rows = ['ACGTACGTGA', 'ACGTACGTGA', 'ACG--CGTGA'].map((text, i) => ({ id: `r${i}`, text }));
    const built = buildProfile({ rows });
    for await (const profile of readHmmer([new TextEncoder().encode(hmmerText(built))])) {
      const model = profileToHmm(profile);
      const codes = Uint8Array.from('ACGCGTGA', (c) => 'ACGT'.indexOf(c));
      const { states, logProbability } = viterbi(model, codes);
      const names = Array.from(states, (state) => model.states[state]!.name);
      expect(names.filter((name) => name.startsWith('M'))).toEqual(
        [1, 2, 3, 6, 7, 8, 9, 10].map((k) => `M${k}`),
      );
      expect(logProbability).toBeLessThan(forward(model, codes).logLikelihood);
    }
  });
});
