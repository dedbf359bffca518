import type { Functions } from './op.ts';
import { opOf } from './ops/table.ts';
import { inScopeOf, type Node, topological, typeText, type Value } from './value.ts';

/** A value and its cotangent: ∂loss/∂value. */
export type Seed = readonly [value: Value, cotangent: Value];

/**
 * Reverse-mode differentiation (Linnainmaa 1970): pulls the cotangents of `seeds` back to each of `targets`; `null` where none arrives.
 * `leaves`: the targets are taken as independent of each other. Nodes older than `floor` are constants.
 */
export function backprop(
  g: Functions,
  seeds: readonly Seed[],
  targets: readonly Value[],
  { leaves = false, floor = 0 } = {},
): (Value | null)[] {
  const order = topological(
    seeds.map(([value]) => value),
    floor,
  );
  const wanted = new Set(targets);
  const active = activeValues(order, wanted, leaves);
  const received = new Map<Value, Value[]>();
  const give = (value: Value, cotangent: Value) => {
    if (cotangent.shape.join() !== value.shape.join())
      throw new Error(`the cotangent of ${value.node.op} ${typeText(value)} has type ${typeText(cotangent)}`);
    const list = received.get(value);
    if (list) list.push(cotangent);
    else received.set(value, [cotangent]);
  };
  const total = (value: Value): Value | null => {
    const list = received.get(value);
    if (!list) return null;
    if (list.length > 1) received.set(value, [inScopeOf(value.node, () => g.sumOf(list))]);
    return received.get(value)![0]!;
  };
  for (const [value, cotangent] of seeds) give(value, cotangent);

  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    const { gradient } = opOf(node.op);
    const reached = node.outputs.some((v) => received.has(v) && active.has(v));
    if (!gradient || !reached || (leaves && node.outputs.some((v) => wanted.has(v)))) continue;
    const wants = node.inputs.map((v) => active.has(v));
    if (!wants.includes(true)) continue;
    const outputs = [...node.outputs];
    inScopeOf(node, () => {
      const cotangents = outputs.map(total);
      const gradients = gradient({ g, inputs: node.inputs, outputs, cotangents, attrs: node.attrs, wants });
      gradients.forEach((d, k) => {
        if (d && wants[k]) give(node.inputs[k]!, d);
      });
    });
  }
  return targets.map(total);
}

/** The float values that depend on a target (or are one), through which gradients must flow. */
function activeValues(order: readonly Node[], wanted: ReadonlySet<Value>, leaves: boolean): Set<Value> {
  const active = new Set<Value>(wanted);
  for (const node of order) {
    if (leaves && node.outputs.some((v) => wanted.has(v))) continue;
    if (node.inputs.some((v) => active.has(v)))
      for (const v of node.outputs) if (v.dtype === 'float32') active.add(v);
  }
  return active;
}
