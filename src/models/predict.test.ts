import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { architectures } from './architectures/index.ts';
import type { PredictionInput } from './encode-record.ts';
import { loadModel } from './load-model.ts';
import { exampleModel } from './model.fixture.ts';
import type { Model } from './model.ts';
import { openPredictor, type Prediction, type PredictorOptions } from './predict.ts';
import { saveModel } from './save-model.ts';

/** Records with the given lengths, letters drawn by seed. */
function recordsOf(lengths: readonly number[], { letters = 'ACGTN', tracks = 0, seed = 1 } = {}) {
  const random = randomStream(seed, 'records');
  const letter = () => letters[random.below(letters.length)]!;
  return lengths.map(
    (length, i): PredictionInput => ({
      id: `r${i}`,
      sequence: Array.from({ length }, letter).join(''),
      tracks: Array.from({ length: tracks }, () => Float32Array.from({ length }, () => random.uniform())),
    }),
  );
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function predictAll(
  model: Model,
  records: AsyncIterable<PredictionInput> | Iterable<PredictionInput>,
  options: PredictorOptions = {},
): Promise<Prediction[]> {
  const predictor = await openPredictor(model, options);
  try {
    return await collect(predictor.predict(records));
  } finally {
    await predictor.close();
  }
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!)));

const small: Record<string, Record<string, unknown>> = {
  cnn: { filters: [6, 5], kernels: [5, 3], pools: [2, 1] },
  lstm: { hidden: 5 },
  gru: { hidden: 5, pool: 'last' },
  'cnn-bilstm': { filters: [6], kernels: [5], pools: [3], hidden: 4 },
  'attention-bilstm': { hidden: 5 },
  elman: { hidden: 5 },
  'min-gru': { hidden: 5 },
  diagonal: { hidden: 5 },
  hierarchical: { hidden: 4, window: 7 },
  'dilated-rnn': { hidden: 4, dilations: [1, 3] },
  selective: { size: 5, layers: 1, states: 2 },
  circular: { hidden: 4 },
  'dilated-cnn': { size: 5, layers: 3 },
  transformer: { size: 8, heads: 2, layers: 1 },
  'cnn-transformer': { filters: [6], kernels: [5], pools: [3], size: 8, heads: 2, layers: 1 },
};

describe.each(Object.keys(architectures))('predictions of %s', (architecture) => {
  const model = exampleModel({ architecture, config: small[architecture]!, tracks: ['t'] });

  it('do not depend on batch size, order, or what else is in the batch', async () => {
    const alone = await openPredictor(model, { batchSize: 1 });
    const together = await Promise.all(
      [3, 64].map((batchSize) => openPredictor(model, { batchSize, maxTokens: 500 })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 }),
        fc.nat(),
        async (lengths, seed) => {
          const records = recordsOf(lengths, { tracks: 1, seed });
          const expected = await collect(alone.predict(records));
          for (const predictor of together)
            for (const order of [records, records.toReversed()]) {
              const found = await collect(predictor.predict(order));
              expect(found.map(({ id }) => id)).toEqual(order.map(({ id }) => id));
              for (const { id, values } of found)
                expect(largestDifference(values, expected[Number(id.slice(1))]!.values)).toBeLessThan(1e-6);
            }
        },
      ),
      { numRuns: 8 },
    );
    for (const predictor of [alone, ...together]) await predictor.close();
  });

  it('are the same on both devices', async () => {
    const records = recordsOf([1, 7, 40, 12], { tracks: 1 });
    const native = await predictAll(model, records, { device: 'cpu' });
    const portable = await predictAll(model, records, { device: 'wasm' });
    native.forEach(({ values }, i) => {
      expect(largestDifference(values, portable[i]!.values)).toBeLessThan(1e-4);
    });
    // Otherwise the same untouched constant would be compared with itself.
    expect(largestDifference(native[0]!.values, native[2]!.values)).toBeGreaterThan(1e-4);
  });
});

