import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import type { RunReport } from '../report/run-report.ts';
import { assessMarks, type MarksAssessment } from '../train/tasks/marks/assess.ts';
import { type MarksData, readMarks } from '../train/tasks/marks/data.ts';
import { type MarksParts, splitMarks } from '../train/tasks/marks/split.ts';
import { type TrainedMarks, trainMarks } from '../train/tasks/marks/train.ts';
import { checkWhole } from './built-in-data.ts';
import { type Ceiling, ceilingOf, exampleData, exampleFiles, misplaced } from './histone/example.ts';
import { histoneReport } from './histone/report.ts';
import { type PlantedChromosome, plantedChromosomes } from './histone/simulate.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `histone` may be told. */
export interface HistoneConfig {
  /** Of the example: chromosomes, and bases of each. */
  readonly count: number;
  readonly length: number;
  /** Of an input: files by the name of their mark (BED, narrowPeak, bedGraph, bigWig), and of the tracks that are read beside the letters. */
  readonly marks: Readonly<Record<string, string>>;
  readonly tracks: Readonly<Record<string, string>>;
  /** From which value on a mark of bedGraph or bigWig is there; without it, values are learned. */
  readonly cuts: Readonly<Record<string, number>>;
  /** A BED file or names of chromosomes that alone are read; null: all. */
  readonly regions: string | null;
  /** Bases of a bin; bins of a window that are answered, and those at either side that are context only. */
  readonly bin: number;
  readonly core: number;
  readonly flank: number;
  /** Shares of the chromosomes that are tested and that choose the epoch; `testOn` and `validateOn` name chromosomes instead. */
  readonly test: number;
  readonly validation: number;
  readonly testOn: string | null;
  readonly validateOn: string | null;
  /** How far AUPRC must be ahead of the best simple method in every mark, and which share of the ceiling it must reach. */
  readonly ahead: number;
  readonly near: number;
  /** Learn from marks that were moved half a chromosome on: then nothing foretells them, and the claims must fail. */
  readonly misplaced: boolean;
  readonly model: Readonly<Record<string, unknown>> & { readonly architecture: string };
  readonly training: Readonly<Record<string, unknown>>;
}

export const histoneDefaults: HistoneConfig = {
  count: 16,
  length: 50_000,
  marks: {},
  tracks: {},
  cuts: {},
  regions: null,
  bin: 16,
  core: 96,
  flank: 16,
  test: 0.25,
  validation: 0.1,
  testOn: null,
  validateOn: null,
  ahead: 0.1,
  near: 0.85,
  misplaced: false,
  model: { architecture: 'bilstm', hidden: 24, motifs: 32 },
  training: { epochs: 40, batchSize: 8, rate: 5e-3 },
};

/** Several marks of every bin of a genome. */
export const histone: Recipe = {
  id: 'histone',
  title: 'Histone marks along a genome',
  summary:
    'A genome, marks and tracks along it → several marks of every bin (bedGraph), by filters that read the letters and a bidirectional LSTM over the bins.',
  claim:
    'Marks that overlap, on chromosomes not learned from: AUPRC of each ahead of the best simple method (GC and CpG, words of three letters, the track alone, all of these), and near what can be known.',
  input: {
    what: 'a genome (FASTA, 2bit), with --set marks.<name>=<file> for each mark (BED, narrowPeak, bedGraph, bigWig) and --set tracks.<name>=<file> for each track that is read beside the letters.',
    options: ['ambiguous'],
  },
  defaults: { ...histoneDefaults },
  async run(given, context) {
    const config = { ...histoneDefaults, ...given } as HistoneConfig;
    checkConfig(config, context);
    return runHistone(
      context.input ? await readInput(config, context) : example(config, context),
      config,
      context,
    );
  },
};

function checkConfig(config: HistoneConfig, { input }: RecipeContext): void {
  const { count, length, bin, core, test, validation, ahead, near, marks, tracks } = config;
  checkWhole({ count, length, bin, core });
  for (const [name, share] of Object.entries({ test, validation }))
    if (!(share > 0 && share < 1))
      throw usageError(`${name}: expected a share between 0 and 1, received ${share}.`);
  if (!(ahead >= 0 && near >= 0 && near <= 1))
    throw usageError(`ahead and near: expected shares from 0 to 1, received ${ahead} and ${near}.`);
  const files = Object.keys({ ...marks, ...tracks }).length;
  if (input && Object.keys(marks).length === 0)
    throw usageError(
      `${input.path}: no marks along it are named; give each as --set marks.<name>=<file>, such as --set marks.H3K4me3=k4.bed.`,
    );
  if (!input && files > 0)
    throw usageError('marks and tracks were given without a genome; name it with --input.');
  if (!input && (count < 5 || length < 20_000))
    throw usageError(
      `count and length: expected at least 5 chromosomes of 20000 bases, received ${count} of ${length}.`,
    );
}

