import { usageError } from '../../core/errors.ts';
import type { Hmm } from './model.ts';

/** Flags of the nodes that edges with `keep` > 0 reach from the given ones, these included. */
export function reachableFrom(
  roots: readonly number[],
  from: Int32Array,
  to: Int32Array,
  keep: ArrayLike<number>,
  nodes: number,
): Uint8Array {
  const out: number[][] = Array.from({ length: nodes }, () => []);
  from.forEach((source, e) => {
    if (keep[e]! > 0) out[source]!.push(to[e]!);
  });
  const reached = new Uint8Array(nodes);
  const left = [...roots];
  for (const root of roots) reached[root] = 1;
  while (left.length > 0)
    for (const next of out[left.pop()!]!)
      if (!reached[next]) {
        reached[next] = 1;
        left.push(next);
      }
  return reached;
}

/**
 * Silent states in an order in which each comes before those that it leads to (Kahn 1962). Throws a usage
 * error that names the states of a silent loop.
 */
export function silentOrder({ states, edges }: Pick<Hmm<unknown>, 'states' | 'edges'>): number[] {
  const silent = (s: number) => states[s]!.emission === null;
  const inner = [...edges.from.keys()].filter((e) => silent(edges.from[e]!) && silent(edges.to[e]!));
  const waiting = new Int32Array(states.length);
  for (const e of inner) waiting[edges.to[e]!]!++;
  const order = [...states.keys()].filter((s) => silent(s) && waiting[s] === 0);
  for (let i = 0; i < order.length; i++)
    for (const e of inner)
      if (edges.from[e] === order[i] && --waiting[edges.to[e]!]! === 0) order.push(edges.to[e]!);
  const looped = [...states.keys()].filter((s) => silent(s) && !order.includes(s));
  if (looped.length > 0)
    throw usageError(
      `The silent states ${looped.map((s) => states[s]!.name).join(', ')} lead into a loop without emission; expected every loop to hold a state that emits.`,
    );
  return order;
}
