import * as g from './functions.ts';
import { copyWith } from './rewrite.ts';
import type { Loop } from './scan-split.ts';
import { inScopeOf, type Node, topological, type Value } from './value.ts';

/**
 * Rewrites c − c·p to c·(1 − p) and (c·p)·q to c·(p·q) where c depends on the carries while p and q do not: what is computed from the
 * coefficients alone then leaves the loop. The second only where c·p has no other use, and both where shapes are equal, so
 * that no step gets dearer.
 */
export function mergeFactors(loop: Loop, kindsOf: (loop: Loop) => Map<Value, string>): Loop {
  const kinds = kindsOf(loop);
  const all = [...loop.next, ...loop.outputs, ...loop.sums];
  const order = topological(all).filter((node) =>
    node.outputs.some((v) => kinds.get(v) === 'carried' || kinds.get(v) === 'step'),
  );
  const uses = new Map<Value, number>();
  for (const v of [...order.flatMap((node) => [...node.inputs]), ...all]) uses.set(v, (uses.get(v) ?? 0) + 1);
  const carried = (v: Value) => kinds.get(v) === 'carried';

  const replaced = new Map<Value, Value>();
  const now = (v: Value) => replaced.get(v) ?? v;
  /** [c, p] of a product whose one factor is carried and whose other is not. */
  const factors = (v: Value): [Value, Value] | undefined => {
    if (v.node.op !== 'mul' || loop.sources.has(v)) return undefined;
    const [a, b] = v.node.inputs as [Value, Value];
    if (carried(a) === carried(b)) return undefined;
    const [c, p] = carried(a) ? [a, b] : [b, a];
    return c.shape.join() === v.shape.join() && p.shape.join() === v.shape.join() ? [c, p] : undefined;
  };
  /** [c, p] of c − c·p, which gradients write as c + (−(c·p)). */
  const remainder = (node: Node): [Value, Value] | undefined => {
    if (node.op !== 'add' && node.op !== 'sub') return undefined;
    for (const [whole, taken] of [node.inputs, node.op === 'add' ? [...node.inputs].reverse() : []]) {
      const part = node.op === 'sub' ? taken : taken?.node.op === 'neg' ? taken.node.inputs[0] : undefined;
      const found = part && factors(part);
      if (found && found[0] === whole) return found;
    }
    return undefined;
  };
  for (const node of order) {
    if (node.op === 'input' || node.outputs.some((v) => loop.sources.has(v))) continue;
    const rest = remainder(node);
    if (rest) {
      const merged = inScopeOf(node, () => g.mul(now(rest[0]), g.sub(1, now(rest[1]))));
      replaced.set(node.outputs[0]!, merged);
      continue;
    }
    const outer = factors(node.outputs[0]!);
    const inner = outer && uses.get(outer[0]) === 1 ? factors(outer[0]) : undefined;
    if (outer && inner) {
      const merged = inScopeOf(node, () => g.mul(now(inner[0]), g.mul(now(inner[1]), now(outer[1]))));
      replaced.set(node.outputs[0]!, merged);
      continue;
    }
    const copy = copyWith(node, node.inputs.map(now));
    if (copy !== node) for (const [i, v] of node.outputs.entries()) replaced.set(v, copy.outputs[i]!);
  }
  if (replaced.size === 0) return loop;
  const merged = {
    ...loop,
    next: loop.next.map(now),
    outputs: loop.outputs.map(now),
    sums: loop.sums.map(now),
  };
  return mergeFactors(merged, kindsOf); // what was merged may now merge with what follows
}
