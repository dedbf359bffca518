import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { geneticCode } from '../data/genetic-codes.ts';
import { openReadingFrames, prokaryoticStarts } from '../data/orf.ts';
import type { RunReport } from '../report/run-report.ts';
import { checkWhole } from './built-in-data.ts';
import { type FindOptions, genesOnnx } from './genes/find.ts';
import { aroundCircle, type Contig, type Gene } from './genes/gene.ts';
import type { WindowOptions } from './genes/learn.ts';
import { orfFinder } from './genes/orf-finder.ts';
import { type ReadContigs, readContigs } from './genes/read.ts';
import { genesReport } from './genes/report.ts';
import { plantedContig, realGenes } from './genes/simulate.ts';
import {
  codons,
  divided,
  foundBy,
  type Taught,
  type Teaching,
  taughtByAnnotation,
  taughtByItself,
} from './genes/teach.ts';
import { genesGff3, proteinsFasta } from './genes/write.ts';
import type { Recipe, RecipeContext, RecipeInput, RecipeResult } from './recipe.ts';
import { sideBySide } from './side-by-side.ts';

/** Who teaches the network: the annotation of the input, the input's own long reading frames, or planted genes of E. coli. */
const teachers = ['auto', 'annotation', 'self', 'examples'] as const;
export type Teacher = (typeof teachers)[number];

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

/** What is learned from, and where genes are to be found. */
export interface GenesPlan {
  /** How each network is taught; the first is the one that is left behind. */
  readonly ways: readonly {
    readonly teacher: Exclude<Teacher, 'auto'>;
    readonly contigs: readonly Contig[];
  }[];
  /** Where the figures come from; genes may be unknown. */
  readonly tested: readonly Contig[];
  /** Where genes are written for. */
  readonly written: readonly Contig[];
  readonly read: Pick<ReadContigs, 'sources' | 'skipped'>;
  readonly notes: readonly string[];
  readonly builtIn: boolean;
}

async function planOf(config: GenesConfig, context: RecipeContext): Promise<GenesPlan> {
  const { seed, quick, input } = context;
  const pool = await realGenes(seed);
  const count = quick ? Math.ceil(config.genes / 2) : config.genes;
  if (input) {
    const all = plantedContig(pool, { id: 'learned', seed });
    return inputPlan(input, all, config, context);
  }
  const examples = plantedContig(pool.slice(0, count), { id: 'learned', seed });
  const rest = pool.slice(count, count + (quick ? Math.ceil(config.tested / 2) : config.tested));
  const tested = [plantedContig(rest, { id: 'planted', seed })];
  return {
    ways: [
      { teacher: 'annotation', contigs: [examples] },
      { teacher: 'self', contigs: [examples, ...tested].map(({ genes: _, ...contig }) => contig) },
    ],
    tested,
    written: tested,
    read: { sources: [], skipped: [] },
    notes: [
      `${pool.length} real coding sequences of E. coli come with the package; ${count} of them are planted on the contig that is learned from, every third shortened to 30 to 150 codons, and ${rest.length} others on the tested one, in operons on both strands, some sharing one or four bases. What lies between has the dinucleotides of genes, and ribosome binding sites are planted before most starts behind a gap.`,
      'The network that teaches itself reads both contigs and is told of no gene.',
    ],
    builtIn: true,
  };
}

/** Annotated genes from which on they teach better than other genomes do, and bases from which on a genome can teach itself. */
const [enoughGenes, enoughBases] = [100, 200_000];

async function inputPlan(
  { path, options = {} }: RecipeInput,
  examples: Contig,
  { learn, test, ...config }: GenesConfig,
  { seed }: RecipeContext,
): Promise<GenesPlan> {
  const { labels, ambiguous } = options;
  const read = await readContigs(
    path,
    { code: geneticCode(config.code), starts: config.starts },
    { ...(labels !== undefined && { annotation: labels }), ...(ambiguous && { ambiguous }) },
  );
  const { contigs } = read;
  const known = contigs.reduce((sum, { genes = [] }) => sum + genes.length, 0);
  const bases = contigs.reduce((sum, { sequence }) => sum + sequence.length, 0);
  const chosen = known >= enoughGenes ? 'annotation' : bases >= enoughBases ? 'self' : 'examples';
  const teacher = learn === 'auto' ? chosen : learn;
  if (teacher === 'annotation' && known === 0)
    throw usageError(
      `learn=annotation needs annotated genes; ${path} has none${labels === undefined ? '. Give GFF3 with --labels, or GenBank' : ` in ${labels}`}.`,
    );
  const rest = { written: contigs, read, builtIn: false };
  if (teacher === 'annotation') {
    const parts = divided(contigs, { test, seed });
    return {
      ...rest,
      ways: [{ teacher, contigs: parts.train }],
      tested: parts.test,
      notes: [
        `Learned from the annotation of ${parts.train.length} stretches and tested on ${parts.test.length} others of the same contigs; the genes that are written are those of all of it.`,
      ],
    };
  }
  const how =
    teacher === 'self'
      ? 'The network taught itself on the input, from long reading frames on; annotation, where there is any, is only held against what it finds.'
      : 'The network learned from planted genes of E. coli, and never from the input; far relatives with other codons may be read less well.';
  return {
    ...rest,
    ways: [{ teacher, contigs: teacher === 'self' ? contigs : [examples] }],
    tested: contigs,
    notes: [how],
  };
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

/** The recipe on a plan. */
export async function runGenes(
  plan: GenesPlan,
  config: GenesConfig,
  context: RecipeContext,
): Promise<RecipeResult> {
  const began = performance.now();
  for (const text of plan.notes) context.onEvent?.({ kind: 'note', text });
  const find: FindOptions = {
    shape: { ...config.model, code: geneticCode(config.code), starts: config.starts },
    minLength: config.minLength,
    overlap: config.overlap,
    least: config.least,
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
  { seed, quick, device, threads, signal, onEvent }: RecipeContext,
): Promise<WayFound[]> {
  const lanes = threads > 1 && ways.length > 1 ? 2 : 1;
  const each = lanes === 2 ? 1 : Math.min(2, threads);
  const shares = ways.map(() => 0);
  const epochs = quick ? Math.ceil((training.epochs as number) / 2) : (training.epochs as number);
  const work = ways.map(({ teacher, contigs }, w) => async (): Promise<WayFound> => {
    const teaching: Teaching = {
      find,
      training: { ...training, epochs },
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
            rounds: quick ? Math.min(2, rounds) : rounds,
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
