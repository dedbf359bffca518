import { failure } from '../../core/errors.ts';
import { type RandomStream, randomStream } from '../../core/random.ts';
import { dna } from '../../data/alphabet.ts';
import { div, input } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { module } from '../../nn/module.ts';
import { crfLoss } from '../../nn/structured/index.ts';
import type { FitResult } from '../../train/fit-loop.ts';
import type { FitOptions, RunOptions } from '../../train/options.ts';
import type { Weights } from '../../train/start.ts';
import { type Feeds, learn, whole } from '../learn.ts';
import { type Contig, type Gene, leftToRight } from './gene.ts';
import { windowLabels } from './labels.ts';
import { chainSteps, geneReader, type ReaderShape } from './reader.ts';
import { frameChain } from './states.ts';

/** What windows are cut for learning. */
export interface WindowOptions {
  /** Bases of a window, a multiple of 3. */
  readonly window: number;
  /** Windows an epoch at most; a random choice where there are more. */
  readonly windows: number;
}

/** Bases on either side of a window that are read but not answered for; a multiple of 3. */
export const flank = 60;

/** The whole network: tokens[batch, flank + window + flank] → potentials of the chain over its steps. */
export const geneNetwork = (shape: ReaderShape) =>
  module({
    params: { reader: geneReader(shape, { flank }), chain: frameChain() },
    apply: ({ reader, chain }, tokens: Value) => chain(chainSteps(reader(tokens))),
  });

/** A contig as the network learns from it: its genes are known, or supposed. */
export interface Lesson {
  readonly tokens: Int32Array;
  readonly genes: readonly Gene[];
  readonly unclear: readonly Gene[];
}

export function lessonOf(
  { sequence, unclear }: Pick<Contig, 'sequence' | 'unclear'>,
  genes: readonly Gene[],
): Lesson {
  // Windows do not go over the origin.
  const crossing = genes.filter(({ end }) => end > sequence.length);
  return {
    tokens: dna.encode(sequence),
    genes: leftToRight(genes.filter(({ end }) => end <= sequence.length)),
    unclear: [
      ...unclear,
      ...crossing.flatMap((gene) => [gene, { ...gene, start: 0, end: gene.end - sequence.length }]),
    ],
  };
}

interface Window {
  readonly lesson: Lesson;
  readonly from: number;
}

/** Windows side by side over all contigs from a random place on, in random order; those with unclear stretches are left out. */
function cutWindows(
  lessons: readonly Lesson[],
  { window, windows }: WindowOptions,
  random: RandomStream,
): Window[] {
  const all = lessons.flatMap((lesson) => {
    const { length } = lesson.tokens;
    const first = random.below(window) - window;
    const count = Math.ceil((length - first) / window);
    return Array.from({ length: count }, (_, i): Window => ({ lesson, from: first + i * window })).filter(
      ({ from }) =>
        from + window > 0 && !lesson.unclear.some(({ start, end }) => start < from + window && end > from),
    );
  });
  return random.shuffle(all).slice(0, windows);
}

/** The letters from `from` on, padding where the sequence is not. */
export function lettersFrom(tokens: Int32Array, from: number, length: number): Int32Array {
  const letters = new Int32Array(length).fill(dna.padding);
  const low = Math.max(0, from);
  letters.set(tokens.subarray(low, Math.max(low, from + length)), low - from);
  return letters;
}

function feedOf(batch: readonly Window[], window: number): Feeds {
  const width = window + 2 * flank;
  const tokens = new Int32Array(batch.length * width);
  const labels = new Int32Array((batch.length * window) / 3);
  batch.forEach(({ lesson, from }, b) => {
    tokens.set(lettersFrom(lesson.tokens, from - flank, width), b * width);
    labels.set(windowLabels(lesson.genes, { from, span: window }), (b * window) / 3);
  });
  return { tokens: whole([batch.length, width], tokens), labels: whole([batch.length, window / 3], labels) };
}

/**
 * Fits the network to contigs whose genes are known or supposed, by the likelihood of whole windows under the chain (Lafferty, McCallum and Pereira
 * 2001). `initial`: weights to go on from.
 */
export function fitGenes(
  lessons: readonly Lesson[],
  shape: ReaderShape,
  { window, windows, seed, ...training }: WindowOptions & Partial<FitOptions> & { seed: number },
  { initial, ...run }: RunOptions & { initial?: Weights },
): Promise<FitResult> {
  const { batchSize = 16, ...options } = training;
  const inputs = {
    tokens: input('tokens', ['batch', window + 2 * flank], 'int32'),
    labels: input('labels', ['batch', window / 3], 'int32'),
  };
  return learn(
    {
      root: geneNetwork(shape),
      inputs,
      // Of a step, so that the figure does not depend on how long windows are.
      loss: (model) => div(crfLoss(model(inputs.tokens), inputs.labels), window / 3),
      batches(epoch) {
        const cut = cutWindows(lessons, { window, windows }, randomStream(seed, 'gene windows', epoch));
        if (cut.length === 0)
          throw failure(
            'genes: every window holds an annotation that cannot be used; nothing is left to learn from.',
          );
        return Array.from({ length: Math.ceil(cut.length / batchSize) }, (_, b) =>
          feedOf(cut.slice(b * batchSize, (b + 1) * batchSize), window),
        );
      },
      ...(initial && { initial }),
    },
    { ...options, seed, patience: 0 },
    run,
  );
}