/** What a run works on: marks along a genome, and of the example how it was made. */
interface Read {
  readonly data: MarksData;
  readonly planted?: readonly PlantedChromosome[];
}

function example({ count, length, bin }: HistoneConfig, { seed, quick }: RecipeContext): Read {
  const chromosomes = quick ? Math.min(count, 8) : count;
  const planted = plantedChromosomes({ chromosomes, length, bin, seed });
  return { data: exampleData(planted, bin), planted };
}

async function readInput(
  { marks, tracks, cuts, regions, bin }: HistoneConfig,
  { input }: RecipeContext,
): Promise<Read> {
  const files = (of: Readonly<Record<string, string>>) =>
    Object.entries(of).map(([name, path]) => ({ name, path }));
  const data = await readMarks(input!.path, {
    marks: files(marks).map((file) => ({ ...file, cut: cuts[file.name] })),
    tracks: files(tracks),
    bin,
    ...(regions !== null && { regions }),
    ...(input!.options?.ambiguous && { ambiguous: input!.options.ambiguous }),
  });
  return { data };
}

/** All that a run found out. */
export interface HistoneFindings {
  readonly config: HistoneConfig;
  readonly data: MarksData;
  readonly parts: MarksParts & { readonly test: MarksData };
  readonly trained: TrainedMarks;
  readonly assessment: MarksAssessment;
  /** Of the example, what whoever knows the plan reaches on the test. */
  readonly ceiling: Ceiling | undefined;
}

/** The recipe on marks along a genome. */
export async function runHistone(
  { data, planted }: Read,
  config: HistoneConfig,
  context: RecipeContext,
): Promise<RecipeResult> {
  const began = performance.now();
  const { seed, quick, device, threads: _threads } = context;
  const parts = divided(data, config, seed);
  const { architecture, ...options } = config.model;
  const fit = config.misplaced ? misplaced(parts.fit) : parts.fit;
  const validation = parts.validation && (config.misplaced ? misplaced(parts.validation) : parts.validation);
  const { core, flank } = config;
  const training = quick ? { ...config.training, ...quickTraining(config) } : config.training;
  const trained = await trainMarks(
    fit,
    { architecture, config: options, core, flank },
    {
      ...{ patience: 0, ...training, seed, device, validation },
      ...(context.signal && { signal: context.signal }),
      onEvent: (event) =>
        event.kind === 'epoch' &&
        context.onEvent?.({
          kind: 'progress',
          text: `epoch ${event.epoch} of ${event.epochs}`,
          done: (0.85 * event.epoch) / event.epochs,
        }),
    },
  );
  context.onEvent?.({ kind: 'progress', text: 'simple methods beside it', done: 0.88 });
  const assessment = await assessMarks(trained.model, parts.test, { train: fit, seed, device });
  const ceiling = planted && ceilingOf(planted, parts.test);
  const { extraFiles, ...rest } = histoneReport(
    { config, data, parts, trained, assessment, ceiling },
    context,
  );
  const report: RunReport = {
    title: histone.title,
    recipe: histone.id,
    version,
    seconds: (performance.now() - began) / 1000,
    ...rest,
  };
  const files = planted ? exampleFiles(planted, config.bin) : {};
  return { report, model: trained.model, extraFiles: { ...files, ...extraFiles } };
}

/** Fewer passes, in smaller batches and larger steps. */
const quickTraining = ({ training: { epochs, batchSize, rate } }: HistoneConfig) => ({
  epochs: Math.min(16, Number(epochs)),
  ...(typeof batchSize === 'number' && { batchSize: Math.ceil(batchSize / 2) }),
  ...(typeof rate === 'number' && { rate: 1.6 * rate }),
});

function divided(data: MarksData, config: HistoneConfig, seed: number): HistoneFindings['parts'] {
  const { test, validation, testOn, validateOn, core } = config;
  const parts = splitMarks(data, { test: testOn ?? test, validation: validateOn ?? validation, seed, core });
  return { ...parts, test: parts.test! };
}
