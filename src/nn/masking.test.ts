import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../graph/evaluate.ts';
import { input } from '../graph/library.ts';
import { type Tensor, tensor } from '../graph/tensor.ts';
import type { Value } from '../graph/value.ts';
import { type Context, inferenceContext, trainingContext } from './context.ts';
import { type ConvShape, conv1d, convLengths } from './conv1d.ts';
import { dropout } from './dropout.ts';
import { kmers, oneHotInput } from './input.ts';
import { mask, type TimeAxis, zeroPadding } from './mask.ts';
import { bind } from './module.ts';
import { batchNorm } from './normalization.ts';
import { maxPool1d, meanPool1d } from './pool1d.ts';
import { lastOverTime, maxOverTime, meanOverTime } from './pooling.ts';

const lengthsOf = (...lengths: number[]): [Value, Tensor] => [
  input('lengths', ['batch'], 'int32'),
  tensor([lengths.length], lengths),
];
const numbers = (size: number, seed = 1) =>
  Float64Array.from({ length: size }, (_, i) => Math.sin(seed + 7 * i));
const only = (value: Value, ...given: [Value, Tensor][]) => evaluate([value], new Map(given))[0]!;
const rowsOf = ({ shape, data }: Tensor, width = shape[shape.length - 1]!) =>
  Array.from({ length: data.length / width }, (_, i) => [...data.slice(i * width, (i + 1) * width)]);

describe('mask', () => {
  it('is true where a sequence has not ended', () => {
    const lengths = lengthsOf(2, 0, 4);
    expect(rowsOf(only(mask(lengths[0], 4), lengths))).toEqual([
      [1, 1, 0, 0],
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ]);
  });

  it.each([0, 1, 2] as TimeAxis[])('zeroes the padding wherever time stands (axis %i)', (axis) => {
    const shape = { 0: [3, 'batch', 1], 1: ['batch', 3, 1], 2: ['batch', 1, 3] }[axis];
    const sizes = shape.map((d) => (d === 'batch' ? 2 : (d as number)));
    const x = input('x', shape);
    const lengths = lengthsOf(1, 3);
    const { data } = only(zeroPadding(x, lengths[0], axis), lengths, [x, tensor(sizes, [1, 2, 3, 4, 5, 6])]);
    expect([...data]).toEqual(axis === 0 ? [1, 2, 0, 4, 0, 6] : [1, 0, 0, 4, 5, 6]);
  });
});

describe('pooling over time', () => {
  const x: [Value, Tensor] = [
    input('x', ['batch', 'time', 2]),
    tensor([2, 3, 2], [1, 9, -4, -5, 7, 7, -1, -2, -3, -4, 8, 8]),
  ];

  it('sees real places only, and gives 0 for an empty sequence', () => {
    const lengths = lengthsOf(2, 0);
    const pooled = (f: typeof maxOverTime) => rowsOf(only(f(x[0], lengths[0]), lengths, x));
    expect(pooled(maxOverTime)).toEqual([
      [1, 9],
      [0, 0],
    ]);
    expect(pooled(meanOverTime)).toEqual([
      [-1.5, 2],
      [0, 0],
    ]);
  });

  it('takes the last real place', () => {
    const lengths = lengthsOf(2, 3);
    expect(rowsOf(only(lastOverTime(x[0], lengths[0]), lengths, x))).toEqual([
      [-4, -5],
      [8, 8],
    ]);
  });

  it.each([
    [
      'max',
      maxPool1d,
      [
        [3, 4, 0],
        [-1, -3, -5],
      ],
    ],
    [
      'mean',
      meanPool1d,
      [
        [2, 4, 0],
        [-1.5, -3.5, -5],
      ],
    ],
  ] as const)('%s of neighbours keeps a shorter last run and leaves padding 0', (_, pool, expected) => {
    const y: [Value, Tensor] = [
      input('y', ['batch', 1, 'time']),
      tensor([2, 1, 5], [1, 3, 4, 50, 60, -1, -2, -3, -4, -5]),
    ];
    const lengths = lengthsOf(3, 5);
    const { x: pooled, lengths: after } = pool(y[0], lengths[0], { window: 2 });
    expect(rowsOf(only(pooled, lengths, y))).toEqual(expected);
    expect([...only(after, lengths).data]).toEqual([2, 3]);
  });

  it('refuses a window below 1', () => {
    expect(() => maxPool1d(x[0], x[0], { window: 0 })).toThrow(/window of 1 or more places, received 0/);
  });
});

