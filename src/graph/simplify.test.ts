import { describe, expect, it } from 'vitest';
import { exampleTensor } from './check.fixture.ts';
import { evaluate } from './evaluate.ts';
import { grad } from './grad.ts';
import * as g from './library.ts';
import { scanAttrs } from './ops/scan.ts';
import { simplify } from './simplify.ts';
import { graphText } from './text.ts';
import { topological, type Value } from './value.ts';

const text = (...values: Value[]) => graphText(simplify(values));

describe('simplify', () => {
  it('shares what is computed twice and computes constants now', () => {
    const x = g.input('x', ['batch', 2]);
    const twice = g.add(g.exp(g.mul(x, g.scalar(2))), g.exp(g.mul(x, g.add(g.scalar(1), 1))));
    expect(text(twice)).toBe(
      [
        'x : float32[batch, 2]',
        '%1 = constant() {2} : float32[]',
        '%2 = mul(x, %1) : float32[batch, 2]',
        '%3 = exp(%2) : float32[batch, 2]',
        '%4 = add(%3, %3) : float32[batch, 2]',
        'return %4',
      ].join('\n'),
    );
  });

  it('removes steps that repeat their input', () => {
    const x = g.input('x', [2, 3]);
    const same = g.neg(g.neg(g.mul(g.add(g.reshape(g.reshape(x, [6]), [2, 3]), 0), 1)));
    expect(simplify([same])[0]).toBe(x);
  });

  it('keeps x + 0 where the zero broadcasts to a larger shape', () => {
    const x = g.input('x', [3]);
    const [wide] = simplify([g.add(x, g.full([2, 3], 0))]) as [Value];
    expect(wide.shape).toEqual([2, 3]);
    expect([...evaluate([wide], new Map([[x, exampleTensor([3], 1).value]]))[0]!.shape]).toEqual([2, 3]);
  });

  it('runs a product of a stack with its bias as one product of matrices', () => {
    const x = g.input('x', ['time', 'batch', 3]);
    const [y] = simplify([g.add(g.matmul(x, g.input('w', [3, 5])), g.input('b', [5]))]) as [Value];
    expect(topological([y]).map((n) => n.op)).toEqual([
      'input',
      'reshape',
      'input',
      'matmul',
      'input',
      'add',
      'reshape',
    ]);
  });

  it('leaves nothing of the masks of sequences that fill their batch', () => {
    const x = g.input('x', ['batch', 7, 2]);
    const lengths = (length: number) => g.full(['batch'], length, 'int32');
    const real = (length: number) =>
      g.less(g.reshape(g.iota(7), [1, 7, 1]), g.reshape(lengths(length), ['batch', 1, 1]));
    const masked = (length: number) => g.mul(g.where(real(length), x, -1), g.cast(real(length), 'float32'));
    expect(simplify([masked(7)])[0]).toBe(x);
    expect(topological(simplify([masked(6)])).map(({ op }) => op)).toContain('where');
    const turned = (length: number) => text(g.reverseSequence(x, lengths(length), 1));
    expect(turned(7)).toContain('= reverse(');
    expect(turned(6)).toContain('= reverseSequence(');
  });

  it('takes the maximum of short windows of time as pooling, the same numbers', () => {
    const lowest = -3.4e38;
    for (const [time, window] of [
      [6, 2],
      [7, 3],
      [5, 4],
    ] as const) {
      const x = g.input('x', [2, 3, time]);
      const count = Math.ceil(time / window);
      const filled = g.pad(x, 2, 0, count * window - time, lowest);
      const pooled = g.max(g.reshape(filled, [2, 3, count, window]), 3);
      const [simple] = simplify([pooled]) as [Value];
      expect(topological([simple]).map(({ op }) => op)).toEqual(['input', 'maxPool']);
      const given = new Map([[x, exampleTensor([2, 3, time], 2).value]]);
      expect(evaluate([simple], given)).toEqual(evaluate([pooled], given));
    }
    const x = g.input('x', [2, 3, 7]);
    const zeros = g.max(g.reshape(g.pad(x, 2, 0, 2), [2, 3, 3, 3]), 3);
    expect(topological(simplify([zeros])).map(({ op }) => op)).toEqual(['input', 'pad', 'maxPool']);
  });

  it('drops per-step outputs and inputs of a scan that nobody needs', () => {
    const [x, y] = [g.input('x', [4, 2]), g.input('y', [4, 2])];
    const { carry } = g.scan({ carry: [g.full([2], 0)], inputs: [x, y] }, ([s], [a, b]) => {
      const next = g.tanh(g.add(s!, a!));
      return { carry: [next], outputs: [g.mul(g.exp(next), b!), next] };
    });
    const node = simplify(carry)[0]!.node;
    expect(scanAttrs(node).results).toHaveLength(1);
    expect(scanAttrs(node).steps).toBe(1);
    expect(node.outputs).toHaveLength(1);
  });

  it('changes no value: a gated recurrence and its gradients, simplified and not', () => {
    const shapes = [
      [5, 2, 3],
      [3, 4],
      [2, 4],
      [2, 2],
    ];
    const inputs = shapes.map((shape, i) => g.input(`x${i}`, shape));
    const [x, w, u, h0] = inputs as [Value, Value, Value, Value];
    const { outputs } = g.scan({ carry: [h0], inputs: [x], reverse: true }, ([h], [row]) => {
      const [a, b] = g.split(g.add(g.matmul(row!, w), g.matmul(h!, u)), 1, [2, 2]) as [Value, Value];
      const next = g.mul(g.tanh(a), g.sigmoid(b));
      return { carry: [next], outputs: [next] };
    });
    const loss = g.sum(g.mul(outputs[0]!, outputs[0]!));
    const wanted = [loss, ...grad(loss, inputs)];
    const given = new Map(inputs.map((v, i) => [v, exampleTensor(shapes[i]!, i + 1).value]));
    const before = evaluate(wanted, given);
    evaluate(simplify(wanted), given).forEach((t, i) => {
      t.data.forEach((v, k) => {
        expect(v).toBeCloseTo(before[i]!.data[k]!, 12);
      });
    });
  });
});

describe('graphText', () => {
  it('writes a scan with its body', () => {
    const x = g.input('x', ['time', 2]);
    const { outputs } = g.scan({ carry: [g.full([2], 0)], inputs: [x] }, ([s], [row]) => {
      const next = g.add(s!, row!);
      return { carry: [next], outputs: [next] };
    });
    expect(text(outputs[0]!).split('\n').slice(-4)).toEqual([
      '%2, %3 = scan(carry: [%0], steps: [x]) : float32[2], float32[time, 2]',
      '  %6 = add(carry0, step0) : float32[2]',
      '  next [%6] output [%6]',
      'return %3',
    ]);
  });
});
