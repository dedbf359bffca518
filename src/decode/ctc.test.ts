import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { sequenceLogProbability } from '../core/scorer.ts';
import { acceptor, allSequences } from './constraints/constraint.fixture.ts';
import { gc } from './constraints/gc.ts';
import { length } from './constraints/length.ts';
import { avoid, endsWith, require, startsWith } from './constraints/motifs.ts';
import { ctcBeam, ctcGreedy } from './ctc.ts';
import { toyScorer } from './scorer.fixture.ts';

/** What an alignment says: repeats merged, then blanks removed. */
const collapse = (path: number[], blank: number) => path.filter((c, t) => c !== blank && c !== path[t - 1]);

/** ln P of every labelling, summed over all alignments. */
function enumerate(logs: Float64Array, classes: number, blank: number): Map<string, number> {
  const frames = logs.length / classes;
  const sums = new Map<string, number>();
  for (const name of allSequences('0123'.slice(0, classes), frames, frames)) {
    const path = [...name].map(Number);
    const p = Math.exp(path.reduce((sum, c, t) => sum + logs[t * classes + c]!, 0));
    const labels = collapse(path, blank).join();
    if (p > 0) sums.set(labels, (sums.get(labels) ?? 0) + p);
  }
  return new Map([...sums].map(([labels, p]) => [labels, Math.log(p)]));
}

const frames = fc
  .record({ classes: fc.integer({ min: 2, max: 4 }), count: fc.integer({ min: 0, max: 5 }) })
  .chain(({ classes, count }) =>
    fc.record({
      classes: fc.constant(classes),
      blank: fc.nat(classes - 1),
      weights: fc.array(fc.constantFrom(0, 0.1, 0.5, 1, 2, 5), {
        minLength: classes * count,
        maxLength: classes * count,
      }),
    }),
  )
  .map(({ classes, blank, weights }) => {
    const logs = Float64Array.from(weights, (_, i) => {
      const row = weights.slice(i - (i % classes), i - (i % classes) + classes);
      const total = row.reduce<number>((a, b) => a + b, 0);
      return Math.log(total === 0 ? 1 / classes : weights[i]! / total);
    });
    return { classes, blank, logs };
  });
const close = (x: number) => Number(x.toFixed(8)) + 0;

