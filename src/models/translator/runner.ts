import type { Dim } from '../../graph/dims.ts';
import { dimSub } from '../../graph/dims.ts';
import { reshape, slice } from '../../graph/library.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { Program } from '../../runtime/program.ts';
import {
  encodeGraph,
  growsWithPast,
  numbered,
  stepGraph,
  translatorNetwork,
  translatorSizes,
} from './network.ts';
import type { TranslatorSpec } from './spec.ts';

/** A row of what a run left. */
interface Row {
  readonly tensors: readonly HostTensor[];
  readonly row: number;
}

/** What the encoder made of one source; `memory` holds those of its run, padded to the longest. */
export interface EncodedSource {
  readonly memory: HostTensor;
  readonly row: number;
  /** Places of the source, its end included. */
  readonly length: number;
  /** What a decoder that carries states begins with. */
  readonly initial: Row | undefined;
}

/** What reading one more piece of a target gave. */
export interface Written {
  /** ln P of the next token. */
  readonly logs: Float32Array;
  /** One weight a place of the source, its end included. */
  readonly attention?: Float32Array;
  readonly carried: Row;
}

/** A piece of a target to be read. */
export interface Piece {
  readonly source: EncodedSource;
  readonly pending: Int32Array;
  readonly continues: Written | undefined;
}

/** Runs the two halves of a translator for many rows at once. */
export interface Runner {
  encode(sources: readonly Int32Array[]): Promise<EncodedSource[]>;
  /** Pieces of equal length, after prefixes of equal length. */
  step(pieces: readonly Piece[]): Promise<Written[]>;
  close(): Promise<void>;
}

type Part = 'encode' | 'begin' | 'continue';

/** The programs of a translator, each compiled when it is first needed; `close` frees the runtime's memory. */
export function openRunner(
  spec: TranslatorSpec,
  weights: ReadonlyMap<string, Float32Array>,
  where: CompileOptions,
): Runner {
  const opened: Partial<Record<Part, Promise<Program>>> = {};
  const open = (part: Part) => {
    opened[part] ??= compilePart(part, spec, weights, where);
    return opened[part];
  };
  const network = translatorNetwork(spec);
  const grows = growsWithPast(network);
  const { writes, reads } = translatorSizes(spec);
  return {
    async encode(sources) {
      const { source, sourceLengths } = paddedSources(sources, reads - 1);
      const program = await open('encode');
      const results = await program.run({ source, sourceLengths });
      const initial = listed(results, 'initial');
      return sources.map((own, row) => ({
        memory: results.memory!,
        row,
        length: own.length + 1,
        initial: grows ? undefined : { tensors: initial, row },
      }));
    },
    async step(pieces) {
      const rows = pieces.map(({ continues, source }) => continues?.carried ?? source.initial);
      const carried = rows[0] ? (rows as Row[]) : undefined;
      const program = await open(carried ? 'continue' : 'begin');
      const time = pieces[0]!.pending.length;
      const target = new Int32Array(pieces.length * time);
      pieces.forEach(({ pending }, i) => {
        target.set(pending, i * time);
      });
      const lengths = Int32Array.from(pieces, ({ source }) => source.length);
      const results = await program.run({
        memory: joinedMemory(pieces.map(({ source }) => source)),
        sourceLengths: { dtype: 'int32', shape: [pieces.length], data: lengths },
        target: { dtype: 'int32', shape: [pieces.length, time], data: target },
        ...(carried && joinedStates(carried)),
      });
      const tensors = listed(results, 'next');
      const keys = results.attention?.shape[1] ?? 0;
      const floats = (name: string) => results[name]!.data as Float32Array;
      return pieces.map(({ source }, row) => ({
        logs: floats('logs').subarray(row * writes, (row + 1) * writes),
        ...(network.attends && {
          attention: floats('attention').slice(row * keys, row * keys + source.length),
        }),
        carried: { tensors, row },
      }));
    },
    async close() {
      for (const program of Object.values(opened)) await (await program).release();
    },
  };
}

