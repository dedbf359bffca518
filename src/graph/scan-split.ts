import type { Dim } from './dims.ts';
import * as g from './functions.ts';
import { appendOutput, type ScanAttrs } from './ops/scan.ts';
import { opOf } from './ops/table.ts';
import { copyWith } from './rewrite.ts';
import { mergeFactors } from './scan-factors.ts';
import { sumOverTime } from './scan-sums.ts';
import { makeNode, type Node, topological, type Value } from './value.ts';

/** A loop to be built, before it is decided what stays in it. */
export interface Loop {
  readonly initial: readonly Value[];
  /** Stand-ins for the carries in `next`, `outputs` and `sums`. */
  readonly carries: readonly Value[];
  /** Per-step values that are known for all steps, and what gives them stacked along time. */
  readonly sources: ReadonlyMap<Value, () => Value>;
  readonly next: readonly Value[];
  /** Values wanted at every step, stacked. */
  readonly outputs: readonly Value[];
  /** Values wanted as their sum over all steps. */
  readonly sums: readonly Value[];
  readonly reverse: boolean;
  readonly time: Dim;
  /** Nothing leaves the loop; see `ScanAttrs.rematerialize`. */
  readonly rematerialize?: boolean;
}

export interface LoopResult {
  readonly carry: Value[];
  readonly outputs: Value[];
  readonly sums: Value[];
}

/** How a body value relates to the loop: the same at every step; computable from the sources alone; dependent on the carries. */
type Kind = 'invariant' | 'step' | 'carried';

/**
 * Builds a loop in which only what must be sequential remains. Three parts: what depends on the per-step inputs alone is
 * computed before the loop for all steps at once; what the next carries need stays inside; what only the outputs need is computed
 * after it from stacked values. This one rule hoists input projections, the coefficients of a backward pass and weight gradients alike.
 */
export function buildLoop(given: Loop): LoopResult {
  const loop = mergeFactors(given, kindsOf);
  const kinds = kindsOf(loop);
  const kind = (v: Value): Kind => kinds.get(v) ?? 'invariant';
  const inside = chooseInside(loop, kind);
  const stacks = new Map<Value, Value>();
  const { node, inLoop } = loopNode(loop, kind, inside, stack);

  /** A body value at all steps: with a leading time axis, or as it is where it never changes. */
  function stack(v: Value): Value {
    if (kind(v) === 'invariant') return v;
    let known = stacks.get(v);
    if (!known) {
      known =
        loop.sources.get(v)?.() ?? (inside.has(v.node) || loop.carries.includes(v) ? emit(v) : outside(v));
      stacks.set(v, known);
    }
    return known;
  }
  function emit(v: Value): Value {
    return appendOutput(node!, inLoop(v));
  }
  function outside(v: Value): Value {
    const { node: own, index } = v;
    const stacked = own.inputs.map((x) => kind(x) !== 'invariant');
    const inputs = own.inputs.map(stack);
    const { stack: rule } = opOf(own.op);
    const results = rule!({
      g: library(),
      attrs: own.attrs,
      step: own.inputs,
      inputs,
      stacked,
      time: loop.time,
    });
    own.outputs.forEach((output, i) => {
      if (results[i]) stacks.set(output, results[i]!);
    });
    return results[index]!;
  }

  const everyStep = (v: Value) =>
    kind(v) === 'invariant' ? g.broadcastTo(v, [loop.time, ...v.shape]) : stack(v);
  const outputs = loop.outputs.map(everyStep);
  const sums = loop.sums.map((v) => sumOverTime(v, { kind, stack, inside, time: loop.time }));
  return { carry: node ? node.outputs.slice(0, loop.initial.length) : [], outputs, sums };
}

// The stacking rules want the public functions; none of them builds a scan.
const library = () => g as unknown as import('./op.ts').Functions;

function kindsOf({ carries, sources, next, outputs, sums }: Loop): Map<Value, Kind> {
  const kinds = new Map<Value, Kind>();
  for (const source of sources.keys()) kinds.set(source, 'step');
  for (const carry of carries) kinds.set(carry, 'carried');
  const starts = [...kinds.keys()].map((v) => v.node.id);
  for (const node of topological([...next, ...outputs, ...sums], Math.min(...starts))) {
    const found = node.inputs.map((v) => kinds.get(v));
    const kind = found.includes('carried') ? 'carried' : found.includes('step') ? 'step' : undefined;
    if (kind) for (const v of node.outputs) if (!kinds.has(v)) kinds.set(v, kind);
  }
  return kinds;
}

