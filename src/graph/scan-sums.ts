import type { Dim } from './dims.ts';
import * as g from './functions.ts';
import type { Node, Value } from './value.ts';

interface Stacked {
  readonly kind: (v: Value) => 'invariant' | 'step' | 'carried';
  /** A body value at all steps. */
  readonly stack: (v: Value) => Value;
  readonly inside: ReadonlySet<Node>;
  readonly time: Dim;
}

/**
 * Σₜ vₜ of a value in a loop's body, without forming vₜ for every step where that can be avoided: the sum is pushed through linear ops, and
 * Σₜ aₜᵀ·bₜ is one product of the two stacks.
 */
export function sumOverTime(v: Value, context: Stacked): Value {
  const { kind, stack, inside, time } = context;
  if (kind(v) === 'invariant') return g.mul(v, g.size(time));
  const again = (x: Value) => sumOverTime(x, context);
  const { node } = v;
  const [a, b] = node.inputs as [Value, Value];
  if (!inside.has(node))
    switch (node.op) {
      case 'add':
        return g.add(again(a), again(b));
      case 'sub':
        return g.sub(again(a), again(b));
      case 'neg':
        return g.neg(again(a));
      case 'reshape':
        return g.reshape(again(a), node.attrs.shape);
      case 'transpose':
        return g.transpose(again(a), node.attrs.order);
      case 'sum':
        return sumStack(v, a, context);
      case 'matmul':
        if (kind(a) === 'invariant') return g.matmul(a, again(b), node.attrs);
        if (kind(b) === 'invariant') return g.matmul(again(a), b, node.attrs);
        if (node.attrs.transA && !node.attrs.transB && sameLead(a, b))
          return g.matmul(rows(stack(a)), rows(stack(b)), { transA: true });
    }
  return g.sum(stack(v), 0);
}

/** Σₜ of a reduction: one reduction over time and the same axes. */
function sumStack(v: Value, x: Value, { stack, kind }: Stacked): Value {
  if (kind(x) === 'invariant') throw new Error('a varying sum of an invariant value');
  const { axes, keep } = v.node.attrs as { axes: readonly number[]; keep: boolean };
  const total = g.sum(stack(x), [0, ...axes.map((axis) => axis + 1)]);
  return keep ? g.reshape(total, v.shape) : total;
}

/** [time, …, batch, n] → […, time·batch, n] */
function rows(x: Value): Value {
  const last = x.shape.length - 2;
  const lead = x.shape.slice(1, last);
  const order = [...lead.map((_, i) => i + 1), 0, last, last + 1];
  return g.reshape(g.transpose(x, order), [
    ...lead,
    g.product([x.shape[0]!, x.shape[last]!]),
    x.shape[last + 1]!,
  ]);
}

const sameLead = (a: Value, b: Value) => a.shape.slice(0, -2).join() === b.shape.slice(0, -2).join();
