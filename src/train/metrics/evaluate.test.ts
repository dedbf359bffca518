import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { majorityBaseline, meanBaseline } from './baselines.ts';
import { evaluate, evaluateMetrics } from './evaluate.ts';
import type { Predictions } from './predictions.ts';

/** Two classes from the probabilities of the second. */
function binary(truth: number[], p: number[]): Predictions {
  return {
    ids: truth.map((_, i) => `r${i}`),
    target: { kind: 'classes', classes: ['no', 'yes'], truth: Int32Array.from(truth) },
    values: Float64Array.from(p.flatMap((v) => [1 - v, v])),
  };
}

function values(truth: number[], predicted: number[]): Predictions {
  const target = { kind: 'values', names: ['y'], truth: Float64Array.from(truth) } as const;
  return {
    ids: truth.map((_, i) => `r${i}`),
    target: { ...target, names: ['y'] },
    values: Float64Array.from(predicted),
  };
}

const quick = { resamples: 20 };

describe('evaluate', () => {
  it('never throws or leaves a NaN for any classes and probabilities', () => {
    const rows = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 1 }), fc.double({ min: 0, max: 1, noNaN: true })),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(rows, (cases) => {
        const found = evaluate(
          binary(
            cases.map(([t]) => t),
            cases.map(([, p]) => p),
          ),
          quick,
        );
        expect(JSON.parse(JSON.stringify(found))).toEqual(found);
        for (const { value, low, high } of Object.values(found.metrics)) {
          if (low !== undefined) expect(low).toBeLessThanOrEqual(high!);
          expect(value === null || Number.isFinite(value)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('reports AUROC as null, with an alarm, where there is only one class', () => {
    const found = evaluate(binary([1, 1, 1], [0.2, 0.9, 0.8]), quick);
    expect(found.metrics.auroc).toEqual({ value: null });
    expect(found.rocCurves).toEqual([]);
    expect(found.alarms.join(' ')).toContain('No evaluated record has the class no');
  });

  it('reports correlations with a constant as null and keeps the errors', () => {
    const { metrics, alarms } = evaluate(values([1, 2, 3], [0.1, 0.1, 0.1]), quick);
    expect(metrics.pearson).toEqual({ value: null });
    expect(metrics.spearman).toEqual({ value: null });
    expect(metrics.mae!.value).toBeCloseTo(1.9, 12);
    expect(alarms.join(' ')).toContain('nearly the same y for every record');
  });

  it('evaluates a single record', () => {
    expect(evaluate(values([1], [3])).metrics).toEqual({
      r2: { value: null },
      pearson: { value: null },
      spearman: { value: null },
      rmse: { value: 2 },
      mae: { value: 2 },
    });
  });

  it('refuses no records, NaN predictions and NaN truth, naming the record', () => {
    expect(() => evaluate(values([], []))).toThrow('no records to evaluate');
    expect(() => evaluate(values([1, 2], [0, Number.NaN]))).toThrow('"r1"');
    expect(() => evaluate(values([1, Number.NaN], [0, 0]))).toThrow('true value of record "r1" is NaN');
    expect(() => evaluate(binary([0, 2], [0, 0]))).toThrow('true value of record "r1" is 2');
    expect(() => evaluate(binary([0], [1.5]))).toThrow('a probability from 0 to 1');
    expect(() => evaluate({ ...values([1], [1]), ids: ['a', 'b'] })).toThrow('disagree in size');
  });

  it('orders the confident errors by the probability of the wrong answer', () => {
    const { confidentErrors } = evaluate(binary([0, 1, 0, 1], [0.7, 0.9, 0.95, 0.4]), quick);
    expect(confidentErrors.map((e) => e.id)).toEqual(['r2', 'r0', 'r3']);
    expect(confidentErrors[0]).toEqual({ id: 'r2', truth: 'no', predicted: 'yes', probability: 0.95 });
  });

  it('lists wrong labels in both directions', () => {
    const { confidentErrors, metrics } = evaluate({
      ids: ['a', 'b'],
      target: { kind: 'labels', classes: ['x', 'y'], truth: Uint8Array.of(1, 0, 1, 1) },
      values: Float64Array.of(0.9, 0.8, 0.1, 0.5),
    });
    expect(confidentErrors.map((e) => [e.id, e.truth, e.predicted])).toEqual([
      ['b', 'x', 'no x'],
      ['a', 'no y', 'y'],
    ]);
    expect(metrics.accuracy!.value).toBe(0);
    expect(metrics.labelAccuracy!.value).toBe(0.5);
  });
});

describe('alarms', () => {
  const truth = Array.from({ length: 100 }, (_, i) => (i < 60 ? 0 : 1));

  it('speak up with counts where a classifier predicts one class only', () => {
    const { alarms } = evaluate(binary(truth, new Array(100).fill(0.3)), quick);
    expect(alarms).toContain(
      'The model predicts nearly one class only: no for 100 of 100 records, while 40 of them are of another class.',
    );
  });

  it('keep silent for a good, calibrated classifier', () => {
    const random = randomStream(1);
    const p = truth.map(() => random.uniform());
    const happened = p.map((v) => (random.uniform() < v ? 1 : 0));
    expect(evaluate(binary(happened, p), quick).alarms).toEqual([]);
  });

  it('speak up for labels that are never or always predicted', () => {
    const table = Array.from({ length: 50 }, (_, i) => [i % 2, i % 2, i % 2]).flat();
    const { alarms } = evaluate(
      {
        ids: Array.from({ length: 50 }, (_, i) => `r${i}`),
        target: { kind: 'labels', classes: ['x', 'y', 'z'], truth: Uint8Array.from(table) },
        values: Float64Array.from(table, (t, i) => [0.1, 0.9, t][i % 3]!),
      },
      quick,
    );
    expect(alarms[0]).toContain('hardly ever predicts label x: for 0 of 50 records, while 25 have it');
    expect(alarms[1]).toContain('nearly always predicts label y');
    expect(alarms.join(' ')).not.toContain('label z');
  });

  it('speak up for overconfidence and not for chance deviations of few records', () => {
    const sure = truth.map((_, i) => (i % 2 === 0 ? 0.99 : 0.01));
    expect(evaluate(binary(truth, sure), quick).alarms.join(' ')).toContain('poorly calibrated');
    const few = binary([0, 1, 1, 0, 1], [0.4, 0.6, 0.5, 0.55, 0.7]);
    expect(evaluate(few, quick).alarms.join(' ')).not.toContain('calibrated');
  });

  it('speak up for a model that does not beat its baseline', () => {
    const target = binary(truth, truth).target;
    const majority = evaluateMetrics(majorityBaseline(target, target), quick);
    expect(majority.accuracy!.value).toBe(0.6);
    const bad = evaluate(
      binary(
        truth,
        truth.map((_, i) => (i % 2 ? 0.9 : 0.1)),
      ),
      {
        ...quick,
        baselines: { majority },
      },
    );
    expect(bad.alarms[0]).toBe(
      'The model does not beat the majority baseline: accuracy 0.500 against 0.600.',
    );
    const good = evaluate(binary(truth, truth), { ...quick, baselines: { majority } });
    expect(good.alarms.join(' ')).not.toContain('baseline');
  });
});

describe('baselines', () => {
  it('answer with the training frequencies, never the test ones', () => {
    const train = binary([0, 0, 0, 1], [0, 0, 0, 0]).target;
    const { values: p, ids } = majorityBaseline(train, binary([1, 1], [0, 0]).target, { ids: ['a', 'b'] });
    expect([...p]).toEqual([0.75, 0.25, 0.75, 0.25]);
    expect(ids).toEqual(['a', 'b']);
  });

  it('answer with the training mean, and R² of it on its own data is zero', () => {
    const { target } = values([1, 2, 6], [0, 0, 0]);
    const baseline = meanBaseline(target, target);
    expect(baseline.values[0]).toBeCloseTo(3, 12);
    expect(evaluateMetrics(baseline, quick).r2!.value).toBeCloseTo(0, 12);
  });

  it('refuse targets that ask for different things', () => {
    const [a, b] = [binary([0], [0]).target, values([1], [1]).target];
    expect(() => majorityBaseline(a, b)).toThrow('ask for different things');
    expect(() => meanBaseline(a, a)).toThrow('majorityBaseline');
    expect(() => majorityBaseline(b, b)).toThrow('meanBaseline');
  });
});
