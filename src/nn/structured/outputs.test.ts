import { describe, expect, it } from 'vitest';
import { gradientError } from '../../graph/check.fixture.ts';
import { evaluate } from '../../graph/evaluate.ts';
import { grad } from '../../graph/grad.ts';
import { bound, drawn, type Given, known, runtimeError } from '../check.fixture.ts';
import { hierarchicalLoss, hierarchicalSoftmax } from './hierarchical-softmax.ts';
import { bestSpan, spanLoss, spanPointer } from './span-pointer.ts';

describe('hierarchical softmax', () => {
  // Two phyla (0, 1); genera 2, 3, 5 in the first, 4 in the second; species 6 and 7 of genus 5.
  const parents = [-1, -1, 0, 0, 1, 0, 5, 5];
  const given: Given = new Map();
  const { model, parameters } = bound(hierarchicalSoftmax({ in: 3, parents }), given);
  const x = drawn(given, [2, 3], 1);
  const logs = model(x);
  const [found] = evaluate([logs], given);
  const p = (b: number, node: number) => Math.exp(found!.data[b * parents.length + node]!);

  it('gives every node what its children have together, and the top 1', () => {
    for (const b of [0, 1]) {
      expect(p(b, 0) + p(b, 1)).toBeCloseTo(1, 12);
      expect(p(b, 2) + p(b, 3) + p(b, 5)).toBeCloseTo(p(b, 0), 12);
      expect(p(b, 4)).toBeCloseTo(p(b, 1), 12);
      expect(p(b, 6) + p(b, 7)).toBeCloseTo(p(b, 5), 12);
    }
  });

  it('multiplies a softmax over each family of siblings', () => {
    const at = (name: string) => given.get(parameters.get(name)!)!.data;
    const score = (node: number) =>
      at('scores.bias')[node]! +
      [0, 1, 2].reduce((s, i) => s + given.get(x)!.data[i]! * at('scores.weight')[i * 8 + node]!, 0);
    const share = (node: number, family: number[]) =>
      Math.exp(score(node)) / family.reduce((s, other) => s + Math.exp(score(other)), 0);
    expect(p(0, 7)).toBeCloseTo(share(0, [0, 1]) * share(5, [2, 3, 5]) * share(7, [6, 7]), 12);
  });

  it('is trained on leaves and on inner nodes, with the right gradient, in ONNX Runtime too', async () => {
    const loss = hierarchicalLoss(logs, known(given, [2], [7, 1]));
    const targets = [x, ...parameters.values()];
    expect(evaluate([loss], given)[0]!.data[0]).toBeCloseTo(-(Math.log(p(0, 7)) + Math.log(p(1, 1))) / 2, 10);
    expect(gradientError(loss, targets, given)).toBeLessThan(1e-7);
    expect(await runtimeError([logs, loss, ...grad(loss, targets)], given)).toBeLessThan(1e-4);
  });

  it('refuses a tree whose parents do not come first', () => {
    expect(() => hierarchicalSoftmax({ in: 2, parents: [-1, 2, 0] })).toThrow(
      /parent of node 1 to be −1 or an earlier node, received 2/,
    );
  });
});

describe('span pointer', () => {
  const given: Given = new Map();
  const { model, parameters } = bound(spanPointer({ in: 3 }), given, { jitter: 1 });
  const x = drawn(given, [2, 5, 3], 1);
  const lengths = known(given, [2], [5, 2]);
  const pointers = model(x, { lengths });
  const [start, end] = evaluate([pointers.start, pointers.end], given).map(({ data }) => data);

  it('spreads each pointer over the real places only', () => {
    for (const logs of [start!, end!]) {
      const shares = [...logs].map(Math.exp);
      expect(shares.slice(0, 5).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      expect(shares.slice(5, 7).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      expect(shares.slice(7)).toEqual([0, 0, 0]);
    }
  });

  it('has the mean negative log-likelihood of the two ends, with the right gradient, in ONNX Runtime too', async () => {
    const loss = spanLoss(pointers, known(given, [2], [1, 0]), known(given, [2], [3, 1]));
    const targets = [x, ...parameters.values()];
    const expected = -(start![1]! + end![3]! + start![5]! + end![6]!) / 4;
    expect(evaluate([loss], given)[0]!.data[0]).toBeCloseTo(expected, 12);
    expect(gradientError(loss, targets, given)).toBeLessThan(1e-7);
    const best = bestSpan(pointers, { longest: 2 });
    const wanted = [loss, ...grad(loss, targets), best.start, best.end, best.score];
    expect(await runtimeError(wanted, given)).toBeLessThan(1e-4);
  });

  it.each([1, 2, 5])('finds the best span of at most %i places', (longest) => {
    const best = bestSpan(pointers, { longest });
    const [s, e, score] = evaluate([best.start, best.end, best.score], given).map(({ data }) => data);
    [5, 2].forEach((length, b) => {
      let top = { score: Number.NEGATIVE_INFINITY, i: -1, j: -1 };
      for (let i = 0; i < length; i++)
        for (let j = i; j < Math.min(length, i + longest); j++) {
          const both = start![5 * b + i]! + end![5 * b + j]!;
          if (both > top.score) top = { score: both, i, j };
        }
      expect([s![b], e![b]]).toEqual([top.i, top.j]);
      expect(score![b]).toBeCloseTo(top.score, 12);
    });
  });
});
