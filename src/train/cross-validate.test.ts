import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { dna } from '../data/alphabet.ts';
import { type Dataset, subset } from '../data/dataset.ts';
import { kFold } from '../data/split/random.ts';
import { crossValidate, crossValidateBaselines, memberSeeds } from './cross-validate.ts';

/** Records whose class stands in their fourth letter. */
function easyDataset(n = 24, seed = 1): Dataset {
  const random = randomStream(seed, 'easy');
  const truth = Int32Array.from({ length: n }, (_, i) => i % 2);
  const letter = () => 'ACGT'[random.below(4)]!;
  const records = Array.from(truth, (y, i) => ({
    id: `r${i}`,
    sequence: `${letter()}${letter()}${letter()}${y ? 'A' : 'C'}${letter()}${letter()}`,
  }));
  const target = { kind: 'classes' as const, classes: ['no', 'yes'], truth };
  return { records, alphabet: dna, target, tracks: [], sources: [], skipped: [], notes: [] };
}

const definition = {
  architecture: 'cnn',
  config: { length: 6, pool: 'flatten', filters: [8], kernels: [1], pools: [1], dense: [], dropout: 0 },
};
const fitting = { epochs: 12, rate: 0.03, batchSize: 8 };

describe('crossValidate', () => {
  it('predicts each record once, in the order of the dataset, by models that learned the rule', async () => {
    const data = easyDataset();
    const seen: number[] = [];
    const { runs, tested } = await crossValidate(definition, data, kFold(24, { folds: 3 }), {
      ...fitting,
      onProgress: ({ done, total }) => seen.push(done / total),
    });
    expect(tested.records.map(({ id }) => id)).toEqual(data.records.map(({ id }) => id));
    expect(runs[0]!.predictions.ids).toEqual(data.records.map(({ id }) => id));
    expect(runs[0]!.metrics.accuracy!.value).toBeGreaterThan(0.9);
    expect(runs[0]!.folds.length).toBe(3);
    expect(seen).toEqual([1 / 3, 2 / 3, 1]);
  });

  it('never shows a model the labels that it is tested on', async () => {
    const data = easyDataset();
    const [split] = kFold(24, { folds: 3 });
    const truth = data.target!.truth.slice() as Int32Array;
    for (const i of split!.test) truth[i] = 1 - truth[i]!;
    const lied = { ...data, target: { kind: 'classes' as const, classes: ['no', 'yes'], truth } };
    const predicted = async (some: Dataset) =>
      (await crossValidate(definition, some, [split!], { ...fitting, validation: 0.2 })).runs[0]!;
    const [honest, other] = [await predicted(data), await predicted(lied)];
    expect(other.predictions.values).toEqual(honest.predictions.values);
    expect(other.metrics.accuracy!.value).toBeCloseTo(1 - honest.metrics.accuracy!.value!, 12);
  });

  it('averages the members of an ensemble; the first is the single model of the same seed', async () => {
    const data = easyDataset(12);
    const splits = kFold(12, { folds: 2 });
    const quick = { ...fitting, epochs: 2 };
    const both = await crossValidate(definition, data, splits, { ...quick, seeds: [5], ensemble: 2 });
    const single = await crossValidate(definition, data, splits, { ...quick, seeds: memberSeeds(5, 2) });
    const [first, second] = both.runs[0]!.members;
    expect(first!.values).toEqual(single.runs[0]!.predictions.values);
    expect(second!.values).toEqual(single.runs[1]!.predictions.values);
    expect(second!.values).not.toEqual(first!.values);
    both.runs[0]!.predictions.values.forEach((p, i) => {
      expect(p).toBeCloseTo((first!.values[i]! + second!.values[i]!) / 2, 12);
    });
  });

  it('gives the same numbers on two lanes, and begins where `start` says', async () => {
    const data = easyDataset(12);
    const splits = kFold(12, { folds: 4 });
    const quick = { ...fitting, epochs: 1 };
    const one = await crossValidate(definition, data, splits, quick);
    const two = await crossValidate(definition, data, splits, { ...quick, lanes: 2 });
    expect(two.runs[0]!.predictions).toEqual(one.runs[0]!.predictions);
    const path = 'readout.head.weight';
    const begun = await crossValidate(definition, data, splits, {
      ...quick,
      start: (initial) => new Map([[path, initial.get(path)!.map((w) => w + 1)]]),
    });
    expect(begun.runs[0]!.predictions.values).not.toEqual(one.runs[0]!.predictions.values);
  });

  it('takes a part of the folds and tells which records were tested', async () => {
    const data = easyDataset(12);
    const splits = kFold(12, { folds: 4 }).slice(0, 1);
    const { tested, runs } = await crossValidate(definition, data, splits, { ...fitting, epochs: 1 });
    expect(tested.records).toEqual(subset(data, splits[0]!.test).records);
    expect(runs[0]!.predictions.values.length).toBe(2 * tested.records.length);
  });

  it('refuses folds that test a record twice or nothing, and stops when asked', async () => {
    const data = easyDataset(12);
    const [split] = kFold(12, { folds: 4 });
    await expect(crossValidate(definition, data, [split!, split!])).rejects.toThrow(
      /record "r\d+" is in two test parts/,
    );
    await expect(crossValidate(definition, data, [])).rejects.toThrow(/no split has a record to test/);
    const stop = new AbortController();
    const running = crossValidate(definition, data, kFold(12, { folds: 4 }), {
      ...fitting,
      lanes: 2,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(running).rejects.toThrow(/interrupted/);
  });
});

describe('crossValidateBaselines', () => {
  it('gives out-of-fold predictions of simple methods for the same records', async () => {
    const data = easyDataset(60);
    const splits = kFold(60, { folds: 2 });
    const baselines = await crossValidateBaselines(data, splits);
    expect(Object.keys(baselines)).toEqual(['majority', '5-mer logistic', 'position logistic']);
    const { ids, values, target } = baselines['position logistic']!;
    expect(ids).toEqual(data.records.map(({ id }) => id));
    const right = ids.filter((_, i) => Number(values[2 * i + 1]! > 0.5) === target.truth[i]).length;
    expect(right).toBeGreaterThan(50);
  });
});
