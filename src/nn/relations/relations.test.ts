import { describe, expect, it } from 'vitest';
import { evaluate } from '../../graph/evaluate.ts';
import { grad } from '../../graph/grad.ts';
import { concat, reshape, slice } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import type { Value } from '../../graph/value.ts';
import { gruCell, lstmCell } from '../cells.ts';
import { bound, directionError, drawn, type Given, known, lossOf, runtimeError } from '../check.fixture.ts';
import { inferenceContext } from '../context.ts';
import { expectGolden, goldenCases, traceCase } from '../golden.fixture.ts';
import { bind, type Module } from '../module.ts';
import { recurrent } from '../recurrent.ts';
import { fusion } from './fusion.ts';
import { graphRecurrent } from './graph-recurrent.ts';
import { pairBlock, pairFeatures } from './pair-features.ts';

const numbers = (value: Value, given: Given) => [...evaluate([value], given)[0]!.data];
const closeTo = (a: readonly number[], b: readonly number[]) => {
  expect(a).toHaveLength(b.length);
  a.forEach((x, i) => {
    expect(x).toBeCloseTo(b[i]!, 10);
  });
};

/** Values and gradients: against central differences in double precision, and ONNX Runtime against the reference. */
async function checked(output: Value, targets: readonly Value[], given: Given) {
  const loss = lossOf(output);
  expect(directionError(loss, targets, given)).toBeLessThan(1e-6);
  expect(await runtimeError([output, ...grad(loss, targets)], given)).toBeLessThan(1e-4);
}

describe('golden values', () => {
  it.each(goldenCases('relations'))('$name is as PyTorch computes it', (golden) => {
    const { config } = golden;
    const traced = traceCase(golden);
    const { values: v } = traced;
    const of = <A extends unknown[], R>(layer: Module<A, R>) =>
      bind(layer, (path) => v[path] ?? v[path.split('.').pop()!]!, inferenceContext());
    if (config.kind === 'graph') {
      const { output } = of(graphRecurrent(gruCell(), config))(v.x!, { edges: v.edges! });
      return expectGolden(golden, traced, { y: output });
    }
    if (config.kind === 'fusion') {
      const parts = config.widths.map((_: number, m: number) => v[`part${m}`]!);
      return expectGolden(golden, traced, { y: of(fusion(config))(parts, { present: v.present! }) });
    }
    const first = of(pairFeatures(config))(v.x!, v.lengths!);
    return expectGolden(golden, traced, { z: of(pairBlock(config))(first, v.lengths!) });
  });
});

describe('a recurrence on a graph', () => {
  const size = { in: 2, hidden: 3 };
  const ring = [0, 0.5, 0, 0.5, 0.5, 0, 0.5, 0, 0, 0.5, 0, 0.5, 0.5, 0, 0.5, 0];

  it.each([gruCell(), lstmCell()])(
    'of $name has the gradient of differences and runs as the reference',
    async (cell) => {
      const given: Given = new Map();
      const x = drawn(given, [3, 2, 4, 2], 1);
      const edges = known(given, [4, 4], ring, { dtype: 'float32' });
      const { model, parameters } = bound(graphRecurrent(cell, size), given);
      const { output, final } = model(x, { edges });
      expect(output.shape).toEqual([3, 2, 4, 3]);
      await checked(
        concat([reshape(output, [24, 3]), final[0]!], 0),
        [x, edges, ...parameters.values()],
        given,
      );
    },
  );

  it('is the plain recurrence at every node where no node hears another', () => {
    const given: Given = new Map();
    const x = drawn(given, [3, 2, 4, 2], 1);
    const edges = known(given, [4, 4], new Array(16).fill(0), { dtype: 'float32' });
    const { model, parameters } = bound(graphRecurrent(gruCell(), size), given);
    const plain = bind(
      recurrent(gruCell(), size),
      (path) => parameters.get(path.replace('layers.0.forward', 'cell'))!,
      inferenceContext(),
    );
    const alone = plain(reshape(x, [3, 8, 2])).output;
    closeTo(numbers(model(x, { edges }).output, given), numbers(alone, given));
  });

  it('hears what a neighbour read one step before, and two edges away two steps before', () => {
    const given: Given = new Map();
    const x = drawn(given, [3, 1, 4, 2], 1);
    const line = known(given, [4, 4], [0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], { dtype: 'float32' });
    const { model } = bound(graphRecurrent(gruCell(), size), given);
    const { output } = model(x, { edges: line });
    const before = numbers(output, given);
    const changed = new Map(given);
    const own = given.get(x)!;
    changed.set(
      x,
      tensor(
        own.shape,
        own.data.map((v, i) => (i < 2 ? v + 1 : v)),
      ),
    );
    const after = numbers(output, changed);
    const moved = (t: number, node: number) =>
      [0, 1, 2].some(
        (h) => Math.abs(after[(t * 4 + node) * 3 + h]! - before[(t * 4 + node) * 3 + h]!) > 1e-9,
      );
    const map = [0, 1, 2].map((t) => [0, 1, 2, 3].map((node) => moved(t, node)));
    expect(map).toEqual([
      [true, false, false, false],
      [true, true, false, false],
      [true, true, true, false],
    ]);
  });

  it('goes on from the state that a former piece left', () => {
    const given: Given = new Map();
    const x = drawn(given, [4, 1, 4, 2], 1);
    const edges = known(given, [4, 4], ring, { dtype: 'float32' });
    const { model } = bound(graphRecurrent(lstmCell(), size), given);
    const first = model(slice(x, 0, 0, 2), { edges });
    const second = model(slice(x, 0, 2, 4), { edges, initial: first.final });
    const pieces = [first.output, second.output].flatMap((piece) => numbers(piece, given));
    closeTo(pieces, numbers(model(x, { edges }).output, given));
  });
});

