import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { geneticCode } from '../data/genetic-codes.ts';
import { openReadingFrames, prokaryoticStarts } from '../data/orf.ts';
import type { RunReport } from '../report/run-report.ts';
import { checkWhole } from './built-in-data.ts';
import { type FindOptions, genesOnnx } from './genes/find.ts';
import { aroundCircle, type Gene } from './genes/gene.ts';
import type { WindowOptions } from './genes/learn.ts';
import { orfFinder } from './genes/orf-finder.ts';
import { type GenesPlan, planOf, type Teacher, teachers } from './genes/plan.ts';
import { genesReport } from './genes/report.ts';
import {
  codons,
  foundBy,
  type Taught,
  type Teaching,
  taughtByAnnotation,
  taughtByItself,
} from './genes/teach.ts';
import { genesGff3, proteinsFasta } from './genes/write.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';
import { sideBySide } from './side-by-side.ts';

/** What `genes` may be told. */
export interface GenesConfig {
  readonly learn: Teacher;
  /** Translation table of the NCBI. */
  readonly code: number;
  readonly starts: readonly string[];
  /** Bases of the shortest gene, and those that neighbours may share on one strand and on two. */
  readonly minLength: number;
  readonly overlap: readonly [number, number];
  /** Nats that a gene must be worth. */
  readonly least: number;
  /** Whether genes that run off an end of a contig are looked for. */
  readonly edges: boolean;
  /** Without annotation: bases of the reading frames that are taken for genes at first, and how often what is found becomes what is learned. */
  readonly long: number;
  readonly rounds: number;
  /** Nats by which a gene may fall short and be taken for one between these rounds: what the first one left out was taught as intergenic. */
  readonly favour: number;
  /** Share of an annotated input that is tested. */
  readonly test: number;
  /** Of the example: genes to learn from and genes to be found. */
  readonly genes: number;
  readonly tested: number;
  readonly model: { readonly filters: number; readonly hidden: number; readonly dropout: number };
  readonly training: WindowOptions & Readonly<Record<string, unknown>>;
}

export const genesDefaults: GenesConfig = {
  learn: 'auto',
  code: 11,
  starts: prokaryoticStarts,
  minLength: 90,
  overlap: [60, 60],
  least: 0,
  edges: true,
  long: 300,
  rounds: 3,
  favour: 4,
  test: 0.3,
  genes: 300,
  tested: 80,
  model: { filters: 24, hidden: 24, dropout: 0.2 },
  training: { epochs: 10, batchSize: 16, rate: 5e-3, window: 600, windows: 400 },
};

/** Genes of bacteria, archaea and phages on a contig. */
export const genes: Recipe = {
  id: 'genes',
  title: 'Genes',
  summary:
    'Contigs → genes as GFF3 and their proteins, by convolutions and a bidirectional LSTM over the six reading frames and a CRF whose states are frames.',
  claim:
    'Real coding sequences planted on both strands are found with F1 of at least 0.9 at the stop, ahead of an ORF finder at its best and with more right starts; ahead of it also by a network that was told of no gene.',
  input: {
    what: 'contigs of bacteria, archaea or phages: GenBank or EMBL with or without genes, or FASTA, beside it GFF3 or GTF with --labels where genes are known.',
    options: ['labels', 'ambiguous'],
  },
  defaults: { ...genesDefaults },
  async run(given, context) {
    const config = { ...genesDefaults, ...given } as GenesConfig;
    checkConfig(config);
    return runGenes(await planOf(config, context), config, context);
  },
};

function checkConfig({
  learn,
  minLength,
  overlap,
  long,
  rounds,
  test,
  model,
  training,
  ...rest
}: GenesConfig): void {
  checkWhole({
    minLength,
    long,
    rounds,
    genes: rest.genes,
    tested: rest.tested,
    filters: model.filters,
    hidden: model.hidden,
    epochs: training.epochs,
    window: training.window,
    windows: training.windows,
  });
  if (!teachers.includes(learn))
    throw usageError(`learn: expected one of ${teachers.join(', ')}, received ${JSON.stringify(learn)}.`);
  if (training.window % 3 !== 0)
    throw usageError(`training.window: expected a multiple of 3, received ${training.window}.`);
  if (!(test > 0 && test < 0.9))
    throw usageError(`test: expected a share above 0 and below 0.9, received ${test}.`);
  if (!(rest.favour >= 0)) throw usageError(`favour: expected nats of at least 0, received ${rest.favour}.`);
  if (overlap.length !== 2 || overlap.some((bases) => !(Number.isSafeInteger(bases) && bases >= 0)))
    throw usageError(`overlap: expected two numbers of bases, received ${JSON.stringify(overlap)}.`);
  // Says what is wrong with code, starts and length.
  openReadingFrames('', { code: rest.code, starts: rest.starts, minLength });
}

