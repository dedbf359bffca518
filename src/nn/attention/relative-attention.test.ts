import { describe, expect, it } from 'vitest';
import { evaluate } from '../../graph/evaluate.ts';
import { constant, slice } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import {
  bound,
  directionError,
  drawn,
  type Given,
  known,
  largestDifference,
  lossOf,
  runtimeError,
} from '../check.fixture.ts';
import { multiHeadAttention } from './multi-head.ts';
import { relativeAttention } from './relative-attention.ts';

const size = 4;

/** The layer over random numbers; `distances` replaces the learned numbers of the distances. */
function layerOf(
  options: Partial<Parameters<typeof relativeAttention>[0]>,
  distances?: (row: number, head: number) => number,
) {
  const given: Given = new Map();
  const { model, parameters } = bound(relativeAttention({ size, heads: 2, ...options }), given);
  const table = parameters.get('distances')!;
  const [rows, heads] = table.shape as [number, number];
  if (distances)
    given.set(
      table,
      tensor(
        [rows, heads],
        Float64Array.from({ length: rows * heads }, (_, i) => distances(Math.floor(i / heads), i % heads)),
      ),
    );
  return { given, model, parameters };
}

describe('relative attention', () => {
  it('is plain multi-head attention where all distances count alike', () => {
    const { given, model, parameters } = layerOf({ reach: 2 }, () => 0.7);
    const x = drawn(given, [2, 5, size], 1);
    const lengths = known(given, [2], [3, 5]);
    const plain: Given = new Map();
    const other = bound(multiHeadAttention({ size, heads: 2 }), plain);
    for (const [path, value] of other.parameters) given.set(value, given.get(parameters.get(path)!)!);
    const [ours, theirs] = evaluate(
      [model(x, { lengths }).output, other.model(x, { lengths }).output],
      given,
    );
    expect(largestDifference([ours!], [theirs!])).toBeLessThan(1e-12);
  });

  it('looks at one distance alone where that one counts more than all others', () => {
    const { given, model } = layerOf({ reach: 3 }, (row, head) => (row === (head === 0 ? 2 : 4) ? 60 : 0));
    const { weights } = model(drawn(given, [1, 6, size], 2));
    const { data } = evaluate([weights!], given)[0]!;
    // Rows 2 and 4 of seven are the distances −1 and +1.
    for (const [head, step] of [
      [0, -1],
      [1, 1],
    ] as const)
      for (let query = 1; query < 5; query++)
        expect(data[(head * 6 + query) * 6 + query + step]).toBeCloseTo(1, 9);
  });

  it('tells distances apart up to its reach and none beyond', () => {
    const { given, model } = layerOf({ reach: 2 }, (row) => row);
    const query = constant(new Array(size).fill(0), [1, 1, size]);
    const memory = constant(new Array(7 * size).fill(0), [1, 7, size]);
    const { weights } = model(query, { memory });
    const row = Array.from(evaluate([weights!], given)[0]!.data.subarray(0, 7));
    expect(row[1]! / row[0]!).toBeCloseTo(Math.E, 9);
    expect(row[2]! / row[1]!).toBeCloseTo(Math.E, 9);
    for (const far of [3, 4, 5, 6]) expect(row[far]).toBeCloseTo(row[2]!, 12);
  });

  it('hides what is beyond its reach where it is told to, so that a longer sequence changes nothing', () => {
    const { given, model } = layerOf({ reach: 2, beyond: 'hidden' });
    const long = drawn(given, [1, 12, size], 8);
    const [short, whole] = evaluate([model(slice(long, 1, 0, 6)).output, model(long).output], given);
    expect(
      largestDifference([tensor([16], short!.data.slice(0, 16))], [tensor([16], whole!.data.slice(0, 16))]),
    ).toBe(0);
    const { data } = evaluate([model(long).weights!], given)[0]!;
    data.forEach((weight, i) => {
      const far = Math.abs((i % 12) - (Math.floor(i / 12) % 12)) > 2;
      expect(weight === 0).toBe(far);
    });
  });

  it.each([3, 1.5])('a query at t stands at ⌊%d · t⌋ of another sequence', (rate) => {
    const { given, model } = layerOf({ memory: 3, reach: 4, rate }, (row) => (row === 4 ? 60 : 0));
    const memory = drawn(given, [1, 10, 3], 4);
    const { data } = evaluate([model(drawn(given, [1, 4, size], 3), { memory }).weights!], given)[0]!;
    for (let t = 0; t < 4; t++) expect(data[t * 10 + Math.floor(rate * t)]).toBeCloseTo(1, 9);
  });

  it('read in two pieces is the same as read at once', () => {
    const { given, model } = layerOf({ causal: true, reach: 3 });
    const x = drawn(given, [2, 6, size], 5);
    const first = model(slice(x, 1, 0, 4));
    const second = model(slice(x, 1, 4), { past: first.cache });
    const [whole, piece] = evaluate([slice(model(x).output, 1, 4), second.output], given);
    expect(largestDifference([whole!], [piece!])).toBeLessThan(1e-12);
  });

  it('has the right gradient, and ONNX Runtime computes the same', async () => {
    const { given, model, parameters } = layerOf({ memory: 3, reach: 2, rate: 2 });
    const x = drawn(given, [2, 3, size], 6);
    const memory = drawn(given, [2, 5, 3], 7);
    const lengths = known(given, [2], [5, 2]);
    const { output } = model(x, { memory, lengths });
    expect(directionError(lossOf(output), [x, memory, ...parameters.values()], given)).toBeLessThan(1e-6);
    expect(await runtimeError([output], given)).toBeLessThan(1e-5);
  });

  it('refuses heads that do not divide the size, and a rate that is not positive', () => {
    expect(() => relativeAttention({ size: 4, heads: 3 })).toThrow('3 heads do not divide a size of 4');
    expect(() => relativeAttention({ size: 4, heads: 2, rate: 0 })).toThrow('a rate above 0, received 0');
  });
});