describe('convolution of varying lengths', () => {
  const shapes = fc.record({
    kernel: fc.integer({ min: 1, max: 6 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    padding: fc.constantFrom<ConvShape['padding']>('same', 'valid', 1),
  });

  it('knows how long each sequence is afterwards, and its real places do not depend on the padding', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 12 }), (shape, length) => {
        fc.pre(
          shape.padding === 'same' ||
            length + (shape.padding === 1 ? 2 : 0) > shape.dilation * (shape.kernel - 1),
        );
        const layer = bind(
          conv1d({ in: 1, out: 1, bias: false, ...shape }),
          () => input('w', [1, 1, shape.kernel]),
          inferenceContext(),
        );
        const run = (time: number) => {
          const x = input('x', ['batch', 1, time]);
          const lengths = lengthsOf(length);
          const y = layer(zeroPadding(x, lengths[0], 2));
          const weight = y.node.inputs[1]!;
          const given: [Value, Tensor][] = [
            lengths,
            [x, tensor([1, 1, time], numbers(time))],
            [weight, tensor([1, 1, shape.kernel], numbers(shape.kernel, 3))],
          ];
          const [after] = only(convLengths(lengths[0], shape), ...given).data;
          return { after: after!, data: [...only(y, ...given).data] };
        };
        const exact = run(length);
        const padded = run(length + 5);
        expect(exact.after).toBe(exact.data.length);
        expect(padded.after).toBe(exact.after);
        expect(padded.data.slice(0, exact.after)).toEqual(exact.data);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses groups that do not divide the channels', () => {
    expect(() => conv1d({ in: 3, out: 4, kernel: 3, groups: 2 })).toThrow(
      /2 groups divide neither evenly: in 3, out 4/,
    );
  });
});

describe('batch normalisation of varying lengths', () => {
  it('has statistics of real places only', () => {
    const run = (time: number) => {
      const context = trainingContext({ seed: input('seed', [], 'int32'), step: input('step', [], 'int32') });
      const parameters = new Map<Value, Tensor>();
      const starts: Record<string, number> = {
        weight: 1.5,
        bias: 0.3,
        runningMean: 0.2,
        runningVariance: 0.9,
      };
      const layer = bind(
        batchNorm({ channels: 1 }),
        (path, { shape }) => {
          const value = input(path, shape);
          parameters.set(value, tensor([1], [starts[path]!]));
          return value;
        },
        context,
      );
      const x = input('x', ['batch', 1, 'time']);
      const lengths = lengthsOf(2, 3);
      const y = layer(x, lengths[0]);
      const rows = [
        [0.5, -1],
        [2, 4, 1],
      ].map((row) => [...row, ...new Array<number>(time - row.length).fill(99)]);
      const given = new Map([...parameters, lengths, [x, tensor([2, 1, time], rows.flat())]]);
      const [normal, ...running] = evaluate([y, ...context.updates.values()], given);
      return [...rowsOf(normal!).map((row, i) => row.slice(0, 2 + i)), ...running.map((r) => [...r.data])];
    };
    expect(run(6)).toEqual(run(3));
    const [first, second, mean] = run(3);
    const normal = [...first!, ...second!].map((v) => (v - 0.3) / 1.5);
    expect(normal.reduce((a, b) => a + b)).toBeCloseTo(0, 12);
    expect(mean![0]).toBeCloseTo(0.9 * 0.2 + 0.1 * 1.3, 12);
  });
});

