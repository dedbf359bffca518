import { uniformOf } from './bounds.ts';
import { dimAdd, dimFloorDiv, dimProduct } from './dims.ts';
import * as g from './functions.ts';
import { type ScanAttrs, scanAttrs } from './ops/scan.ts';
import { opOf } from './ops/table.ts';
import { bodyNodes, capturedValues, copyWith } from './rewrite.ts';
import { sizeOf, tensor } from './tensor.ts';
import { inScopeOf, makeNode, type Node, topological, type Value } from './value.ts';

/**
 * The same computation with less work: dead code, unused scan outputs and inputs, repeated subexpressions, constant
 * subexpressions and needless broadcasts and reshapes are removed.
 */
export function simplify(outputs: readonly Value[]): Value[] {
  const nodes = topological(outputs);
  const live = liveValues(nodes, outputs);
  const scope: Scope = { replaced: new Map(), known: new Map() };
  rebuild(nodes, live, scope);
  return outputs.map((v) => now(scope, v));
}

interface Scope {
  readonly replaced: Map<Value, Value>;
  /** Nodes by what they compute, for common subexpressions. */
  readonly known: Map<string, Node>;
  readonly outer?: Scope;
}

const now = (scope: Scope, v: Value): Value =>
  scope.replaced.get(v) ?? (scope.outer ? now(scope.outer, v) : v);
const find = (scope: Scope, key: string): Node | undefined =>
  scope.known.get(key) ?? (scope.outer && find(scope.outer, key));

/** The values that the outputs really need; a scan's body is looked into. */
function liveValues(nodes: readonly Node[], outputs: readonly Value[]): Set<Value> {
  const live = new Set(outputs);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    if (!node.outputs.some((v) => live.has(v))) continue;
    const needed = node.op === 'scan' ? scanNeeds(node, live) : node.inputs;
    for (const v of needed) live.add(v);
  }
  return live;
}

const keptResults = (node: Node, live: ReadonlySet<Value>): number[] =>
  scanAttrs(node).results.flatMap((_, i) =>
    i < scanAttrs(node).carries || live.has(node.outputs[i]!) ? [i] : [],
  );

/** Which of a scan's per-step inputs its kept results use; one is always kept, because its length is the number of steps. */
function usedSteps(attrs: ScanAttrs, results: readonly Value[]): number[] {
  const used = new Set([...bodyNodes(attrs.parameters, results).flatMap((n) => [...n.inputs]), ...results]);
  const kept = attrs.parameters.slice(attrs.carries).flatMap((p, i) => (used.has(p) ? [i] : []));
  return kept.length > 0 ? kept : [0];
}

function scanNeeds(node: Node, live: ReadonlySet<Value>): Value[] {
  const attrs = scanAttrs(node);
  const results = keptResults(node, live).map((i) => attrs.results[i]!);
  return [
    ...node.inputs.slice(0, attrs.carries),
    ...usedSteps(attrs, results).map((i) => node.inputs[attrs.carries + i]!),
    ...capturedValues(attrs.parameters, results),
  ];
}

function rebuild(nodes: readonly Node[], live: ReadonlySet<Value>, scope: Scope): void {
  for (const node of nodes) {
    if (!node.outputs.some((v) => live.has(v)) && node.op !== 'input') continue;
    if (node.op === 'scan') {
      rebuildScan(node, live, scope);
      continue;
    }
    const results = inScopeOf(node, () => simpler(node, scope));
    node.outputs.forEach((v, i) => {
      scope.replaced.set(v, results[i]!);
    });
  }
}

function rebuildScan(node: Node, live: ReadonlySet<Value>, scope: Scope): void {
  const attrs = scanAttrs(node);
  const kept = keptResults(node, live);
  const results = kept.map((i) => attrs.results[i]!);
  const steps = usedSteps(attrs, results);
  const parameters = [
    ...attrs.parameters.slice(0, attrs.carries),
    ...steps.map((i) => attrs.parameters[attrs.carries + i]!),
  ];
  const inner: Scope = { replaced: new Map(), known: new Map(), outer: scope };
  const body = bodyNodes(attrs.parameters, results);
  rebuild(body, liveValues(body, results), inner);
  const newResults = results.map((v) => now(inner, v));
  const inputs = [
    ...node.inputs.slice(0, attrs.carries),
    ...steps.map((i) => node.inputs[attrs.carries + i]!),
  ].map((v) => now(scope, v));
  const copy = makeNode(
    'scan',
    [...inputs, ...capturedValues(parameters, newResults)],
    { ...attrs, steps: steps.length, parameters, results: newResults } satisfies ScanAttrs,
    kept.map((i) => node.outputs[i]!),
    { scope: node.scope },
  );
  kept.forEach((i, k) => {
    scope.replaced.set(node.outputs[i]!, copy.outputs[k]!);
  });
}

