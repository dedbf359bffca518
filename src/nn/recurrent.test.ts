import { describe, expect, it } from 'vitest';
import { exampleTensor } from '../graph/check.fixture.ts';
import { evaluate } from '../graph/evaluate.ts';
import { grad } from '../graph/grad.ts';
import { add, concat, input, reshape, scalar, slice, split, sum, transpose } from '../graph/library.ts';
import { type Tensor, tensor } from '../graph/tensor.ts';
import type { Value } from '../graph/value.ts';
import type { State } from './cells.ts';
import { inferenceContext, trainingContext } from './context.ts';
import { expectGolden, type GoldenCase, goldenCases, traceCase } from './golden.fixture.ts';
import { bind, initialize } from './module.ts';
import { detach, elman, gru, lstm } from './recurrent.ts';

const kinds = { elman, lstm, gru };

/** Our parameter from PyTorch's: transposed weights, and the two biases added where they are only ever added. */
function fromTorch(golden: GoldenCase, values: Record<string, Value>, path: string): Value {
  const [, layer, direction, name] = path.split('.');
  const torch = (part: string) => values[`${part}_l${layer}${direction === 'backward' ? '_reverse' : ''}`]!;
  if (name === 'weight') return transpose(torch('weight_ih'));
  if (name === 'recurrent') return transpose(torch('weight_hh'));
  const { cell, hidden } = golden.config;
  if (cell !== 'gru') return add(torch('bias_ih'), torch('bias_hh'));
  const [gates, candidate] = split(torch('bias_hh'), 0, [2 * hidden, hidden]) as [Value, Value];
  if (name === 'recurrentBias') return candidate;
  const [inputGates, inputCandidate] = split(torch('bias_ih'), 0, [2 * hidden, hidden]) as [Value, Value];
  return concat([add(inputGates, gates), inputCandidate], 0);
}

function initialStates({ h0, c0 }: Record<string, Value>): State[] | undefined {
  if (!h0) return undefined;
  const [count, batch, hidden] = h0.shape as [number, number, number];
  const at = (v: Value, i: number) => reshape(slice(v, 0, i, i + 1), [batch, hidden]);
  return Array.from({ length: count }, (_, i) => (c0 ? [at(h0, i), at(c0, i)] : [at(h0, i)]));
}

/** The two ways to run a layer: a loop, and the runtime's own op where the cell has one. */
const contexts = {
  training: () => trainingContext({ seed: scalar(0, 'int32'), step: scalar(0, 'int32') }),
  prediction: inferenceContext,
};

describe.each(Object.entries(contexts))('recurrent layers in %s', (_, context) => {
  it.each(goldenCases('recurrent'))('$name: values and gradients are those of PyTorch', (golden) => {
    const traced = traceCase(golden);
    const { values } = traced;
    const { cell, input: inputs, hidden, layers, bidirectional } = golden.config;
    const layer = kinds[cell as keyof typeof kinds]({ in: inputs, hidden, layers, bidirectional });
    const model = bind(layer, (path) => fromTorch(golden, values, path), context());
    const { output, final } = model(transpose(values.x!, [1, 0, 2]), {
      lengths: values.lengths,
      initial: initialStates(values),
    });
    const stacked = (i: number) =>
      concat(
        final.map((state) => reshape(state[i]!, [1, 3, hidden])),
        0,
      );
    expectGolden(golden, traced, {
      y: transpose(output, [1, 0, 2]),
      h_last: stacked(0),
      ...(cell === 'lstm' && { c_last: stacked(1) }),
    });
  });
});

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])('%s', (kind) => {
  const [time, batch] = [6, 2];
  const x = input('x', [time, batch, 2]);
  const parameters = new Map<Value, Tensor>();
  const layer = kinds[kind]({ in: 2, hidden: 3, layers: 2 });
  const weights = initialize(layer, 3);
  const model = bind(
    layer,
    (path, { shape }) => {
      const value = input(path, shape);
      parameters.set(value, tensor(shape, weights.get(path)!));
      return value;
    },
    inferenceContext(),
  );
  const given = new Map([...parameters, [x, exampleTensor([time, batch, 2], 1).value] as const]);
  const pieces = (carry: (states: readonly State[]) => readonly State[]) => {
    const first = model(slice(x, 0, 0, 3));
    const second = model(slice(x, 0, 3, 6), { initial: carry(first.final) });
    return { output: concat([first.output, second.output], 0), final: second.final };
  };

  it('reads a sequence in pieces as it does whole, when the state is carried on', () => {
    const values = [model(x), pieces(detach)].map(({ output, final }) => [output, ...final.flat()]);
    const [whole, parts] = values.map((list) => evaluate(list, given).map(({ data }) => [...data]));
    expect(parts).toEqual(whole);
  });

  it('stops the gradient between pieces where the state is detached', () => {
    const reached = (carry: (states: readonly State[]) => readonly State[]) => {
      const last = sum(slice(pieces(carry).output, 0, 5));
      const [dx] = evaluate(grad(last, [x]), given) as [Tensor];
      return Array.from({ length: time }, (_, t) => dx.data.slice(t * 4, (t + 1) * 4).some((v) => v !== 0));
    };
    expect(reached((states) => states)).toEqual([true, true, true, true, true, true]);
    expect(reached(detach)).toEqual([false, false, false, true, true, true]);
  });

  it('says how many initial states it expects', () => {
    expect(() => model(x, { initial: [] })).toThrow(new RegExp(`${kind}: expected 2 initial states`));
  });
});
