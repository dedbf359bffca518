import { describe, it } from 'vitest';
import { add, concat, reshape, slice, split, transpose } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import type { State } from './cells.ts';
import { inferenceContext } from './context.ts';
import { expectGolden, type GoldenCase, goldenCases, traceCase } from './golden.fixture.ts';
import { bind } from './module.ts';
import { elman, gru, lstm } from './recurrent.ts';

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

describe('recurrent layers', () => {
  it.each(goldenCases('recurrent'))('$name: values and gradients are those of PyTorch', (golden) => {
    const traced = traceCase(golden);
    const { values } = traced;
    const { cell, input: inputs, hidden, layers, bidirectional } = golden.config;
    const layer = kinds[cell as keyof typeof kinds]({ in: inputs, hidden, layers, bidirectional });
    const model = bind(layer, (path) => fromTorch(golden, values, path), inferenceContext());
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
