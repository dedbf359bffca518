import { describe, expect, it } from 'vitest';
import type { Prediction } from '../../models/predict.ts';
import type { OutputSpec } from '../../models/spec.ts';
import { predictionLines } from './prediction-lines.ts';

const classes: OutputSpec = { kind: 'classes', classes: ['no', 'yes'] };
const labels: OutputSpec = { kind: 'labels', classes: ['heat', 'cold', 'salt'] };
const values = (...names: string[]): OutputSpec => ({
  kind: 'values',
  names,
  positive: false,
  mean: names.map(() => 0),
  deviation: names.map(() => 1),
});

const row = (id: string, numbers: number[], attention?: number[]): Prediction => ({
  id,
  values: Float32Array.from(numbers),
  ...(attention && { attention: Float32Array.from(attention) }),
});

async function lines(
  output: OutputSpec,
  predictions: Prediction[],
  format: 'tsv' | 'jsonl',
  attention = false,
) {
  const found: string[] = [];
  async function* all() {
    yield* predictions;
  }
  for await (const line of predictionLines(output, all(), { format, attention })) found.push(line);
  return found;
}

describe('a table of predictions', () => {
  it('names the most probable class, of equals the first', async () => {
    expect(await lines(classes, [row('a', [0.25, 0.75]), row('b', [0.5, 0.5])], 'tsv')).toEqual([
      'id\tno\tyes\tprediction\n',
      'a\t0.25\t0.75\tyes\n',
      'b\t0.5\t0.5\tno\n',
    ]);
  });

  it('joins the labels of at least one half, none for none', async () => {
    expect(await lines(labels, [row('a', [0.5, 0.1, 0.9]), row('b', [0, 0, 0])], 'tsv')).toEqual([
      'id\theat\tcold\tsalt\tprediction\n',
      'a\t0.5\t0.1\t0.9\theat;salt\n',
      'b\t0\t0\t0\t\n',
    ]);
  });

  it('repeats values as the prediction, with six significant digits', async () => {
    expect(await lines(values('tpm'), [row('a', [1 / 3])], 'tsv')).toEqual([
      'id\ttpm\tprediction\n',
      'a\t0.333333\t0.333333\n',
    ]);
    expect((await lines(values('x', 'y'), [row('a', [1, 2])], 'tsv'))[1]).toBe('a\t1\t2\t1;2\n');
  });

  it('keeps names apart from its own columns, and cells in their columns', async () => {
    const odd: OutputSpec = { kind: 'classes', classes: ['id', 'a\t"b"'] };
    expect(await lines(odd, [row('x\ty', [1, 0])], 'tsv')).toEqual([
      'id\tp(id)\t"a\t""b"""\tprediction\n',
      '"x\ty"\t1\t0\tid\n',
    ]);
  });

  it('has a column of attention where asked', async () => {
    expect(await lines(classes, [row('a', [0, 1], [0.25, 0.75])], 'tsv', true)).toEqual([
      'id\tno\tyes\tprediction\tattention\n',
      'a\t0\t1\tyes\t0.25,0.75\n',
    ]);
  });
});

describe('predictions as JSON lines', () => {
  it('hold probabilities or values by name', async () => {
    const [first] = await lines(labels, [row('a', [0.5, 0.125, 1])], 'jsonl');
    expect(JSON.parse(first!)).toEqual({
      id: 'a',
      probabilities: { heat: 0.5, cold: 0.125, salt: 1 },
      prediction: ['heat', 'salt'],
    });
    const [second] = await lines(values('x'), [row('b', [2])], 'jsonl');
    expect(JSON.parse(second!)).toEqual({ id: 'b', values: { x: 2 }, prediction: 2 });
  });
});
