import * as g from '../graph/library.ts';
import { topological, type Value, whereText } from '../graph/value.ts';
import type { TensorData } from '../runtime/backend.ts';
import { type CompileOptions, compile } from '../runtime/compile.ts';
import type { Feed, ProgramSpec } from '../runtime/program.ts';

/** A step that gave no number: its program, the state that it began with and what it was fed. */
export interface FailedStep {
  readonly step: ProgramSpec & { readonly parameters: readonly string[] };
  readonly state: Readonly<Record<string, TensorData>>;
  readonly feeds: Readonly<Record<string, Feed>>;
}

/**
 * Says which layer first gave something that is no finite number on the way to the loss, as a clause for a message: computes the step's
 * forward half once more and looks at every value in order. −∞ is let pass, since masks use it. A loop is one value: within it no step
 * is told from another.
 */
export async function firstNotFinite(
  { step, state, feeds }: FailedStep,
  where: CompileOptions = {},
): Promise<string> {
  const spoilt = step.parameters.find((path) => state[path]!.some((x) => !Number.isFinite(x)));
  if (spoilt !== undefined) return `the update before it had made ${spoilt} infinite or NaN`;
  const loss = step.outputs.loss!;
  const values = topological([loss])
    .flatMap(({ op, outputs }) => (op === 'input' || op === 'constant' ? [] : outputs))
    .filter(({ dtype }) => dtype === 'float32');
  const zero = g.input('zero', []);
  const needed = new Set(topological(values).flatMap(({ outputs }) => outputs));
  const held = Object.entries(step.state ?? {}).filter(([, { value }]) => needed.has(value));
  const inputs = Object.entries(step.inputs).filter(([, value]) => needed.has(value));
  const program = await compile(
    {
      inputs: { ...Object.fromEntries(inputs), zero },
      outputs: Object.fromEntries(values.map((value, i) => [`probe ${i}`, probe(value, zero)])),
      state: Object.fromEntries(held.map(([name, { value }]) => [name, { value, initial: state[name]! }])),
    },
    where,
  );
  try {
    const fed = Object.fromEntries(inputs.map(([name]) => [name, feeds[name]!]));
    const found = await program.run({ ...fed, zero: 0 });
    const first = values.findIndex((_, i) => Number.isNaN(found[`probe ${i}`]!.data[0]));
    return first < 0 ? 'no layer shows it alone' : `first in ${whereText(values[first]!.node)}`;
  } finally {
    await program.release();
  }
}

/** 0 where all numbers are finite or −∞, else NaN. `zero` is an input, so that the product is not taken for a constant. */
const probe = (value: Value, zero: Value): Value =>
  g.sum(g.mul(g.where(g.less(value, -3e38), g.constant([0], []), value), zero));
