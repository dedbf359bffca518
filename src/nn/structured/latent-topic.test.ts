import { describe, expect, it } from 'vitest';
import { evaluate } from '../../graph/evaluate.ts';
import { grad } from '../../graph/grad.ts';
import { add, logSoftmax, mul, sigmoid, softmax, sum } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { directionError, drawn, type Given, known, lossOf, runtimeError } from '../check.fixture.ts';
import { topicForward } from './latent-topic.ts';
import { logSumExp } from './log-space.ts';

const [time, batch, topics] = [4, 2, 3];

function example(chain: boolean) {
  const given: Given = new Map();
  const raw = drawn(given, [topics], 1);
  const evidence = drawn(given, [time, batch, topics], 2);
  const gates = drawn(given, [time, batch, 1], 3);
  const transitions = drawn(given, [topics, topics], 4);
  const initial = add(known(given, [batch, 1], [0, 0], { dtype: 'float32' }), logSoftmax(raw));
  const found = topicForward({
    initial,
    evidence,
    change: chain ? { gates: sigmoid(gates), transitions: softmax(transitions) } : undefined,
  });
  return { given, found, targets: [raw, evidence, ...(chain ? [gates, transitions] : [])] };
}

/** Σ over all ways through the topics, one after the other. */
function enumerated(given: Given, targets: readonly Value[], b: number, until: number): number[] {
  const data = (i: number) => [...given.get(targets[i]!)!.data];
  const softmaxOf = (row: number[]) => {
    const all = row.reduce((s, x) => s + Math.exp(x), 0);
    return row.map((x) => Math.exp(x) / all);
  };
  const prior = softmaxOf(data(0));
  const evidence = data(1);
  const gate = (t: number) => (targets[2] ? 1 / (1 + Math.exp(-data(2)[t * batch + b]!)) : 0);
  const rows = [0, 1, 2].map((k) =>
    targets[3] ? softmaxOf(data(3).slice(k * topics, (k + 1) * topics)) : [],
  );
  const ends = new Array<number>(topics).fill(0);
  const walk = (t: number, k: number, p: number) => {
    const seen = p * Math.exp(evidence[(t * batch + b) * topics + k]!);
    for (let next = 0; next < topics; next++) {
      const step = (next === k ? 1 - gate(t) : 0) + gate(t) * (rows[k]![next] ?? 0);
      if (step === 0) continue;
      if (t === until) ends[next]! += seen * step;
      else walk(t + 1, next, seen * step);
    }
  };
  prior.forEach((p, k) => {
    walk(0, k, p);
  });
  const total = ends.reduce((a, x) => a + x, 0);
  return ends.map((x) => Math.log(x / total));
}

describe.each([false, true])('a latent topic, changing: %s', (chain) => {
  const { given, found, targets } = example(chain);

  it('is as probable at each place as the sum over all ways through the topics says', () => {
    const [posterior, final] = evaluate([found.posterior, found.final], given).map(({ data }) => [...data]);
    for (let b = 0; b < batch; b++)
      for (let t = 0; t < time; t++)
        enumerated(given, targets, b, t).forEach((x, k) => {
          expect(posterior![(t * batch + b) * topics + k]).toBeCloseTo(x, 10);
          if (t === time - 1) expect(final![b * topics + k]).toBeCloseTo(x, 10);
        });
  });

  it('has gradients as finite differences tell, and the same numbers on ONNX Runtime', async () => {
    const loss = lossOf(found.posterior, found.final);
    expect(directionError(loss, targets, given)).toBeLessThan(1e-6);
    expect(await runtimeError([found.posterior, found.final, ...grad(loss, targets)], given)).toBeLessThan(
      1e-3,
    );
  });

  it('stays a distribution where a topic is all but impossible', () => {
    const own: Given = new Map();
    const initial = logSoftmax(known(own, [1, 2], [0, 0], { dtype: 'float32' }));
    const evidence = known(own, [3, 1, 2], [0, -800, 0, -800, -900, 0], { dtype: 'float32' });
    const change = {
      gates: known(own, [3, 1, 1], [0, 0, 0], { dtype: 'float32' }),
      transitions: softmax(mul(initial, 0)),
    };
    const { final } = topicForward({ initial, evidence, change: undefined });
    const [row] = evaluate([final], own);
    expect([...row!.data]).toEqual([0, -700].map((x) => expect.closeTo(x, 6)));
    if (!chain) return;
    const sized = {
      gates: change.gates,
      transitions: softmax(known(own, [2, 2], [0, 0, 0, 0], { dtype: 'float32' })),
    };
    const bounded = topicForward({ initial, evidence, change: sized });
    const [total] = evaluate([sum(logSumExp(bounded.final, 1))], own);
    expect(Number.isFinite(total!.data[0])).toBe(true);
  });
});
