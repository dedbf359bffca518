import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { evaluate } from '../graph/evaluate.ts';
import { grad } from '../graph/grad.ts';
import { constant, input, mul, sum, sumOf } from '../graph/library.ts';
import { type Tensor, tensor } from '../graph/tensor.ts';
import type { Value } from '../graph/value.ts';

type Tensors = Record<string, { shape: number[]; data: number[] }>;

/** A case of test/golden: see the README there. */
export interface GoldenCase {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each kind of case describes itself
  config: any;
  inputs: Tensors;
  params: Tensors;
  outputs: Tensors;
  gradients: Tensors;
}

export function goldenCases(file: string): GoldenCase[] {
  const url = new URL(`../../test/golden/${file}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')).cases;
}

const whole = new Set(['lengths', 'indices', 'mask']);

/** Graph inputs for all tensors of a case, in PyTorch's layouts. Labels, ids and lengths are integers. */
export function traceCase(
  { inputs, params }: GoldenCase,
  { integers = [] as string[] } = {},
): { values: Record<string, Value>; given: Map<Value, Tensor> } {
  const values: Record<string, Value> = {};
  const given = new Map<Value, Tensor>();
  for (const [name, { shape, data }] of Object.entries({ ...inputs, ...params })) {
    const dtype = whole.has(name) || integers.includes(name) ? 'int32' : 'float32';
    values[name] = input(name, shape, dtype);
    given.set(values[name], tensor(shape, data));
  }
  return { values, given };
}

/** Compares outputs, and gradients of Σ output · cotangent, with those that PyTorch computed in double precision. */
export function expectGolden(
  { inputs, outputs, gradients }: GoldenCase,
  { values, given }: { values: Record<string, Value>; given: Map<Value, Tensor> },
  ours: Record<string, Value>,
): void {
  expect(Object.keys(ours).sort()).toEqual(Object.keys(outputs).sort());
  const terms = Object.entries(ours).flatMap(([name, value]) => {
    const cotangent = inputs[`cotangent_${name}`];
    return cotangent ? [sum(mul(value, constant(cotangent.data, cotangent.shape)))] : [];
  });
  const names = Object.keys(gradients);
  const derivatives = grad(
    sumOf(terms),
    names.map((name) => values[name]!),
  );
  const results = evaluate([...Object.values(ours), ...derivatives], given);
  const expected = [
    ...Object.keys(ours).map((name) => [name, outputs[name]!] as const),
    ...names.map((name) => [`gradient of ${name}`, gradients[name]!] as const),
  ];
  expected.forEach(([name, { shape, data }], i) => {
    expect([name, ...results[i]!.shape]).toEqual([name, ...shape]);
    expect(`${name} ${worstError(results[i]!.data, data) < 1e-8}`).toBe(`${name} true`);
  });
}

function worstError(ours: Float64Array, golden: number[]): number {
  let worst = ours.length === golden.length ? 0 : Number.POSITIVE_INFINITY;
  golden.forEach((x, i) => {
    const error = Math.abs(ours[i]! - x) / Math.max(1, Math.abs(x));
    worst = Math.max(error, worst);
  });
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst;
}
