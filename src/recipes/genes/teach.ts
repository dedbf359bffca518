import { dataError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import type { FitResult } from '../../train/fit-loop.ts';
import type { FitOptions, RunOptions } from '../../train/options.ts';
import type { Weights } from '../../train/start.ts';
import { type FindOptions, findGenes, openScorer } from './find.ts';
import { aroundCircle, type Contig, type Gene } from './gene.ts';
import { fitGenes, lessonOf, type WindowOptions } from './learn.ts';
import { orfFinder } from './orf-finder.ts';

/** How a network is taught, whatever its teacher. */
export interface Teaching {
  readonly find: FindOptions;
  readonly training: WindowOptions & Partial<FitOptions>;
  readonly seed: number;
  readonly run: RunOptions;
  /** 0 to 1. */
  readonly onProgress: (done: number) => void;
}

/** A network that knows genes. */
export interface Taught {
  readonly weights: Weights;
  readonly fit: FitResult;
  /** What it believed after each round of teaching itself. */
  readonly supposed?: readonly number[];
}

const watching = (run: RunOptions, onEpoch: (share: number) => void): RunOptions => ({
  ...run,
  onEvent: (event) => {
    if (event.kind === 'batch') onEpoch((event.epoch - 1 + event.batch / event.batches) / event.epochs);
  },
});

/** Learns from annotated genes. */
export async function taughtByAnnotation(
  contigs: readonly Contig[],
  { find, training, seed, run, onProgress }: Teaching,
  initial?: Weights,
): Promise<Taught> {
  const lessons = contigs.map((contig) => lessonOf(contig, contig.genes ?? []));
  const options = { ...training, seed };
  const fit = await fitGenes(lessons, find.shape, options, {
    ...watching(run, onProgress),
    ...(initial && { initial }),
  });
  return { weights: fit.weights, fit };
}

/** Long open reading frames, of which hardly any come by chance, are enough where there are so many. */
const fewest = 20;

/**
 * Learns from no annotation at all: long open reading frames are taken for genes (as Glimmer does; Delcher et al. 1999), a network learns them, what it then
 * finds is taken for genes in their place, and so on. Starts, which the first round takes to be the farthest ones, settle where the network sees a reason for them.
 */
export async function taughtByItself(
  contigs: readonly Contig[],
  {
    rounds,
    long,
    favour,
    ...teaching
  }: Teaching & { rounds: number; long: number; favour: number; initial?: Weights },
): Promise<Taught> {
  const { find, training, seed, run, onProgress } = teaching;
  let supposed = contigs.map(({ sequence }) =>
    orfFinder(sequence, { ...codons(find), minLength: long, overlap: 30 }),
  );
  if (supposed.flat().length < fewest)
    throw dataError(
      `${supposed.flat().length} open reading frames of ${long} bases are too few to learn from; at least ${fewest} are needed. Use --set learn=examples, which brings a network that knows other genes, or --set long=${Math.max(90, Math.round(long / 2))}.`,
    );
  const counts = [supposed.flat().length];
  let fit: FitResult | undefined;
  for (let round = 0; round < rounds; round++) {
    const lessons = contigs.map((contig, c) => lessonOf({ ...contig, unclear: [] }, supposed[c]!));
    const initial = fit?.weights ?? teaching.initial;
    fit = await fitGenes(
      lessons,
      find.shape,
      { ...training, seed: seed + round },
      {
        ...watching(run, (share) => onProgress((round + share) / rounds)),
        ...(initial && { initial }),
      },
    );
    if (round + 1 === rounds) break;
    // A gene that was cut has no start or no stop to learn from.
    supposed = await foundBy(fit.weights, contigs, { ...find, favour, edges: false }, run);
    counts.push(supposed.flat().length);
  }
  return { weights: fit!.weights, fit: fit!, supposed: counts };
}

export const codons = ({ shape: { code, starts } }: FindOptions) => ({ code, starts });

/** The genes of contigs as a network finds them. */
export async function foundBy(
  weights: Weights,
  contigs: readonly Contig[],
  find: FindOptions,
  { device, threads }: CompileOptions,
): Promise<Gene[][]> {
  const scorer = await openScorer(find.shape, weights, { ...(device && { device }), threads: threads ?? 1 });
  try {
    const found: Gene[][] = [];
    for (const contig of contigs) {
      const options = { ...find, edges: find.edges === true && !contig.circular };
      found.push(await aroundCircle(contig, (sequence) => findGenes({ sequence }, scorer, weights, options)));
    }
    return found;
  } finally {
    await scorer.release();
  }
}

/** Bases of the stretches that annotated contigs are divided into, to learn from some and be tested on others. */
const blockSize = 20_000;

/** Annotated contigs in stretches, a share of them to be tested; a gene that a cut meets belongs to neither side. */
export function divided(
  contigs: readonly Contig[],
  { test, seed }: { test: number; seed: number },
): { train: Contig[]; test: Contig[] } {
  const blocks = contigs.flatMap(blocksOf);
  const order = randomStream(seed, 'genes', 'test').shuffle(blocks.map((_, i) => i));
  const tested = new Set(order.slice(0, Math.max(1, Math.round(test * blocks.length))));
  return {
    train: blocks.filter((_, i) => !tested.has(i)),
    test: blocks.filter((_, i) => tested.has(i)),
  };
}

function blocksOf(contig: Contig): Contig[] {
  const { id, sequence } = contig;
  const count = Math.max(1, Math.round(sequence.length / blockSize));
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [i, i + 1].map((k) => Math.round((k * sequence.length) / count)) as [number, number];
    const here = (genes: readonly Gene[]) =>
      genes
        .filter(({ start, end }) => start < to && end > from)
        .map((gene) => ({ ...gene, start: gene.start - from, end: gene.end - from }));
    const all = here(contig.genes ?? []);
    const inside = ({ start, end }: Gene) => start >= 0 && end <= to - from;
    return {
      id: `${id}:${from + 1}-${to}`,
      sequence: sequence.slice(from, to),
      circular: false,
      genes: all.filter(inside),
      unclear: [...here(contig.unclear), ...all.filter((gene) => !inside(gene))],
    };
  });
}
