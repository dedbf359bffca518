import { describe, expect, it } from 'vitest';
import { exampleTensor } from '../graph/check.fixture.ts';
import { evaluate } from '../graph/evaluate.ts';
import { grad } from '../graph/grad.ts';
import * as g from '../graph/library.ts';
import { ops } from '../graph/ops/table.ts';
import { arrayOf, type Tensor } from '../graph/tensor.ts';
import type { Value } from '../graph/value.ts';
import type { HostTensor } from './backend.ts';
import { compile, type Device } from './compile.ts';

const devices: Device[] = ['cpu', 'wasm'];

const host = (v: Value, t: Tensor): HostTensor => ({
  dtype: v.dtype,
  shape: t.shape,
  data: arrayOf[v.dtype].from(t.data),
});

/** Largest difference between runtime and reference, relative to the size of the reference. */
async function difference(outputs: Value[], given: Map<Value, Tensor>, device: Device): Promise<number> {
  const named = (values: Iterable<Value>, prefix: string) =>
    Object.fromEntries([...values].map((v, i) => [`${prefix}${i}`, v]));
  const inputs = named(given.keys(), 'in');
  const program = await compile({ inputs, outputs: named(outputs, 'out') }, { device });
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, v]) => [name, host(v, given.get(v)!)]));
  const results = await program.run(feeds);
  await program.release();
  const reference = evaluate(outputs, given);
  let worst = 0;
  reference.forEach((t, i) => {
    const result = results[`out${i}`]!;
    expect(result.shape).toEqual([...t.shape]);
    const scale = t.data.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-3);
    t.data.forEach((x, k) => {
      worst = Math.max(worst, Math.abs(x - Number(result.data[k])) / scale);
    });
  });
  return worst;
}

const cases = Object.entries(ops).flatMap(([name, op]) =>
  op.examples.map((example, which) => ({ name, op, example, which })),
);

describe.each(devices)('ONNX Runtime on %s equals the reference evaluator', (device) => {
  it.each(cases)('$name, example $which, and its gradient', async ({ name, op, example, which }) => {
    const drawn = example.inputs.map((spec, i) => exampleTensor(spec, 10 * which + i + 1));
    const inputs = drawn.map(({ value, dtype }, i) => g.input(`x${i}`, value.shape, dtype));
    const outputs = g.apply(name, inputs, example.attrs);
    const floats = inputs.filter((v) => v.dtype === 'float32');
    const given = new Map(inputs.map((v, i) => [v, drawn[i]!.value]));
    const wanted = [...outputs];
    if (op.gradient && floats.length > 0)
      wanted.push(...grad(g.sum(g.square(g.cast(outputs[0]!, 'float32'))), floats));
    expect(await difference(wanted, given, device)).toBeLessThan(1e-4);
  });
});
