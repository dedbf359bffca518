import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { version } from '../core/version.ts';
import { evaluate } from '../graph/evaluate.ts';
import { input } from '../graph/library.ts';
import { tensor } from '../graph/tensor.ts';
import { parameterList } from '../nn/module.ts';
import { architectures } from './architectures/index.ts';
import { exampleModel, yesNo } from './model.fixture.ts';
import { completeSpec, inferenceGraph, network, predictionValues } from './network.ts';
import type { ModelSpec, OutputSpec } from './spec.ts';

const spec: ModelSpec = {
  architecture: 'cnn',
  config: {},
  alphabet: { name: 'dna', letters: 'ACGT' },
  tracks: [],
  output: yesNo,
};

describe('predictionValues', () => {
  const logits = [0.3, -2, 0, 5, -0.25, 40];
  const predicted = (output: OutputSpec) => {
    const value = input('logits', ['batch', 2]);
    return [
      ...evaluate([predictionValues(output, value)], new Map([[value, tensor([3, 2], logits)]]))[0]!.data,
    ];
  };
  const rows = [0, 2, 4].map((i) => [logits[i]!, logits[i + 1]!] as const);
  const values = { kind: 'values', names: ['a', 'b'], mean: [10, -1], deviation: [2, 0.5] } as const;

  it.each<[string, OutputSpec, number[]]>([
    [
      'softmax of the classes',
      yesNo,
      rows.flatMap(([a, b]) => [1 / (1 + Math.exp(b - a)), 1 / (1 + Math.exp(a - b))]),
    ],
    [
      'a sigmoid of each label',
      { kind: 'labels', classes: ['p', 'q'] },
      logits.map((x) => 1 / (1 + Math.exp(-x))),
    ],
    [
      'values in the units of the table',
      { ...values, positive: false },
      rows.flatMap(([a, b]) => [a * 2 + 10, b * 0.5 - 1]),
    ],
    [
      'positive values in the units of the table',
      { ...values, positive: true },
      rows.flatMap(([a, b]) => [Math.log1p(Math.exp(a)) * 2, Math.log1p(Math.exp(b)) * 0.5]),
    ],
  ])('are %s', (_, output, expected) => {
    predicted(output).forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i]!, 6);
    });
  });
});

describe('a spec', () => {
  it('is completed with every default of its architecture, once and for all', () => {
    const complete = completeSpec(spec);
    expect(complete.config).toMatchObject({ filters: [64, 64], dropout: 0.3, length: null });
    expect(Object.keys(complete.config)).not.toContain('alphabet');
    expect(completeSpec(complete)).toEqual(complete);
    expect(parameterList(network(complete))).toHaveLength(parameterList(network(spec)).length);
  });

  it('gives a network of its alphabet, tracks and outputs', () => {
    const output: OutputSpec = { kind: 'classes', classes: ['a', 'b', 'c'] };
    const { config } = network({ ...spec, tracks: ['conservation'], output });
    expect(config).toMatchObject({ outputs: 3, tracks: 1, alphabet: { size: 4 } });
  });

  it('says what is wrong with it', () => {
    expect(() => network({ ...spec, architecture: 'toString' })).toThrow(
      `There is no model "toString"; choose ${Object.keys(architectures).join(', ')}.`,
    );
    expect(() => network({ ...spec, config: { filters: 3 } })).toThrow('cnn: expected filters to be');
    expect(() => network({ ...spec, config: { outputs: 3 } })).toThrow(
      'the option outputs follows from alphabet, tracks, features and output of the model; leave it out.',
    );
  });
});

it.each(Object.keys(architectures))('the inference graph of %s has the documented signature', (name) => {
  const model = exampleModel({ architecture: name, config: {}, tracks: ['t', 'u'] });
  const { inputs, outputs, weights } = inferenceGraph(model.spec);
  const signature = Object.entries(inputs).map(([key, { dtype, shape }]) => `${key} ${dtype}[${shape}]`);
  expect(signature).toEqual([
    'tokens int32[batch,time]',
    'lengths int32[batch]',
    'tracks float32[batch,time,2]',
  ]);
  expect(outputs.predictions.shape).toEqual(['batch', 2]);
  expect(outputs.attention !== undefined).toBe(name === 'attention-bilstm');
  expect([...weights.keys()]).toEqual([...model.weights.keys()]);
});

it('the version that model files record is the package’s', () => {
  expect(version).toBe(packageJson.version);
});
