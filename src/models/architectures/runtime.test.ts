import { describe, expect, it } from 'vitest';
import { evaluate } from '../../graph/evaluate.ts';
import { grad } from '../../graph/grad.ts';
import { input, mean, square } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import type { Value } from '../../graph/value.ts';
import { trainingContext } from '../../nn/context.ts';
import { bind, initialize } from '../../nn/module.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import { buildModel } from './index.ts';

const alphabet = {
  size: 4,
  table: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
  complement: [3, 2, 1, 0, 4],
};
const conv = { filters: [3], kernels: [4], pools: [3], normalization: 'batch' };
const cases: [string, object][] = [
  ['cnn', { ...conv, reverseComplement: 'shared' }],
  ['cnn', { ...conv, length: 11, pool: 'flatten', position: 'learned' }],
  ['lstm', { hidden: 3, reverseComplement: 'augment' }],
  ['gru', { hidden: 3, layers: 2, encoding: 'kmer', k: 2, pool: 'last' }],
  ['cnn-bilstm', { ...conv, hidden: 3, reverseComplement: 'average' }],
  ['attention-bilstm', { hidden: 3, encoding: 'embedding', embedding: 3 }],
  ['elman', { hidden: 3, layers: 2 }],
  ['min-gru', { hidden: 3, layers: 2 }],
  ['diagonal', { hidden: 3 }],
  ['lstm', { hidden: 3, initial: 'learned' }],
  ['hierarchical', { hidden: 3, window: 4, cell: 'gru' }],
  ['dilated-rnn', { hidden: 3, dilations: [1, 3], cell: 'tied' }],
  ['selective', { size: 3, layers: 1, states: 2 }],
  ['circular', { hidden: 3 }],
  ['dilated-cnn', { size: 4, stem: 3, layers: 3, normalization: 'batch' }],
  ['transformer', { size: 4, heads: 2, attention: 'linear', positions: 'sinusoidal' }],
  ['transformer', { size: 4, heads: 2, attention: 'global', window: 3, globals: 2 }],
  ['cnn-transformer', { ...conv, size: 4, heads: 2, layers: 1, attention: 'lean' }],
];
const options: CompileOptions = { device: 'cpu', threads: 1 };

/** A training step: outputs, gradients and updated statistics of a batch of named size. */
function step(name: string, config: object) {
  const model = buildModel(name, { alphabet, outputs: 2, dropout: 0.3, ...config });
  const weights = initialize(model, 4);
  const parameters: Record<string, Value> = {};
  const key = { seed: input('seed', [], 'int32'), step: input('step', [], 'int32') };
  const context = trainingContext(key);
  const net = bind(model, (path, { shape }) => (parameters[path] = input(path, shape)), context);
  const tokens = input('tokens', ['batch', 'time'], 'int32');
  const lengths = input('lengths', ['batch'], 'int32');
  const { outputs } = net({ tokens, lengths });
  const gradients = grad(mean(square(outputs)), Object.values(parameters));
  const wanted = { outputs } as Record<string, Value>;
  gradients.forEach((d, i) => {
    wanted[`d${i}`] = d;
  });
  [...context.updates.values()].forEach((v, i) => {
    wanted[`update${i}`] = v;
  });
  return { inputs: { tokens, lengths, ...key, ...parameters }, outputs: wanted, weights };
}

describe('a training step in ONNX Runtime', () => {
  it.each(cases)(
    '%s %o: outputs, gradients and statistics are those of the reference',
    async (name, config) => {
      const { inputs, outputs, weights } = step(name, config);
      const program = await compile({ inputs, outputs }, options);
      try {
        for (const [batch, time] of [
          [3, 11],
          [1, 4],
        ] as const) {
          const data: Record<string, { shape: number[]; data: ArrayLike<number> }> = {
            tokens: {
              shape: [batch, time],
              data: Array.from({ length: batch * time }, (_, i) => (i * i + 3) % 5),
            },
            lengths: { shape: [batch], data: [time, 7, 2].slice(0, batch) },
            seed: { shape: [], data: [9] },
            step: { shape: [], data: [2] },
          };
          for (const [path, values] of weights)
            data[path] = {
              shape: [...(inputs as Record<string, Value>)[path]!.shape] as number[],
              data: values,
            };
          const given = Object.entries(inputs).map(([key, value]) => {
            const { shape, data: numbers } = data[key]!;
            return [value, tensor(shape, numbers)] as const;
          });
          const expected = evaluate(Object.values(outputs), new Map(given));
          const feeds = Object.fromEntries(
            Object.entries(inputs).map(([key, { dtype }]) => {
              const { shape, data: numbers } = data[key]!;
              const array = dtype === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers);
              return [key, { dtype, shape, data: array }];
            }),
          );
          const results = await program.run(feeds);
          Object.keys(outputs).forEach((key, i) => {
            expected[i]!.data.forEach((x, at) => {
              expect(
                Math.abs(results[key]!.data[at]! - x) / Math.max(1, Math.abs(x)),
                `${key}[${at}]`,
              ).toBeLessThan(1e-4);
            });
          });
        }
      } finally {
        await program.release();
      }
    },
  );
});
