import { describe, expect, it } from 'vitest';

import { evaluate } from '../../graph/evaluate.ts';
import { grad } from '../../graph/grad.ts';
import { input, slice, transpose } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import type { Value } from '../../graph/value.ts';
import { localAttention } from '../attention/local-attention.ts';
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
import { inferenceContext, trainingContext } from '../context.ts';
import { expectGolden, type GoldenCase, goldenCases, traceCase } from '../golden.fixture.ts';
import { bind } from '../module.ts';
import { encoderBlock } from './encoder-block.ts';
import { bertLike, gptLike, type LanguageModelOptions } from './language-models.ts';
import { decoder, encoder, encoderDecoder } from './stacks.ts';
import { convolutionalStem } from './stem.ts';

const blockPart: Record<string, string> = {
  attentionNorm: 'norm1',
  crossNorm: 'norm2',
  'feed.inner': 'linear1',
  'feed.outer': 'linear2',
};

/** Our parameter from PyTorch's: transposed weights; query, key and value cut from the one matrix that holds them. */
function fromTorch({ config }: GoldenCase, values: Record<string, Value>, path: string): Value {
  if (path.startsWith('norm.')) return values[path]!;
  const [, layer, ...rest] = path.split('.');
  const what = rest.pop() as string;
  const part = rest.join('.');
  const at = (name: string) => values[`layers.${layer}.${name}`]!;
  const turned = (v: Value) => (what === 'weight' ? transpose(v) : v);
  if (part === 'feedNorm') return at(`${config.stack === 'decoder' ? 'norm3' : 'norm2'}.${what}`);
  if (part.endsWith('Norm')) return at(`${blockPart[part]}.${what}`);
  if (part.startsWith('feed')) return turned(at(`${blockPart[part]}.${what}`));
  const torch = rest[0] === 'cross' ? 'multihead_attn' : 'self_attn';
  if (rest[1] === 'output') return turned(at(`${torch}.out_proj.${what}`));
  const first = ['query', 'key', 'value'].indexOf(rest[1]!) * config.model;
  return turned(slice(at(`${torch}.in_proj_${what}`), 0, first, first + config.model));
}

describe('transformer stacks', () => {
  it.each(goldenCases('transformer'))('$name: values and gradients are those of PyTorch', (golden) => {
    const traced = traceCase(golden, { integers: ['memory_lengths'] });
    const { values: v } = traced;
    const { stack, activation, causal, layers, model: size, heads, hidden } = golden.config;
    const from = (path: string) => fromTorch(golden, v, path);
    const options = { layers, size, heads, hidden, activation };
    const y =
      stack === 'encoder'
        ? bind(encoder({ ...options, causal }), from, inferenceContext())(v.x!, { lengths: v.lengths })
        : bind(
            decoder({ ...options, memory: size }),
            from,
            inferenceContext(),
          )(v.x!, {
            lengths: v.lengths,
            memory: v.memory,
            memoryLengths: v.memory_lengths,
          });
    expectGolden(golden, traced, { y: y.output });
  });

  it('have the gradients that central differences give, and the values of the reference in ONNX Runtime', async () => {
    const given: Given = new Map();
    const side = { layers: 1, size: 4, heads: 2, hidden: 4, positions: 'rotary' } as const;
    const net = encoderDecoder({
      encoder: { ...side, attend: localAttention({ window: 1 }) },
      decoder: { ...side, activation: 'swiglu' },
    });
    const { model, parameters } = bound(net, given);
    const source = drawn(given, [2, 3, 4], 1);
    const target = drawn(given, [2, 2, 4], 2);
    const sourceLengths = known(given, [2], [3, 1]);
    const lengths = known(given, [2], [1, 2]);
    const output = model({ source, sourceLengths, target, lengths }).decoded!.output;
    const targets = [source, target, ...parameters.values()];
    expect(directionError(lossOf(output), targets, given)).toBeLessThan(1e-6);
    expect(await runtimeError([output, ...grad(lossOf(output), targets)], given)).toBeLessThan(1e-4);
  });

  it('encode once: the target over a held memory is the target over its source', () => {
    const given: Given = new Map();
    const side = { layers: 1, size: 4, heads: 2 } as const;
    const { model } = bound(encoderDecoder({ encoder: side, decoder: side }), given);
    const source = drawn(given, [1, 3, 4], 1);
    const target = drawn(given, [1, 2, 4], 2);
    const { memory } = model({ source });
    const both = model({ source, target }).decoded!.output;
    const later = model({ memory, target }).decoded!.output;
    expect(disagreement(both, later, [source, target], given)).toBe(0);
    expect(() => model({ target })).toThrow(/expected a source, or the memory of an earlier call/);
  });

  it('refuse a memory that they were not made for', () => {
    const { model } = bound(decoder({ layers: 1, size: 4, heads: 2 }), new Map());
    const x = input('x', [1, 2, 4]);
    expect(() => model(x, { memory: x })).toThrow(/made without one; see the option "memory"/);
  });

  it('drop in training, and only there', () => {
    const given: Given = new Map();
    const random = { seed: known(given, [], [1]), step: known(given, [], [2]) };
    const layer = encoderBlock({ size: 8, heads: 2, dropout: 0.5 });
    const x = drawn(given, [2, 3, 8], 1);
    const outputs = [inferenceContext(), inferenceContext(), trainingContext(random)].map(
      (context) => bound(layer, given, { context }).model(x).output,
    );
    const [first, again, trained] = evaluate(outputs, given).map(({ data }) => [...data]);
    expect(again).toEqual(first);
    expect(trained).not.toEqual(first);
  });
});

