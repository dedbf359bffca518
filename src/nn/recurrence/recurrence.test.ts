import { describe, expect, it } from 'vitest';
import { gradientError } from '../../graph/check.fixture.ts';
import { evaluate } from '../../graph/evaluate.ts';
import { grad } from '../../graph/grad.ts';
import { concat, slice, tanh } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import type { Value } from '../../graph/value.ts';
import { elmanCell, gruCell, lstmCell } from '../cells.ts';
import {
  bound,
  directionError,
  disagreement,
  drawn,
  type Given,
  known,
  largestDifference,
  lossOf,
  runtimeError,
} from '../check.fixture.ts';
import { inferenceContext } from '../context.ts';
import { expectGolden, type GoldenCase, goldenCases, traceCase } from '../golden.fixture.ts';
import { bind } from '../module.ts';
import { recurrent } from '../recurrent.ts';
import { dilatedRecurrent } from './dilated.ts';
import { cellOf, diagonalCell, minGruCell, minLstmCell } from './linear-cells.ts';
import { linearRecurrence } from './linear-recurrence.ts';
import { linearRecurrent } from './linear-recurrent.ts';
import { selective } from './selective.ts';
import { tiedCell } from './tied-cell.ts';
import { withoutRecurrence } from './without-recurrence.ts';

const linearCells = { minGru: minGruCell(), minLstm: minLstmCell(), diagonal: diagonalCell() };
const selectiveNames: Record<string, string> = {
  'widen.weight': 'widen',
  'convolution.weight': 'convolution',
  'convolution.bias': 'convolution_bias',
  'select.weight': 'select',
  'delta.weight': 'delta',
  'delta.bias': 'delta_bias',
  logRates: 'log_rates',
  skip: 'skip',
  'narrow.weight': 'narrow',
};

function outputsOf({ config }: GoldenCase, v: Record<string, Value>): Record<string, Value> {
  const { kind, input: inputs, hidden, dilations } = config;
  const { x, lengths } = v as { x: Value; lengths: Value };
  const own = (path: string) => v[path.split('.').pop()!]!;
  if (kind === 'selective') {
    const model = bind(
      selective({ ...config, chunk: 3 }),
      (path) => v[selectiveNames[path]!]!,
      inferenceContext(),
    );
    const { output, final } = model(x, { lengths });
    return { y: output, last: final[1]! };
  }
  if (kind === 'dilated') {
    const layer = dilatedRecurrent(elmanCell(), { in: inputs, hidden, dilations });
    const from = (path: string) => v[`${path.split('.').pop()}${path.split('.')[1]}`]!;
    return { y: bind(layer, from, inferenceContext())(x, { lengths }) };
  }
  if (kind === 'tied') {
    const layer = recurrent(tiedCell({ outputGate: config.gates === 3 }), { in: inputs, hidden });
    const { output, final } = bind(layer, own, inferenceContext())(x, { lengths, initial: [[v.h0!, v.c0!]] });
    return { y: output, last: final[0]![1]! };
  }
  const cell = linearCells[kind as keyof typeof linearCells];
  const layer = linearRecurrent(cell, { in: inputs, hidden, chunk: 3 });
  const { output, final } = bind(layer, own, inferenceContext())(x, { lengths, initial: [[v.h0!]] });
  return { y: output, last: final[0]![0]! };
}

describe('recurrences', () => {
  it.each(goldenCases('recurrences'))(
    '$name: values and gradients are those of the loop in PyTorch',
    (golden) => {
      const traced = traceCase(golden);
      expectGolden(golden, traced, outputsOf(golden, traced.values));
    },
  );
});

