import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import { dimMul } from '../../graph/dims.ts';
import { input } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { inferenceContext } from '../../nn/context.ts';
import { bind, initialize, type Module } from '../../nn/module.ts';
import { compile } from '../../runtime/compile.ts';
import { cnn, lstm, type SequenceInputs } from './index.ts';
import { overlappingCnn, sharedStride, sharing } from './overlapping.ts';

const dna = alphabetByName('dna', 'ACGT');
const { size, complement } = dna;
const alphabet = { size, table: Array.from(dna.table()), complement: Array.from(complement!) };
type Config = Omit<Parameters<typeof cnn.build>[0], 'alphabet' | 'outputs'>;

const int32 = (data: Int32Array, rows: number) => ({
  dtype: 'int32' as const,
  shape: [rows, data.length / rows],
  data,
});

async function programOf<A extends object>(
  net: Module<[A], Value>,
  weights: ReadonlyMap<string, Float32Array>,
  inputs: A,
) {
  const constants = new Map<Value, Float32Array>();
  const held = (path: string, { shape }: { shape: readonly number[] }) => {
    const value = input(path, shape);
    constants.set(value, weights.get(path)!);
    return value;
  };
  const outputs = bind(net, held, inferenceContext())(inputs);
  return compile({ inputs: { ...inputs } as Record<string, Value>, outputs: { outputs }, constants });
}

/** The largest difference between windows in rows and each by itself, by the usual network with masks. */
async function difference(config: Config, width: number, step: number, count: number): Promise<number> {
  const model = cnn.build({ ...config, alphabet, outputs: 3 });
  const shared = sharing(model, { width, step });
  expect(shared).toBeDefined();
  const { beginning, ending } = shared!;
  const weights = initialize(model, 11);
  for (const data of weights.values())
    data.forEach((v, i) => {
      data[i] = v + 0.3 * Math.sin(i);
    });
  const random = randomStream(5, 'letters');
  const long = width + (count - 1) * step;
  const rows = Int32Array.from({ length: 2 * long }, () => random.below(5));
  const windows = [0, 1].flatMap((row) =>
    Array.from({ length: count }, (_, k) => rows.slice(row * long + k * step, row * long + k * step + width)),
  );
  const joined = (cut: (window: Int32Array) => Int32Array) =>
    Int32Array.from(windows.flatMap((window) => [...cut(window)]));
  const inRows = await programOf(overlappingCnn(model, { width, step, count }, shared!), weights, {
    rows: input('rows', ['rows', long], 'int32'),
    beginnings: input('beginnings', [dimMul('rows', count), beginning], 'int32'),
    endings: input('endings', [dimMul('rows', count), ending], 'int32'),
  });
  const alone = await programOf(
    { ...model, apply: (own: never, given: SequenceInputs) => model.apply(own, given).outputs },
    weights,
    { tokens: input('tokens', ['batch', width], 'int32'), lengths: input('lengths', ['batch'], 'int32') },
  );
  const found = await inRows.run({
    rows: int32(rows, 2),
    beginnings: int32(
      joined((w) => w.slice(0, beginning)),
      windows.length,
    ),
    endings: int32(
      joined((w) => w.slice(width - ending)),
      windows.length,
    ),
  });
  const lengths = new Int32Array(windows.length).fill(width);
  const expected = await alone.run({
    tokens: int32(
      joined((w) => w),
      windows.length,
    ),
    lengths: { dtype: 'int32', shape: [windows.length], data: lengths },
  });
  await Promise.all([inRows.release(), alone.release()]);
  expect(found.outputs!.shape).toEqual(expected.outputs!.shape);
  const numbers = [...(expected.outputs!.data as Float32Array)];
  expect(Math.max(...numbers) - Math.min(...numbers)).toBeGreaterThan(0.05);
  return Math.max(...numbers.map((n, i) => Math.abs(n - (found.outputs!.data[i] as number))));
}

const pools = ['max', 'mean', 'max+mean', 'attention'] as const;
const layers = fc.array(
  fc.record({
    filters: fc.integer({ min: 1, max: 5 }),
    kernel: fc.integer({ min: 1, max: 8 }),
    pool: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 3 },
);

describe('convolutions that overlapping windows share', () => {
  it('give each window what it gives by itself', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        layers,
        fc.constantFrom(...pools),
        fc.integer({ min: 60, max: 90 }),
        fc.integer({ min: 1, max: 4 }),
        async (blocks, pool, width, far) => {
          const list = (of: 'filters' | 'kernel' | 'pool') => blocks.map((block) => block[of]);
          const config: Config = {
            ...{ filters: list('filters'), kernels: list('kernel'), pools: list('pool') },
            ...{ pool, dense: [4], normalization: width % 2 === 0 ? 'none' : 'batch' },
          };
          const model = cnn.build({ ...config, alphabet, outputs: 3 });
          const step = far * sharedStride(model)!;
          if (!sharing(model, { width, step })) return;
          compared++;
          expect(await difference(config, width, step, 4)).toBeLessThan(1e-4);
        },
      ),
      { numRuns: 16 },
    );
    expect(compared).toBeGreaterThan(6);
  });

  it('also where positions are kept apart, and where letters are learned vectors', async () => {
    expect(await difference({ pool: 'flatten', length: 200, filters: [8, 8] }, 200, 50, 3)).toBeLessThan(
      1e-4,
    );
    expect(
      await difference({ encoding: 'embedding', embedding: 5, filters: [8, 8] }, 101, 10, 5),
    ).toBeLessThan(1e-4);
  });

  it('convolve a fraction of the letters for the default network, windows of 200 every 50', () => {
    const shared = sharing(cnn.build({ alphabet, outputs: 2 }), { width: 200, step: 50 })!;
    // Five positions at either end; their convolution of 5 sees seven, these are pooled from 14, and a convolution of 11 sees 19 letters.
    expect(shared).toEqual({ beginning: 19, ending: 19, positions: 100, first: 5, last: 5, stride: 2 });
  });

  it('are left alone where that gains nothing, or a letter knows its place', () => {
    const windows = { width: 200, step: 50 };
    const of = (config: Config) => sharing(cnn.build({ ...config, alphabet, outputs: 2 }), windows);
    expect(of({})).toBeDefined();
    expect(of({ pools: [3, 1] })).toBeUndefined();
    expect(of({ kernels: [151, 5] })).toBeUndefined();
    expect(of({ encoding: 'kmer' })).toBeUndefined();
    expect(of({ position: 'learned', length: 200 })).toBeUndefined();
    expect(of({ reverseComplement: 'shared' })).toBeUndefined();
    expect(of({ members: 2 })).toBeUndefined();
    expect(sharing(cnn.build({ alphabet, outputs: 2 }), { width: 200, step: 190 })).toBeUndefined();
    expect(sharing(lstm.build({ alphabet, outputs: 2 }), windows)).toBeUndefined();
  });
});
