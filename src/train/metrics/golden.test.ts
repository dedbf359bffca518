import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Target } from '../../data/target.ts';
import { evaluate } from './evaluate.ts';
import type { Predictions } from './predictions.ts';
import { scorers } from './scorers.ts';

interface Case {
  truth: number[];
  values: number[];
  columns?: number;
  weights?: number[];
  confusion?: number[][];
  metrics: Record<string, number>;
  weighted?: Record<string, number>;
}
const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/metrics.json', import.meta.url), 'utf8'),
) as Record<string, Case>;

function predictions(name: string): Predictions {
  const { truth, values, columns = 2 } = golden[name]!;
  const names = Array.from({ length: columns }, (_, c) => `column ${c}`);
  const targets: Record<string, () => Target> = {
    labels: () => ({ kind: 'labels', classes: names, truth: Uint8Array.from(truth) }),
    values: () => ({ kind: 'values', names, truth: Float64Array.from(truth) }),
    tiedValues: () => ({ kind: 'values', names, truth: Float64Array.from(truth) }),
  };
  const target = targets[name]?.() ?? { kind: 'classes', classes: names, truth: Int32Array.from(truth) };
  const ids = Array.from({ length: values.length / columns }, (_, i) => `r${i}`);
  return { ids, target, values: Float64Array.from(values) };
}

describe('metrics against scikit-learn and SciPy', () => {
  it.each(['binary', 'tied', 'many', 'labels', 'values', 'tiedValues'])('agree on the case "%s"', (name) => {
    const { metrics } = evaluate(predictions(name), { resamples: 0 });
    expect(Object.keys(metrics).sort()).toEqual(Object.keys(golden[name]!.metrics).sort());
    for (const [metric, value] of Object.entries(golden[name]!.metrics)) {
      expect(metrics[metric]!.value, metric).toBeCloseTo(value, 10);
    }
  });

  it.each(['binary', 'tied'])('agree on the case "%s" with sample weights', (name) => {
    const weights = Float64Array.from(golden[name]!.weights!);
    const ours = scorers(predictions(name)).flatMap(({ names, score }) =>
      score(weights).map((value, m): [string, number] => [names[m]!, value]),
    );
    const expected = Object.entries(golden[name]!.weighted!);
    expect(expected.length).toBe(8);
    for (const [metric, value] of expected) {
      expect(Object.fromEntries(ours)[metric], metric).toBeCloseTo(value, 10);
    }
  });

  it('agree on the confusion matrix', () => {
    expect(evaluate(predictions('many'), { resamples: 0 }).confusion!.counts).toEqual(golden.many!.confusion);
  });
});
