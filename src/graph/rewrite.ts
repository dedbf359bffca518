import { type ScanAttrs, scanAttrs } from './ops/scan.ts';
import { makeNode, type Node, topological, type Value } from './value.ts';

/** The nodes between parameters and results that depend on the parameters, inputs before users; the parameters themselves left out. */
export function bodyNodes(parameters: readonly Value[], results: readonly Value[]): Node[] {
  const inside = new Set(parameters.map((p) => p.node));
  const floor = Math.min(...parameters.map((p) => p.node.id));
  return topological(results, floor).filter((node) => {
    if (inside.has(node)) return false;
    const depends = node.inputs.some((v) => inside.has(v.node));
    if (depends) inside.add(node);
    return depends;
  });
}

/** The values from outside that the nodes of a body use, or return, by reference. */
export function capturedValues(parameters: readonly Value[], results: readonly Value[]): Value[] {
  const nodes = bodyNodes(parameters, results);
  const inside = new Set([...nodes, ...parameters.map((p) => p.node)]);
  const used = [...nodes.flatMap((node) => [...node.inputs]), ...results];
  return [...new Set(used.filter((v) => !inside.has(v.node)))];
}

/** The same op with other inputs of the same types; a scan's body is made to use the new ones too. */
export function copyWith(node: Node, inputs: readonly Value[]): Node {
  if (inputs.every((v, i) => v === node.inputs[i])) return node;
  const attrs = node.op === 'scan' ? rebind(node, inputs) : node.attrs;
  return makeNode(node.op, inputs, attrs, node.outputs, { scope: node.scope });
}

function rebind(node: Node, inputs: readonly Value[]): ScanAttrs {
  const attrs = scanAttrs(node);
  const map = new Map(node.inputs.map((old, i) => [old, inputs[i]!]));
  return { ...attrs, results: substitute(attrs.parameters, attrs.results, (v) => map.get(v) ?? v) };
}

/** A body's results with every captured value replaced by what `outer` gives for it. */
export function substitute(
  parameters: readonly Value[],
  results: readonly Value[],
  outer: (v: Value) => Value,
): Value[] {
  const replaced = new Map<Value, Value>(parameters.map((p) => [p, p]));
  const nodes = bodyNodes(parameters, results);
  const inside = new Set(nodes.map((node) => node));
  const now = (v: Value) => replaced.get(v) ?? (inside.has(v.node) ? v : outer(v));
  for (const node of nodes) {
    const copy = copyWith(node, node.inputs.map(now));
    node.outputs.forEach((v, i) => {
      replaced.set(v, copy.outputs[i]!);
    });
  }
  return results.map(now);
}
