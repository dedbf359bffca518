import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../core/random.ts';
import { ctcGreedy } from '../../../decode/ctc.ts';
import { labellingLogProbability, labelSpans } from './alignment.ts';

const classes = 3;

/** ln P of three classes at so many steps. */
function drawnLogs(steps: number, seed: number): Float64Array {
  const random = randomStream(seed, 'logs');
  const logs = new Float64Array(steps * classes);
  for (let t = 0; t < steps; t++) {
    const raw = Array.from({ length: classes }, () => Math.exp(2 * random.normal()));
    const total = raw.reduce((a, b) => a + b, 0);
    raw.forEach((x, c) => {
      logs[t * classes + c] = Math.log(x / total);
    });
  }
  return logs;
}

const paths = (steps: number): number[][] =>
  steps === 0 ? [[]] : paths(steps - 1).flatMap((path) => [0, 1, 2].map((c) => [...path, c]));
const collapsed = (path: readonly number[]) => path.filter((c, t) => c !== 0 && c !== path[t - 1]);
const logOf = (path: readonly number[], logs: Float64Array) =>
  path.reduce((sum, c, t) => sum + logs[t * classes + c]!, 0);

const cases = fc.tuple(
  fc.integer({ min: 1, max: 6 }),
  fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 4 }),
  fc.integer({ min: 1, max: 999 }),
);

describe('a labelling', () => {
  it('is as probable as all of its alignments together, found by trying every path', () => {
    fc.assert(
      fc.property(cases, ([steps, labels, seed]) => {
        const logs = drawnLogs(steps, seed);
        const own = paths(steps).filter((path) => collapsed(path).join() === labels.join());
        const total = own.reduce((sum, path) => sum + Math.exp(logOf(path, logs)), 0);
        const found = labellingLogProbability({ logs, classes }, labels);
        if (total === 0) expect(found).toBe(Number.NEGATIVE_INFINITY);
        else expect(found).toBeCloseTo(Math.log(total), 9);
      }),
      { numRuns: 60 },
    );
  });

  it('stands where its most probable alignment puts it, with the highest probability there', () => {
    fc.assert(
      fc.property(cases, ([steps, labels, seed]) => {
        const logs = drawnLogs(steps, seed);
        const own = paths(steps).filter((path) => collapsed(path).join() === labels.join());
        if (own.length === 0) {
          expect(() => labelSpans({ logs, classes }, labels)).toThrow(RangeError);
          return;
        }
        const best = own.reduce((a, b) => (logOf(b, logs) > logOf(a, logs) ? b : a));
        const rebuilt = new Array<number>(steps).fill(0);
        labelSpans({ logs, classes }, labels).forEach(({ from, to, confidence }, i) => {
          rebuilt.fill(labels[i]!, from, to);
          const inside = Array.from({ length: to - from }, (_, k) =>
            Math.exp(logs[(from + k) * classes + labels[i]!]!),
          );
          expect(confidence).toBeCloseTo(Math.max(...inside), 12);
        });
        expect(rebuilt).toEqual(best);
      }),
      { numRuns: 60 },
    );
  });

  it('is found among four thousand steps of a sure network in little time, whatever its length', () => {
    const random = randomStream(1, 'long');
    const steps = 4000;
    const logs = new Float64Array(steps * classes);
    for (let t = 0; t < steps; t++) {
      const sure = t % 2 === 0 ? 0 : 1 + random.below(2);
      for (let c = 0; c < classes; c++) logs[t * classes + c] = Math.log(c === sure ? 0.9 : 0.05);
    }
    const { labels, logProbability } = ctcGreedy(logs, { classes });
    expect(labels).toHaveLength(steps / 2);
    const began = performance.now();
    const found = labellingLogProbability({ logs, classes }, labels);
    const spans = labelSpans({ logs, classes }, labels);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(found).toBeGreaterThanOrEqual(logProbability);
    expect(spans.every(({ from, to }, i) => from === 2 * i + 1 && to === from + 1)).toBe(true);
  }, 60_000);

  it('that is far less probable than the greedy one is found all the same', () => {
    const steps = 60;
    const logs = new Float64Array(steps * classes);
    for (let t = 0; t < steps; t++)
      logs.set([Math.log(1 - 2e-9), Math.log(1e-9), Math.log(1e-9)], t * classes);
    const labels = [1, 2, 1, 2, 1, 2];
    const count = (n: number, k: number): number => (k === 0 ? 1 : (count(n - 1, k - 1) * n) / k);
    // One step for each label is the most probable way; runs of two are a billion times rarer.
    const expected = Math.log(count(steps, 6)) + 6 * Math.log(1e-9);
    expect(labellingLogProbability({ logs, classes }, labels)).toBeCloseTo(expected, 5);
    expect(labelSpans({ logs, classes }, labels)).toHaveLength(6);

    // So improbable at each step that every place is left out before the end, until more is searched.
    const against = new Float64Array(logs.length);
    for (let t = 0; t < steps; t++)
      against.set([Math.log(1e-12), Math.log(1 - 2e-12), Math.log(1e-12)], t * classes);
    const other = new Array<number>(20).fill(2);
    expect(labelSpans({ logs: against, classes }, other)).toHaveLength(20);
    expect(labellingLogProbability({ logs: against, classes }, other)).toBeLessThan(
      60 * Math.log(1e-12) + 60,
    );
  });

  it('found greedily begins where the greedy path says, and is at least as probable as that path', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const logs = drawnLogs(12, seed);
      const { labels, frames, logProbability } = ctcGreedy(logs, { classes });
      expect(labellingLogProbability({ logs, classes }, labels)).toBeGreaterThanOrEqual(
        logProbability - 1e-12,
      );
      expect(labelSpans({ logs, classes }, labels).map(({ from }) => from)).toEqual(frames);
    }
  });
});
