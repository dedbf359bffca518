import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { tokenLogProbabilities } from '../../core/scorer.ts';
import { ngramCounts } from './counts.ts';
import { ngramModel } from './model.ts';
import { ngramFit } from './perplexity.ts';
import { sampleNgrams } from './sample.ts';
import { ngramScorer } from './scorer.ts';
import type { Smoothing } from './smoothing.ts';

const smoothings: Record<string, Smoothing> = {
  additive: { kind: 'additive', alpha: 0.5 },
  'witten-bell': { kind: 'witten-bell' },
  'kneser-ney 1': { kind: 'kneser-ney', discounts: 1 },
  'kneser-ney 3': { kind: 'kneser-ney', discounts: 3 },
};

interface Golden {
  name: string;
  vocabulary: number;
  order: number;
  end: number | null;
  begin: boolean;
  texts: number[][];
  rows: ({ context: number[] } & Record<string, number[]>)[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/markov/ngram.json', import.meta.url), 'utf8'),
) as Golden[];

describe.each(golden)('$name', (example) => {
  it.each(Object.keys(smoothings))('equals the formulas of %s, evaluated from plain dictionaries', (name) => {
    const counts = ngramCounts(example);
    for (const text of example.texts) counts.add(text);
    const model = ngramModel(counts, { smoothing: smoothings[name]! });
    for (const row of example.rows) {
      const fromBegin = row.context[0] === -1;
      const p = model.distribution({ previous: fromBegin ? row.context.slice(1) : row.context, fromBegin });
      row[name]!.forEach((q, w) => {
        expect(p[w]).toBeCloseTo(q, 12);
      });
    }
  });
});

const texts = fc.array(fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 12 }), {
  minLength: 1,
  maxLength: 6,
});
const shapes = fc.record({
  order: fc.integer({ min: 0, max: 4 }),
  end: fc.constantFrom(null, 3),
  period: fc.integer({ min: 1, max: 3 }),
});
const anySmoothing = fc.constantFrom(...Object.values(smoothings));
const contexts = fc.record({
  previous: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 }),
  fromBegin: fc.boolean(),
  phase: fc.integer({ min: 0, max: 2 }),
});

