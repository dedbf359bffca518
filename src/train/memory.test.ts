import { describe, expect, it } from 'vitest';
import { trainingMemory } from './memory.ts';
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
