import { describe, expect, it } from 'vitest';
import { evaluate } from '../../graph/evaluate.ts';
import { type Cell, elmanCell, gruCell, lstmCell } from '../cells.ts';
import { bound, drawn, type Given, known, largestDifference, runtimeError } from '../check.fixture.ts';
import { inferenceContext } from '../context.ts';
import { bind } from '../module.ts';
import { recurrent } from '../recurrent.ts';
import { tiedCell } from './tied-cell.ts';
import { recurrentTrace, type TracedCell } from './trace.ts';

const cells: Record<TracedCell, Cell> = {
  elman: elmanCell(),
  lstm: lstmCell(),
  gru: gruCell(),
  tied: tiedCell(),
};
const [time, batch, hidden] = [5, 2, 3];

describe.each(Object.entries(cells) as [TracedCell, Cell][])('a traced %s', (kind, cell) => {
  const options = { in: 2, hidden, layers: 2, bidirectional: true };
  const given: Given = new Map();
  const { model, parameters } = bound(recurrentTrace(kind, options), given, { jitter: 0.3 });
  const x = drawn(given, [time, batch, 2], 1);
  const lengths = known(given, [batch], [5, 3]);
  const { output, traces } = model(x, { lengths });

  it('has the parameters and the output of the layer that it reads', () => {
    const plain = bind(recurrent(cell, options), (path) => parameters.get(path)!, inferenceContext());
    expect(
      largestDifference(evaluate([output], given), evaluate([plain(x, { lengths }).output], given)),
    ).toBeLessThan(1e-12);
  });

  it('holds gates that give each state from the one before, in both directions', () => {
    for (const direction of ['forward', 'backward'] as const) {
      const { states, gates } = traces[1]![direction]!;
      const names = [...Object.keys(states), ...Object.keys(gates)];
      const values = evaluate([...Object.values(states), ...Object.values(gates)], given);
      const at = (name: string, t: number, i: number) =>
        values[names.indexOf(name)]!.data[t * batch * hidden + i]!;
      for (let i = 0; i < batch * hidden; i++)
        for (let k = 0; k < [5, 3][Math.floor(i / hidden)]!; k++) {
          const last = [5, 3][Math.floor(i / hidden)]! - 1;
          const t = direction === 'forward' ? k : last - k;
          const previous = (name: string) =>
            k === 0 ? 0 : at(name, direction === 'forward' ? t - 1 : t + 1, i);
          const n = kind === 'elman' ? 0 : at('candidate', t, i);
          const f = names.includes('forget') ? at('forget', t, i) : 0;
          if (kind === 'lstm') {
            expect(at('cell', t, i)).toBeCloseTo(f * previous('cell') + at('input', t, i) * n, 12);
            expect(at('hidden', t, i)).toBeCloseTo(at('output', t, i) * Math.tanh(at('cell', t, i)), 12);
          } else if (kind === 'tied') {
            expect(at('cell', t, i)).toBeCloseTo(f * previous('cell') + (1 - f) * n, 12);
            expect(at('hidden', t, i)).toBeCloseTo(at('output', t, i) * at('cell', t, i), 12);
          } else if (kind === 'gru') {
            const z = at('update', t, i);
            expect(at('hidden', t, i)).toBeCloseTo((1 - z) * n + z * previous('hidden'), 12);
          } else expect(names).toEqual(['hidden']);
        }
    }
  });

  it('runs in ONNX Runtime as in the reference, without lengths too', async () => {
    const all = model(x).traces.flatMap(({ forward, backward }) =>
      [forward, backward!].flatMap(({ states, gates }) => [
        ...Object.values(states),
        ...Object.values(gates),
      ]),
    );
    expect(await runtimeError(all, given)).toBeLessThan(1e-4);
  });
});

describe('recurrentTrace', () => {
  it('names the cells that it can read', () => {
    expect(() => recurrentTrace('rnn' as TracedCell, { in: 1, hidden: 1 })).toThrow(
      /expected elman, lstm, gru, tied, received "rnn"/,
    );
  });
});