/** What one way of learning arrived at. */
export interface WayFound {
  readonly teacher: Exclude<Teacher, 'auto'>;
  readonly taught: Taught;
  /** Genes of each tested contig. */
  readonly found: readonly (readonly Gene[])[];
}

/** All that a run found out. */
export interface GenesFindings {
  readonly plan: GenesPlan;
  readonly ways: readonly WayFound[];
  /** ORF finders by the shortest gene that they report. */
  readonly finders: readonly { readonly minLength: number; readonly found: readonly (readonly Gene[])[] }[];
  /** Genes of each written contig. */
  readonly written: readonly (readonly Gene[])[];
  readonly config: GenesConfig;
}

/**
 * A training of half as many passes: in smaller batches and larger steps, and without dropout, which keeps long trainings from learning by heart and
 * only slows down one that ends before it could.
 */
function inHaste({ training, model, rounds, ...config }: GenesConfig): GenesConfig {
  const { epochs, batchSize, rate } = { ...genesDefaults.training, ...training } as Record<string, number>;
  return {
    ...config,
    rounds: Math.min(2, rounds),
    model: { ...model, dropout: 0 },
    training: {
      ...training,
      epochs: Math.ceil(epochs! / 2),
      batchSize: Math.ceil(batchSize! / 2),
      rate: 2 * rate!,
    },
  };
}

/** The recipe on a plan. */
export async function runGenes(
  plan: GenesPlan,
  given: GenesConfig,
  context: RecipeContext,
): Promise<RecipeResult> {
  const began = performance.now();
  const config = context.quick ? inHaste(given) : given;
  for (const text of plan.notes) context.onEvent?.({ kind: 'note', text });
  const find: FindOptions = {
    shape: { ...config.model, code: geneticCode(config.code), starts: config.starts },
    minLength: config.minLength,
    overlap: config.overlap,
    least: config.least,
    edges: config.edges,
  };
  const ways = await taughtWays(plan, config, find, context);
  const [{ taught, found }] = ways as [WayFound];
  const finders: GenesFindings['finders'][number][] = [];
  for (const minLength of [90, 150, 210, 300, 420, 600]) {
    const each = plan.tested.map((contig) =>
      aroundCircle(contig, (sequence) => orfFinder(sequence, { ...codons(find), minLength, overlap: 60 })),
    );
    finders.push({ minLength, found: await Promise.all(each) });
  }
  const written =
    plan.written === plan.tested ? found : await foundBy(taught.weights, plan.written, find, context);
  const report: RunReport = {
    title: genes.title,
    recipe: genes.id,
    version,
    seed: context.seed,
    seconds: (performance.now() - began) / 1000,
    ...genesReport({ plan, ways, finders, written, config }, context),
  };
  return {
    report,
    extraFiles: {
      'genes.gff3': genesGff3(plan.written, written),
      'proteins.faa': proteinsFasta(plan.written, written, find.shape.code),
      'network.onnx': genesOnnx(find.shape, taught.weights),
    },
  };
}

async function taughtWays(
  { ways, tested }: GenesPlan,
  { training, rounds, long, favour }: GenesConfig,
  find: FindOptions,
  { seed, device, threads, signal, onEvent }: RecipeContext,
): Promise<WayFound[]> {
  const lanes = threads > 1 && ways.length > 1 ? 2 : 1;
  const each = lanes === 2 ? 1 : Math.min(2, threads);
  const shares = ways.map(() => 0);
  const epochs = training.epochs as number;
  const work = ways.map(({ teacher, contigs }, w) => async (): Promise<WayFound> => {
    const teaching: Teaching = {
      find,
      training,
      seed,
      run: { device, threads: each, worker: lanes > 1, ...(signal && { signal }) },
      onProgress: (done) => {
        shares[w] = done;
        const all = shares.reduce((a, b) => a + b) / shares.length;
        onEvent?.({ kind: 'progress', text: 'reading frames', done: 0.95 * all });
      },
    };
    const taught =
      teacher === 'self'
        ? await taughtByItself(contigs, {
            ...teaching,
            rounds,
            favour,
            long,
            training: { ...training, epochs: Math.ceil(0.6 * epochs) },
          })
        : await taughtByAnnotation(contigs, teaching);
    return { teacher, taught, found: await foundBy(taught.weights, tested, find, { device, threads: each }) };
  });
  const none = async () => undefined;
  const [a, b] = await sideBySide(lanes, [work[0]!, work[1] ?? none, none]);
  return b ? [a, b] : [a];
}