const listed = (results: Readonly<Record<string, HostTensor>>, name: string): HostTensor[] =>
  Object.keys(results)
    .filter((key) => key.startsWith(`${name}.`))
    .map((_, i) => results[`${name}.${i}`]!);

function compilePart(
  part: Part,
  spec: TranslatorSpec,
  weights: ReadonlyMap<string, Float32Array>,
  where: CompileOptions,
): Promise<Program> {
  const graph = part === 'encode' ? encodeParts(spec) : stepParts(spec, part === 'continue');
  const constants = new Map([...graph.weights].map(([path, value]) => [value, weights.get(path)!]));
  return compile({ inputs: graph.inputs, outputs: graph.outputs, constants }, where);
}

function encodeParts(spec: TranslatorSpec) {
  const { inputs, memory, initial, weights } = encodeGraph(spec);
  return { inputs, outputs: { memory, ...numbered('initial', initial) }, weights };
}

/** Of a piece only what follows its last token is wanted. */
function stepParts(spec: TranslatorSpec, continues: boolean) {
  const graph = stepGraph(spec, { continues });
  const last = (v: (typeof graph)['logProbabilities']) => {
    const [batch, time, width] = v.shape as [Dim, Dim, Dim];
    return reshape(slice(v, 1, dimSub(time, 1)), [batch, width]);
  };
  return {
    inputs: { ...graph.inputs, ...numbered('state', graph.before) },
    outputs: {
      logs: last(graph.logProbabilities),
      ...(graph.attention && { attention: last(graph.attention) }),
      ...numbered('next', graph.after),
    },
    weights: graph.weights,
  };
}

/** Sources side by side, each with its end; padding is never read. */
export function paddedSources(sources: readonly Int32Array[], end: number) {
  const keys = sources.reduce((most, { length }) => Math.max(most, length), 0) + 1;
  const data = new Int32Array(sources.length * keys).fill(end);
  sources.forEach((tokens, row) => {
    data.set(tokens, row * keys);
  });
  return {
    source: { dtype: 'int32', shape: [sources.length, keys], data } as HostTensor,
    sourceLengths: {
      dtype: 'int32',
      shape: [sources.length],
      data: Int32Array.from(sources, ({ length }) => length + 1),
    } as HostTensor,
  };
}

const isWhole = (rows: readonly { row: number }[], tensor: HostTensor, same: boolean) =>
  same && rows.length === tensor.shape[0] && rows.every(({ row }, i) => row === i);

/** The memory of each row's source, as long as the longest. */
function joinedMemory(sources: readonly EncodedSource[]): HostTensor {
  const first = sources[0]!.memory;
  if (
    isWhole(
      sources,
      first,
      sources.every(({ memory }) => memory === first),
    )
  )
    return first;
  const width = first.shape[2]!;
  const keys = sources.reduce((most, { length }) => Math.max(most, length), 0);
  const data = new Float32Array(sources.length * keys * width);
  sources.forEach(({ memory, row, length }, i) => {
    const from = row * memory.shape[1]! * width;
    data.set((memory.data as Float32Array).subarray(from, from + length * width), i * keys * width);
  });
  return { dtype: 'float32', shape: [sources.length, keys, width], data };
}

/** The rows' tensors side by side; those of one and the same run in their order need no copy. */
function joinedStates(rows: readonly Row[]): Record<string, HostTensor> {
  const { tensors } = rows[0]!;
  const same = rows.every((own) => own.tensors === tensors);
  return Object.fromEntries(
    tensors.map((tensor, i) => [
      `state.${i}`,
      isWhole(rows, tensor, same) ? tensor : gathered(rows, i, tensor.shape),
    ]),
  );
}

function gathered(rows: readonly Row[], which: number, like: readonly number[]): HostTensor {
  const shape = [rows.length, ...like.slice(1)];
  const each = shape.slice(1).reduce((a, b) => a * b, 1);
  const data = new Float32Array(rows.length * each);
  rows.forEach(({ tensors, row }, i) => {
    data.set((tensors[which]!.data as Float32Array).subarray(row * each, (row + 1) * each), i * each);
  });
  return { dtype: 'float32', shape, data };
}
