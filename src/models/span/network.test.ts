import { describe, expect, it } from 'vitest';
import { evaluate } from '../../graph/evaluate.ts';
import { grad } from '../../graph/grad.ts';
import { input, mul, sum } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import type { Value } from '../../graph/value.ts';
import { bound, directionError, type Given, known, lossOf, runtimeError } from '../../nn/check.fixture.ts';
import { inferenceContext } from '../../nn/context.ts';
import { goldenCases } from '../../nn/golden.fixture.ts';
import { bind } from '../../nn/module.ts';
import { spanArchitecture, spanArchitectures } from './architectures.ts';
import { attentionFlow } from './attention-flow.ts';
import { spanGraph } from './graph.ts';
import { type SpanInputs, spanNetwork } from './network.ts';
import { exampleSpanModel, smallSpanModels } from './span.fixture.ts';
import type { SpanSpec } from './spec.ts';

describe('attention flow', () => {
  it.each(goldenCases('spans/attention_flow'))(
    'is that of Seo et al.: $name',
    ({ inputs, params, outputs, gradients }) => {
      const size = inputs.passage!.shape[2]!;
      const given: Given = new Map();
      const put = (name: string, dtype: 'float32' | 'int32' = 'float32') => {
        const value = input(name, inputs[name]!.shape, dtype);
        given.set(value, tensor(inputs[name]!.shape, inputs[name]!.data));
        return value;
      };
      const parameters = new Map<string, Value>();
      const flow = bind(
        attentionFlow({ size }),
        (path, { shape }) => {
          const value = input(path, shape);
          const from = ['passage', 'question', 'both'].indexOf(path) * size;
          given.set(value, tensor(shape, params.w!.data.slice(from, from + size)));
          parameters.set(path, value);
          return value;
        },
        inferenceContext(),
      );
      const [passage, question] = [put('passage'), put('question')];
      const lengths = put('lengths', 'int32');
      const found = flow({ passage, question, lengths, questionLengths: put('questionLengths', 'int32') });
      const [batch, time, width] = outputs.flow!.shape as [number, number, number];
      const real = (i: number) =>
        Math.floor(i / width) % time < inputs.lengths!.data[Math.floor(i / (time * width))]!;
      const [numbers] = evaluate([found], given);
      expect(numbers!.data).toHaveLength(batch * time * width);
      numbers!.data.forEach((x, i) => {
        if (real(i)) expect(x).toBeCloseTo(outputs.flow!.data[i]!, 9);
      });
      const weights = inputs.cotangent_flow!.data.map((x, i) => (real(i) ? x : 0));
      const cotangent = known(given, outputs.flow!.shape, weights, { dtype: 'float32' });
      const names = ['passage', 'question', 'both'];
      const targets = [passage, question, ...names.map((name) => parameters.get(name)!)];
      const derived = evaluate(grad(sum(mul(found, cotangent)), targets), given).map(({ data }) => [...data]);
      const expected = [gradients.passage!.data, gradients.question!.data];
      names.forEach((_, k) => {
        expected.push(gradients.w!.data.slice(k * size, (k + 1) * size));
      });
      derived.forEach((row, k) => {
        row.forEach((x, i) => {
          expect(x).toBeCloseTo(expected[k]![i]!, 9);
        });
      });
    },
  );
});

const cases = Object.entries(spanArchitectures).flatMap(([architecture, { alone, asked }]) => [
  ...(alone ? [{ architecture, question: false }] : []),
  ...(asked ? [{ architecture, question: true }] : []),
]);

/** Rows of ids, padded to `time`, as the inputs of a graph. */
function feeds(
  spec: SpanSpec,
  rows: readonly (readonly number[])[],
  questions: readonly (readonly number[])[],
  wide = 0,
) {
  const padding = spec.question ? 10 : 16;
  const block = (list: readonly (readonly number[])[], fill: number) => {
    const time = Math.max(...list.map(({ length }) => length)) + wide;
    return {
      shape: [list.length, time],
      data: list.flatMap((row) => [...row, ...Array(time - row.length).fill(fill)]),
    };
  };
  const lengths = (list: readonly (readonly number[])[]) => ({
    shape: [list.length],
    data: list.map(({ length }) => length),
  });
  const shares = (list: readonly (readonly number[])[]) =>
    list.map((row) => row.map((id) => Number(id % 3 === 0)));
  return {
    passage: block(rows, padding),
    lengths: lengths(rows),
    ...(spec.question && {
      question: block(questions, padding),
      questionLengths: lengths(questions),
      passageMatches: block(shares(rows), 0),
      questionMatches: block(shares(questions), 0),
    }),
  };
}