describe('dropout', () => {
  const x = input('x', ['time', 'batch', 8]);
  const key = { seed: input('seed', [], 'int32'), step: input('step', [], 'int32') };
  const drop = (options: Parameters<typeof dropout>[0], context: Context = trainingContext(key)) =>
    bind(dropout(options), () => x, context);
  const at = (value: Value, seed: number, step: number) => [
    ...only(
      value,
      [x, tensor([20, 10, 8], new Float64Array(1600).fill(1))],
      [key.seed, tensor([], [seed])],
      [key.step, tensor([], [step])],
    ).data,
  ];

  it('zeroes about its share and scales the rest to the same expectation', () => {
    const y = at(drop({ rate: 0.3 })(x), 1, 1);
    expect(new Set(y.map((v) => v.toFixed(9)))).toEqual(new Set([(0).toFixed(9), (1 / 0.7).toFixed(9)]));
    expect(y.filter((v) => v === 0).length / y.length).toBeCloseTo(0.3, 1);
  });

  it('draws by seed, step and place only', () => {
    const context = trainingContext(key);
    const twice = drop({ rate: 0.5 }, context);
    const [first, second] = [twice(x), twice(x)];
    expect(at(first, 1, 1)).toEqual(at(drop({ rate: 0.5 })(x), 1, 1));
    expect(at(second, 1, 1)).not.toEqual(at(first, 1, 1));
    expect(at(first, 1, 2)).not.toEqual(at(first, 1, 1));
  });

  it('keeps one mask for all steps where an axis is shared', () => {
    const y = at(drop({ rate: 0.5, sharedAxes: [0] })(x), 1, 1);
    for (let step = 1; step < 20; step++) expect(y.slice(step * 80, (step + 1) * 80)).toEqual(y.slice(0, 80));
    expect(new Set(y.slice(0, 80)).size).toBe(2);
  });

  it('does nothing in prediction', () => {
    expect(drop({ rate: 0.9 }, inferenceContext())(x)).toBe(x);
  });

  it('refuses a rate of 1', () => {
    expect(() => dropout({ rate: 1 })).toThrow(/rate from 0 up to but not 1, received 1/);
  });
});

describe('inputs', () => {
  const tokens = (rows: number[][]): [Value, Tensor] => [
    input('tokens', ['batch', 'time'], 'int32'),
    tensor([rows.length, rows[0]!.length], rows.flat()),
  ];

  it('look letters up in the fixed table', () => {
    const ids = tokens([[1, 2, 3]]);
    const rows = only(oneHotInput(ids[0], { table: [1, 0, 0, 1, 0.5, 0.5, 0, 0], size: 2 }), ids);
    expect(rowsOf(rows)).toEqual([
      [0, 1],
      [0.5, 0.5],
      [0, 0],
    ]);
  });

  it('number k-mers as their digits say, and unknown ones last', () => {
    const ids = tokens([
      [0, 1, 2, 3, 4],
      [3, 3, 5, 5, 5],
    ]);
    const lengths = lengthsOf(5, 2);
    const { ids: pairs, lengths: after } = kmers(ids[0], lengths[0], { k: 2, letters: 4 });
    expect(rowsOf(only(pairs, ids))).toEqual([
      [1, 6, 11, 16, 16],
      [15, 16, 16, 16, 16],
    ]);
    expect([...only(after, lengths).data]).toEqual([4, 1]);
  });

  it('give no k-mer for a sequence that is shorter than k', () => {
    const ids = tokens([[0, 1]]);
    const lengths = lengthsOf(2);
    const { ids: triples, lengths: after } = kmers(ids[0], lengths[0], { k: 3, letters: 4 });
    expect(rowsOf(only(triples, ids))).toEqual([[64, 64]]);
    expect([...only(after, lengths).data]).toEqual([0]);
  });
});
