import { describe, expect, it } from 'vitest';
import { gradientError } from '../../graph/check.fixture.ts';
import { evaluate } from '../../graph/evaluate.ts';
import { grad } from '../../graph/grad.ts';
import { add, cast, constant, div, input, matmul, mul, slice, sum, transpose } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import type { Value } from '../../graph/value.ts';
import { elu } from '../activations.ts';
import {
  bound,
  directionError,
  disagreement,
  drawn,
  type Given,
  known,
  lossOf,
  runtimeError,
} from '../check.fixture.ts';
import { inferenceContext } from '../context.ts';
import { expectGolden, goldenCases, traceCase } from '../golden.fixture.ts';
import { mask } from '../mask.ts';
import { bind } from '../module.ts';
import { alibiSlopes } from '../positions/alibi.ts';
import { additiveAttention } from './additive.ts';
import type { Attend, AttendCall } from './attend.ts';
import { fullAttention } from './full-attention.ts';
import { globalAttention } from './global-attention.ts';
import { leanAttention } from './lean-attention.ts';
import { linearAttention } from './linear-attention.ts';
import { localAttention } from './local-attention.ts';
import { multiHeadAttention } from './multi-head.ts';

const [batch, heads, width] = [2, 2, 4];

/** Random heads over `time` places. */
function trace(time: number, lengths?: number[]) {
  const given: Given = new Map();
  const [query, key, value] = [1, 2, 3].map((seed) => drawn(given, [batch, heads, time, width], seed));
  return {
    given,
    heads: { query: query!, key: key!, value: value! },
    lengths: lengths && known(given, [batch], lengths),
    targets: [query!, key!, value!],
  };
}

/** Which key a query may see, as a constant. */
const pattern = (time: number, seen: (q: number, k: number) => boolean): Value =>
  constant(
    Array.from({ length: time * time }, (_, i) => Number(seen(Math.floor(i / time), i % time))),
    [time, time],
    'bool',
  );

/** x with zeros after each sequence's end, where results mean nothing. */
const inside = (x: Value, lengths: Value | undefined): Value => {
  if (!lengths) return x;
  const real = cast(mask(lengths, x.shape[2]!), 'float32');
  return transpose(mul(transpose(x, [1, 3, 0, 2]), real), [2, 0, 3, 1]);
};

const lengthSets = [{ lengths: undefined }, { lengths: [7, 3] }];

