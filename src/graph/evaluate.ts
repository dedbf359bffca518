import { usageError } from '../core/errors.ts';
import { dimTerms, dimValue, type Shape } from './dims.ts';
import { opOf } from './ops/table.ts';
import { bodyNodes } from './rewrite.ts';
import { type Tensor, tensor } from './tensor.ts';
import { type Node, topological, type Value, whereText } from './value.ts';

/**
 * Computes values in double precision from those of the inputs: the slow, obvious oracle for gradients and for the runtime.
 * Named dimensions take their sizes from the inputs given.
 */
export function evaluate(wanted: readonly Value[], given: ReadonlyMap<Value, Tensor>): Tensor[] {
  const sizes = new Map<string, number>();
  for (const [value, { shape }] of given) bindSizes(value, shape, sizes);
  const known = new Map(given);
  run(topological(wanted), known, sizes);
  return wanted.map((v) => known.get(v)!);
}

/** Learns the sizes of named dimensions from the shape that an input turned out to have. */
export function bindSizes(value: Value, shape: readonly number[], sizes: Map<string, number>): void {
  const what = `input "${value.node.attrs.name}"`;
  if (shape.length !== value.shape.length)
    throw usageError(
      `${what}: expected ${value.shape.length} dimensions [${value.shape.join(', ')}], received [${shape.join(', ')}].`,
    );
  value.shape.forEach((dim, axis) => {
    const got = shape[axis]!;
    const [term] = typeof dim === 'string' ? dimTerms(dim) : [];
    const atom =
      term && dimTerms(dim).length === 1 && term.coefficient === 1 && term.atoms.length === 1
        ? term.atoms[0]!
        : null;
    const expected = atom?.kind === 'name' ? (sizes.get(atom.name) ?? got) : dimValue(dim, sizes);
    if (expected !== got)
      throw usageError(`${what}: expected size ${expected} for dimension ${axis} (${dim}), received ${got}.`);
    if (atom?.kind === 'name') sizes.set(atom.name, got);
  });
}

function run(nodes: readonly Node[], known: Map<Value, Tensor>, sizes: ReadonlyMap<string, number>): void {
  for (const node of nodes) {
    if (node.outputs.every((v) => known.has(v))) continue;
    const inputs = node.inputs.map((v) => known.get(v)!);
    const results = opOf(node.op).evaluate(inputs, {
      attrs: node.attrs,
      node,
      sizes: (shape: Shape) => shape.map((d) => dimValue(d, sizes)),
      body(parameters, values, bodyResults) {
        const local = new Map(known);
        parameters.forEach((p, i) => {
          local.set(p, values[i]!);
        });
        run(bodyNodes(parameters, bodyResults), local, sizes);
        return bodyResults.map((v) => local.get(v)!);
      },
    });
    node.outputs.forEach((v, i) => {
      const result = results[i]!;
      const expected = v.shape.map((d) => dimValue(d, sizes));
      if (result.shape.join() !== expected.join())
        throw new Error(
          `${whereText(node)} evaluated to shape [${result.shape.join(', ')}], its rule says [${expected.join(', ')}]`,
        );
      known.set(v, rounded(result, v));
    });
  }
}

// float32 constants stay doubles: the oracle is meant to be more exact than the runtime, not to imitate it.
const rounded = (t: Tensor, v: Value): Tensor =>
  v.dtype === 'int32'
    ? tensor(
        t.shape,
        t.data.map((x) => x | 0),
      )
    : t;