describe('linear recurrence', () => {
  it.each([1, 2, 3, 5, 7, 32])('in chunks of %i = step by step, in value and gradient', (chunk) => {
    const given: Given = new Map();
    const [a, b, h0] = [drawn(given, [7, 2, 3], 1), drawn(given, [7, 2, 3], 2), drawn(given, [2, 3], 3)];
    const [fast, slow] = [chunk, 0].map((n) => linearRecurrence(a, b, { initial: h0, chunk: n }));
    expect(disagreement(slow!, fast!, [a, b, h0], given)).toBeLessThan(1e-12);
  });

  it('holds for any sign and size of decay over a thousand float32 steps', async () => {
    const given: Given = new Map();
    const time = 1000;
    const a = tanh(drawn(given, [time, 2], 1));
    const b = drawn(given, [time, 2], 2);
    const h = linearRecurrence(a, b, { chunk: 32 });
    expect(await runtimeError([h], given)).toBeLessThan(1e-5);
    const zeros = known(given, [time, 2], new Array<number>(2 * time).fill(0), { dtype: 'float32' });
    expect(
      await runtimeError([linearRecurrence(zeros, b), linearRecurrence(zeros, zeros)], given),
    ).toBeLessThan(1e-5);
  });
});

describe.each(Object.values(linearCells))('$name', (cell) => {
  const options = { in: 2, hidden: 3, layers: 2, bidirectional: true };
  const given: Given = new Map();
  const { model, parameters } = bound(linearRecurrent(cell, { ...options, chunk: 2 }), given);
  const looped = bind(recurrent(cellOf(cell), options), (path) => parameters.get(path)!, inferenceContext());
  const x = drawn(given, [5, 3, 2], 1);
  const lengths = known(given, [3], [5, 2, 0]);
  const targets = [x, ...parameters.values()];

  it('in parallel = as a cell step by step, with the same parameters', () => {
    for (const call of [{}, { lengths }]) {
      const [fast, slow] = [model(x, call), looped(x, call)];
      expect(disagreement(slow.output, fast.output, targets, given)).toBeLessThan(1e-12);
      const [a, b] = [fast, slow].map(({ final }) => evaluate(final.flat(), given));
      expect(largestDifference(a!, b!)).toBeLessThan(1e-12);
    }
  });

  it('has the gradient that central differences give, and runs in ONNX Runtime as in the reference', async () => {
    const { output, final } = model(x, { lengths });
    const loss = lossOf(output, ...final.flat());
    expect(directionError(loss, targets, given)).toBeLessThan(1e-6);
    expect(await runtimeError([output, ...final.flat(), ...grad(loss, targets)], given)).toBeLessThan(1e-4);
  });

  it('reads a sequence in pieces as it does whole, when the state is carried on', () => {
    const one = bound(linearRecurrent(cell, { in: 2, hidden: 3, layers: 2, chunk: 2 }), given).model;
    const first = one(slice(x, 0, 0, 3));
    const second = one(slice(x, 0, 3, 5), { initial: first.final });
    const pieces = concat([first.output, second.output], 0);
    expect(disagreement(one(x).output, pieces, [x], given)).toBeLessThan(1e-12);
    expect(() => one(x, { initial: [] })).toThrow(/expected 2 initial states, received 0/);
  });
});

describe('tied gates', () => {
  it('keep the cell within [0, 1] whatever comes in', () => {
    const given: Given = new Map();
    const { model } = bound(recurrent(tiedCell({ outputGate: false }), { in: 2, hidden: 4 }), given, {
      jitter: 5,
    });
    const x = drawn(given, [40, 2, 2], 1);
    given.set(
      x,
      tensor(
        [40, 2, 2],
        given.get(x)!.data.map((v, i) => 10 ** ((i % 5) - 1) * v),
      ),
    );
    const [cells] = evaluate([model(x).output], given);
    expect(Math.min(...cells!.data)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...cells!.data)).toBeLessThanOrEqual(1);
    expect(new Set(cells!.data).size).toBeGreaterThan(40);
  });

  it('have the gradient that central differences give, and run in ONNX Runtime as in the reference', async () => {
    const given: Given = new Map();
    const { model, parameters } = bound(recurrent(tiedCell(), { in: 2, hidden: 2 }), given);
    const x = drawn(given, [3, 2, 2], 1);
    const { output } = model(x, { lengths: known(given, [2], [3, 1]) });
    const targets = [x, ...parameters.values()];
    expect(gradientError(lossOf(output), targets, given)).toBeLessThan(1e-6);
    expect(await runtimeError([output, ...grad(lossOf(output), targets)], given)).toBeLessThan(1e-4);
  });
});

