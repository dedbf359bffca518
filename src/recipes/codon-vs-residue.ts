import { dataError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { dna } from '../data/alphabet.ts';
import type { Dataset } from '../data/dataset.ts';
import { readDataset } from '../data/read-dataset.ts';
import { splitIndices } from '../data/split/split.ts';
import type { RunReport } from '../report/run-report.ts';
import { assessPredictions } from '../train/assess.ts';
import { builtInSequences, checkWhole, dataOf } from './built-in-data.ts';
import { compareViews, type Seen } from './codon-vs-residue/compare.ts';
import { recode } from './codon-vs-residue/recode.ts';
import {
  type Compared,
  codonClaims,
  codonFigures,
  codonLead,
  codonTables,
  geneTable,
} from './codon-vs-residue/report.ts';
import { type AdaptivenessName, adaptationOf, adaptivenessOf, codonUsage } from './codon-vs-residue/usage.ts';
import { codonOfLetter, inFrame } from './codon-vs-residue/views.ts';
import { trainingOf } from './cross-validation-report.ts';
import { heldOutReport } from './held-out-report.ts';
import {
  labelledSequences,
  labelling,
  type Recipe,
  type RecipeContext,
  type RecipeResult,
} from './recipe.ts';

/** What `codon-vs-residue` may be told; see `codonDefaults`. */
export interface CodonConfig {
  /** How strongly the planted value chooses among synonymous codons. */
  readonly strength: number;
  /** Genes of the example, at most, and codons of a gene that the networks read, at most. */
  readonly genes: number;
  readonly codons: number;
  /** Translation table of the NCBI. */
  readonly table: number;
  /** Whose adaptiveness the index is by: ecoli, bsubtilis, yeast, own. */
  readonly adaptiveness: AdaptivenessName;
  /** Share of the genes that is tested. */
  readonly test: number;
  /** Networks for each tokenisation. */
  readonly seeds: number;
  readonly architecture: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
}

export const codonDefaults: CodonConfig = {
  strength: 0.3,
  genes: 999,
  codons: 200,
  table: 11,
  adaptiveness: 'ecoli',
  test: 0.3,
  seeds: 3,
  architecture: 'cnn',
  model: { filters: [32], kernels: [3], pools: [1], pool: 'mean', dense: [], dropout: 0.1 },
  training: { epochs: 20, batchSize: 16, rate: 1e-2 },
};

/** What synonymous codons say, and to which letters. */
export const codonVsResidue: Recipe = {
  id: 'codon-vs-residue',
  title: 'Codons against residues',
  summary:
    'Coding DNA + a value for each gene → which tokenisation sees the signal: nucleotides, codons or amino acids; codon usage, RSCU and CAI.',
  claim:
    'A signal that only synonymous codons carry, planted in real genes of E. coli: amino-acid tokens have an R² of about 0, codon tokens above 0.8.',
  input: {
    what: 'FASTA or a table of coding DNA, in frame from the start codon on, with one value for each gene.',
    options: [...labelling],
  },
  defaults: { ...codonDefaults },
  async run(given, context) {
    const config = { ...codonDefaults, ...given } as CodonConfig;
    checkWhole({ genes: config.genes, codons: config.codons, table: config.table, seeds: config.seeds });
    checkWhole({ epochs: config.training.epochs });
    if (context.input) return runCodons([await valuedGenes(context)], config, context);
    const most = context.quick ? Math.min(config.genes, 400) : config.genes;
    const genes = inFrame(await builtInSequences('ecoli_cds999.fa.gz'));
    const real = { ...genes, records: genes.records.slice(0, most) };
    return runCodons(await builtInTasks(real, config, context), config, context);
  },
};

/** Genes with a value each; `planted`: only synonymous codons carry it. */
export interface Task {
  readonly name: string;
  readonly genes: Dataset;
  readonly planted: boolean;
}

async function valuedGenes({ input }: RecipeContext): Promise<Task> {
  const options = labelledSequences(input!);
  const read = await readDataset({ ...options, alphabet: dna, task: 'values', minRecords: 10 });
  const genes = inFrame(read);
  const { target } = genes;
  if (target?.kind !== 'values' || target.names.length !== 1)
    throw dataError(
      `${options.sequences}: expected one value for each gene, found ${target ? `${target.kind === 'values' ? target.names.length : 'no'} columns of values` : 'none'}; give a table with --labels and a column with --label.`,
    );
  if (genes.records.length < 10)
    throw dataError(
      `${options.sequences}: ${genes.records.length} genes are in frame and spelled in A, C, G, T; expected at least 10.`,
    );
  return { name: target.names[0]!, genes, planted: false };
}

/** The planted value, written into real genes, and the codon adaptation index of the genes as they are. */
async function builtInTasks(real: Dataset, config: CodonConfig, { seed }: RecipeContext): Promise<Task[]> {
  const { records, values } = recode(real.records, { ...config, seed });
  const valued = (genes: Dataset, name: string, truth: Float64Array): Dataset => ({
    ...genes,
    target: { kind: 'values', names: [name], truth },
  });
  const weights = await adaptivenessOf(config.adaptiveness, real.records, config.table);
  const index = adaptationOf(real.records, weights, config.table).map(Math.log);
  return [
    { name: 'planted value', genes: valued({ ...real, records }, 'planted value', values), planted: true },
    { name: 'ln CAI', genes: valued(real, 'ln CAI', index), planted: false },
  ];
}

/** The recipe on one or two tasks over the same genes; the first is that of the metrics, the last has the genes as they are. */
export async function runCodons(
  tasks: readonly Task[],
  config: CodonConfig,
  context: RecipeContext,
): Promise<RecipeResult> {
  const began = performance.now();
  const { seed, quick, device, signal, onEvent } = context;
  const builtIn = tasks.some(({ planted }) => planted);
  const notes = notesOn(config, { quick, builtIn });
  for (const text of notes) onEvent?.({ kind: 'note', text });
  const { genes } = tasks[0]!;
  const { indices, note } = splitIndices(genes, { test: config.test, seed });
  const seen: Seen[][] = [];
  for (const [t, task] of tasks.entries())
    seen.push(
      await compareViews(task.genes, indices, {
        ...config,
        most: config.codons,
        seeds: Array.from({ length: quick ? 1 : config.seeds }, (_, s) => seed + s),
        where: { device, threads: 1, ...(signal && { signal }) },
        onDone: (share) =>
          onEvent?.({ kind: 'progress', text: task.name, done: (0.9 * (t + share)) / tasks.length }),
      }),
    );
  const asTheyAre = tasks.at(-1)!.genes.records;
  const adaptiveness = await adaptivenessOf(config.adaptiveness, asTheyAre, config.table);
  const compared: Compared = {
    tasks: tasks.map(({ name, planted }, t) => ({ name, planted, seen: seen[t]! })),
    usage: codonUsage(asTheyAre, adaptiveness, config.table),
    index: adaptationOf(asTheyAre, adaptiveness, config.table),
    config,
    seed,
  };
  const { first, fit, test, predictions } = seen[0]!.find(({ name }) => name === 'codons')!;
  const assessment = await assessPredictions(first.model.spec.output, predictions[0]!, test, {
    train: fit,
    seed,
    device,
    threads: 1,
  });
  const report: RunReport = {
    title: codonVsResidue.title,
    lead: codonLead(compared),
    recipe: codonVsResidue.id,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    claims: codonClaims(compared),
    data: { ...dataOf(tasks.at(-1)!.genes), classes: [] },
    training: trainingOf(first),
    ...heldOutReport(assessment, { fit, test, note }),
    notes,
    figures: codonFigures(compared),
    tables: codonTables(compared),
  };
  return {
    report,
    model: first.model,
    extraFiles: {
      'genes.tsv': geneTable(asTheyAre, compared.index),
      'codon-letters.tsv': `letter\tcodon\n${codonOfLetter()
        .map((row) => `${row.join('\t')}\n`)
        .join('')}`,
    },
  };
}

function notesOn(
  { codons, table, strength, adaptiveness, test }: CodonConfig,
  { quick, builtIn }: { quick: boolean; builtIn: boolean },
): string[] {
  return [
    `The same network reads the first ${codons} codons of each gene as nucleotides, as codons and as amino acids (translation table ${table}); ${Math.round(100 * test)} % of the genes are tested, the same for all.`,
    'The metrics above are those of the network on codons, which is the model that is left behind. Its alphabet has one letter for each codon (codon-letters.tsv); spell genes in it before they are predicted.',
    ...(builtIn
      ? [
          `The planted value is written into real genes: each codon is drawn anew among those of its amino acid, with odds that rise ${strength} nats for each unit of the value and of the codon's preference. The proteins stay as they are. The second target is real: the logarithm of the codon adaptation index of the genes as they are. It is computed from all codons of a gene, of which the networks read the first ${codons}.`,
        ]
      : []),
    `Codon adaptation index by Sharp and Li 1987, adaptiveness: ${adaptiveness}; relative synonymous codon usage by Sharp, Tuohy and Mosurski 1986.`,
    ...(quick
      ? ['A quick run: one network for each tokenisation, fewer genes of the example. Its figures are rough.']
      : []),
  ];
}
