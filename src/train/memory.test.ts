import { describe, expect, it } from 'vitest';
import * as g from '../graph/library.ts';
import { largestBatch, stepMemory, trainingMemory } from './memory.ts';
import { modelSpec } from './model-spec.ts';
import { fitOptions } from './options.ts';
import { planted } from './planted.fixture.ts';

const data = planted(8);
const memoryOf = (architecture: string, config = {}) =>
  trainingMemory(modelSpec(data, { architecture, config }), fitOptions());

describe('trainingMemory', () => {
  it.each(['cnn', 'lstm', 'cnn-bilstm'])('grows linearly with the letters of a batch: %s', (architecture) => {
    const memory = memoryOf(architecture);
    const more = (batch: number, time: number) => memory({ batch, time }) - memory({ batch: 1, time: 10 });
    expect(more(1, 40_000) / more(1, 20_000)).toBeCloseTo(2, 1);
    expect(more(40, 1000) / more(1, 40_000)).toBeCloseTo(1, 1);
  });

  it('holds at least what the backward pass of a recurrence needs: the gates of every step', () => {
    const [hidden, time] = [50, 10_000];
    const memory = memoryOf('lstm', { hidden, bidirectional: false });
    const gates = 4 * 4 * hidden * time;
    expect(memory({ batch: 1, time })).toBeGreaterThan(300e6 + gates);
    expect(memory({ batch: 1, time })).toBeLessThan(300e6 + 20 * gates);
  });

  it('is more for a wider model', () => {
    const size = { batch: 32, time: 1000 };
    expect(memoryOf('gru', { hidden: 256 })(size)).toBeGreaterThan(2 * memoryOf('gru', { hidden: 64 })(size));
  });
});

describe('largestBatch', () => {
  const x = g.input('x', ['batch', 'time', 4]);
  const step = { inputs: { x, rate: g.input('rate', []) }, outputs: { y: g.exp(g.mul(x, x)) } };
  const feeds = (batch: number, time: number) => ({
    x: { dtype: 'float32' as const, shape: [batch, time, 4], data: new Float32Array(batch * time * 4) },
    rate: 1,
  });

  it('is that of the batch that takes most, whichever dimension makes it so', () => {
    const memory = stepMemory(step);
    const found = largestBatch(step, [feeds(8, 100), feeds(2, 1000), feeds(4, 50), feeds(1, 1500)]);
    expect(found.shape).toEqual([2, 1000, 4]);
    expect(found.needed).toBe(memory({ batch: 2, time: 1000 }));
  });

  it('says how many rows would fit, no more than that and one more would not', () => {
    const memory = stepMemory(step);
    const found = largestBatch(step, [feeds(32, 2000)]);
    for (const rows of [1, 7, 31]) {
      const limit = memory({ batch: rows, time: 2000 }) + 10;
      expect(found.rowsWithin(limit)).toBe(rows);
    }
    expect(found.rowsWithin(300e6)).toBe(0);
    expect(found.rowsWithin(1e12)).toBe(32);
  });
});
