import { describe, expect, it } from 'vitest';
import { cast, input, logSoftmax, reshape, softmax, transpose, where } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { type ActivationName, activation, activations } from './activations.ts';
import { inferenceContext, trainingContext } from './context.ts';
import { conv1d } from './conv1d.ts';
import { dropout } from './dropout.ts';
import { embedding } from './embedding.ts';
import { expectGolden, type GoldenCase, goldenCases, traceCase } from './golden.fixture.ts';
import { linear } from './linear.ts';
import { bind, type Module } from './module.ts';
import { batchNorm, layerNorm } from './normalization.ts';
import { attentionPool, lowest, maxOverTime, meanOverTime } from './pooling.ts';

type Traced = Record<string, Value>;

const key = () => ({ seed: input('seed', [], 'int32'), step: input('step', [], 'int32') });

/** A module with its parameters taken from a case by their names there. */
const withParameters = <A extends unknown[], R>(
  layer: Module<A, R>,
  from: (path: string) => Value,
  context = inferenceContext(),
) => bind(layer, (path) => from(path), context);

const activationNames: Record<string, ActivationName> = {
  'leaky relu': 'leakyRelu',
  'gelu tanh': 'geluTanh',
};

function outputsOf(golden: GoldenCase, v: Traced): Record<string, Value> {
  const { config, name } = golden;
  const x = v.x!;
  if (config.layer === 'linear') {
    const layer = linear({ in: 4, out: 5, bias: config.bias });
    const own = (path: string) => (path === 'weight' ? transpose(v.weight!) : v.bias!);
    return { y: withParameters(layer, own)(x) };
  }
  if (config.layer === 'embedding') {
    const layer = embedding({ rows: 7, size: 3, padding: config.paddingIndex ?? undefined });
    return { y: withParameters(layer, () => v.weight!)(v.indices!) };
  }
  if (config.layer === 'conv1d') return { y: withParameters(conv1d(config), (path) => v[path]!)(x) };
  if (config.layer === 'layerNorm')
    return { y: withParameters(layerNorm({ size: 5, affine: config.affine }), (path) => v[path]!)(x) };
  if (config.layer === 'batchNorm') return batchNormOutputs(config.training, v);
  if (config.activation) return { y: activation(activationNames[name] ?? name)(x) };
  if (config.pool === 'max') return { y: maxOverTime(x, v.lengths!) };
  if (config.pool === 'mean') return { y: meanOverTime(x, v.lengths!) };
  if (config.pool === 'attention') {
    const own: Traced = { weight: transpose(v.weight!), bias: v.bias!, vector: reshape(v.vector!, [6, 1]) };
    const { pooled, weights } = withParameters(attentionPool({ in: 4, hidden: 6 }), (path) => own[path]!)(
      x,
      v.lengths!,
    );
    return { y: pooled, weights };
  }
  if (name === 'softmax') return { y: softmax(x) };
  if (name === 'log softmax') return { y: logSoftmax(x) };
  if (name === 'masked softmax') return { y: softmax(where(cast(v.mask!, 'bool'), x, lowest)) };
  throw new Error(`no layer for the golden case "${name}"`);
}

function batchNormOutputs(training: boolean, v: Traced): Record<string, Value> {
  const names: Record<string, string> = { runningMean: 'running_mean', runningVariance: 'running_var' };
  const trained = trainingContext(key());
  const layer = batchNorm({ channels: 2 });
  const own = (path: string) => v[names[path] ?? path]!;
  const y = withParameters(layer, own, training ? trained : inferenceContext())(v.x!);
  const after = (name: string) => trained.updates.get(v[name]!) ?? v[name]!;
  return { y, running_mean_after: after('running_mean'), running_var_after: after('running_var') };
}

describe('layers', () => {
  it.each(goldenCases('layers'))('$name: values and gradients are those of PyTorch', (golden) => {
    const traced = traceCase(golden);
    expectGolden(golden, traced, outputsOf(golden, traced.values));
  });

  it('know their activations by name and list them when asked for another', () => {
    expect(Object.keys(activations)).toContain('gelu');
    expect(() => activation('rellu')).toThrow(/no activation "rellu"; choose none, relu, leakyRelu/);
  });
});

describe('dropout', () => {
  it('refuses a bare number, which would otherwise be taken for no options at all', () => {
    expect(() => dropout(0.3 as never)).toThrow(
      'dropout: expected options such as { rate: 0.3 }, received 0.3.',
    );
  });
});
