import { usageError } from '../../core/errors.ts';
import { planBatches } from '../../data/batch.ts';
import { input, mul, oneHot, sum } from '../../graph/library.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { StateSpec } from '../../runtime/program.ts';
import { forcedGraph, translatorSizes } from './network.ts';
import { paddedSources } from './runner.ts';
import type { TranslatorSpec } from './spec.ts';

/** A source (without its end) and a target (with its end, where it has one) as tokens. */
export interface TokenPair {
  readonly source: Int32Array;
  readonly target: Int32Array;
  /** As long as the target: what the decoder reads in its place while the target is what it should write, such as its own rollout. */
  readonly read?: Int32Array;
}

/** Scores known targets. */
export interface ForcedScores {
  /** ln P of every token of every target given the source and the tokens before, in the order of the pairs. */
  score(pairs: readonly TokenPair[]): Promise<Float64Array[]>;
  /**
   * Where the network looked for every token of every target: rows of target tokens, one weight a source token and one for its end, adding
   * up to 1. Throws a usage error for networks without attention.
   */
  attention(pairs: readonly TokenPair[]): Promise<Float32Array[]>;
  /** Other weights from now on. */
  load(weights: ReadonlyMap<string, Float32Array>): Promise<void>;
  close(): Promise<void>;
}

/** Places × tokens of the vocabulary that one run may hold. */
const most = 2 ** 24;

/** Compiles the scoring of known targets, each read at once; `close` frees the memory of the runtime. */
export async function openForced(
  spec: TranslatorSpec,
  weights: ReadonlyMap<string, Float32Array>,
  where: CompileOptions = {},
): Promise<ForcedScores> {
  const graph = forcedGraph(spec);
  const { reads, writes } = translatorSizes(spec);
  const labels = input('labels', ['batch', 'time'], 'int32');
  const state = [...graph.weights].map(([path, value]): [string, StateSpec] => [
    path,
    { value, initial: weights.get(path)! },
  ]);
  const program = await compile(
    {
      inputs: { ...graph.inputs, labels },
      outputs: {
        logs: sum(mul(oneHot(labels, writes), graph.logProbabilities), -1),
        ...(graph.attention && { attention: graph.attention }),
      },
      state: Object.fromEntries(state),
    },
    where,
  );
  /** Runs the pairs in batches of like lengths, and tells what came out for each. */
  async function read(
    pairs: readonly TokenPair[],
    found: (pair: number, row: number, results: Readonly<Record<string, HostTensor>>) => void,
  ): Promise<void> {
    const known = pairs.flatMap(({ target }, i) => (target.length > 0 ? [i] : []));
    const lengths = Int32Array.from(known, (i) => pairs[i]!.source.length + pairs[i]!.target.length);
    const maxTokens = Math.max(1, Math.floor(most / writes));
    for (const rows of planBatches(lengths, { batchSize: 64, maxTokens, shuffle: false })) {
      const batch = Array.from(rows, (row) => pairs[known[row]!]!);
      const sources = batch.map(({ source }) => source);
      const feeds = { ...paddedSources(sources, reads - 1), ...shiftedTargets(batch, writes) };
      const results = await program.run(feeds);
      rows.forEach((row, b) => {
        found(known[row]!, b, results);
      });
    }
  }
  return {
    async score(pairs) {
      const scores = pairs.map(({ target }) => new Float64Array(target.length));
      await read(pairs, (pair, row, { logs }) => {
        const from = row * logs!.shape[1]!;
        const own = scores[pair]!;
        own.set((logs!.data as Float32Array).subarray(from, from + own.length));
      });
      return scores;
    },
    async attention(pairs) {
      if (!graph.attention)
        throw usageError('This translator has no attention; train one with attention additive or dot.');
      const weights = pairs.map(
        ({ source, target }) => new Float32Array(target.length * (source.length + 1)),
      );
      await read(pairs, (pair, row, { attention }) => {
        const [, time, keys] = attention!.shape as [number, number, number];
        const width = pairs[pair]!.source.length + 1;
        for (let t = 0; t < pairs[pair]!.target.length; t++) {
          const from = (row * time + t) * keys;
          weights[pair]!.set((attention!.data as Float32Array).subarray(from, from + width), t * width);
        }
      });
      return weights;
    },
    load: (next) => program.load(Object.fromEntries(next)),
    close: () => program.release(),
  };
}

/** What the label of padding is; it counts for nothing. */
export const noLabel = -1;

/** Targets side by side: what is read, one place behind with the start first, and what is to be foretold. */
export function shiftedTargets(
  pairs: readonly Pick<TokenPair, 'target' | 'read'>[],
  start: number,
): Record<'target' | 'labels', HostTensor> {
  const time = pairs.reduce((longest, { target }) => Math.max(longest, target.length), 1);
  const shape = [pairs.length, time];
  const target = new Int32Array(pairs.length * time).fill(start);
  const labels = new Int32Array(pairs.length * time).fill(noLabel);
  pairs.forEach(({ target: tokens, read = tokens }, row) => {
    target.set(read.subarray(0, tokens.length - 1), row * time + 1);
    labels.set(tokens, row * time);
  });
  return {
    target: { dtype: 'int32', shape, data: target },
    labels: { dtype: 'int32', shape, data: labels },
  };
}
