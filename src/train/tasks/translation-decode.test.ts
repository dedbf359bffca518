import { describe, expect, it } from 'vitest';
import { avoid, beam, beamEach, endsWith, generate, greedy, greedyEach } from '../../decode/index.ts';
import { openForced } from '../../models/translator/forced.ts';
import { translationScorer } from '../../models/translator/scorer.ts';
import { toyTranslator, variants } from '../../models/translator/translator.fixture.ts';
import { openTranslator } from './translation-decode.ts';

const sources = [[0, 1, 2, 3, 4], [5], [], [3, 3, 1, 2], [0, 1, 2, 3, 4]];
const length = 8;

describe.each(['transformer', 'relative transformer', 'lstm', 'lstm that feeds what it saw'])(
  'decoders on a translator: %s',
  (name) => {
    const model = toyTranslator(variants[name]!, 5);

    it('a beam of one is greedy search, a wider one is no worse, many sources give what each gives alone', async () => {
      const scorer = await translationScorer(model);
      const one = await beamEach(scorer, sources, { length, width: 1 });
      const wide = await beamEach(scorer, sources, { length, width: 4 });
      const greedily = await greedyEach(scorer, sources, { length });
      for (const [i, context] of sources.entries()) {
        const alone = await greedy(scorer, { context, length });
        expect(Array.from(one[i]![0]!.tokens)).toEqual(Array.from(alone.tokens));
        expect(Array.from(greedily[i]!.tokens)).toEqual(Array.from(alone.tokens));
        expect(wide[i]![0]!.logProbability).toBeGreaterThanOrEqual(alone.logProbability - 1e-6);
        const [best] = await beam(scorer, { context, length, width: 4 });
        expect(Array.from(wide[i]![0]!.tokens)).toEqual(Array.from(best!.tokens));
      }
      expect(Array.from(one[0]![0]!.tokens)).toEqual(Array.from(one[4]![0]!.tokens));
      await scorer.close();
    });

    it('gives the log-probability that reading the translation at once gives', async () => {
      const scorer = await translationScorer(model);
      const forced = await openForced(model.spec, model.weights);
      const found = await beamEach(scorer, sources, { length, width: 3 });
      for (const [i, hypotheses] of found.entries())
        for (const { tokens, ended, logProbability } of hypotheses) {
          const target = Int32Array.of(...tokens, ...(ended ? [scorer.end!] : []));
          const [logs] = await forced.score([{ source: Int32Array.from(sources[i]!), target }]);
          expect(Math.abs(logs!.reduce((a, b) => a + b, 0) - logProbability)).toBeLessThan(1e-5);
        }
      await forced.close();
      await scorer.close();
    });

    it('keeps constraints, takes a prompt and samples', async () => {
      const scorer = await translationScorer(model);
      const spelling = 'ABCDE';
      const where = [avoid('A'), endsWith('DE')];
      const [best] = await beam(scorer, { context: sources[0]!, length, width: 4, spelling, where });
      expect(best!.sequence).toMatch(/^[B-E]*DE$/);
      const prompted = await greedy(scorer, { context: sources[3]!, length, spelling, prompt: 'CCB' });
      expect(prompted.sequence.startsWith('CCB')).toBe(true);
      const drawn = new Set<string>();
      for await (const { sequence } of generate(scorer, {
        context: sources[0]!,
        length,
        spelling,
        count: 20,
        seed: 1,
      }))
        drawn.add(sequence);
      expect(drawn.size).toBeGreaterThan(1);
      await scorer.close();
    });

    it('coverage changes what a beam prefers', async () => {
      const scorer = await translationScorer(model);
      const scores = await Promise.all(
        [0, 5].map(async (weight) => {
          const coverage = { weight, attention: scorer.attention };
          return (await beam(scorer, { context: sources[0]!, length, width: 4, coverage })).map(
            ({ score }) => score,
          );
        }),
      );
      expect(scores[1]![0]).toBeLessThan(scores[0]![0]!);
      await scorer.close();
    });
  },
);

describe('a translator', () => {
  it('translates texts in their order, however they are batched', async () => {
    const translator = await openTranslator(toyTranslator(variants.lstm!, 5));
    const texts = sources.map((tokens, i) => ({ id: `s${i}`, text: tokens.map((t) => `t${t}`).join(' ') }));
    const all = async (batchSize: number, beamWidth: number) => {
      const found = [];
      for await (const { id, translation, ended } of translator.translate(texts, {
        batchSize,
        beam: beamWidth,
        length,
      }))
        found.push({ id, translation, ended });
      return found;
    };
    const together = await all(64, 3);
    expect(together.map(({ id }) => id)).toEqual(['s0', 's1', 's2', 's3', 's4']);
    expect(together[0]!.translation).toMatch(/^(t\d( |$))*$/);
    expect(await all(2, 3)).toEqual(together);
    await expect(translator.translate(texts, { beam: 0 }).next()).rejects.toThrow(
      'beam: expected a whole number',
    );
    await translator.close();
  });
});