describe('attention', () => {
  it.each(goldenCases('attention'))('$name: values and gradients are those of PyTorch', (golden) => {
    const traced = traceCase(golden);
    const { values: v } = traced;
    const { attention, causal, heads: count, model: size } = golden.config;
    if (attention === 'scaledDotProduct') {
      const { output } = fullAttention()(
        { query: v.query!, key: v.key!, value: v.value! },
        { causal, lengths: v.lengths },
      );
      expectGolden(golden, traced, { y: output });
      return;
    }
    const rows = ['query', 'key', 'value'];
    const own = (path: string): Value => {
      const [part, what] = path.split('.') as [string, string];
      if (part === 'output') return what === 'bias' ? v['out_proj.bias']! : transpose(v['out_proj.weight']!);
      const at = rows.indexOf(part) * size;
      const cut = slice(what === 'bias' ? v.in_proj_bias! : v.in_proj_weight!, 0, at, at + size);
      return what === 'bias' ? cut : transpose(cut);
    };
    const layer = bind(multiHeadAttention({ size, heads: count, causal }), own, inferenceContext());
    const { output, weights } = layer(v.x!, { lengths: v.lengths, memory: v.memory });
    expectGolden(golden, traced, { y: output, weights: weights! });
  });

  describe.each(lengthSets)('with $lengths real places', ({ lengths: lengthsOf }) => {
    it.each([1, 3, 4, 7, 20])('lean = full, in value and gradient (chunk %i)', (chunk) => {
      const { given, heads: h, lengths, targets } = trace(7, lengthsOf);
      for (const causal of [false, true]) {
        const call: AttendCall = { lengths, causal, slopes: alibiSlopes(heads) };
        const lean = leanAttention({ chunk })(h, call).output;
        expect(disagreement(fullAttention()(h, call).output, lean, targets, given)).toBeLessThan(1e-12);
      }
    });

    it.each([
      [0, 1],
      [1, 2],
      [2, 2],
      [2, 5],
      [9, 9],
    ])('local = full within a band, in value and gradient (window %i, block %i)', (window, block) => {
      const { given, heads: h, lengths, targets } = trace(7, lengthsOf);
      for (const causal of [false, true])
        for (const slopes of [undefined, alibiSlopes(heads)]) {
          const local = localAttention({ window, block })(h, { lengths, causal, slopes }).output;
          const allowed = pattern(7, (q, k) => Math.abs(q - k) <= window);
          const full = fullAttention()(h, { lengths, causal, slopes, allowed }).output;
          const [a, b] = [local, full].map((x) => inside(x, lengths)) as [Value, Value];
          expect(disagreement(a, b, targets, given)).toBeLessThan(1e-12);
        }
    });

    it.each([
      [1, 1, 2],
      [2, 3, 3],
      [1, 4, 8],
    ])(
      'window and global tokens = full with that pattern (window %i, globals %i)',
      (window, globals, block) => {
        const { given, heads: h, lengths, targets } = trace(7, lengthsOf);
        for (const slopes of [undefined, alibiSlopes(heads)]) {
          const sparse = globalAttention({ window, globals, block })(h, { lengths, slopes }).output;
          const allowed = pattern(7, (q, k) => Math.abs(q - k) <= window || q < globals || k < globals);
          const full = fullAttention()(h, { lengths, slopes, allowed }).output;
          const [a, b] = [sparse, full].map((x) => inside(x, lengths)) as [Value, Value];
          expect(disagreement(a, b, targets, given)).toBeLessThan(1e-12);
        }
      },
    );

    it.each([1, 2, 3, 16])('linear attention = its weights written out (chunk %i)', (chunk) => {
      const { given, heads: h, lengths, targets } = trace(7, lengthsOf);
      for (const causal of [false, true]) {
        const fast = linearAttention({ chunk })(h, { lengths, causal }).output;
        const written = quadraticLinear(h, { lengths, causal });
        const [a, b] = [fast, written].map((x) => inside(x, lengths)) as [Value, Value];
        expect(disagreement(a, b, targets, given)).toBeLessThan(1e-5);
      }
    });
  });

  it('says which option a method cannot take, and what windows it takes', () => {
    const { heads: h } = trace(7);
    const allowed = pattern(7, () => true);
    expect(() => linearAttention()(h, { allowed })).toThrow(
      /linearAttention: "allowed" is not possible here; use fullAttention/,
    );
    expect(() => localAttention({ window: 4, block: 3 })).toThrow(/at least the window, 4, received 3/);
    expect(() => globalAttention({ window: 4, globals: 0 })).toThrow(/from 1 to 32 global tokens/);
  });

  it('gives 0 to a query that may see nothing', () => {
    const { given, heads: h, lengths } = trace(3, [0, 2]);
    const allowed = pattern(3, (q, k) => q !== 1 && k < 2);
    const outputs = [fullAttention()(h, { lengths }), fullAttention()(h, { lengths, allowed })].map(
      ({ output }) => output,
    );
    const [empty, blind] = evaluate(outputs, given).map(({ data }) => data);
    const half = heads * 3 * width;
    expect(empty!.slice(0, half).every((x) => x === 0)).toBe(true);
    expect(empty!.slice(half).some((x) => x === 0)).toBe(false);
    for (let h = 0; h < heads; h++)
      expect([...blind!.slice(half + (3 * h + 1) * width, half + (3 * h + 2) * width)]).toEqual([0, 0, 0, 0]);
  });
});

/** φ(q)·φ(k) for every pair, masked and normalised: what linear attention computes without forming it. */
function quadraticLinear(
  h: { query: Value; key: Value; value: Value },
  { lengths, causal }: AttendCall,
): Value {
  const time = h.query.shape[2] as number;
  const feature = (x: Value) => add(elu(x), 1);
  let scores = matmul(feature(h.query), feature(h.key), { transB: true });
  if (causal)
    scores = mul(
      scores,
      cast(
        pattern(time, (q, k) => k <= q),
        'float32',
      ),
    );
  if (lengths) scores = transpose(inside(transpose(scores, [0, 1, 3, 2]), lengths), [0, 1, 3, 2]);
  return div(matmul(scores, h.value), sum(scores, 3, { keep: true }));
}

const methods: Record<string, Attend> = {
  full: fullAttention(),
  lean: leanAttention({ chunk: 2 }),
  local: localAttention({ window: 1, block: 2 }),
  linear: linearAttention({ chunk: 2 }),
  global: globalAttention({ window: 1, globals: 1, block: 2 }),
};
const cases = Object.entries(methods).flatMap(([name, attend]) =>
  (['none', 'rotary', 'alibi'] as const)
    .filter((positions) => name !== 'linear' || positions !== 'alibi')
    .map((positions) => ({ name, attend, positions, causal: name !== 'global' })),
);

