import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { sequenceLogProbability } from '../core/scorer.ts';
import { ngramCounts } from '../markov/ngram/counts.ts';
import { ngramModel } from '../markov/ngram/model.ts';
import { type NgramState, ngramScorer } from '../markov/ngram/scorer.ts';
import {
  avoid,
  beam,
  codons,
  endsWith,
  type Generated,
  gc,
  generate,
  greedy,
  nucleus,
  sites,
} from './index.ts';

/** An n-gram model of random coding sequences, which end. */
function codingModel() {
  const random = randomStream(5, 'coding');
  const counts = ngramCounts({ vocabulary: 5, order: 3, end: 4 });
  const stops = ['TAA', 'TAG', 'TGA'];
  for (let i = 0; i < 300; i++) {
    const codon = () => Array.from({ length: 3 }, () => 'ACGT'[random.below(4)]).join('');
    const inside = Array.from({ length: 1 + random.below(20) }, codon).filter((one) => !stops.includes(one));
    const gene = `ATG${inside.join('')}${stops[random.below(3)]}`;
    counts.add([...Array.from(gene, (letter) => 'ACGT'.indexOf(letter)), 4]);
  }
  return ngramScorer(ngramModel(counts));
}
const name = ({ previous, fromBegin, phase }: NgramState) => `${previous}${fromBegin}${phase}`;

describe('decoders take the n-gram model of another room as they take any scorer', () => {
  const scorer = codingModel();
  const where = [codons(), avoid('GAATTC'), gc({ min: 0.4, max: 0.6 }), endsWith('TAA'), sites(['BsaI'])];
  const options = { spelling: 'ACGT', length: 39, where };
  const isGood = (s: string) => {
    const strong = s.replaceAll(/[AT]/g, '').length / s.length;
    const frame = /^ATG(?:(?!TAA|TAG|TGA)...)*TAA$/.test(s);
    return frame && strong >= 0.4 && strong <= 0.6 && !/GAATTC|GGTCTC|GAGACC/.test(s);
  };
  const collect = async (more: object) => {
    const found: Generated[] = [];
    for await (const one of generate(scorer, { ...options, ...more })) found.push(one);
    return found;
  };

  it('sampling, exact sampling, greedy and beam search all keep the constraints and report the model’s own probability', async () => {
    const sampled = await collect({ count: 20, prompt: 'ATG', sample: nucleus(0.9) });
    const exact = await collect({ count: 20, exact: name });
    const searched = [await greedy(scorer, options), ...(await beam(scorer, { ...options, width: 8 }))];
    expect([...sampled, ...exact, ...searched].filter(({ sequence }) => !isGood(sequence))).toEqual([]);
    expect(new Set(exact.map(({ sequence }) => sequence.length)).size).toBeGreaterThan(3);
    for (const { tokens, ended, logProbability } of [...exact, ...searched])
      expect(logProbability).toBeCloseTo(
        await sequenceLogProbability(scorer, ended ? [...tokens, 4] : tokens, undefined),
        8,
      );
    const prompt = await sequenceLogProbability(scorer, [0, 3, 2], undefined);
    for (const { tokens, ended, logProbability } of sampled)
      expect(logProbability + prompt).toBeCloseTo(
        await sequenceLogProbability(scorer, ended ? [...tokens, 4] : tokens, undefined),
        8,
      );
  });

  it('exact draws all have the same weight, local draws do not', async () => {
    const weights = (found: Generated[]) => found.map((one) => one.logProbability - one.drawLogProbability);
    const exact = weights(await collect({ count: 20, exact: name }));
    for (const weight of exact) expect(weight).toBeCloseTo(exact[0]!, 8);
    const local = weights(await collect({ count: 1500 }));
    expect(Math.max(...local) - Math.min(...local)).toBeGreaterThan(1);
    // Both estimate the probability that the model keeps the constraints.
    const mean = local.reduce((sum, weight) => sum + Math.exp(weight), 0) / local.length;
    expect(Math.abs(Math.log(mean) - exact[0]!)).toBeLessThan(0.2);
  });
});