describe.each(cases)('$architecture, question $question', ({ architecture, question }) => {
  const { spec, weights } = exampleSpanModel({ architecture, question });
  const passages = [
    [0, 3, 1, 2, 3],
    [2, 1],
  ];
  const questions = [
    [5, 1, 7],
    [6, 0, 2, 7],
  ];

  it('has gradients as finite differences tell, and the same numbers on ONNX Runtime', async () => {
    const given: Given = new Map();
    const { model, parameters } = bound(spanNetwork(spec), given, { jitter: 0.3 });
    const inputs = Object.fromEntries(
      Object.entries(feeds(spec, passages, questions)).map(([name, { shape, data }]) => [
        name,
        known(given, shape as number[], data as number[]),
      ]),
    ) as unknown as SpanInputs;
    const { start, end } = model(inputs);
    // What is hidden in padding is no number to differentiate.
    const places = known(given, [2, 6], [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0], { dtype: 'float32' });
    const found = [start, end].map((x) => mul(x, places));
    const targets = [...parameters.values()];
    expect(directionError(lossOf(...found), targets, given)).toBeLessThan(1e-5);
    expect(await runtimeError(found, given)).toBeLessThan(2e-4);
  });

  it('answers alike alone, among others and in wider padding; "none" and every place share one', () => {
    const { inputs, outputs, weights: values } = spanGraph(spec);
    const run = (rows: number[][], asked: number[][], wide = 0) => {
      const given: Given = new Map(
        [...values].map(([path, v]) => [
          v,
          tensor(v.shape as number[], Float64Array.from(weights.get(path)!)),
        ]),
      );
      for (const [name, { shape, data }] of Object.entries(feeds(spec, rows, asked, wide)))
        given.set(inputs[name]!, tensor(shape as number[], data as number[]));
      return evaluate([outputs.start, outputs.end, outputs.none!], given).map(({ data }) => [...data]);
    };
    const time = 5 + 3;
    const together = run(passages, questions, 3);
    passages.forEach((passage, b) => {
      const alone = run([passage], [questions[b]!]);
      for (const pointer of [0, 1]) {
        const own = alone[pointer]!;
        own.forEach((x, t) => {
          expect(together[pointer]![b * time + t]!).toBeCloseTo(x, 9);
        });
        for (let t = passage.length; t < time; t++)
          expect(together[pointer]![b * time + t]!).toBeLessThan(-1e29);
      }
      expect(together[2]![b]!).toBeCloseTo(alone[2]![0]!, 9);
    });
    const all = together[0]!.slice(0, 5).reduce((total, x) => total + Math.exp(x), 0);
    expect(all).toBeLessThan(1);
  });
});

describe('the registry', () => {
  it('has a small configuration of each, and says which go with questions', () => {
    expect(Object.keys(smallSpanModels)).toEqual(Object.keys(spanArchitectures));
    expect(() => spanArchitecture('bilstm', { question: true })).toThrow(
      /"bilstm" reads no questions; choose bidaf, transformer\.$/,
    );
    expect(() => spanArchitecture('bidaf', { question: false })).toThrow(
      /"bidaf" needs questions; choose bilstm, bigru, cnn,/,
    );
    expect(() => spanArchitecture('toString', { question: false })).toThrow(
      /There is no span model "toString"/,
    );
  });

  it('refuses what does not go together', () => {
    const wrong = { ...exampleSpanModel({ question: true, architecture: 'transformer' }).spec };
    expect(() => spanNetwork({ ...wrong, config: { positions: 'alibi' } })).toThrow(
      /positions alibi are for passages alone/,
    );
    expect(() => spanNetwork({ ...exampleSpanModel().spec, config: { embedding: 3 } })).toThrow(
      /has no option "embedding"/,
    );
  });
});
