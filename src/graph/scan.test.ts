import { describe, expect, it } from 'vitest';
import { exampleTensor, gradientError, weightedSum } from './check.fixture.ts';
import { evaluate } from './evaluate.ts';
import { grad } from './grad.ts';
import * as g from './library.ts';
import { scanAttrs } from './ops/scan.ts';
import { bodyNodes } from './rewrite.ts';
import type { Tensor } from './tensor.ts';
import { topological, type Value } from './value.ts';

const T = 4;
const B = 2;
const I = 3;
const H = 2;
const sizes = (shape: readonly (number | string)[]) => shape as number[];

function make(...shapes: number[][]) {
  const inputs = shapes.map((shape, i) => g.input(`x${i}`, shape));
  const given = new Map<Value, Tensor>(inputs.map((v, i) => [v, exampleTensor(shapes[i]!, i + 1).value]));
  return { inputs, given };
}

/** A gated recurrence with an input projection, captured weights, a read-out and two carries. */
function gated(reverse = false, rematerialize = false) {
  const { inputs, given } = make([T, B, I], [I, 2 * H], [H, 2 * H], [2 * H], [B, H], [H, 3]);
  const [x, w, u, b, h0, out] = inputs as [Value, Value, Value, Value, Value, Value];
  const result = g.scan(
    { carry: [h0, g.full([B, H], 0)], inputs: [x], reverse, rematerialize },
    ([h, c], [row]) => {
      const z = g.add(g.add(g.matmul(row!, w), b), g.matmul(h!, u));
      const [a, f] = g.split(z, 1, [H, H]) as [Value, Value];
      const cell = g.add(g.mul(g.sigmoid(f), c!), g.mul(g.sub(1, g.sigmoid(f)), g.tanh(a)));
      const hidden = g.mul(g.tanh(cell), g.sigmoid(a));
      return { carry: [hidden, cell], outputs: [g.matmul(hidden, out), g.exp(hidden)] };
    },
  );
  return { inputs, given, result, loss: weightedSum([...result.carry, ...result.outputs], sizes) };
}

const scansIn = (values: Value[]) => topological(values).filter((node) => node.op === 'scan');
const opsInside = (values: Value[]) =>
  scansIn(values).map((node) =>
    bodyNodes(scanAttrs(node).parameters, scanAttrs(node).results).map((n) => n.op),
  );

describe('scan', () => {
  it('equals the loop written out', () => {
    const { inputs, given } = make([T, B], [B]);
    const [x, start] = inputs as [Value, Value];
    const { carry, outputs } = g.scan({ carry: [start], inputs: [x] }, ([s], [row]) => {
      const next = g.tanh(g.add(s!, row!));
      return { carry: [next], outputs: [next] };
    });
    let s = start;
    for (let t = 0; t < T; t++) s = g.tanh(g.add(s, g.reshape(g.slice(x, 0, t, t + 1), [B])));
    const [final, unrolled, stacked] = evaluate([carry[0]!, s, outputs[0]!], given) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    expect([...final.data]).toEqual([...unrolled.data]);
    expect([...stacked.data.slice(-B)]).toEqual([...unrolled.data]);
  });

  it.each([false, true])('has the gradient that central differences give (reverse: %s)', (reverse) => {
    const { inputs, given, loss } = gated(reverse);
    expect(gradientError(loss, inputs, given)).toBeLessThan(1e-7);
  });

  it('can be differentiated twice', () => {
    const { inputs, given, loss } = gated();
    const first = grad(loss, inputs);
    expect(gradientError(weightedSum(first, sizes), inputs, given)).toBeLessThan(1e-6);
  });

  it('computes its steps again where asked: the same gradients, of any order, and only carries kept', () => {
    const kept = gated();
    const again = gated(false, true);
    const both = [kept, again].map(({ inputs, given, loss }) =>
      evaluate([loss, ...grad(loss, inputs)], given),
    );
    both[0]!.forEach((t, i) => {
      t.data.forEach((v, k) => {
        expect(both[1]![i]!.data[k]).toBeCloseTo(v, 12);
      });
    });
    expect(
      gradientError(weightedSum(grad(again.loss, again.inputs), sizes), again.inputs, again.given),
    ).toBeLessThan(1e-6);
    // Forward: two carries and two outputs; saved for the gradient: the two carries at each step.
    const [forward] = scansIn(grad(again.loss, again.inputs));
    expect(forward!.outputs).toHaveLength(6);
  });

  it('leaves only the recurrence in the loop: input projection, read-out and weight gradients are outside', () => {
    const { inputs, loss } = gated();
    const loops = opsInside(grad(loss, inputs));
    expect(loops).toHaveLength(2);
    for (const body of loops) expect(body.filter((op) => op === 'matmul')).toHaveLength(1);
    // Coefficients of the backward pass have left the loop: no activation is evaluated in it.
    expect(loops[1]!.filter((op) => ['tanh', 'sigmoid', 'exp', 'sub'].includes(op))).toEqual([]);
  });

  it('needs no loop at all where nothing is carried', () => {
    const { inputs } = make([T, B, I], [I, H]);
    const { outputs } = g.scan({ carry: [], inputs: [inputs[0]!] }, (_, [row]) => ({
      carry: [],
      outputs: [g.tanh(g.matmul(row!, inputs[1]!))],
    }));
    expect(scansIn(outputs)).toEqual([]);
  });

  it('keeps an op without a stacked form in the loop, before, in and after the recurrence', () => {
    const { inputs, given } = make([T, 3, 2], [3, 2], [5, 2]);
    const [x, h0, table] = inputs as [Value, Value, Value];
    const index = g.constant([0, 4, 1], [3], 'int32');
    const { carry, outputs } = g.scan({ carry: [h0], inputs: [x] }, ([h], [row]) => {
      const mixed = g.reverseSequence(row!, g.constant([2, 3], [2], 'int32'), 0);
      const next = g.tanh(g.add(g.mul(h!, g.gather(table, index)), mixed));
      return {
        carry: [next],
        outputs: [g.reverseSequence(g.square(next), g.constant([3, 1], [2], 'int32'), 0)],
      };
    });
    expect(gradientError(weightedSum([...carry, ...outputs], sizes), inputs, given)).toBeLessThan(1e-7);
  });

  it('nests: a scan in the body of a scan has the right gradient', () => {
    const { inputs, given } = make([3, 2, 2], [2], [2, 2]);
    const [x, h0, w] = inputs as [Value, Value, Value];
    const { carry, outputs } = g.scan({ carry: [h0], inputs: [x] }, ([h], [rows]) => {
      const inner = g.scan({ carry: [h!], inputs: [rows!] }, ([s], [r]) => {
        const next = g.tanh(g.add(g.reshape(g.matmul(g.reshape(s!, [1, 2]), w), [2]), g.mul(r!, h!)));
        return { carry: [next], outputs: [g.mul(next, r!)] };
      });
      return { carry: [inner.carry[0]!], outputs: [inner.outputs[0]!] };
    });
    expect(gradientError(weightedSum([...carry, ...outputs], sizes), inputs, given)).toBeLessThan(1e-7);
  });

  it('says what it expected when a carry changes its shape', () => {
    const x = g.input('x', [T, 2]);
    expect(() => g.scan({ carry: [g.full([3], 0)], inputs: [x] }, (_, [row]) => ({ carry: [row!] }))).toThrow(
      'scan: expected carry 0 to keep its type float32[3], received float32[2] from the body.',
    );
  });
});
