import { concat, drawToken, full, input, iota, logSoftmax, reshape, scan } from '../../graph/library.ts';
import type { DrawRule } from '../../graph/ops/draw-rules.ts';
import type { Value } from '../../graph/value.ts';
import { inferenceContext } from '../../nn/context.ts';
import { bind, type ParameterSpec } from '../../nn/module.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { LanguageNetwork } from './architecture.ts';
import { languageNetwork, numbered } from './network.ts';
import type { LanguageSpec } from './spec.ts';
import { type Carried, joined } from './stepper.ts';

/** How tokens are drawn. */
export interface DrawSettings {
  readonly rules: readonly DrawRule[];
  /** Tokens that are never drawn. */
  readonly excluded: readonly number[];
}

/** What was drawn, row by row: as many tokens as there were uniform numbers. */
export interface DrawnRow {
  readonly tokens: Int32Array;
  /** ln P of each under the model (less what is excluded), and under the rules as well. */
  readonly logs: Float32Array;
  readonly drawn: Float32Array;
  /** What goes on from all tokens but the last. */
  readonly carried: Carried;
}

/** Draws many tokens in one run: the loop over them is inside the graph. */
export interface Sampler {
  /** `last` is the token that was drawn before but not read; `uniforms` decide, [0, 1), as many in every row. */
  draw(
    rows: readonly { readonly carried: Carried; readonly last: number; readonly uniforms: Float64Array }[],
  ): Promise<DrawnRow[]>;
  close(): Promise<void>;
}

/** Compiles the loop. The rows of a run of a network whose states grow have read as many tokens, one at least. */
export async function openSampler(
  spec: LanguageSpec,
  weights: ReadonlyMap<string, Float32Array>,
  { rules, excluded }: DrawSettings,
  where: CompileOptions,
): Promise<Sampler> {
  const { network, constants, advance, begin, finish } = loopOf(spec, weights);
  const last = input('last', ['batch'], 'int32');
  const before = network.states.map((shape, i) => input(`state.${i}`, shape));
  const words = ['high', 'low'].map((name) => input(name, ['steps', 'batch'], 'int32')) as [Value, Value];
  const { carry, outputs } = scan(
    { carry: [last, ...begin(before)], inputs: [...words, iota('steps')] },
    ([token, ...states], [high, low, step]) => {
      const after = advance(token!, { before, states, step: step! });
      const one = drawToken(logSoftmax(after.logits), { high: high!, low: low! }, { rules, excluded });
      return { carry: [one.token, ...after.states], outputs: [one.token, one.log, one.drawn] };
    },
  );
  const states = finish(before, carry.slice(1));
  const [tokens, logs, drawn] = outputs as [Value, Value, Value];
  const program = await compile(
    {
      inputs: { last, ...numbered('state', before), high: words[0], low: words[1] },
      outputs: { tokens, logs, drawn, ...numbered('next', states) },
      constants,
    },
    where,
  );
  return {
    async draw(rows) {
      const steps = rows[0]!.uniforms.length;
      const [high, low] = wordsOf(rows.map(({ uniforms }) => uniforms));
      const shape = [steps, rows.length];
      const results = await program.run({
        last: { dtype: 'int32', shape: [rows.length], data: Int32Array.from(rows, (row) => row.last) },
        high: { dtype: 'int32', shape, data: high },
        low: { dtype: 'int32', shape, data: low },
        ...joined(rows.map(({ carried }) => carried)),
      });
      const tensors = before.map((_, i) => results[`next.${i}`]!);
      const column = <A extends Int32Array | Float32Array>(data: A, row: number): A =>
        data.filter((_, i) => i % rows.length === row) as A;
      return rows.map((_, row) => ({
        tokens: column(results.tokens!.data as Int32Array, row),
        logs: column(results.logs!.data as Float32Array, row),
        drawn: column(results.drawn!.data as Float32Array, row),
        carried: { tensors, row },
      }));
    },
    close: () => program.release(),
  };
}

interface Step {
  /** The states before the loop, and those that it carries. */
  readonly before: readonly Value[];
  readonly states: readonly Value[];
  readonly step: Value;
}

/** How a network goes through the loop: what is carried at first, a step, and the states that are left after the last. */
interface Loop {
  readonly network: LanguageNetwork;
  readonly constants: Map<Value, Float32Array>;
  begin(before: readonly Value[]): Value[];
  /** Tokens [batch] → logits [batch, writes]. */
  advance(token: Value, at: Step): { logits: Value; states: readonly Value[] };
  finish(before: readonly Value[], states: readonly Value[]): Value[];
}

function loopOf(spec: LanguageSpec, weights: ReadonlyMap<string, Float32Array>): Loop {
  const network = languageNetwork(spec);
  const constants = new Map<Value, Float32Array>();
  const held = (path: string, { shape }: ParameterSpec) => {
    const value = input(path, shape);
    constants.set(value, weights.get(path)!);
    return value;
  };
  if (network.loop) {
    const next = bind(network.loop, held, inferenceContext());
    return {
      ...{ network, constants },
      begin: (before) => before.map(({ shape }) => full(shape.with(2, 'steps'), 0)),
      advance(token, { before, states, step }) {
        const { logits, recent } = next(token, { past: before, recent: states, step });
        return { logits, states: recent };
      },
      finish: (before, states) => before.map((past, i) => concat([past, states[i]!], 2)),
    };
  }
  const next = bind(network, held, inferenceContext());
  return {
    ...{ network, constants },
    begin: (before) => [...before],
    advance(token, { states }) {
      const after = next(reshape(token, ['batch', 1]), states);
      return { logits: reshape(after.logits, ['batch', after.logits.shape[2]!]), states: after.states };
    },
    finish: (_, states) => [...states],
  };
}

/** Uniform numbers of 53 bits as two whole numbers each, steps before rows. */
function wordsOf(rows: readonly Float64Array[]): [high: Int32Array, low: Int32Array] {
  const steps = rows[0]!.length;
  const [high, low] = [new Int32Array(steps * rows.length), new Int32Array(steps * rows.length)];
  rows.forEach((uniforms, row) => {
    uniforms.forEach((uniform, step) => {
      const at = step * rows.length + row;
      high[at] = Math.floor(uniform * 2 ** 27);
      low[at] = uniform * 2 ** 53 - high[at]! * 2 ** 26;
    });
  });
  return [high, low];
}
