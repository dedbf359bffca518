import { describe, expect, it } from 'vitest';
import { predictDataset } from './assess.ts';
import { predictWithDropout } from './monte-carlo-dropout.ts';
import { planted } from './planted.fixture.ts';
import { train } from './train-model.ts';

const dataset = planted(60);
const model = (dropout: number, normalization: 'none' | 'batch' = 'none') =>
  train(
    {
      architecture: 'cnn',
      config: { filters: [8], kernels: [6], pools: [1], dense: [8], dropout, normalization },
    },
    dataset,
    { epochs: 3, validation: 0, seed: 1 },
  ).then(({ model }) => model);

describe('predictWithDropout', () => {
  it('without dropout is prediction, and nobody disagrees, whatever is normalised', async () => {
    for (const normalization of ['none', 'batch'] as const) {
      const own = await model(0, normalization);
      const { values, deviation } = await predictWithDropout(own, dataset, { passes: 3 });
      const plain = (await predictDataset(own, dataset)).values;
      values.forEach((p, i) => {
        expect(p).toBeCloseTo(plain[i]!, 5);
      });
      expect(Math.max(...deviation)).toBeLessThan(1e-6);
    }
  });

  it('draws anew for each pass, the same for the same seed, another for another', async () => {
    const own = await model(0.5);
    const one = await predictWithDropout(own, dataset, { passes: 1, seed: 1 });
    const again = await predictWithDropout(own, dataset, { passes: 1, seed: 1 });
    const other = await predictWithDropout(own, dataset, { passes: 1, seed: 2 });
    expect(again.values).toEqual(one.values);
    expect(other.values).not.toEqual(one.values);
    const many = await predictWithDropout(own, dataset, { passes: 20, seed: 1 });
    expect(Math.min(...many.deviation)).toBeGreaterThan(0);
  });

  it('gives probabilities whose mean settles as passes grow', async () => {
    const own = await model(0.5);
    const of = async (passes: number, seed: number) =>
      (await predictWithDropout(own, dataset, { passes, seed })).values;
    const gap = (a: Float64Array, b: Float64Array) =>
      a.reduce((sum, p, i) => sum + Math.abs(p - b[i]!), 0) / a.length;
    expect(gap(await of(200, 1), await of(200, 2))).toBeLessThan(gap(await of(2, 1), await of(2, 2)) / 3);
    const values = await of(5, 1);
    for (let i = 0; i < values.length; i += 2) expect(values[i]! + values[i + 1]!).toBeCloseTo(1, 5);
  });

  it('refuses a number of passes that is none', async () => {
    await expect(predictWithDropout(await model(0), dataset, { passes: 0 })).rejects.toThrow(
      /passes: expected a whole number of at least 1, received 0/,
    );
  });
});