describe('models of tokens', () => {
  const kinds = ['learned', 'sinusoidal', 'rotary', 'alibi', 'none'] as const;
  const options = (positions: LanguageModelOptions['positions']): LanguageModelOptions => ({
    vocabulary: 7,
    size: 8,
    heads: 2,
    layers: 2,
    limit: 9,
    positions: positions!,
    dropout: 0,
  });
  const tokens = input('tokens', ['batch', 'time'], 'int32');
  const lengths = input('lengths', ['batch'], 'int32');
  const logitsOf = (make: typeof gptLike, positions: LanguageModelOptions['positions']) => {
    const given: Given = new Map();
    const { logits } = bound(make(options(positions)), given).model(tokens, { lengths });
    return (row: number[], real = row.length) => {
      const now: Given = new Map([
        ...given,
        [tokens, tensor([1, row.length], row)],
        [lengths, tensor([1], [real])],
      ]);
      const { data } = evaluate([logits], now)[0]!;
      return Array.from({ length: real }, (_, t) => [...data.slice(7 * t, 7 * (t + 1))]);
    };
  };
  const close = (a: number[][], b: number[][]) => {
    expect(a.length).toBe(b.length);
    a.flat().forEach((x, i) => {
      expect(x).toBeCloseTo(b.flat()[i]!, 10);
    });
  };

  it.each(kinds)('GPT-like, %s positions: no place sees what comes after it, or the padding', (positions) => {
    const at = logitsOf(gptLike, positions);
    const reference = at([1, 2, 3, 4]);
    close(at([1, 2, 3, 6]).slice(0, 3), reference.slice(0, 3));
    expect(at([5, 2, 3, 4])[3]).not.toEqual(reference[3]);
    close(at([1, 2, 3, 4, 6, 6], 4), reference);
  });

  it.each(kinds)(
    'BERT-like, %s positions: every place sees all others, and never the padding',
    (positions) => {
      const at = logitsOf(bertLike, positions);
      const reference = at([1, 2, 3, 4]);
      close(at([1, 2, 3, 4, 6, 6], 4), reference);
      const changed = at([1, 2, 3, 6]);
      expect(Math.abs(changed[0]![0]! - reference[0]![0]!)).toBeGreaterThan(1e-9);
      const turned = at([4, 3, 2, 1]).reverse();
      // Without positions the order of the tokens cannot matter; with ALiBi only distances do, which turning keeps.
      if (positions === 'none' || positions === 'alibi') close(turned, reference);
      else expect(Math.abs(turned[0]![0]! - reference[0]![0]!)).toBeGreaterThan(1e-9);
    },
  );

  it('learn and run in ONNX Runtime as in the reference, at any length', async () => {
    const given: Given = new Map();
    const { model, parameters } = bound(gptLike(options('rotary')), given);
    const ids = known(given, [2, 5], [1, 2, 3, 4, 5, 6, 0, 1, 2, 0], { dims: ['batch', 'time'] });
    const ends = known(given, [2], [5, 3], { dims: ['batch'] });
    const { logits } = model(ids, { lengths: ends });
    expect(await runtimeError([logits], given)).toBeLessThan(1e-4);
    expect([...parameters.keys()]).toContain('body.blocks.1.attention.query.weight');
  });

  it.each(kinds)(
    'GPT-like, %s positions: read on where they stopped as if they had read all at once',
    (positions) => {
      const given: Given = new Map();
      const { model } = bound(gptLike(options(positions)), given);
      const ids = known(given, [2, 6], [1, 2, 3, 4, 5, 6, 0, 1, 2, 0, 3, 3]);
      const whole = model(ids);
      const first = model(slice(ids, 1, 0, 3));
      const second = model(slice(ids, 1, 3, 5), { past: first.cache });
      const last = model(slice(ids, 1, 5), { past: second.cache });
      const [a, b] = evaluate([slice(whole.logits, 1, 5), last.logits], given);
      close([[...b!.data]], [[...a!.data]]);
      expect(last.cache[0]!.key.shape).toEqual([2, 2, 6, 4]);
    },
  );

  it('with a memory, read on as well', () => {
    const given: Given = new Map();
    const side = { layers: 2, size: 4, heads: 2 } as const;
    const { model } = bound(
      encoderDecoder({ encoder: side, decoder: { ...side, positions: 'rotary' } }),
      given,
    );
    const [source, target] = [drawn(given, [1, 3, 4], 1), drawn(given, [1, 4, 4], 2)];
    const { memory, decoded } = model({ source, target: slice(target, 1, 0, 3) });
    const next = model({ memory, target: slice(target, 1, 3), past: decoded!.cache }).decoded!.output;
    const whole = slice(model({ source, target }).decoded!.output, 1, 3);
    expect(disagreement(whole, next, [source, target], given)).toBeLessThan(1e-12);
  });

  it('say that a sequence is longer than their table of positions', () => {
    const { model } = bound(gptLike(options('learned')), new Map());
    expect(() => model(input('long', [1, 10], 'int32'))).toThrow(/10 places does not fit a table of 9/);
  });
});

describe('convolutional stem', () => {
  it('shortens sequences, has the right gradient, and does not see the padding', async () => {
    const given: Given = new Map();
    const { model, parameters } = bound(
      convolutionalStem({ in: 2, size: 3, kernels: [3, 2], pool: 2 }),
      given,
    );
    const x = drawn(given, [2, 7, 2], 1);
    const lengths = known(given, [2], [7, 3]);
    const stem = model(x, lengths);
    expect([...evaluate([stem.lengths], given)[0]!.data]).toEqual([2, 1]);
    const targets = [x, ...parameters.values()];
    expect(directionError(lossOf(stem.x), targets, given)).toBeLessThan(1e-6);
    expect(await runtimeError([stem.x, ...grad(lossOf(stem.x), targets)], given)).toBeLessThan(1e-4);
    const alone: Given = new Map(given);
    const { data } = given.get(x)!;
    alone.set(
      x,
      tensor(
        [2, 7, 2],
        data.map((v, i) => (i >= 14 + 6 ? 99 : v)),
      ),
    );
    expect(evaluate([stem.x], alone)[0]!.data).toEqual(evaluate([stem.x], given)[0]!.data);
  });
});
