import { type Shape, shapeText } from './dims.ts';

export type DType = 'float32' | 'int32' | 'bool';

/** What is known of a tensor before it exists: element type and shape. */
export interface Type {
  readonly dtype: DType;
  readonly shape: Shape;
}

/**
 * One application of an op. Nodes are never changed, with one exception: a `scan` may be given further outputs
 * (see `scan.ts`), which leaves the existing ones as they are.
 */
export interface Node {
  /** Grows in order of creation, so an input's id is always smaller than its user's. */
  readonly id: number;
  readonly op: string;
  readonly inputs: readonly Value[];
  // biome-ignore lint/suspicious/noExplicitAny: attributes are typed by each op's own record
  readonly attrs: any;
  /** The layer that made it, such as `encoder.2.attention`; empty outside of any. */
  readonly scope: string;
  readonly outputs: Value[];
}

/** One output of a node: a tensor that a program will compute. */
export interface Value extends Type {
  readonly node: Node;
  readonly index: number;
}

let nextId = 1;
let scope = '';

/** Every node made from now on has an id at least this large. */
export const upcomingId = (): number => nextId;

export function makeNode(
  op: string,
  inputs: readonly Value[],
  attrs: unknown,
  types: readonly Type[],
  { scope: named = scope } = {},
): Node {
  const node: Node = { id: nextId++, op, inputs, attrs, scope: named, outputs: [] };
  for (const type of types) addOutput(node, type);
  return node;
}

export function addOutput(node: Node, { dtype, shape }: Type): Value {
  const value: Value = { node, index: node.outputs.length, dtype, shape };
  node.outputs.push(value);
  return value;
}

/** Runs `build` with `name` appended to the scope of every node that it makes. */
export function named<T>(name: string, build: () => T): T {
  const outer = scope;
  scope = outer && name ? `${outer}.${name}` : outer || name;
  try {
    return build();
  } finally {
    scope = outer;
  }
}

/** The scope in force: the path of the layer that is being built. */
export const currentScope = (): string => scope;

/** Runs `build` under the scope of an existing node, so that derived nodes report the same layer. */
export function inScopeOf<T>(node: Node, build: () => T): T {
  const outer = scope;
  scope = node.scope;
  try {
    return build();
  } finally {
    scope = outer;
  }
}

export const typeText = ({ dtype, shape }: Type): string => `${dtype}${shapeText(shape)}`;

/** Where an error or a NaN is to be reported: the layer, or failing that the op. */
export const whereText = (node: Pick<Node, 'scope' | 'op'>): string =>
  node.scope ? `${node.scope}: ${node.op}` : node.op;

/** All nodes that the values depend on, inputs before users. Bodies of scans are not entered. */
export function topological(values: readonly Value[], floor = 0): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  const visit = (node: Node) => {
    if (node.id < floor || seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  for (const value of values) {
    visit(value.node);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      if (top.next < top.node.inputs.length) visit(top.node.inputs[top.next++]!.node);
      else order.push(stack.pop()!.node);
    }
  }
  return order;
}