describe('an n-gram model', () => {
  it('has positive next-token probabilities of sum one in every context, seen or not, pruned or not', () => {
    fc.assert(
      fc.property(
        texts,
        shapes,
        anySmoothing,
        contexts,
        fc.constantFrom(0, 1, 4),
        (sequences, shape, smoothing, context, prune) => {
          const counts = ngramCounts({ vocabulary: 4, ...shape });
          for (const s of sequences) counts.add(s);
          const model = ngramModel(counts, { smoothing, prune });
          const p = model.distribution(context);
          expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
          expect(Math.min(...p)).toBeGreaterThan(0);
          p.forEach((q, w) => {
            expect(model.probability(context, w)).toBeCloseTo(q, 14);
          });
        },
      ),
    );
  });

  it('is the same whatever the order in which sequences were counted', () => {
    fc.assert(
      fc.property(texts, shapes, anySmoothing, contexts, (sequences, shape, smoothing, context) => {
        const [one, other] = [sequences, sequences.toReversed()].map((order) => {
          const counts = ngramCounts({ vocabulary: 4, ...shape });
          for (const s of order) counts.add(s);
          return ngramModel(counts, { smoothing }).distribution(context);
        });
        expect([...one!]).toEqual([...other!]);
      }),
    );
  });

  it('with an end gives all sequences together a probability of one', async () => {
    const counts = ngramCounts({ vocabulary: 3, order: 2, end: 2 });
    for (const s of [[0, 1], [], [1], [0]]) counts.add(s);
    const model = ngramModel(counts, { smoothing: { kind: 'additive', alpha: 0.1 } });
    const ends = (prefix: number[], depth: number): number => {
      const p = model.distribution({ previous: prefix, fromBegin: true });
      if (depth === 0) return 1;
      return p[2]! + [0, 1].reduce((sum, w) => sum + p[w]! * ends([...prefix, w], depth - 1), 0);
    };
    expect(ends([], 8)).toBeCloseTo(1, 12);
  });

  it('learns the phase of a periodic chain, which a homogeneous one cannot', () => {
    const codons = Array.from({ length: 200 }, (_, i) => [0, 1, i % 2]).flat();
    const bits = (period: number) => {
      const counts = ngramCounts({ vocabulary: 2, order: 0, period });
      counts.add(codons);
      return ngramFit(ngramModel(counts), [codons]).bits;
    };
    expect(bits(3)).toBeLessThan(0.4);
    expect(bits(1)).toBeGreaterThan(0.99);
    const shifted = ngramCounts({ vocabulary: 2, order: 0, period: 3 });
    shifted.add(codons.slice(1), { phase: 1 });
    expect(ngramModel(shifted).probability({ previous: [], phase: 0 }, 0)).toBeGreaterThan(0.99);
  });

  it('keeps by pruning only the contexts that matter', () => {
    // What comes next depends on whether the last token is 0, and on nothing before it.
    const stream = randomStream(5, 'prune');
    const tokens: number[] = [0];
    while (tokens.length < 5000) tokens.push(tokens.at(-1) === 0 ? 1 + stream.below(2) : stream.below(3));
    const counts = ngramCounts({ vocabulary: 3, order: 4 });
    counts.add(tokens);
    const whole = ngramModel(counts, { smoothing: { kind: 'additive' } });
    const pruned = ngramModel(counts, { smoothing: { kind: 'additive' }, prune: 12 });
    expect(whole.contexts).toBeGreaterThan(80);
    expect(pruned.contexts).toBeLessThanOrEqual(4);
    expect(pruned.probability({ previous: [1, 2, 0] }, 0)).toBeLessThan(0.01);
  });

  it('passes over unknown tokens, looks across none of them, and says how many there were', () => {
    const [whole, parts] = [
      [[0, 1, -1, 1, 0]],
      [
        [0, 1],
        [1, 0],
      ],
    ].map((sequences) => {
      const counts = ngramCounts({ vocabulary: 2, order: 3 });
      for (const s of sequences) counts.add(s);
      return counts;
    });
    expect(whole!.unknown()).toBe(1);
    expect(whole!.counted()).toBe(4);
    expect([...ngramModel(whole!).logs([0, 1, 1])]).toEqual([...ngramModel(parts!).logs([0, 1, 1])]);
    const fit = ngramFit(ngramModel(whole!), [[0, 9, 1]]);
    expect([fit.tokens, fit.unknown]).toEqual([2, 1]);
  });

  it('has perplexity two where two of four tokens are equally likely, and finite bits for no text', () => {
    const counts = ngramCounts({ vocabulary: 4, order: 0 });
    for (let i = 0; i < 1e4; i++) counts.add([i % 2]);
    const model = ngramModel(counts, { smoothing: { kind: 'additive', alpha: 1e-6 } });
    expect(ngramFit(model, [[0, 1, 0, 0, 1]]).perplexity).toBeCloseTo(2, 6);
    expect(ngramFit(model, [])).toMatchObject({ bits: 0, perplexity: 1, tokens: 0 });
  });

  it('samples the same from the same stream, in proportion to its probabilities', () => {
    const counts = ngramCounts({ vocabulary: 3, order: 1, end: 2 });
    for (const s of [[0, 1, 1], [0], [1, 0, 1], []]) counts.add(s);
    const model = ngramModel(counts);
    const draw = () => sampleNgrams(model, randomStream(3, 'draw'), { length: 20 });
    expect([...draw()]).toEqual([...draw()]);
    const stream = randomStream(4, 'draw');
    let empty = 0;
    for (let i = 0; i < 4000; i++) if (sampleNgrams(model, stream, { length: 1 })[0] === 2) empty++;
    const expected = model.probability({ previous: [], fromBegin: true }, 2);
    expect(Math.abs(empty / 4000 - expected)).toBeLessThan(0.03);
  });

  it('is a scorer that agrees with its own logs and allows nothing after the end', async () => {
    await fc.assert(
      fc.asyncProperty(texts, shapes, anySmoothing, async (sequences, shape, smoothing) => {
        const counts = ngramCounts({ vocabulary: 4, ...shape });
        for (const s of sequences) counts.add(s);
        const model = ngramModel(counts, { smoothing });
        const { tokens: _, ...stepwise } = ngramScorer(model);
        for (const s of sequences.slice(0, 3)) {
          const known = s.filter((w) => w >= 0 && w < 3);
          const steps = await tokenLogProbabilities(stepwise, known, undefined);
          expect([...steps].map((x) => x.toFixed(10))).toEqual(
            [...model.logs(known)].map((x) => x.toFixed(10)),
          );
        }
        const [one, other] = await Promise.all(
          [stepwise, ngramScorer(model)].map((own) => tokenLogProbabilities(own, [0, 3, 3], undefined)),
        );
        expect(one![2] === Number.NEGATIVE_INFINITY).toBe(shape.end === 3);
        one!.forEach((log, i) => {
          expect(log === other![i] || Math.abs(log - other![i]!) < 1e-10).toBe(true);
        });
      }),
    );
  });

  it('refuses impossible shapes with what was expected', () => {
    expect(() => ngramCounts({ vocabulary: 0, order: 1 })).toThrow('A vocabulary of 0');
    expect(() => ngramCounts({ vocabulary: 4, order: -1 })).toThrow('Order -1');
    expect(() => ngramCounts({ vocabulary: 4, order: 1, period: 0 })).toThrow('Period 0');
    expect(() => ngramCounts({ vocabulary: 4, order: 1, end: 4 })).toThrow('End token 4');
    const counts = ngramCounts({ vocabulary: 4, order: 1 });
    expect(() => ngramModel(counts, { smoothing: { kind: 'additive', alpha: 0 } })).toThrow('above 0');
    expect(() => ngramModel(counts, { prune: -1 })).toThrow('Pruning at -1');
    expect(() => sampleNgrams(ngramModel(counts), randomStream(1), { length: 0.5 })).toThrow('length 0.5');
  });
});
