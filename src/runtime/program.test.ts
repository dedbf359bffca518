import { describe, expect, it } from 'vitest';
import { exampleTensor } from '../graph/check.fixture.ts';
import { evaluate } from '../graph/evaluate.ts';
import { grad } from '../graph/grad.ts';
import * as g from '../graph/library.ts';
import { tensor } from '../graph/tensor.ts';
import type { Value } from '../graph/value.ts';
import type { HostTensor } from './backend.ts';
import { compile, type Device } from './compile.ts';

const devices: Device[] = ['cpu', 'wasm'];
const float = (shape: number[], data: ArrayLike<number>): HostTensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});

/** A masked, reversed, gated recurrence over sequences of named batch and length, with an embedding and a loss. */
function recurrentModel() {
  const tokens = g.input('tokens', ['time', 'batch'], 'int32');
  const table = g.input('table', [5, 3]);
  const w = g.input('w', [3, 8]);
  const u = g.input('u', [4, 8]);
  const x = g.gather(table, tokens);
  const { outputs } = g.scan(
    { carry: [g.full(['batch', 4], 0)], inputs: [x], reverse: true },
    ([h], [row]) => {
      const [a, f] = g.split(g.add(g.matmul(row!, w), g.matmul(h!, u)), 1, [4, 4]) as [Value, Value];
      const gate = g.sigmoid(f);
      const next = g.add(g.mul(gate, h!), g.mul(g.sub(1, gate), g.tanh(a)));
      return { carry: [next], outputs: [next] };
    },
  );
  const loss = g.mean(g.square(g.sub(outputs[0]!, 0.3)));
  return { tokens, weights: { table, w, u }, loss };
}

const drawn = {
  table: exampleTensor([5, 3], 1).value,
  w: exampleTensor([3, 8], 2).value,
  u: exampleTensor([4, 8], 3).value,
};
const tokensOf = (time: number, batch: number) => exampleTensor({ shape: [time, batch], below: 5 }, 4).value;

describe.each(devices)('a program on %s', (device) => {
  it('has one session for all batch sizes and lengths, each equal to the reference in value and gradient', async () => {
    const { tokens, weights, loss } = recurrentModel();
    const names = Object.keys(weights) as (keyof typeof weights)[];
    const gradients = grad(loss, Object.values(weights));
    const program = await compile(
      {
        inputs: { tokens, ...weights },
        outputs: { loss, ...Object.fromEntries(names.map((name, i) => [`d${name}`, gradients[i]!])) },
      },
      { device },
    );
    for (const [time, batch] of [
      [6, 2],
      [1, 1],
      [17, 5],
    ] as const) {
      const ids = tokensOf(time, batch);
      const feeds = Object.fromEntries(
        names.map((name) => [name, float([...drawn[name].shape], drawn[name].data)]),
      );
      const results = await program.run({
        tokens: { dtype: 'int32', shape: [time, batch], data: Int32Array.from(ids.data) },
        ...feeds,
      });
      const given = new Map([[tokens, ids], ...names.map((name) => [weights[name], drawn[name]] as const)]);
      const expected = evaluate([loss, ...gradients], given);
      expect(results.loss!.data[0]).toBeCloseTo(expected[0]!.data[0]!, 5);
      names.forEach((name, i) => {
        results[`d${name}`]!.data.forEach((v, k) => {
          expect(v).toBeCloseTo(expected[i + 1]!.data[k]!, 4);
        });
      });
    }
    await program.release();
  });

  it('gives the same numbers whether weights are fed or constants of the program', async () => {
    const { tokens, weights, loss } = recurrentModel();
    const names = Object.keys(weights) as (keyof typeof weights)[];
    const numbers = (name: keyof typeof weights) => Float32Array.from(drawn[name].data);
    const fed = await compile({ inputs: { tokens, ...weights }, outputs: { loss } }, { device });
    const constants = new Map(names.map((name) => [weights[name], numbers(name)]));
    const fixed = await compile({ inputs: { tokens }, outputs: { loss }, constants }, { device });
    const batch = { dtype: 'int32' as const, shape: [17, 5], data: Int32Array.from(tokensOf(17, 5).data) };
    const parameters = Object.fromEntries(
      names.map((name) => [name, float([...drawn[name].shape], numbers(name))]),
    );
    const { loss: expected } = await fed.run({ tokens: batch, ...parameters });
    const { loss: received } = await fixed.run({ tokens: batch });
    expect(expected!.data[0]).toBeGreaterThan(0);
    expect(received!.data[0]).toBeCloseTo(expected!.data[0]!, 5);
    await fed.release();
    await fixed.release();
  });

  it('keeps its state from run to run, reads it back, and continues from a loaded one', async () => {
    const x = g.input('x', [2]);
    const total = g.input('total', [2]);
    const spec = {
      inputs: { x },
      outputs: { doubled: g.mul(total, 2) },
      state: { total: { value: total, next: g.add(total, x), initial: Float32Array.of(1, 1) } },
    };
    const program = await compile(spec, { device });
    const feed = { x: float([2], [1, 10]) };
    await program.run(feed);
    const { doubled } = await program.run(feed);
    expect([...doubled!.data]).toEqual([4, 22]);
    expect([...(await program.state()).total!]).toEqual([3, 21]);
    await program.undo();
    expect([...(await program.state()).total!]).toEqual([2, 11]);
    await program.run(feed);
    expect([...(await program.state()).total!]).toEqual([3, 21]);
    await program.load({ total: Float32Array.of(0, 0) });
    await program.run(feed);
    expect([...(await program.state()).total!]).toEqual([1, 10]);
    await program.release();
  });

  it('trains: gradient descent in the program itself finds the minimum', async () => {
    const w = g.input('w', [3]);
    const target = g.constant([1, -2, 0.5], [3]);
    const loss = g.sum(g.square(g.sub(w, target)));
    const [dw] = grad(loss, [w]) as [Value];
    const program = await compile(
      {
        inputs: {},
        outputs: { loss },
        state: { w: { value: w, next: g.sub(w, g.mul(dw, 0.1)), initial: new Float32Array(3) } },
      },
      { device },
    );
    let last = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 50; i++) last = (await program.run({})).loss!.data[0]!;
    expect(last).toBeLessThan(1e-8);
    await program.release();
  });
});

