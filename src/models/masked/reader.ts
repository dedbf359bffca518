import { planBatches } from '../../data/batch.ts';
import { dimProduct } from '../../graph/dims.ts';
import { gather, input, logSoftmax, reshape } from '../../graph/library.ts';
import { topological, type Value } from '../../graph/value.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { Program } from '../../runtime/program.ts';
import { type MaskedGraph, maskedGraph } from './network.ts';
import type { MaskedSpec } from './spec.ts';
import { maskedVocabulary } from './vocabulary.ts';

/** A sequence as a network is to read it, and the places of it that are asked about. */
export interface MaskedRow {
  readonly tokens: Int32Array;
  readonly places: readonly number[];
}

/** Reads sequences with a masked model. */
export interface MaskedReader {
  /**
   * ln P of every token in each of the places that rows ask about, in their order: `found` is told row, number of the place within the row, and
   * the logarithms [writes], which are valid only during the call. Rows are read as they stand; none may be longer than the context.
   */
  read(
    rows: readonly MaskedRow[],
    found: (row: number, place: number, logs: Float32Array) => void,
  ): Promise<void>;
  /**
   * The same for places of sequences of any length that are hidden one at a time, each with the tokens that share letters with it, in a window
   * of the context around it (Salazar et al. 2020).
   */
  hidden(
    sequences: readonly Int32Array[],
    places: readonly (readonly number[])[],
    found: (sequence: number, place: number, logs: Float32Array) => void,
  ): Promise<void>;
  /** The mean hidden state of each sequence, nothing hidden: float32 [size]. Long sequences are read in windows side by side. */
  embeddings(sequences: readonly Int32Array[]): Promise<Float32Array[]>;
  /** Other weights from now on. */
  load(weights: ReadonlyMap<string, Float32Array>): Promise<void>;
  close(): Promise<void>;
}

/** Tokens that one run may hold, and places × tokens of the vocabulary. */
const mostTokens = 16_384;
const mostLogs = 2 ** 23;
const rowsAtOnce = 256;

/** Compiles the reading of sequences; `close` frees the memory of the runtime. */
export async function openMaskedReader(
  spec: MaskedSpec,
  weights: ReadonlyMap<string, Float32Array>,
  where: CompileOptions = {},
): Promise<MaskedReader> {
  const graph = maskedGraph(spec);
  const vocabulary = maskedVocabulary(spec);
  const { context, size } = graph.network;
  const program = programs(graph, weights, where);
  const read: MaskedReader['read'] = async (rows, found) => {
    const asked = rows.flatMap(({ places }, i) => (places.length > 0 ? [i] : []));
    const most = Math.max(1, ...asked.map((i) => rows[i]!.places.length));
    const batchSize = Math.max(1, Math.min(rowsAtOnce, Math.floor(mostLogs / (vocabulary.writes * most))));
    const lengths = Int32Array.from(asked, (i) => rows[i]!.tokens.length);
    for (const batch of planBatches(lengths, { batchSize, maxTokens: mostTokens, shuffle: false }))
      await readBatch(
        await program('logs'),
        Array.from(batch, (i) => ({ ...rows[asked[i]!]!, row: asked[i]! })),
        vocabulary.mask,
        found,
      );
  };
  return {
    read,
    async hidden(sequences, places, found) {
      // Rows are made piece by piece: together they would be as large as the square of a sequence.
      let rows: (MaskedRow & { sequence: number; place: number })[] = [];
      const flush = async () => {
        const now = rows;
        rows = [];
        await read(now, (row, _, logs) => found(now[row]!.sequence, now[row]!.place, logs));
      };
      for (const [sequence, own] of places.entries())
        for (const place of own) {
          rows.push({ ...hiddenRow(sequences[sequence]!, place, context, vocabulary), sequence, place });
          if (rows.length === 4096) await flush();
        }
      await flush();
    },
    async embeddings(sequences) {
      const parts = sequences.flatMap((tokens, sequence) =>
        pieces(tokens, context).map((piece) => ({ piece, sequence })),
      );
      const means = sequences.map(() => new Float32Array(size));
      const lengths = Int32Array.from(parts, ({ piece }) => piece.length);
      for (const batch of planBatches(lengths, {
        batchSize: rowsAtOnce,
        maxTokens: mostTokens,
        shuffle: false,
      })) {
        const rows = Array.from(batch, (i) => parts[i]!);
        const feeds = padded(
          rows.map(({ piece }) => piece),
          vocabulary.mask,
        );
        const { embedding } = await (await program('embedding')).run(feeds);
        rows.forEach(({ piece, sequence }, r) => {
          const share = piece.length / sequences[sequence]!.length;
          const mean = means[sequence]!;
          for (let d = 0; d < size; d++) mean[d]! += share * embedding!.data[r * size + d]!;
        });
      }
      return means;
    },
    load: program.load,
    close: program.close,
  };
}