describe('a predictor', () => {
  const model = exampleModel();
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'predict-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('predicts with a saved model to the bit what it predicts with the model itself', async () => {
    const records = recordsOf([30, 3, 17, 30]);
    await saveModel(join(root, 'm'), model);
    const before = await predictAll(model, records);
    expect(await predictAll(await loadModel(join(root, 'm')), records)).toEqual(before);
  });

  it('gives probabilities that add up to one, whatever the case of the letters', async () => {
    const [upper, lower] = await predictAll(model, [
      { id: 'a', sequence: 'ACGTTGCAAC' },
      { id: 'b', sequence: 'acguugcaac' },
    ]);
    expect(upper!.values[0]! + upper!.values[1]!).toBeCloseTo(1, 6);
    expect(lower!.values).toEqual(upper!.values);
  });

  it('reads a bounded number of records ahead of what it has given', async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<PredictionInput> {
      for (;;) yield { id: String(read++), sequence: 'ACGTACGT' };
    }
    const predictor = await openPredictor(model, { batchSize: 4 });
    let given = 0;
    for await (const { id } of predictor.predict(endless())) {
      expect(id).toBe(String(given++));
      expect(read - given).toBeLessThan(64);
      if (given === 1000) break;
    }
    expect(given).toBe(1000);
    await predictor.close();
  });

  it('reads fewer records ahead where they are long', async () => {
    let read = 0;
    function* long(): Generator<PredictionInput> {
      for (;;) {
        read++;
        yield { id: '', sequence: 'A'.repeat(1000) };
      }
    }
    const predictor = await openPredictor(model, { maxTokens: 500 });
    for await (const _ of predictor.predict(long())) break;
    expect(read).toBe(8);
    await predictor.close();
  });

  it('gives nothing for nothing', async () => {
    expect(await predictAll(model, [])).toEqual([]);
  });

  it('says where an attending model looked: one weight a letter, adding up to one', async () => {
    const attending = exampleModel({ architecture: 'attention-bilstm', config: { hidden: 4 } });
    const records = recordsOf([9, 4, 31]);
    const looked = await predictAll(attending, records, { attention: true });
    looked.forEach(({ attention }, i) => {
      expect(attention).toHaveLength(records[i]!.sequence.length);
      expect(attention!.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    });
    expect((await predictAll(attending, records))[0]).not.toHaveProperty('attention');
  });

  it('gives one weight for each run of letters that pooling joins', async () => {
    const pooling = exampleModel({
      architecture: 'cnn-bilstm',
      config: { filters: [4], kernels: [3], pools: [3], hidden: 4, pool: 'attention' },
    });
    const looked = await predictAll(pooling, recordsOf([9, 4, 31]), { attention: true });
    expect(looked.map(({ attention }) => attention!.length)).toEqual([3, 2, 11]);
    for (const { attention } of looked) expect(attention!.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  });

  const windowed = exampleModel({
    config: { filters: [4], kernels: [3], pools: [1], pool: 'flatten', length: 10 },
  });
  const withTrack = exampleModel({ config: { filters: [4], kernels: [3], pools: [1] }, tracks: ['depth'] });
  const letters = 'Correct the record or leave it out.';
  it.each<[string, Model, Partial<PredictionInput>, PredictorOptions, string]>([
    [
      'an empty sequence',
      model,
      { sequence: '' },
      {},
      'record "s9" has an empty sequence; expected at least one letter. Leave it out.',
    ],
    [
      'a foreign letter',
      model,
      { sequence: 'ACG@' },
      {},
      `record "s9" has "@" at position 4; the model reads dna: expected a DNA letter (A C G T or IUPAC). ${letters}`,
    ],
    [
      'a letter beyond ASCII',
      model,
      { sequence: 'Å' },
      {},
      `record "s9" has "Å" at position 1; the model reads dna: expected a DNA letter (A C G T or IUPAC). ${letters}`,
    ],
    [
      'an ambiguous letter, where these are errors',
      model,
      { sequence: 'ACNT' },
      { ambiguous: 'error' },
      'record "s9" has "N" at position 3; expected one of A C G T. Use --ambiguous mask to keep such letters or --ambiguous skip to leave the record out.',
    ],
    [
      'more letters than the window',
      windowed,
      { sequence: 'ACGTACGTACG' },
      {},
      'record "s9" has 11 letters; the model was trained on windows of 10, in which position has a meaning. Cut the window out of the record, or train a model without length.',
    ],
    ['no tracks', withTrack, {}, {}, 'record "s9" has 0 numeric tracks; the model needs 1 (depth).'],
    [
      'tracks that the model does not know',
      model,
      { tracks: [new Float32Array(4)] },
      {},
      'record "s9" has 1 numeric tracks; the model needs 0.',
    ],
    [
      'a track of another length',
      withTrack,
      { tracks: [new Float32Array(3)] },
      {},
      'record "s9": track "depth" has 3 numbers; expected one for each of the 4 letters.',
    ],
  ])('refuses %s, naming the record', async (_, refusing, record, options, message) => {
    await expect(
      predictAll(refusing, [{ id: 's9', sequence: 'ACGT', ...record }], options),
    ).rejects.toMatchObject({
      kind: 'data',
      message,
    });
  });

  it('leaves ambiguous records out under skip, and fills up short ones under a fixed length', async () => {
    const records = [
      { id: 'a', sequence: 'ACGT' },
      { id: 'b', sequence: 'ACNT' },
      { id: 'c', sequence: 'ACGTACGTAC' },
    ];
    const found = await predictAll(windowed, records, { ambiguous: 'skip' });
    expect(found.map(({ id }) => id)).toEqual(['a', 'c']);
  });

  it('refuses a batch size that is none', async () => {
    await expect(openPredictor(model, { batchSize: 0 })).rejects.toThrow(
      'expected a batch size of 1 or more records, received 0.',
    );
  });
});