describe('a program speaks in the caller’s terms', () => {
  const x = g.input('x', ['batch', 3]);
  const lengths = g.input('lengths', ['batch'], 'int32');
  const open = () =>
    compile({
      inputs: { x, lengths },
      outputs: { y: g.mul(x, g.expandDims(g.cast(lengths, 'float32'), 1)) },
    });
  const row = float([1, 3], [1, 2, 3]);
  const one: HostTensor = { dtype: 'int32', shape: [1], data: Int32Array.of(2) };

  it.each([
    [{ x: row }, 'no value was given for input "lengths" (int32[batch]).'],
    [{ x: row, lengths: one, z: 1 }, 'the program has no input "z"; it has x, lengths.'],
    [
      { x: float([1, 2], [1, 2]), lengths: one },
      'input "x": expected float32[batch, 3] with 3 = 3, received float32[1, 2].',
    ],
    [
      { x: float([2, 3], [1, 2, 3, 4, 5, 6]), lengths: one },
      'input "lengths": expected int32[batch] with batch = 2, received int32[1].',
    ],
    [{ x: float([0, 3], []), lengths: one }, 'input "x": dimension 0 (batch) is empty; expected at least 1.'],
    [{ x: one, lengths: one }, 'input "x": expected float32[batch, 3], received int32[1].'],
  ])('%#: %s', async (feeds, message) => {
    const program = await open();
    await expect(program.run(feeds as Record<string, HostTensor>)).rejects.toThrow(message);
    await program.release();
  });

  it('names the size that no input can tell', async () => {
    const v = g.mul(g.size('time'), 2);
    await expect(compile({ inputs: {}, outputs: { v } })).rejects.toThrow(
      'the size of dimension "time" is not known: no input of the program has a dimension of that name.',
    );
  });

  it('evaluates random numbers that depend on seed and step alone', async () => {
    const key = { seed: g.input('seed', [], 'int32'), step: g.input('step', [], 'int32') };
    const u = g.randomUniform(key, [20000], 7);
    const program = await compile({ inputs: key, outputs: { u } });
    const draw = async (seed: number, step: number) =>
      (await program.run({ seed, step })).u!.data as Float32Array;
    const first = await draw(1, 1);
    expect(await draw(1, 1)).toEqual(first);
    const mean = (a: Float32Array) => a.reduce((s, v) => s + v, 0) / a.length;
    const correlation = (a: Float32Array, b: Float32Array) =>
      mean(a.map((v, i) => (v - 0.5) * (b[i]! - 0.5))) * 12;
    expect(Math.abs(mean(first) - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(mean(first.map((v) => v * v)) - 1 / 3)).toBeLessThan(0.01);
    for (const other of [await draw(1, 2), await draw(2, 1)])
      for (const lag of [0, 1, 2])
        expect(Math.abs(correlation(first.subarray(lag), other))).toBeLessThan(0.03);
    const reference = evaluate(
      [u],
      new Map([
        [key.seed, tensor([], [1])],
        [key.step, tensor([], [1])],
      ]),
    )[0]!;
    expect(Array.from(first)).toEqual(Array.from(reference.data));
    await program.release();
  });
});