function simpler(node: Node, scope: Scope): readonly Value[] {
  const inputs = node.inputs.map((v) => now(scope, v));
  if (node.op === 'input') return node.outputs;
  const direct = identity(node, inputs);
  if (direct) return [direct];
  const other = decided(node, inputs) ?? pooling(node, inputs) ?? flattened(node, inputs);
  if (other) return [other];
  const slim = dropBroadcasts(node, inputs);
  const folded = fold(node, slim);
  if (folded) return [folded];
  const key = keyOf(node, slim);
  const same = key === undefined ? undefined : find(scope, key);
  if (same) return same.outputs;
  const copy = copyWith(node, slim);
  if (key !== undefined) scope.known.set(key, copy);
  return copy.outputs;
}

function keyOf(node: Node, inputs: readonly Value[]): string | undefined {
  if (node.op === 'constant' && node.attrs.data.length > 64) return undefined;
  const ids = inputs.map((v) => `${v.node.id}.${v.index}`).join();
  const attrs =
    node.op === 'constant' ? { ...node.attrs, data: Array.from(node.attrs.data as number[]) } : node.attrs;
  return `${node.op}(${ids})${JSON.stringify(attrs)}`;
}

const sameType = (a: Value, b: Value) => a.shape.join() === b.shape.join() && a.dtype === b.dtype;

/** The input that a node merely repeats, if it does: x + 0, x · 1, a reshape to the same shape … */
function identity(node: Node, [a, b]: readonly Value[]): Value | undefined {
  const result = node.outputs[0]!;
  const is = (v: Value | undefined, n: number) => v !== undefined && uniformOf(v) === n;
  const keep = (v: Value | undefined) => (v && sameType(v, result) ? v : undefined);
  switch (node.op) {
    case 'add':
      return is(b, 0) ? keep(a) : is(a, 0) ? keep(b) : undefined;
    case 'sub':
      return is(b, 0) ? keep(a) : undefined;
    case 'mul':
      return is(b, 1) ? keep(a) : is(a, 1) ? keep(b) : undefined;
    case 'div':
      return is(b, 1) ? keep(a) : undefined;
    case 'neg':
      return a!.node.op === 'neg' ? a!.node.inputs[0] : undefined;
    case 'stopGradient':
      return a;
    case 'reshape': {
      const source = a!.node.op === 'reshape' ? a!.node.inputs[0]! : a!;
      if (sameType(source, result)) return source;
      return source === a ? undefined : g.reshape(source, result.shape);
    }
    default:
      return undefined;
  }
}

/**
 * What is known before anything runs: comparisons whose answer the bounds of both sides give, choices that have been made, sequences that
 * are reversed whole. All of it happens to masks where each sequence fills its batch.
 */
function decided(node: Node, [a, b, c]: readonly Value[]): Value | undefined {
  const { shape, dtype } = node.outputs[0]!;
  if (node.op === 'less') {
    const answer = uniformOf(node.outputs[0]!) ?? uniformOf(g.less(a!, b!));
    return answer === undefined ? undefined : g.full(shape, answer, dtype);
  }
  if (node.op === 'where') {
    const answer = uniformOf(a!);
    return answer === undefined ? undefined : g.broadcastTo(answer ? b! : c!, shape);
  }
  if (node.op === 'reverseSequence') {
    const { timeAxis } = node.attrs;
    return uniformOf(b!) === shape[timeAxis] ? g.reverse(a!, timeAxis) : undefined;
  }
  return undefined;
}

/** The widest windows that are taken for pooling; a maximum over more places is quick by itself. */
const widestPool = 16;

