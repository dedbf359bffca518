import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { sequenceLogProbability } from '../core/scorer.ts';
import { beam } from '../decode/index.ts';
import { ngramCounts, ngramModel, ngramScorer } from '../markov/index.ts';
import { exhaustive } from './decoding/enumerate.ts';
import { decodingClaims, type Talk } from './decoding/report.ts';
import { evasion, smallTalk } from './decoding/small-talk.ts';
import { type DecodingConfig, decoding, decodingDefaults } from './decoding.ts';
import { loadRecipe } from './index.ts';
import type { RecipeContext } from './recipe.ts';
import { slowly } from './slow.fixture.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small: DecodingConfig = {
  ...decodingDefaults,
  replies: 8,
  temperatures: [1],
  training: { ...decodingDefaults.training, epochs: 14, rate: 1e-2 },
};
const claimsOf = async (config: DecodingConfig) => {
  const { report } = await decoding.run({ ...config }, quick);
  return Object.fromEntries(report.claims!.map((claim) => [claim.id, claim]));
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-decoding-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A Markov model of random texts over `letters` tokens, with or without an end. */
function toy(seed: number, { letters = 3, end = true } = {}) {
  const random = randomStream(seed, 'toy');
  const counts = ngramCounts({ vocabulary: letters + Number(end), order: 2, end: end ? letters : null });
  for (let i = 0; i < 6; i++)
    counts.add(Array.from({ length: 3 + random.below(4) }, () => random.below(letters)));
  return ngramScorer(ngramModel(counts));
}

describe('exhaustive search', () => {
  it('finds what trying every sequence by itself finds, and so does a full beam', async () => {
    for (const end of [true, false])
      for (let seed = 0; seed < 6; seed++) {
        const scorer = toy(seed, { end });
        const every: number[][] = [[]];
        for (let from = 0, size = 1; size <= 4; size++) {
          const longest = every.slice(from);
          from = every.length;
          for (const tokens of longest) for (let t = 0; t < 3; t++) every.push([...tokens, t]);
        }
        const complete = every.flatMap((tokens) => [
          ...(end && tokens.length < 4 ? [[...tokens, 3]] : []),
          ...(tokens.length === 4 ? [tokens] : []),
        ]);
        const logs = await Promise.all(
          complete.map((tokens) => sequenceLogProbability(scorer, tokens, undefined)),
        );
        const found = await exhaustive(scorer, undefined, 4);
        expect(found.logProbability).toBeCloseTo(Math.max(...logs), 9);
        expect(found.sequences).toBe(complete.length);
        const [best] = await beam(scorer, { length: 4, width: 81 });
        expect(best!.logProbability).toBeCloseTo(found.logProbability, 9);
        const [narrow] = await beam(scorer, { length: 4, width: 1 });
        expect(narrow!.logProbability).toBeLessThanOrEqual(found.logProbability + 1e-9);
      }
  });

  it('refuses a space that is not small', async () => {
    await expect(exhaustive(toy(1, { letters: 30 }), undefined, 5)).rejects.toThrow(
      /30 tokens make more than 20000 prefixes of 4/,
    );
  });
});

describe('small talk', () => {
  it('says the answer in four ways, and to vague prompts more often nothing', () => {
    const { fit, prompts } = smallTalk({
      evasive: { clear: 0.1, vague: 0.5 },
      replies: 40,
      test: 0.2,
      seed: 1,
    });
    const to = (start: string) => fit.pairs.filter(({ source }) => source.startsWith(start));
    const evasive = (start: string) =>
      to(start).filter(({ target }) => target === evasion).length / to(start).length;
    expect(evasive('any idea')).toBeCloseTo(0.5, 1);
    expect(evasive('tell me')).toBeCloseTo(0.1, 1);
    const known = new Set(fit.pairs.map(({ source }) => source));
    expect(prompts.some(({ text }) => known.has(text))).toBe(false);
    const oslo = prompts.find(({ text }) => text.includes('oslo'))!;
    const replies = fit.pairs.filter(({ source, target }) => source.includes('oslo') && target !== evasion);
    expect(replies.every(({ target }) => oslo.references.includes(target))).toBe(true);
    expect(new Set(replies.map(({ target }) => target)).size).toBe(4);
  });
});

describe('decoding', () => {
  it('finds the generic reply without the prompt, the right one with it, and keeps its promises on beams', async () => {
    const { report, model } = await decoding.run({ ...small }, quick);
    const claims = Object.fromEntries(report.claims!.map((claim) => [claim.id, claim]));
    expect(claims).toMatchObject({ beam: { met: true }, exhaustive: { met: true }, generic: { met: true } });
    expect(claims.right!.value).toBeGreaterThan(0.6);
    const ways = report.tables![0]!.rows.map(([way]) => way);
    expect(ways.slice(0, 4)).toEqual(['greedy', 'beam 2', 'beam 4', 'beam 8']);
    expect(ways).toEqual(
      expect.arrayContaining(['marginal, beam', 'MMI re-ranking, λ = 0.8', 'top-3', 'nucleus 0.9']),
    );
    expect(report.metrics!.accuracy).toMatchObject({ low: expect.any(Number), high: expect.any(Number) });
    expect(Object.keys(report.baselines!)).toContain('nearest prompt');
    expect(model!.spec.kind).toBe('translator');
  }, 60_000);

  slowly(
    'does not find the right reply where nearly all replies are evasive, nor a generic one where none is',
    async () => {
      const brief = { ...small, replies: 4, training: { ...small.training, epochs: 6 } };
      expect((await claimsOf({ ...brief, evasive: { clear: 0.95, vague: 0.95 } })).right!.met).toBe(false);
      expect((await claimsOf({ ...brief, evasive: { clear: 0, vague: 0 } })).generic!.met).toBe(false);
    },
    60_000,
  );

  it('would notice a beam that is less probable than greedy search, or not the best of all', () => {
    const reply = (logProbability: number) => [
      { tokens: Int32Array.of(1), sequence: '1', logProbability, ended: true },
    ];
    const talk = (beamLog: number, truth: number): Talk => ({
      talk: { fit: { pairs: [], sources: [] }, prompts: [{ text: 'a', references: [] }] },
      answers: [
        {
          said: [
            { name: 'greedy', kind: 'search', replies: [reply(-2)] },
            { name: 'beam 2', kind: 'search', replies: [reply(beamLog)] },
          ],
          small: [{ truth, sequences: 9, full: -1, narrow: [-2, -1] }],
          spell: () => '',
        },
      ],
      config: decodingDefaults,
      seed: 1,
    });
    const met = (one: Talk) => decodingClaims(one).map((claim) => claim.met);
    expect(met(talk(-1.5, -1))).toEqual([true, true]);
    expect(met(talk(-2.1, -1))).toEqual([false, true]);
    expect(met(talk(-1.5, -0.9))).toEqual([true, false]);
    expect(met(talk(-1.5, -1.1))).toEqual([true, false]);
  });

  it("takes the user's pairs and compares with what was said", async () => {
    const rows = Array.from({ length: 60 }, (_, i) => {
      const name = ['ada', 'bob', 'cyd', 'dan', 'eve'][i % 5]!;
      const greeting = ['good day', 'hello there', 'greetings', 'hi again'][i % 4]!;
      return `${greeting} from ${name}\thello ${name}`;
    });
    const path = join(folder, 'pairs.tsv');
    await writeFile(path, `source\ttarget\n${rows.join('\n')}\n`);
    const config = {
      ...small,
      training: { epochs: 25, batchSize: 16, rate: 1e-2 },
      mmi: { candidates: 4, weight: 0.3, first: 1 },
    };
    const { report } = await decoding.run({ ...config }, { ...quick, input: { path } });
    expect(report.claims!.map(({ id, met }) => [id, met])).toEqual([
      ['beam', true],
      ['exhaustive', true],
    ]);
    expect(report.data!.sources![0]!.path).toMatch(/pairs\.tsv$/);
    expect(report.lead).toMatch(/a beam finds a reply that was given to/);
  }, 60_000);

  it('is in the catalogue with its whole configuration as plain JSON, and refuses no beam at all', async () => {
    const { defaults } = await loadRecipe('decoding');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(decodingDefaults);
    await expect(decoding.run({ test: 0 }, quick)).rejects.toThrow(/test: no clear prompt was held out/);
    await expect(decoding.run({ widths: [] }, quick)).rejects.toThrow(/expected at least one width/);
  });
});