describe.each(cases)(
  'multi-head attention, $name, positions: $positions',
  ({ attend, positions, causal }) => {
    const time = 4;
    const given: Given = new Map();
    const layer = multiHeadAttention({ size: 4, heads: 2, attend, positions, causal });
    const { model, parameters } = bound(layer, given);
    const x = drawn(given, [batch, time, 4], 1);
    const lengths = known(given, [batch], [4, 3]);
    const { output } = model(x, { lengths });
    const targets = [x, ...parameters.values()];

    it('has the gradient that central differences give', () => {
      expect(directionError(lossOf(output), targets, given)).toBeLessThan(1e-6);
    });

    it('is computed by ONNX Runtime as by the reference', async () => {
      expect(await runtimeError([output, ...grad(lossOf(output), targets)], given)).toBeLessThan(1e-4);
    });

    it('does not see the padding', () => {
      const y = input('y', ['batch', 'time', 4]);
      const ends = input('ends', ['batch'], 'int32');
      const padded = model(y, { lengths: ends }).output;
      const weights = [...given].filter(([v]) => v !== x && v !== lengths);
      const row = given.get(x)!.data.slice(0, 3 * 4);
      const run = (filler: number, size: number) => {
        const data = new Float64Array(size * 4).fill(filler);
        data.set(row);
        const now: Given = new Map([...weights, [y, tensor([1, size, 4], data)], [ends, tensor([1], [3])]]);
        return [...evaluate([padded], now)[0]!.data.slice(0, 3 * 4)];
      };
      const exact = run(0, 3);
      for (const other of [run(9, 4), run(-50, 9)])
        other.forEach((value, i) => {
          expect(value).toBeCloseTo(exact[i]!, 12);
        });
    });
  },
);

describe('multi-head attention', () => {
  it('reads a sequence in pieces as it does whole, given where a piece begins', () => {
    const given: Given = new Map();
    const layer = multiHeadAttention({ size: 8, heads: 2, positions: 'alibi', causal: true });
    const { model } = bound(layer, given);
    const x = drawn(given, [1, 6, 8], 1);
    const offset = known(given, [], [4]);
    const whole = slice(model(x).output, 1, 4);
    const piece = model(slice(x, 1, 4), { memory: x, offset }).output;
    expect(disagreement(whole, piece, [x], given)).toBeLessThan(1e-12);
  });

  it('refuses a size that its heads do not divide', () => {
    expect(() => multiHeadAttention({ size: 10, heads: 4 })).toThrow(/4 heads do not divide a size of 10/);
  });
});

describe('additive attention', () => {
  const given: Given = new Map();
  const { model, parameters } = bound(additiveAttention({ query: 3, memory: 4, hidden: 5 }), given);
  const query = drawn(given, [batch, 2, 3], 1);
  const memory = drawn(given, [batch, 4, 4], 2);
  const lengths = known(given, [batch], [4, 2]);
  const { output, weights } = model(query, memory, { lengths });
  const targets = [query, memory, ...parameters.values()];

  it('has the gradient that central differences give, in ONNX Runtime too', async () => {
    expect(gradientError(lossOf(output, weights), targets, given)).toBeLessThan(1e-6);
    expect(await runtimeError([output, ...grad(lossOf(output), targets)], given)).toBeLessThan(1e-4);
  });

  it('is the softmax of tanh(W q + U m + b) · v over the real places', () => {
    const at = (v: Value) => given.get(v)!.data;
    const p = (name: string) => at(parameters.get(name)!);
    const score = (b: number, q: number, k: number) => {
      let total = 0;
      for (let h = 0; h < 5; h++) {
        let z = p('bias')[h]!;
        for (let i = 0; i < 3; i++) z += at(query)[(b * 2 + q) * 3 + i]! * p('weight')[i * 5 + h]!;
        for (let i = 0; i < 4; i++) z += at(memory)[(b * 4 + k) * 4 + i]! * p('memoryWeight')[i * 5 + h]!;
        total += Math.tanh(z) * p('vector')[h]!;
      }
      return total;
    };
    const [found] = evaluate([weights], given);
    const shares = [2, 1].map((_, k) => Math.exp(score(1, 0, k)));
    const total = shares.reduce((a, b) => a + b);
    const row = [...found!.data.slice(8, 12)];
    expect(row[2]).toBe(0);
    expect(row[3]).toBe(0);
    shares.forEach((s, k) => {
      expect(row[k]).toBeCloseTo(s / total, 12);
    });
  });
});