describe('selective state space', () => {
  const options = { size: 2, states: 3, kernel: 3, rank: 1, chunk: 2 };

  it('has the gradient that central differences give, and runs in ONNX Runtime as in the reference', async () => {
    const given: Given = new Map();
    const { model, parameters } = bound(selective(options), given, { jitter: 0.5 });
    const x = drawn(given, [5, 2, 2], 1);
    const { output, final } = model(x, { lengths: known(given, [2], [5, 3]) });
    const loss = lossOf(output, ...final);
    const targets = [x, ...parameters.values()];
    expect(directionError(loss, targets, given)).toBeLessThan(1e-6);
    expect(await runtimeError([output, ...final, ...grad(loss, targets)], given)).toBeLessThan(1e-4);
  });

  it('goes on with a stream where the piece before ended, also where pieces ended in padding', () => {
    const given: Given = new Map();
    const { model } = bound(selective(options), given, { jitter: 0.5 });
    const x = drawn(given, [6, 1, 2], 1);
    const padding = known(given, [2, 1, 2], [9, -9, 9, 9], { dtype: 'float32' });
    const lengths = known(given, [1], [4]);
    const first = model(concat([slice(x, 0, 0, 4), padding], 0), { lengths });
    const second = model(slice(x, 0, 4), { initial: first.final });
    const pieces = concat([slice(first.output, 0, 0, 4), second.output], 0);
    expect(disagreement(model(x).output, pieces, [x], given)).toBeLessThan(1e-12);
  });

  it('refuses a kernel of a single step', () => {
    expect(() => selective({ size: 4, kernel: 1 })).toThrow(/kernel of 2 or more steps, received 8 and 1/);
  });
});

describe('recurrence switched off', () => {
  it.each([
    ['elman', elmanCell()],
    ['lstm', lstmCell()],
    ['gru', gruCell()],
  ])('%s: each step is as if it were alone', (_, cell) => {
    const given: Given = new Map();
    const { model, parameters } = bound(recurrent(withoutRecurrence(cell), { in: 2, hidden: 3 }), given);
    const whole = bind(
      recurrent(cell, { in: 2, hidden: 3 }),
      (path) => parameters.get(path)!,
      inferenceContext(),
    );
    const x = drawn(given, [4, 2, 2], 1);
    const alone = [0, 1, 2, 3].map((t) => whole(slice(x, 0, t, t + 1)).output);
    expect(disagreement(concat(alone, 0), model(x).output, [x], given)).toBeLessThan(1e-12);
    const [cut, connected] = evaluate([model(x).output, whole(x).output], given);
    expect(largestDifference([cut!], [connected!])).toBeGreaterThan(1e-3);
  });

  it('may leave an LSTM its cell', () => {
    const given: Given = new Map();
    const cell = withoutRecurrence(lstmCell(), { of: 'hidden' });
    const { model, parameters } = bound(recurrent(cell, { in: 2, hidden: 3 }), given);
    const zero = known(given, [3, 12], new Array<number>(36).fill(0), { dtype: 'float32' });
    const cutWeights = (path: string) => (path.endsWith('recurrent') ? zero : parameters.get(path)!);
    const cut = bind(recurrent(lstmCell(), { in: 2, hidden: 3 }), cutWeights, inferenceContext());
    const x = drawn(given, [4, 2, 2], 1);
    expect(disagreement(cut(x).output, model(x).output, [x], given)).toBeLessThan(1e-12);
  });
});
