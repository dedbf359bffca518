import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { dna } from '../data/alphabet.ts';
import type { Dataset } from '../data/dataset.ts';
import { featureColumns, featureValues } from '../data/dataset-features.ts';
import { predictDataset } from './assess.ts';
import { fitFeatures } from './fit-features.ts';
import { linearBaseline, tableFeatures } from './linear-baseline.ts';
import { evaluateMetrics } from './metrics/index.ts';
import { train } from './train-model.ts';

/** A class that a motif and two columns of a table, a number and a category, tell together; a tenth of the numbers is missing. */
function patients(n: number, seed: number): Dataset {
  const random = randomStream(seed, 'patients');
  const truth = new Int32Array(n);
  const records = Array.from({ length: n }, (_, i) => {
    const motif = random.below(2);
    const age = random.normal();
    const site = random.below(3);
    const logit = 4 * (motif - 0.5) + 2.5 * age + [-1, 0, 1][site]!;
    truth[i] = Number(random.uniform() < 1 / (1 + Math.exp(-logit)));
    const letters = Array.from({ length: 16 }, () => 'ACGT'[random.below(4)]!);
    if (motif) letters.splice(random.below(10), 6, ...'TATAAT');
    const missing = random.below(10) === 0;
    return {
      id: `p${i}`,
      sequence: letters.join(''),
      features: [missing ? null : 50 + 12 * age, `s${site}`],
    };
  });
  return {
    records,
    alphabet: dna,
    target: { kind: 'classes', classes: ['no', 'yes'], truth },
    tracks: [],
    features: [
      { name: 'age', kind: 'number' },
      { name: 'site', kind: 'category' },
    ],
    sources: [],
    skipped: [],
    notes: [],
  };
}

const cnn = {
  architecture: 'cnn',
  config: { filters: [16], kernels: [6], pools: [1], dense: [16], dropout: 0.1 },
};

describe('training on sequence and table together', () => {
  it('tells more than either alone, on three seeds: the same network on letters, and logistic regression on the table', async () => {
    for (const seed of [1, 2, 3]) {
      const [data, test] = [patients(700, seed), patients(400, seed + 10)];
      const options = { epochs: 20, rate: 5e-3, seed };
      const both = await train(cnn, data, options);
      const { features: _, ...letters } = data;
      const alone = await train(cnn, letters, options);
      const columns = fitFeatures(data);
      const table = await linearBaseline(
        both.model.spec.output,
        { features: tableFeatures(columns, data.records), target: data.target! },
        { features: tableFeatures(columns, test.records) },
      );
      const predicted = await predictDataset(both.model, test);
      const auroc = (values: Float64Array) =>
        evaluateMetrics({ ...predicted, values }, { resamples: 0 }).auroc!.value!;
      const fused = auroc(predicted.values);
      const sequence = await predictDataset(alone.model, { ...test, features: [] });
      expect(fused).toBeGreaterThan(auroc(sequence.values) + 0.05);
      expect(fused).toBeGreaterThan(auroc(table) + 0.05);
      expect(auroc(table)).toBeGreaterThan(0.7);
    }
  });
});

describe('fitFeatures', () => {
  it('takes mean, deviation and categories from what is there', () => {
    const data = patients(300, 4);
    const [age, site] = fitFeatures(data);
    const ages = data.records.map(({ features }) => features![0]).filter((x) => x !== null) as number[];
    const mean = ages.reduce((a, b) => a + b, 0) / ages.length;
    expect(age).toMatchObject({ kind: 'number', missing: true });
    expect(age!.kind === 'number' && age!.mean).toBeCloseTo(mean, 9);
    expect(site).toEqual({ name: 'site', kind: 'category', categories: ['s0', 's1', 's2'], missing: false });
  });

  it('refuses a column without a value, and one of ids', () => {
    const data = patients(1200, 4);
    const only = (value: (i: number) => string | null, kind: 'number' | 'category') => ({
      ...data,
      features: [{ name: 'x', kind }],
      records: data.records.map((r, i) => ({ ...r, features: [value(i)] })),
    });
    expect(() => fitFeatures(only(() => null, 'number'))).toThrow('"x" has no value in any of 1200 records');
    expect(() => fitFeatures(only((i) => `id${i}`, 'category'))).toThrow('has 1200 different names');
  });
});

describe('columns of a table', () => {
  it('are numbers where all cells that are there are, else categories; codes are categories where that is said', () => {
    const rows = [
      ['1.5', '3', 'x', '7'],
      ['NA', '4', '', '8'],
    ];
    const kinds = featureColumns(['a', 'b', 'c', 'd'], rows, ['d']).map(({ kind }) => kind);
    expect(kinds).toEqual(['number', 'number', 'category', 'category']);
    const place = { file: 't.csv', line: 3, id: 'r' };
    const columns = featureColumns(['a', 'b', 'c', 'd'], rows, ['d']);
    expect(featureValues(columns, rows[1]!, place)).toEqual([null, 4, null, '8']);
    expect(() => featureValues(columns, ['1', 'old', 'x', '7'], place)).toThrow(
      't.csv:3: record "r" has "old" as "b"; expected a number',
    );
  });
});
