import { usageError } from '../core/errors.ts';
import { type Dim, dimNames, dimTerms, type Shape } from '../graph/dims.ts';
import type {
  LowerContext,
  OnnxAttribute,
  OnnxDType,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from '../graph/op.ts';
import { opOf } from '../graph/ops/table.ts';
import { bodyNodes } from '../graph/rewrite.ts';
import { simplify } from '../graph/simplify.ts';
import { type Node, topological, type Value, whereText } from '../graph/value.ts';

/** What a program takes and gives, by name. Inputs must be values made by `input`. */
export interface ProgramGraph {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  /** Inputs whose value is fixed in the file, such as trained weights. */
  readonly constants?: ReadonlyMap<Value, OnnxTensor>;
}

/** Lowers a graph to ONNX. Simplifies first. */
export function lower({ inputs, outputs, constants = new Map() }: ProgramGraph): OnnxGraph {
  const names = Object.keys(outputs);
  const results = simplify(Object.values(outputs));
  const root = new Root();
  const bound = new Map<Value, string>();
  for (const [name, value] of Object.entries(inputs)) bound.set(value, root.reserve(name));
  for (const [value, tensor] of constants) bound.set(value, root.initializer(value.node.attrs.name, tensor));
  root.learnDims(inputs);
  const scope = new Block(root, bound);
  scope.lower(topological(results));
  const given = results.map((v, i) => ({
    name: names[i]!,
    internal: scope.outputName(v),
    dtype: v.dtype,
    shape: v.shape,
  }));
  const renamed = new Map(given.map(({ internal, name }) => [internal, name]));
  const infos = (values: Readonly<Record<string, Value>>): OnnxValueInfo[] =>
    Object.entries(values).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  return {
    name: 'program',
    nodes: rename(withoutUnused([...root.prelude, ...scope.nodes], new Set(renamed.keys())), renamed),
    initializers: root.initializers,
    inputs: infos(inputs),
    outputs: given.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
  };
}

/** What the whole model shares: names, constants and the sizes of named dimensions. */
class Root {
  readonly initializers = new Map<string, OnnxTensor>();
  /** Nodes that compute sizes from the inputs' shapes; they come first and every body may use them. */
  readonly prelude: OnnxNode[] = [];
  private readonly taken = new Set<string>();
  private readonly cached = new Map<string, string>();
  private readonly origins = new Map<string, { input: string; axis: number }>();
  private count = 0;

  reserve(name: string): string {
    this.taken.add(name);
    return name;
  }

  fresh(hint: string): string {
    let name = `${hint}#${this.count++}`;
    while (this.taken.has(name)) name = `${hint}#${this.count++}`;
    return name;
  }

  learnDims(inputs: Readonly<Record<string, Value>>): void {
    for (const [input, { shape }] of Object.entries(inputs))
      shape.forEach((dim, axis) => {
        if (typeof dim !== 'string' || this.origins.has(dim)) return;
        if (dimNames(dim).length === 1 && dimNames(dim)[0] === dim) this.origins.set(dim, { input, axis });
      });
  }

  initializer(name: string, tensor: OnnxTensor): string {
    this.initializers.set(this.reserve(name), tensor);
    return name;
  }

  constant(dtype: OnnxDType, shape: readonly number[], data: ArrayLike<number>): string {
    const key =
      data.length <= 64
        ? `constant ${dtype} [${shape}] ${Array.from(data, (x) => (Object.is(x, -0) ? '-0' : x))}`
        : '';
    const known = this.cached.get(key);
    if (known) return known;
    const name = this.initializer(this.fresh('constant'), { dtype, shape, data });
    if (key) this.cached.set(key, name);
    return name;
  }

  private compute(
    key: string,
    opType: string,
    inputs: readonly string[],
    attributes: Record<string, OnnxAttribute> = {},
  ): string {
    const known = this.cached.get(key);
    if (known) return known;
    const name = this.fresh('size');
    this.prelude.push({ opType, domain: '', inputs, outputs: [name], attributes, name });
    this.cached.set(key, name);
    return name;
  }

  dim(dim: Dim): string {
    const int64 = (n: number) => this.constant('int64', [1], [n]);
    if (typeof dim === 'number') return int64(dim);
    const terms = dimTerms(dim).map(({ coefficient, atoms }) => {
      const factors = atoms.map((atom) =>
        atom.kind === 'name'
          ? this.named(atom.name)
          : this.compute(`floor ${atom.of} / ${atom.by}`, 'Div', [this.dim(atom.of), int64(atom.by)]),
      );
      if (coefficient !== 1 || factors.length === 0) factors.push(int64(coefficient));
      return factors.reduce((a, b) => this.compute(`${a} * ${b}`, 'Mul', [a, b]));
    });
    return terms.reduce((a, b) => this.compute(`${a} + ${b}`, 'Add', [a, b]));
  }

  private named(name: string): string {
    const origin = this.origins.get(name);
    if (!origin)
      throw usageError(
        `the size of dimension "${name}" is not known: no input of the program has a dimension of that name.`,
      );
    return this.compute(`dim ${name}`, 'Shape', [origin.input], {
      start: { kind: 'int', value: origin.axis },
      end: { kind: 'int', value: origin.axis + 1 },
    });
  }

  shape(shape: Shape): string {
    if (shape.every((d) => typeof d === 'number'))
      return this.constant('int64', [shape.length], shape as number[]);
    const parts = shape.map((d) => this.dim(d));
    return this.compute(`shape ${shape.join(' ; ')}`, 'Concat', parts, { axis: { kind: 'int', value: 0 } });
  }
}

/** One list of nodes: the program's own, or the body of a scan. */
class Block {
  readonly nodes: OnnxNode[] = [];
  private readonly made = new Set<string>();
  /** Lines of time whose picture is known, by the name of the line. */
  private readonly pictures = new Map<string, string>();

  constructor(
    private readonly root: Root,
    private readonly names: Map<Value, string>,
  ) {}

  lower(nodes: readonly Node[]): void {
    for (const node of nodes) {
      if (node.outputs.every((v) => this.names.has(v)) && node.outputs.length > 0) continue;
      if (node.op === 'input')
        throw usageError(
          `input "${node.attrs.name}" is used by the outputs but not among the program's inputs.`,
        );
      const outputs = opOf(node.op).lower(this.context(node));
      node.outputs.forEach((v, i) => {
        this.names.set(v, outputs[i]!);
      });
    }
  }

  /** A name that this block's outputs may carry: made by one of its own nodes, and not given to another output. */
  outputName(v: Value): string {
    const name = this.names.get(v)!;
    if (this.made.delete(name)) return name;
    return this.emit(v.node, 'Identity', [name])[0];
  }

  private emit(
    node: Node,
    opType: string,
    inputs: readonly string[],
    attributes: Record<string, OnnxAttribute> = {},
    { outputs = 1, domain = '' as '' | 'com.microsoft' } = {},
  ): [string, ...string[]] {
    const names = Array.from({ length: outputs }, () =>
      this.root.fresh(node.scope ? `${node.scope}/${node.op}` : node.op),
    );
    for (const name of names) this.made.add(name);
    this.nodes.push({
      opType,
      domain,
      inputs,
      outputs: names,
      attributes,
      name: this.root.fresh(whereText(node)),
    });
    return names as [string, ...string[]];
  }

  private picture(node: Node, line: string): string {
    const known = this.pictures.get(line);
    if (known) return known;
    const [picture] = this.emit(node, 'Unsqueeze', [line, this.root.constant('int64', [1], [2])]);
    this.pictures.set(line, picture);
    return picture;
  }

  private context(node: Node): LowerContext<unknown> {
    return {
      node,
      attrs: node.attrs,
      inputs: node.inputs.map((v) => this.names.get(v)!),
      emit: (opType, inputs, attributes, options) => this.emit(node, opType, inputs, attributes, options),
      constant: (dtype, shape, data) => this.root.constant(dtype, shape, data),
      shape: (shape) => this.root.shape(shape),
      dim: (dim) => this.root.dim(dim),
      picture: (name) => this.picture(node, name),
      hasPicture: (name) => this.pictures.has(name),
      line: (picture) => {
        const [line] = this.emit(node, 'Squeeze', [picture, this.root.constant('int64', [1], [2])]);
        this.pictures.set(line, picture);
        return line;
      },
      body: (parameters, results) => this.body(parameters, results),
    };
  }

  private body(parameters: readonly Value[], results: readonly Value[]): OnnxGraph {
    const names = new Map(this.names);
    const inputs = parameters.map((p) => {
      const name = this.root.fresh('step');
      names.set(p, name);
      return { name, dtype: p.dtype, shape: p.shape };
    });
    const block = new Block(this.root, names);
    block.lower(bodyNodes(parameters, results));
    const outputs = results.map((v) => ({ name: block.outputName(v), dtype: v.dtype, shape: v.shape }));
    return { name: 'body', nodes: block.nodes, initializers: new Map(), inputs, outputs };
  }
}

/** The nodes whose results somebody needs: a line whose picture alone was used is not made. */
function withoutUnused(nodes: readonly OnnxNode[], needed: Set<string>): OnnxNode[] {
  const use = ({ inputs, attributes }: OnnxNode): void => {
    for (const name of inputs) needed.add(name);
    for (const a of Object.values(attributes))
      if (a.kind === 'graph') {
        for (const { name } of a.value.outputs) needed.add(name);
        a.value.nodes.forEach(use);
      }
  };
  const kept = [...nodes].reverse().filter((node) => {
    if (!node.outputs.some((name) => needed.has(name))) return false;
    use(node);
    return true;
  });
  return kept.reverse();
}

function rename(nodes: readonly OnnxNode[], names: ReadonlyMap<string, string>): OnnxNode[] {
  const now = (name: string) => names.get(name) ?? name;
  const attribute = (a: OnnxAttribute): OnnxAttribute =>
    a.kind === 'graph' ? { kind: 'graph', value: { ...a.value, nodes: rename(a.value.nodes, names) } } : a;
  return nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(now),
    outputs: node.outputs.map(now),
    attributes: Object.fromEntries(Object.entries(node.attributes).map(([k, a]) => [k, attribute(a)])),
  }));
}