describe('features of pairs', () => {
  it('have the gradient of differences and run as the reference, before and after a block', async () => {
    const given: Given = new Map();
    const x = drawn(given, [2, 4, 3], 1);
    const lengths = known(given, [2], [4, 2]);
    const pairs = bound(pairFeatures({ in: 3, pair: 2, reach: 2 }), given);
    const block = bound(pairBlock({ pair: 2, hidden: 3, widen: 2 }), given, { seed: 2 });
    const z = block.model(pairs.model(x, lengths), lengths);
    expect(z.shape).toEqual([2, 4, 4, 2]);
    await checked(z, [x, ...pairs.parameters.values(), ...block.parameters.values()], given);
  });

  it('are those of a shorter batch, and 0 beyond the sequence', () => {
    const given: Given = new Map();
    const x = drawn(given, [1, 4, 3], 1);
    const lengths = known(given, [1], [2]);
    const pairs = bound(pairFeatures({ in: 3, pair: 2 }), given);
    const block = bound(pairBlock({ pair: 2 }), given, { seed: 2 });
    const of = (input: Value) => numbers(block.model(pairs.model(input, lengths), lengths), given);
    const [long, short] = [of(x), of(slice(x, 1, 0, 2))];
    for (const i of [0, 1, 2, 3])
      for (const j of [0, 1, 2, 3])
        for (const c of [0, 1]) {
          const there = i < 2 && j < 2 ? short[(i * 2 + j) * 2 + c]! : 0;
          expect(long[(i * 4 + j) * 2 + c]).toBeCloseTo(there, 10);
        }
    expect(short.every((value) => value !== 0)).toBe(true);
  });
});

describe('fusion', () => {
  const layer = fusion({ widths: [3, 2], size: 4 });

  it('has the gradient of differences and runs as the reference', async () => {
    const given: Given = new Map();
    const parts = [drawn(given, [3, 3], 1), drawn(given, [3, 2], 2)];
    const present = known(given, [3, 2], [1, 1, 0, 1, 1, 0], { dtype: 'float32' });
    const { model, parameters } = bound(layer, given);
    await checked(model(parts, { present }), [...parts, ...parameters.values()], given);
  });

  it('does not look at what is missing, and is the same whether all are said to be there or nothing is said', () => {
    const given: Given = new Map();
    const parts = [drawn(given, [1, 3], 1), drawn(given, [1, 2], 2)];
    const other = [parts[0]!, drawn(given, [1, 2], 3)];
    const half = known(given, [1, 2], [1, 0], { dtype: 'float32' });
    const all = known(given, [1, 2], [1, 1], { dtype: 'float32' });
    const { model } = bound(layer, given);
    closeTo(numbers(model(parts, { present: half }), given), numbers(model(other, { present: half }), given));
    expect(numbers(model(parts, { present: all }), given)).not.toEqual(
      numbers(model(other, { present: all }), given),
    );
    closeTo(numbers(model(parts, { present: all }), given), numbers(model(parts), given));
  });
});