/** The nodes that must run inside the loop: those that carries feed and need, and those that cannot be applied to all steps at once. */
function chooseInside(loop: Loop, kind: (v: Value) => Kind): Set<Node> {
  const inside = new Set<Node>();
  const liftable = new Map<Node, boolean>();
  const isLiftable = (node: Node): boolean => {
    let known = liftable.get(node);
    if (known === undefined) {
      known =
        !loop.rematerialize &&
        opOf(node.op).stack !== null &&
        node.inputs.every((v) => kind(v) !== 'step' || loop.sources.has(v) || isLiftable(v.node));
      liftable.set(node, known);
    }
    return known;
  };
  const enter = (v: Value) => {
    if (kind(v) === 'invariant' || loop.sources.has(v) || loop.carries.includes(v) || inside.has(v.node))
      return;
    if (kind(v) === 'step' && isLiftable(v.node)) return;
    inside.add(v.node);
    v.node.inputs.forEach(enter);
  };
  loop.next.forEach(enter);
  // What comes after the loop may hold a node that has no stacked form: it, and what it needs, goes inside.
  for (const node of topological([...loop.outputs, ...loop.sums])) {
    const varies = node.outputs.some(
      (v) => kind(v) !== 'invariant' && !loop.sources.has(v) && !loop.carries.includes(v),
    );
    if (varies && (loop.rematerialize || opOf(node.op).stack === null)) node.outputs.forEach(enter);
  }
  return inside;
}

/** Makes the scan itself; `inLoop` translates a body value to the scan's own body. */
function loopNode(
  loop: Loop,
  kind: (v: Value) => Kind,
  inside: ReadonlySet<Node>,
  stack: (v: Value) => Value,
): { node: Node | undefined; inLoop: (v: Value) => Value } {
  const steps: Value[] = [];
  const stacked: Value[] = [];
  const captured = new Set<Value>();
  const translated = new Map<Value, Value>();
  const asStep = (v: Value): Value => {
    const [parameter] = makeNode(
      'input',
      [],
      { name: `step${steps.length}`, dtype: v.dtype, shape: v.shape },
      [v],
    ).outputs;
    steps.push(parameter!);
    stacked.push(stack(v));
    return parameter!;
  };
  const inLoop = (v: Value): Value => {
    if (loop.carries.includes(v)) return v;
    const known = translated.get(v);
    if (known) return known;
    if (kind(v) === 'invariant') {
      captured.add(v);
      return v;
    }
    if (!inside.has(v.node)) {
      const parameter = asStep(v);
      translated.set(v, parameter);
      return parameter;
    }
    throw new Error(`scan: ${v.node.op} was not translated`);
  };
  const all = [...loop.next, ...loop.outputs, ...loop.sums];
  for (const node of topological(all)) {
    if (!inside.has(node)) continue;
    const copy = copyWith(node, node.inputs.map(inLoop));
    node.outputs.forEach((v, i) => {
      translated.set(v, copy.outputs[i]!);
    });
  }
  const results = loop.next.map(inLoop);
  if (loop.carries.length === 0 && inside.size === 0) return { node: undefined, inLoop };
  if (steps.length === 0) {
    // ONNX tells the number of steps by the length of an input.
    const [parameter] = makeNode('input', [], { name: 'step', dtype: 'int32', shape: [] }, [
      { dtype: 'int32', shape: [] },
    ]).outputs;
    steps.push(parameter!);
    stacked.push(g.iota(loop.time));
  }
  const attrs: ScanAttrs = {
    carries: loop.carries.length,
    steps: steps.length,
    reverse: loop.reverse,
    time: loop.time,
    ...(loop.rematerialize && { rematerialize: true }),
    parameters: [...loop.carries, ...steps],
    results,
  };
  const { node } =
    g.apply('scan', [...loop.initial, ...stacked, ...captured], attrs)[0] ??
    emptyScan(loop, attrs, stacked, captured);
  return { node, inLoop };
}

/** A scan without carries has no output yet when it is made. */
function emptyScan(
  loop: Loop,
  attrs: ScanAttrs,
  stacked: readonly Value[],
  captured: ReadonlySet<Value>,
): { node: Node } {
  return { node: makeNode('scan', [...loop.initial, ...stacked, ...captured], attrs, []) };
}
