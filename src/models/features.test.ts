import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialize } from '../nn/module.ts';
import { backendOf } from '../runtime/compile.ts';
import { modelOnnx } from './export.ts';
import { encodeFeatures, type FeatureSpec, featureWidth, unknownCategories } from './features.ts';
import { loadModel } from './load-model.ts';
import { completeSpec, network } from './network.ts';
import { openPredictor } from './predict.ts';
import { saveModel } from './save-model.ts';
import type { ModelSpec } from './spec.ts';

const age: FeatureSpec = { name: 'age', kind: 'number', mean: 40, deviation: 10, missing: true };
const dose: FeatureSpec = { name: 'dose', kind: 'number', mean: 0, deviation: 2, missing: false };
const site: FeatureSpec = { name: 'site', kind: 'category', categories: ['a', 'b', 'c'], missing: true };
const all = [age, dose, site];

describe('encodeFeatures', () => {
  it('standardises numbers, marks categories, and says what is missing where training lacked some too', () => {
    expect([...encodeFeatures(all, [55, 3, 'b'])]).toEqual([1.5, 0, 1.5, 0, 1, 0, 0]);
    expect([...encodeFeatures(all, [null, null, null])]).toEqual([0, 1, 0, 0, 0, 0, 1]);
    expect([...encodeFeatures(all, [40, 0, 'z'])]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(unknownCategories(all, [40, 0, 'z'])).toEqual(['site "z"']);
    expect(unknownCategories(all, [40, 0, null])).toEqual([]);
  });

  it('gives as many numbers as the width says, whatever is missing, and tells known rows apart', () => {
    const row = fc.tuple(
      fc.option(fc.integer({ min: -99, max: 99 })),
      fc.integer({ min: -99, max: 99 }),
      fc.option(fc.constantFrom('a', 'b', 'c')),
    );
    fc.assert(
      fc.property(row, row, (a, b) => {
        const [x, y] = [encodeFeatures(all, a), encodeFeatures(all, b)];
        expect(x).toHaveLength(featureWidth(all));
        expect(x.join() === y.join()).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});

const specOf = (config: object): ModelSpec =>
  completeSpec({
    architecture: 'cnn',
    config: { filters: [6], kernels: [3], pools: [1], dense: [5], ...config },
    alphabet: { name: 'dna', letters: 'ACGT' },
    tracks: [],
    features: all,
    output: { kind: 'classes', classes: ['no', 'yes'] },
  });
const inputs = [
  { id: 'a', sequence: 'ACGTACGTAA', features: [55, 3, 'b'] },
  { id: 'b', sequence: 'ACGTAC', features: [null, -1, 'c'] },
  { id: 'c', sequence: 'ACGTACGTAA', features: [20, 3, null] },
];
async function predictions(spec: ModelSpec, given: readonly (typeof inputs)[number][], batchSize = 8) {
  const weights = initialize(network(spec), 3);
  const predictor = await openPredictor({ spec, weights }, { batchSize });
  const found: number[] = [];
  for await (const { values } of predictor.predict(given)) found.push(values[1]!);
  await predictor.close();
  return found;
}

describe('a model that reads a table beside the sequence', () => {
  it.each(['none', 'augment', 'average', 'shared'])(
    'answers by both, reverse complement %s',
    async (reverseComplement) => {
      const spec = specOf({ reverseComplement });
      const [a, , c] = await predictions(spec, inputs);
      expect(Math.abs(a! - c!)).toBeGreaterThan(1e-4);
      const other = await predictions(spec, [{ ...inputs[0]!, sequence: 'GGGTTTTTTT' }]);
      expect(Math.abs(a! - other[0]!)).toBeGreaterThan(1e-4);
      if (reverseComplement === 'average' || reverseComplement === 'shared') {
        const [turned] = await predictions(spec, [{ ...inputs[0]!, sequence: 'TTACGTACGT' }]);
        expect(turned).toBeCloseTo(a!, 5);
      }
    },
  );

  it('gives every record its own row, whichever records share a batch', async () => {
    const spec = specOf({ members: 2 });
    const [together, alone] = [await predictions(spec, inputs), await predictions(spec, inputs, 1)];
    together.forEach((p, i) => {
      expect(alone[i]).toBeCloseTo(p, 6);
    });
  });

  it('is saved with its columns, loaded, and exported with an input for them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'seqwright-features-'));
    const spec = specOf({});
    const weights = initialize(network(spec), 3);
    await saveModel(join(folder, 'm'), { spec, weights, training: {} });
    const loaded = await loadModel(join(folder, 'm'));
    await rm(folder, { recursive: true });
    expect(loaded.spec).toEqual(spec);
    const session = await (await backendOf('cpu')).open(modelOnnx(loaded), { threads: 1 });
    const tokens = Int32Array.from(inputs[0]!.sequence, (letter) => 'ACGT'.indexOf(letter));
    const { predictions: found } = await session.run(
      {
        tokens: { dtype: 'int32', shape: [1, tokens.length], data: tokens },
        lengths: { dtype: 'int32', shape: [1], data: Int32Array.of(tokens.length) },
        features: { dtype: 'float32', shape: [1, 7], data: encodeFeatures(all, inputs[0]!.features) },
      },
      ['predictions'],
      {},
    );
    await session.release();
    expect(found!.data[1]).toBeCloseTo((await predictions(spec, inputs))[0]!, 5);
  });

  it('refuses records without the columns, and cells of another kind', async () => {
    const spec = specOf({});
    const run = (features: unknown) => predictions(spec, [{ ...inputs[0]!, features: features as never }]);
    await expect(run(undefined)).rejects.toThrow(
      'record "a" has 0 features of a table; the model needs 3 (age, dose, site)',
    );
    await expect(run(['old', 1, 'a'])).rejects.toThrow('has "old" as "age"; expected a number, or null');
    await expect(run([1, 1, 7])).rejects.toThrow('has 7 as "site"; expected a text, or null');
  });
});
