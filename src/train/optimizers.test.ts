import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../graph/evaluate.ts';
import * as g from '../graph/library.ts';
import { type Tensor, tensor, zeros } from '../graph/tensor.ts';
import type { Value } from '../graph/value.ts';
import { adam, adamW, clipByGlobalNorm, type Optimizer, rmsprop, sgd, softThreshold } from './optimizers.ts';

interface Stored {
  shape: number[];
  data: number[];
}
interface Case {
  name: string;
  config: Record<string, number | null> & { optimizer: string; betas?: [number, number]; nesterov?: boolean };
  inputs: Record<string, Stored>;
  params: Record<string, Stored>;
  outputs: Record<string, Stored>;
}
const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/optimizers.json', import.meta.url), 'utf8'),
) as {
  cases: Case[];
};

function ours({ config }: Case): Optimizer {
  const decay = config.weight_decay ?? 0;
  const [beta1, beta2] = config.betas ?? [0.9, 0.999];
  const epsilon = config.eps ?? 1e-8;
  const momentum = config.momentum ?? 0;
  if (config.optimizer === 'AdamW') return adamW({ beta1, beta2, epsilon, decay });
  if (config.optimizer === 'Adam') return adam({ beta1, beta2, epsilon });
  if (config.optimizer === 'SGD') return sgd({ momentum, decay, nesterov: config.nesterov ?? false });
  return rmsprop({ alpha: config.alpha!, epsilon, momentum, decay });
}

const stored = ({ shape, data }: Stored): Tensor => tensor(shape, data);

describe.each(golden.cases)('$name', (example) => {
  it('equals PyTorch after each of five steps', () => {
    const optimizer = ours(example);
    const names = Object.keys(example.params);
    let held = new Map(names.map((n) => [n, stored(example.params[n]!)]));
    let memory = new Map(
      names.flatMap((n) => optimizer.slots.map((s) => [`${n} ${s}`, zeros(held.get(n)!.shape)] as const)),
    );
    for (let step = 1; step <= example.config.steps!; step++) {
      const given = new Map<Value, Tensor>();
      const give = (name: string, t: Tensor) => {
        const v = g.input(name, t.shape);
        given.set(v, t);
        return v;
      };
      let gradients = names.map((n) => give(`d ${n}`, stored(example.inputs[`gradient_${step}_${n}`]!)));
      if (example.config.clip) {
        const clipped = clipByGlobalNorm(gradients, example.config.clip);
        const [norm] = evaluate([clipped.norm], given);
        expect(norm!.data[0]).toBeCloseTo(example.outputs[`norm_${step}`]!.data[0]!, 9);
        gradients = clipped.gradients;
      }
      const scalars = Object.fromEntries(
        Object.entries(optimizer.scalars(step)).map(([k, v]) => [k, g.scalar(v)]),
      );
      const wanted: [string, Value][] = [];
      names.forEach((n, i) => {
        const slots = Object.fromEntries(
          optimizer.slots.map((s) => [s, give(`${n} ${s}`, memory.get(`${n} ${s}`)!)]),
        );
        const next = optimizer.update({
          parameter: give(n, held.get(n)!),
          gradient: gradients[i]!,
          slots,
          rate: g.scalar(example.config.lr!),
          scalars,
          decays: true,
        });
        wanted.push(
          [n, next.parameter],
          ...Object.entries(next.slots).map(([s, v]): [string, Value] => [`${n} ${s}`, v]),
        );
      });
      const results = evaluate(
        wanted.map(([, v]) => v),
        given,
      );
      const all = new Map(wanted.map(([n], i) => [n, results[i]!]));
      held = new Map(names.map((n) => [n, all.get(n)!]));
      memory = new Map([...memory.keys()].map((n) => [n, all.get(n)!]));
      for (const n of names)
        held.get(n)!.data.forEach((x, k) => {
          expect(x).toBeCloseTo(example.outputs[`after_${step}_${n}`]!.data[k]!, 9);
        });
    }
  });
});

describe('softThreshold', () => {
  it('shrinks towards zero and makes small weights exactly zero', () => {
    const [shrunk] = evaluate(
      [softThreshold(g.constant([-1, -0.1, 0, 0.05, 2], [5]), g.scalar(0.25))],
      new Map(),
    );
    expect([...shrunk!.data].map((x) => Math.round(x * 1e9) / 1e9 + 0)).toEqual([-0.75, 0, 0, 0, 1.75]);
  });
});
