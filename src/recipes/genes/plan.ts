import { usageError } from '../../core/errors.ts';
import { geneticCode } from '../../data/genetic-codes.ts';
import type { GenesConfig } from '../genes.ts';
import type { RecipeContext, RecipeInput } from '../recipe.ts';
import type { Contig } from './gene.ts';
import { type ReadContigs, readContigs } from './read.ts';
import { plantedContig, realGenes } from './simulate.ts';
import { divided } from './teach.ts';

/** Who teaches the network: the annotation of the input, the input's own long reading frames, or planted genes of E. coli. */
export const teachers = ['auto', 'annotation', 'self', 'examples'] as const;
export type Teacher = (typeof teachers)[number];

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

/** What a run is to do: on the example, or on the files that the user gave. */
export async function planOf(config: GenesConfig, context: RecipeContext): Promise<GenesPlan> {
  const { seed, quick, input } = context;
  const pool = await realGenes(seed);
  const count = quick ? Math.ceil(config.genes / 3) : config.genes;
  if (input) {
    const all = plantedContig(pool, { id: 'learned', seed });
    return inputPlan(input, all, config, context);
  }
  const examples = plantedContig(pool.slice(0, count), { id: 'learned', seed });
  const rest = pool.slice(count, count + config.tested);
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
const [enoughGenes, enoughBases] = [100, 40_000];

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
