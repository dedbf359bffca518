import { planBatches } from '../../data/batch.ts';
import type { Dim } from '../../graph/dims.ts';
import { input } from '../../graph/library.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { Program, StateSpec } from '../../runtime/program.ts';
import { languageGraph, languageSizes, numbered, targetLogs } from './network.ts';
import type { LanguageSpec } from './spec.ts';

/** Scores known sequences: ln P of each token given those before. */
export interface LanguageJudge {
  /**
   * ln P of every token of every sequence (the end among them where one stands there), in their order. A network that sees a window
   * of tokens judges each by at least half a window before it. `exact`: a network that carries a state carries it through the
   * whole sequence; otherwise long ones are cut into parts that are read side by side, each after `warmUp` tokens of what stands before it.
   */
  logs(sequences: readonly Int32Array[], options?: { exact?: boolean }): Promise<Float64Array[]>;
  /** Other weights from now on. */
  load(weights: ReadonlyMap<string, Float32Array>): Promise<void>;
  close(): Promise<void>;
}

/** Part of a sequence that a row reads: it is read from `from`, and counts from `counts` to before `to`. */
interface Part {
  readonly sequence: number;
  readonly from: number;
  readonly counts: number;
  readonly to: number;
}

const warmUp = 512;
const rowsAtOnce = 32;
/** Places × tokens of the vocabulary that one run may hold. */
const most = 2 ** 24;

/** Compiles the scoring of known sequences; `close` frees the memory of the runtime. */
export async function openJudge(
  spec: LanguageSpec,
  weights: ReadonlyMap<string, Float32Array>,
  where: CompileOptions = {},
): Promise<LanguageJudge> {
  const { writes, reads } = languageSizes(spec);
  const carries = languageGraph(spec, { continues: false }).network.sees === null;
  const graph = languageGraph(spec, { continues: carries });
  const targets = input('targets', ['batch', 'time'], 'int32');
  const state = [...graph.weights].map(([path, value]): [string, StateSpec] => [
    path,
    { value, initial: weights.get(path)! },
  ]);
  const program = await compile(
    {
      inputs: { tokens: graph.tokens, targets, ...numbered('state', graph.before) },
      outputs: {
        logs: targetLogs(graph.logProbabilities, targets),
        ...(carries && numbered('next', graph.after)),
      },
      state: Object.fromEntries(state),
    },
    where,
  );
  const { sees, states: shapes } = graph.network;
  const run = { program, boundary: reads - 1, shapes: carries ? shapes : [] };
  const time = sees ?? warmUp;
  const batchSize = Math.max(1, Math.min(rowsAtOnce, Math.floor(most / (time * writes))));
  return {
    async logs(sequences, { exact = false } = {}) {
      const parts = sequences.flatMap((tokens, i) =>
        sees === null
          ? statefulParts(tokens.length, i, { exact, batchSize })
          : windows(tokens.length, i, sees),
      );
      const found = sequences.map((tokens) => new Float64Array(tokens.length));
      const lengths = Int32Array.from(parts, ({ from, to }) => to - from);
      for (const indices of planBatches(lengths, { batchSize, shuffle: false })) {
        const rows = Array.from(indices, (i) => parts[i]!);
        await readParts(rows, { sequences, found, time, ...run });
      }
      return found;
    },
    load: (next) => program.load(Object.fromEntries(next)),
    close: () => program.release(),
  };
}

/** Windows of what a network sees: the first counts whole, the others by their second half. */
function windows(length: number, sequence: number, sees: number): Part[] {
  const half = Math.max(1, sees >> 1);
  const parts: Part[] = [];
  for (let counts = 0, to = sees; counts < length; counts = to, to += half)
    parts.push({ sequence, from: Math.max(0, to - sees), counts, to: Math.min(to, length) });
  return parts;
}

/** The whole, or parts of a long sequence that together fill the rows. */
function statefulParts(
  length: number,
  sequence: number,
  { exact, batchSize }: { exact: boolean; batchSize: number },
): Part[] {
  const each = exact ? length : Math.max(4 * warmUp, Math.ceil(length / batchSize));
  const parts: Part[] = [];
  for (let counts = 0; counts < length; counts += each)
    parts.push({
      sequence,
      from: Math.max(0, counts - warmUp),
      counts,
      to: Math.min(length, counts + each),
    });
  return parts;
}

interface Reading {
  readonly sequences: readonly Int32Array[];
  readonly found: readonly Float64Array[];
  /** Tokens read at once. */
  readonly time: number;
  readonly program: Program;
  readonly boundary: number;
  readonly shapes: readonly (readonly Dim[])[];
}

async function readParts(rows: readonly Part[], reading: Reading): Promise<void> {
  const { sequences, found, time, program, boundary, shapes } = reading;
  const longest = Math.max(...rows.map(({ from, to }) => to - from));
  let carried: HostTensor[] = shapes.map((shape) => zeros([rows.length, ...(shape.slice(1) as number[])]));
  for (let at = 0; at < longest; at += time) {
    const width = Math.min(time, longest - at);
    const shape = [rows.length, width];
    const tokens = new Int32Array(rows.length * width).fill(boundary);
    const targets = new Int32Array(rows.length * width).fill(-1);
    rows.forEach((part, row) => {
      const all = sequences[part.sequence]!;
      const [from, to] = [part.from + at, Math.min(part.to, part.from + at + width)];
      if (to <= from) return;
      tokens.set(all.subarray(Math.max(0, from - 1), to - 1), row * width + (from === 0 ? 1 : 0));
      targets.set(all.subarray(from, to), row * width);
    });
    const results = await program.run({
      tokens: { dtype: 'int32', shape, data: tokens },
      targets: { dtype: 'int32', shape, data: targets },
      ...Object.fromEntries(carried.map((tensor, i) => [`state.${i}`, tensor])),
    });
    carried = carried.map((_, i) => results[`next.${i}`]!);
    const logs = results.logs!.data;
    rows.forEach(({ sequence, from, counts, to }, row) => {
      for (let i = Math.max(counts, from + at); i < Math.min(to, from + at + width); i++)
        found[sequence]![i] = logs[row * width + i - from - at]!;
    });
  }
}

const zeros = (shape: readonly number[]): HostTensor => ({
  dtype: 'float32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