/** The maximum over short windows of time as pooling: see the op `maxPool`. */
function pooling(node: Node, [windows]: readonly Value[]): Value | undefined {
  if (node.op !== 'max' || node.attrs.keep || windows!.node.op !== 'reshape') return undefined;
  const [batch, channels, count, window] = windows!.shape;
  const over = node.attrs.axes as readonly number[];
  const narrow = typeof window === 'number' && window > 1 && window <= widestPool;
  if (windows!.shape.length !== 4 || over.length !== 1 || over[0] !== 3 || !narrow) return undefined;
  const filled = windows!.node.inputs[0]!;
  const x = fillsUp(filled) ? filled.node.inputs[0]! : filled;
  const [own, lines, time] = x.shape;
  if (x.dtype !== 'float32' || x.shape.length !== 3 || own !== batch || lines !== channels) return undefined;
  const whole = x === filled ? dimProduct([count!, window]) === time : true;
  return whole && dimFloorDiv(dimAdd(time!, window - 1), window) === count ? g.maxPool(x, window) : undefined;
}

/** Whether a value is another one with numbers behind it that no maximum takes. */
const fillsUp = ({ node }: Value): boolean =>
  node.op === 'pad' && node.attrs.axis === 2 && node.attrs.before === 0 && (node.attrs.value ?? 0) < -3e38;

/**
 * x[…, K] · w[K, N] as one product of matrices, and a bias added before the result takes its shape again: ONNX Runtime
 * then runs both as one kernel (Gemm), which it does for matrices only.
 */
function flattened(node: Node, [a, b]: readonly Value[]): Value | undefined {
  const { shape } = node.outputs[0]!;
  if (node.op === 'matmul' && a!.shape.length > 2 && b!.shape.length === 2 && !node.attrs.transA) {
    const rows = g.reshape(a!, [g.product(a!.shape.slice(0, -1)), a!.shape[a!.shape.length - 1]!]);
    return g.reshape(g.matmul(rows, b!, node.attrs), shape);
  }
  const [x, bias] = a?.node.op === 'reshape' ? [a, b] : [b, a];
  if (node.op !== 'add' || x?.node.op !== 'reshape' || bias!.shape.length !== 1) return undefined;
  const source = x.node.inputs[0]!;
  const fits = source.node.op === 'matmul' && source.shape.length === 2 && source.shape[1] === bias!.shape[0];
  return fits && x.shape.join() === shape.join() ? g.reshape(g.add(source, bias!), shape) : undefined;
}

const broadcasting = new Set(['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'less', 'equal', 'where']);

/** Elementwise ops broadcast by themselves: an explicit broadcast of one input is dropped where another has the full shape. */
function dropBroadcasts(node: Node, inputs: readonly Value[]): readonly Value[] {
  if (!broadcasting.has(node.op)) return inputs;
  const full = node.outputs[0]!.shape.join();
  const result = [...inputs];
  for (let i = 0; i < result.length; i++) {
    if (result[i]!.node.op !== 'broadcastTo') continue;
    const others = result.some((v, k) => k !== i && v.shape.join() === full);
    if (others) result[i] = result[i]!.node.inputs[0]!;
  }
  return result;
}

/** A small op on constants, computed now. */
function fold(node: Node, inputs: readonly Value[]): Value | undefined {
  const output = node.outputs[0]!;
  const foldable =
    node.outputs.length === 1 &&
    inputs.length > 0 &&
    inputs.every((v) => v.node.op === 'constant') &&
    output.shape.every((d) => typeof d === 'number') &&
    sizeOf(output.shape as number[]) <= 64 &&
    node.op !== 'randomUniform';
  if (!foldable) return undefined;
  const values = inputs.map((v) => tensor(v.shape as number[], v.node.attrs.data));
  const unavailable = () => {
    throw new Error(`${node.op} of constants needs a body`);
  };
  const [result] = opOf(node.op).evaluate(values, {
    attrs: node.attrs,
    node,
    sizes: (shape) => [...shape] as number[],
    body: unavailable,
  });
  if (output.shape.length === 0) return g.scalar(result!.data[0]!, output.dtype);
  return g.constant(result!.data, result!.shape, output.dtype);
}
