import { describe, expect, it } from 'vitest';
import * as g from '../graph/library.ts';
import { lower } from './lower.ts';

describe('lowering', () => {
  it('keeps a picture between convolutions, so that the runtime can join what stands there', () => {
    const x = g.input('x', ['batch', 4, 12]);
    const [w, v] = [g.input('w', [8, 4, 3]), g.input('v', [8, 8, 3])];
    const pooled = g.max(g.reshape(g.relu(g.conv1d(x, w, { pad: [1, 1] })), ['batch', 8, 6, 2]), 3);
    const y = g.relu(g.conv1d(pooled, v));
    const { nodes } = lower({ inputs: { x, w, v }, outputs: { y } });
    const ops = nodes.map(({ opType }) => opType);
    expect(ops.filter((op) => op !== 'Unsqueeze')).toEqual([
      'Conv',
      'Relu',
      'MaxPool',
      'Conv',
      'Relu',
      'Squeeze',
    ]);
    const conv = nodes.filter(({ opType }) => opType === 'Conv');
    expect(conv[1]!.inputs[0]).toBe(nodes.find(({ opType }) => opType === 'MaxPool')!.outputs[0]);
  });

  it('gives a line to those who need it beside its picture', () => {
    const x = g.input('x', [1, 2, 4]);
    const w = g.input('w', [2, 2, 1]);
    const line = g.conv1d(x, w);
    const { nodes } = lower({ inputs: { x, w }, outputs: { y: g.add(g.tanh(line), g.relu(line)) } });
    const squeezed = nodes.filter(({ opType }) => opType === 'Squeeze');
    expect(squeezed).toHaveLength(2);
    expect(nodes.find(({ opType }) => opType === 'Tanh')!.inputs).toEqual(squeezed[0]!.outputs);
  });
});