describe('prefix beam search', () => {
  it('as wide as the space gives every labelling its probability over all alignments', async () => {
    await fc.assert(
      fc.asyncProperty(frames, async ({ classes, blank, logs }) => {
        const all = enumerate(logs, classes, blank);
        const found = await ctcBeam(logs, { classes, blank, width: 10_000, count: 10_000 });
        const ours = new Map(
          found.map(({ labels, logProbability }) => [labels.join(), close(logProbability)]),
        );
        expect(ours.size).toBe(found.length);
        expect(ours).toEqual(new Map([...all].map(([labels, log]) => [labels, close(log)])));
        const scores = found.map(({ score }) => score);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
      }),
      { numRuns: 80, seed: 1 },
    );
  });

  it('as wide as the space finds what acoustics, language model and bonus together say is best', async () => {
    await fc.assert(
      fc.asyncProperty(
        frames,
        fc.constantFrom(0, 0.5, 2),
        fc.constantFrom(0, 1.5),
        fc.boolean(),
        async ({ classes, blank, logs }, weight, bonus, ends) => {
          // Labels in the order of the classes, without the blank; the end token behind them.
          const scorer = toyScorer({
            vocabulary: classes - 1 + Number(ends),
            end: ends ? classes - 1 : null,
            seed: 3,
          });
          const expected: [string, number][] = [];
          for (const [name, log] of enumerate(logs, classes, blank)) {
            const labels = name === '' ? [] : name.split(',').map(Number);
            const tokens = labels.map((label) => (label > blank ? label - 1 : label));
            const language = await sequenceLogProbability(
              scorer,
              ends ? [...tokens, classes - 1] : tokens,
              undefined,
            );
            expected.push([name, close(log + weight * language + bonus * labels.length)]);
          }
          const found = await ctcBeam(logs, {
            classes,
            blank,
            width: 10_000,
            count: 10_000,
            language: { scorer, weight, bonus },
          });
          expect(new Map(found.map(({ labels, score }) => [labels.join(), close(score)]))).toEqual(
            new Map(expected),
          );
        },
      ),
      { numRuns: 60, seed: 2 },
    );
  });

  it('as wide as the space finds, under constraints, all labellings that keep them, with all their alignments', async () => {
    const pool = [
      avoid('AA'),
      require('BA'),
      endsWith('A'),
      length(2),
      length({ min: 1 }),
      startsWith('B'),
      gc({ max: 0.5 }),
    ];
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(
        frames,
        fc.subarray(pool, { minLength: 1, maxLength: 3 }),
        async ({ classes, blank, logs }, where) => {
          const letters = 'BAC'.slice(0, classes - 1);
          const known = where.filter(({ text }) => classes > 2 || !text.includes('A'));
          const accepts = known.map((one) => acceptor(one, letters));
          const say = (name: string) =>
            name
              .split(',')
              .filter(Boolean)
              .map((c) => letters[Number(c) - Number(Number(c) > blank)])
              .join('');
          const all = [...enumerate(logs, classes, blank)].filter(([name]) =>
            accepts.every((one) => one(say(name))),
          );
          const options = { classes, blank, width: 10_000, count: 10_000, spelling: letters, where: known };
          const found = await ctcBeam(logs, options).catch((error: Error) => error.message);
          if (typeof found === 'string') {
            expect(all).toEqual([]);
            expect(found).toMatch(
              /^No sequence of \d frames keeps|every labelling that keeps the constraints has probability zero/,
            );
            return;
          }
          const ours = found.map(
            ({ labels, logProbability }) => [labels.join(), close(logProbability)] as const,
          );
          expect(new Map(ours)).toEqual(new Map(all.map(([labels, log]) => [labels, close(log)])));
          kept += ours.length;
        },
      ),
      { numRuns: 150, seed: 6 },
    );
    expect(kept).toBeGreaterThan(300);
  });

  it('knows that a repeated label needs a frame for the blank between', async () => {
    const logs = new Float64Array(8).fill(Math.log(0.5));
    const options = { classes: 2, spelling: 'A', where: [length(3)] };
    await expect(ctcBeam(logs, options)).rejects.toThrow(
      'No sequence of 4 frames keeps length(3). Possible with 5 frames.',
    );
    const [five] = await ctcBeam(new Float64Array(10).fill(Math.log(0.5)), options);
    expect(five!.labels).toEqual([1, 1, 1]);
    expect(five!.logProbability).toBeCloseTo(5 * Math.log(0.5), 12);
    await expect(ctcBeam(logs, { ...options, spelling: 'ABC' })).rejects.toThrow(
      'The spelling has 3 classes; expected 2, or 1 without the blank.',
    );
    await expect(ctcBeam(logs, { classes: 2, where: [length(3)] })).rejects.toThrow(
      'give spelling, what each class spells',
    );
  });

  it('never gives a labelling more than its probability, however narrow, and less is lost the wider it is', async () => {
    const lost = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(frames, async ({ classes, blank, logs }) => {
        const all = enumerate(logs, classes, blank);
        const top = Math.max(...all.values());
        for (const [i, width] of [1, 2, 8].entries()) {
          const found = await ctcBeam(logs, { classes, blank, width, count: width });
          expect(found.length).toBeLessThanOrEqual(width);
          expect(new Set(found.map(({ labels }) => labels.join())).size).toBe(found.length);
          for (const { labels, logProbability } of found)
            expect(logProbability).toBeLessThanOrEqual(all.get(labels.join())! + 1e-9);
          lost[i]! += Math.exp(top) - Math.exp(found[0]!.logProbability);
        }
      }),
      { numRuns: 150, seed: 3 },
    );
    expect(lost[0]).toBeGreaterThan(lost[1]!);
    expect(lost[1]).toBeGreaterThan(lost[2]!);
  });

  it('adds the alignments of a prefix that has left the beam and come back, and never lists it twice', async () => {
    const random = randomStream(4, 'frames');
    for (let i = 0; i < 300; i++) {
      const logs = Float64Array.from({ length: 3 * 12 }, () => 3 * random.normal());
      const found = await ctcBeam(logs, { classes: 3, width: 4, count: 4 });
      expect(new Set(found.map(({ labels }) => labels.join())).size).toBe(found.length);
    }
  });

  it('finds a labelling that no single alignment shows: the one greedy decoding misses', async () => {
    // Graves 2006: blank 0.6, label 0.4 in both frames: "1" has 0.64, "" only 0.36.
    const logs = Float64Array.from([0.6, 0.4, 0.6, 0.4], Math.log);
    expect(ctcGreedy(logs, { classes: 2 }).labels).toEqual([]);
    const [best] = await ctcBeam(logs, { classes: 2 });
    expect(best!.labels).toEqual([1]);
    expect(Math.exp(best!.logProbability)).toBeCloseTo(0.64, 12);
  });

  it('refuses shapes that do not fit, and a language model that allows nothing', async () => {
    await expect(ctcBeam(new Float64Array(4), { classes: 3 })).rejects.toThrow(
      '4 numbers are no whole number of frames with 3 classes',
    );
    await expect(ctcBeam(new Float64Array(4), { classes: 2, blank: 2 })).rejects.toThrow(
      'blank is 2 of 2 classes',
    );
    await expect(ctcBeam(new Float64Array(4), { classes: 2, width: 0 })).rejects.toThrow('width is 0');
    const silent = {
      ...toyScorer({ vocabulary: 2, end: 1 }),
      next: async (s: readonly unknown[]) => new Float64Array(2 * s.length).fill(-Infinity),
    };
    await expect(
      ctcBeam(Float64Array.of(-1, -1), { classes: 2, language: { scorer: silent } }),
    ).rejects.toThrow('every labelling has probability zero');
  });
});

describe('ctcGreedy', () => {
  it('collapses the best path, and says at which frame each label begins', () => {
    fc.assert(
      fc.property(frames, ({ classes, blank, logs }) => {
        const rows = Array.from({ length: logs.length / classes }, (_, t) => [
          ...logs.subarray(t * classes, (t + 1) * classes),
        ]);
        const path = rows.map((row) => row.indexOf(Math.max(...row)));
        const { labels, frames, logProbability } = ctcGreedy(logs, { classes, blank });
        expect(labels).toEqual(collapse(path, blank));
        expect(frames).toEqual([...path.keys()].filter((t) => path[t] !== blank && path[t] !== path[t - 1]));
        expect(logProbability).toBeCloseTo(
          rows.reduce((sum, row) => sum + Math.max(...row), 0),
          9,
        );
      }),
      { seed: 4 },
    );
  });
});