/** What a program of a model gives, each compiled when it is first asked for. */
interface Parts {
  (part: 'logs' | 'embedding'): Promise<Program>;
  load(weights: ReadonlyMap<string, Float32Array>): Promise<void>;
  close(): Promise<void>;
}

function programs(
  graph: MaskedGraph,
  weights: ReadonlyMap<string, Float32Array>,
  where: CompileOptions,
): Parts {
  let current = weights;
  const open = new Map<string, { paths: readonly string[]; program: Promise<Program> }>();
  const get = (part: 'logs' | 'embedding') => {
    const made = open.get(part) ?? openPart(graph, current, part, where);
    open.set(part, made);
    return made.program;
  };
  return Object.assign(get, {
    async load(next: ReadonlyMap<string, Float32Array>) {
      current = next;
      for (const { paths, program } of open.values())
        await (await program).load(Object.fromEntries(paths.map((path) => [path, next.get(path)!])));
    },
    async close() {
      for (const { program } of open.values()) await (await program).release();
    },
  });
}

function openPart(
  graph: MaskedGraph,
  weights: ReadonlyMap<string, Float32Array>,
  part: 'logs' | 'embedding',
  where: CompileOptions,
) {
  const { tokens, lengths, logits, embedding } = graph;
  const places = input('places', ['places'], 'int32');
  const [inputs, outputs] =
    part === 'embedding'
      ? [{ tokens, lengths }, { embedding }]
      : [{ tokens, lengths, places }, { logs: logSoftmax(gather(flat(logits), places)) }];
  const used = new Set(topological(Object.values<Value>(outputs)).flatMap((node) => node.outputs));
  const held = [...graph.weights].filter(([, value]) => used.has(value));
  const state = Object.fromEntries(
    held.map(([path, value]) => [path, { value, initial: weights.get(path)! }]),
  );
  return {
    paths: held.map(([path]) => path),
    program: compile({ inputs, outputs, state }, where),
  };
}

const flat = (x: Value): Value => reshape(x, [dimProduct(x.shape.slice(0, 2)), x.shape[2]!]);

async function readBatch(
  program: Program,
  rows: readonly (MaskedRow & { row: number })[],
  padding: number,
  found: (row: number, place: number, logs: Float32Array) => void,
): Promise<void> {
  const feeds = padded(
    rows.map(({ tokens }) => tokens),
    padding,
  );
  const time = feeds.tokens.shape[1]!;
  const asked = rows.flatMap(({ places }, r) => places.map((place) => r * time + place));
  const places: HostTensor = { dtype: 'int32', shape: [asked.length], data: Int32Array.from(asked) };
  const { logs } = await program.run({ ...feeds, places });
  const writes = logs!.shape[1]!;
  const data = logs!.data as Float32Array;
  let at = 0;
  for (const { row, places: own } of rows)
    for (let p = 0; p < own.length; p++, at++) found(row, p, data.subarray(at * writes, (at + 1) * writes));
}

function padded(sequences: readonly Int32Array[], padding: number) {
  const time = sequences.reduce((longest, { length }) => Math.max(longest, length), 1);
  const tokens = new Int32Array(sequences.length * time).fill(padding);
  sequences.forEach((sequence, row) => {
    tokens.set(sequence, row * time);
  });
  const lengths = Int32Array.from(sequences, ({ length }) => length);
  return {
    tokens: { dtype: 'int32', shape: [sequences.length, time], data: tokens },
    lengths: { dtype: 'int32', shape: [sequences.length], data: lengths },
  } satisfies Record<string, HostTensor>;
}

/** A window around a place, with that place hidden. */
function hiddenRow(
  tokens: Int32Array,
  place: number,
  context: number,
  { mask, maskable, overlap }: { mask: number; maskable: Uint8Array; overlap: number },
): MaskedRow {
  const from = Math.max(0, Math.min(place - (context >> 1), tokens.length - context));
  const window = tokens.slice(from, from + context);
  const at = place - from;
  for (let t = Math.max(0, at - overlap); t <= Math.min(window.length - 1, at + overlap); t++)
    if (maskable[window[t]!]) window[t] = mask;
  return { tokens: window, places: [at] };
}

/** Parts of at most `most` tokens, of nearly equal length. */
function pieces(tokens: Int32Array, most: number): Int32Array[] {
  const count = Math.ceil(tokens.length / most);
  return Array.from({ length: count }, (_, i) =>
    tokens.subarray(Math.round((i * tokens.length) / count), Math.round(((i + 1) * tokens.length) / count)),
  );
}
