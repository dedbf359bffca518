import { describe, expect, it } from 'vitest';
import { subset } from '../../data/dataset.ts';
import { train } from '../../train/train-model.ts';
import {
  curvature,
  geometric,
  largestPenalty,
  linearForm,
  linearPath,
  refitted,
  withinOneError,
} from './linear-path.ts';
import { plantedSupport } from './planted-support.ts';

const { dataset, support } = plantedSupport({ length: 12, support: 3, effect: 1.5, records: 500, seed: 3 });
const range = (from: number, to: number) =>
  subset(
    dataset,
    Array.from({ length: to - from }, (_, i) => i + from),
  );
const [fit, held] = [range(0, 350), range(350, 500)];
const truth = fit.target!.truth as Int32Array;
const form = linearForm(fit);

/** The gradient of the mean log loss over the weights [width, 2]. */
function gradient(weight: Float32Array, bias: Float32Array): Float64Array {
  const { width, rows } = form.features;
  const out = new Float64Array(width * 2);
  truth.forEach((y, i) => {
    const row = rows.subarray(i * width, (i + 1) * width);
    const z = [0, 1].map((c) => row.reduce((sum, x, j) => sum + x * weight[j * 2 + c]!, bias[c]!));
    const p = 1 / (1 + Math.exp(z[0]! - z[1]!));
    row.forEach((x, j) => {
      out[j * 2]! += (x * (1 - p - Number(y === 0))) / truth.length;
      out[j * 2 + 1]! += (x * (p - Number(y === 1))) / truth.length;
    });
  });
  return out;
}

describe('paths of penalties', () => {
  it('L1 ends in the minimum of loss + penalty · Σ|w|: zero where the gradient is small, at the penalty elsewhere', async () => {
    const penalty = largestPenalty(form.features, truth, 2) / 5;
    const { model } = await train({ network: form.network() }, fit, {
      l1: penalty,
      epochs: 1500,
      batchSize: 350,
      optimizer: 'sgd',
      optimizerOptions: { momentum: 0 },
      schedule: 'constant',
      rate: 2 / curvature(form.features),
      clip: 0,
      validation: 0,
    });
    const weight = model.weights.get('weight')!;
    const slope = gradient(weight, model.weights.get('bias')!);
    expect(weight.some((w) => w === 0) && weight.some((w) => w !== 0)).toBe(true);
    weight.forEach((w, i) => {
      if (w === 0) expect(Math.abs(slope[i]!)).toBeLessThan(penalty * 1.02);
      else expect(slope[i]! / (-Math.sign(w) * penalty)).toBeCloseTo(1, 1);
    });
  }, 30_000);

  it('nothing is kept at the largest penalty, more as it weakens, and the planted first', async () => {
    const most = largestPenalty(form.features, truth, 2);
    const points = await linearPath(form, fit, held, {
      kind: 'l1',
      penalties: geometric(most, 0.1, 5),
      steps: 100,
    });
    expect(points[0]!.kept.length).toBeLessThan(2);
    expect(points.every(({ kept }, i) => i === 0 || kept.length >= points[i - 1]!.kept.length)).toBe(true);
    const again = await refitted(form, fit, held, { points, steps: 100 });
    expect(withinOneError(again).kept).toEqual(support);
    // Shrinkage costs: the same set does better without it.
    const place = again.indexOf(withinOneError(again));
    expect(again[place]!.loss).toBeLessThan(points[place]!.loss);
  }, 30_000);

  it('sequences of several lengths are told by their words', () => {
    const records = fit.records.map((r, i) => ({ ...r, sequence: r.sequence.slice(i % 3) }));
    const words = linearForm({ ...fit, records });
    expect(words).toMatchObject({ unit: '3-mer', groups: 64 });
  });

  it('the curvature is the largest eigenvalue, and a little more', () => {
    // x = (1, 0) and (0, 2), each with a 1 for the bias: mean x xᵀ = ½ [[1,0,1],[0,4,2],[1,2,2]].
    const value = curvature({ width: 2, rows: Float32Array.of(1, 0, 0, 2) });
    const p = (x: number) => (0.5 - x) * ((2 - x) * (1 - x) - 1) - 0.5 * (0.5 * (2 - x));
    expect(p(value / 1.05)).toBeCloseTo(0, 4);
    expect(value / 1.05).toBeGreaterThan(2);
  });
});
