import type { Dim } from '../../graph/dims.ts';
import { dimSub } from '../../graph/dims.ts';
import { reshape, slice } from '../../graph/library.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { Program } from '../../runtime/program.ts';
import { languageGraph, numbered } from './network.ts';
import type { LanguageSpec } from './spec.ts';

/** A row of what a run left to be carried on. */
export interface Carried {
  readonly tensors: readonly HostTensor[];
  readonly row: number;
}

/** Runs a language network piece by piece for many rows at once. */
export interface Stepper {
  /** Reads tokens, as many in each row, after what the rows carry; ln P of what follows the last, [rows, writes]. */
  step(
    pending: readonly Int32Array[],
    carried: readonly Carried[] | undefined,
  ): Promise<{ logs: Float32Array; carried: Omit<Carried, 'row'> }>;
  close(): Promise<void>;
}

/** Compiles a network for decoding; a transformer has a program of its own for the beginning, when nothing is carried. */
export async function openStepper(
  spec: LanguageSpec,
  weights: ReadonlyMap<string, Float32Array>,
  where: CompileOptions,
): Promise<Stepper> {
  const opened: Partial<Record<'begins' | 'continues', Promise<Program>>> = {};
  const open = (name: 'begins' | 'continues') => {
    opened[name] ??= openStep(spec, weights, where, name === 'continues');
    return opened[name];
  };
  return {
    async step(pending, carried) {
      const program = await open(carried ? 'continues' : 'begins');
      const rows = pending.length;
      const time = pending[0]!.length;
      const tokens = new Int32Array(rows * time);
      pending.forEach((own, row) => {
        tokens.set(own, row * time);
      });
      const results = await program.run({
        tokens: { dtype: 'int32', shape: [rows, time], data: tokens },
        ...(carried && joined(carried)),
      });
      const tensors = Object.keys(results)
        .filter((name) => name.startsWith('next.'))
        .map((_, i) => results[`next.${i}`]!);
      return { logs: results.logs!.data as Float32Array, carried: { tensors } };
    },
    async close() {
      for (const program of Object.values(opened)) await (await program).release();
    },
  };
}

async function openStep(
  spec: LanguageSpec,
  weights: ReadonlyMap<string, Float32Array>,
  where: CompileOptions,
  continues: boolean,
): Promise<Program> {
  const graph = languageGraph(spec, { continues });
  const [batch, time, writes] = graph.logProbabilities.shape as [Dim, Dim, number];
  const last = slice(graph.logProbabilities, 1, dimSub(time, 1));
  return compile(
    {
      inputs: { tokens: graph.tokens, ...numbered('state', graph.before) },
      outputs: { logs: reshape(last, [batch, writes]), ...numbered('next', graph.after) },
      constants: new Map([...graph.weights].map(([path, value]) => [value, weights.get(path)!])),
    },
    where,
  );
}

/** The rows' tensors side by side; those of one and the same run in their order need no copy. */
export function joined(carried: readonly Carried[]): Record<string, HostTensor> {
  const { tensors } = carried[0]!;
  const whole =
    carried.length === tensors[0]!.shape[0] &&
    carried.every((own, row) => own.tensors === tensors && own.row === row);
  return Object.fromEntries(
    tensors.map((tensor, i) => [
      `state.${i}`,
      whole
        ? tensor
        : gathered(
            carried.map((own) => ({ tensor: own.tensors[i]!, row: own.row })),
            tensor.shape,
          ),
    ]),
  );
}

function gathered(rows: readonly { tensor: HostTensor; row: number }[], like: readonly number[]): HostTensor {
  const shape = [rows.length, ...like.slice(1)];
  const each = shape.slice(1).reduce((a, b) => a * b, 1);
  const data = new Float32Array(rows.length * each);
  rows.forEach(({ tensor, row }, i) => {
    data.set((tensor.data as Float32Array).subarray(row * each, (row + 1) * each), i * each);
  });
  return { dtype: 'float32', shape, data };
}
