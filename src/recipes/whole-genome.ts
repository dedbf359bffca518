import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { openStretches, type Stretch } from '../data/stretches.ts';
import { kindOf } from '../models/kinds/index.ts';
import { loadAnyModel } from '../models/load-model.ts';
import type { AnyModel } from '../models/model.ts';
import type { ScanFormat, ScanModel, ScanOptions } from '../models/scan/index.ts';
import type { RunReport } from '../report/run-report.ts';
import { type TrainedModel, train } from '../train/train-model.ts';
import { checkWhole } from './built-in-data.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';
import {
  type Footprint,
  footprintOf,
  resumedText,
  type Scanned,
  scanText,
  shardedText,
  type Work,
} from './whole-genome/checks.ts';
import {
  endlessStretches,
  heldStretches,
  type PlantedGenome,
  plantedGenome,
  plantedWindows,
} from './whole-genome/planted.ts';
import { genomeReport, plantedReport } from './whole-genome/report.ts';

/** What `whole-genome` may be told. */
export interface WholeGenomeConfig {
  /** The folder of the model that is slid along the user's genome; the example trains its own. */
  readonly model: string | null;
  /** As in `seqwright scan`; what is null is what that takes by default. */
  readonly format: ScanFormat;
  readonly track: string | null;
  readonly width: number | null;
  readonly step: number | null;
  readonly flank: number | null;
  readonly strand: '+' | '-' | 'both' | null;
  readonly threshold: number | null;
  readonly gap: number;
  /** Windows overlap; false: they lie side by side, sites on their edges are cut in two, and the claim must fail. */
  readonly overlap: boolean;
  /** In how many parts the scan is made again. */
  readonly shards: readonly number[];
  /** Of the example: letters, the motif, letters from site to site, windows to learn from. */
  readonly length: number;
  readonly motif: string;
  readonly every: number;
  readonly windows: number;
  /** Of the example: letters of two sequences that are made while they are scanned, to see what memory does. */
  readonly stream: readonly number[];
  readonly architecture: string;
  readonly network: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
}

export const wholeGenomeDefaults: WholeGenomeConfig = {
  model: null,
  format: 'bed',
  track: null,
  width: null,
  step: null,
  flank: null,
  strand: null,
  threshold: null,
  gap: 0,
  overlap: true,
  shards: [2, 5],
  length: 1_000_000,
  motif: 'TTGACGTGAAGCTATC',
  every: 3_000,
  windows: 6_000,
  stream: [1_000_000, 64_000_000],
  architecture: 'cnn',
  network: { filters: [32], kernels: [17], pools: [1], dense: [16], dropout: 0.1 },
  training: { epochs: 12, batchSize: 64, rate: 4e-3 },
};

/** Letters of a window of the example, and from one to the next. */
const exampleWidth = 32;
const exampleThreshold = 0.9;

/** Any model along a whole genome. */
export const wholeGenome: Recipe = {
  id: 'whole-genome',
  title: 'A model along a whole genome',
  summary:
    'Genome FASTA + any model → a track (BED, bedGraph, GFF3), by windows that overlap; in shards, resumable, in constant memory.',
  claim:
    'The output is the same, byte for byte, in 1, 2 and 5 shards and after being killed and resumed; memory does not grow with the genome; planted sites are found.',
  input: {
    what: 'a genome: FASTA (plain, gzip, bgzip), 2bit, GenBank or EMBL; --set model=FOLDER names the model, --set track=NAME the class.',
    options: [],
  },
  defaults: { ...wholeGenomeDefaults },
  async run(given, context) {
    const config = { ...wholeGenomeDefaults, ...given } as WholeGenomeConfig;
    checkConfig(config);
    return context.input ? runGenome(config, context) : runPlanted(config, context);
  },
};

function checkConfig({ length, every, windows, shards, stream, motif }: WholeGenomeConfig): void {
  checkWhole({ length, every, windows });
  checkWhole(Object.fromEntries(shards.map((n, i) => [`shards[${i}]`, n])));
  checkWhole(Object.fromEntries(stream.map((n, i) => [`stream[${i}]`, n])));
  if (stream.length !== 2 || stream[0]! >= stream[1]!)
    throw usageError(`stream: expected two lengths, the shorter one first, received ${stream.join(', ')}.`);
  if (!/^[ACGT]+$/.test(motif) || motif.length < 8 || motif.length > exampleWidth / 2)
    throw usageError(`motif: expected 8 to ${exampleWidth / 2} letters A C G T, received ${motif}.`);
  if (every < 8 * exampleWidth)
    throw usageError(
      `every: expected at least ${8 * exampleWidth} letters from site to site, received ${every}.`,
    );
}

/** Scan options as the configuration has them; what is null is left to the scan. */
const scanOptions = ({
  format,
  track,
  width,
  step,
  flank,
  strand,
  threshold,
  gap,
}: WholeGenomeConfig): ScanOptions => ({
  ...{ format, gap },
  tracks: track === null ? undefined : [track],
  width: width ?? undefined,
  step: step ?? undefined,
  flank: flank ?? undefined,
  strand: strand ?? undefined,
  threshold: threshold ?? undefined,
});

/** What became of the same scan done in other ways. */
export interface Repeated {
  readonly shards: readonly { readonly of: number; readonly same: boolean }[];
  readonly resumed: { readonly same: boolean; readonly kills: number };
}

async function repeated(
  work: Work,
  text: string,
  { shards }: WholeGenomeConfig,
  tell: (text: string, done: number) => void,
): Promise<Repeated> {
  const results: { of: number; same: boolean }[] = [];
  for (const of of shards) {
    tell(`in ${of} shards`, 0.5 + 0.1 * results.length);
    results.push({ of, same: (await shardedText(work, of)) === text });
  }
  tell('killed and resumed', 0.7);
  const resumed = await resumedText(work, [0.05, 0.4, 0.8]);
  return { shards: results, resumed: { same: resumed.text === text, kills: resumed.kills } };
}

/** All that a run on the example found out. */
export interface PlantedFindings {
  readonly config: WholeGenomeConfig;
  readonly genome: PlantedGenome;
  readonly trained: TrainedModel;
  readonly scanned: Scanned;
  readonly tracks: { readonly bedgraph: string; readonly gff3: string };
  readonly repeated: Repeated;
  readonly memory: readonly [Footprint, Footprint];
  readonly threshold: number;
}

async function runPlanted(config: WholeGenomeConfig, context: RecipeContext): Promise<RecipeResult> {
  const began = performance.now();
  const { seed, quick, threads, device, signal, onEvent } = context;
  const tell = (text: string, done: number) => onEvent?.({ kind: 'progress', text, done });
  const planted = { motif: config.motif, width: exampleWidth, seed };
  const genome = plantedGenome(quick ? Math.min(config.length, 200_000) : config.length, {
    ...planted,
    every: config.every,
  });
  const trained = await trainExample(config, planted, context);
  const threshold = config.threshold ?? exampleThreshold;
  const step = config.overlap ? (config.step ?? exampleWidth / 4) : exampleWidth;
  const options: ScanOptions = {
    ...scanOptions(config),
    ...{ format: 'bed', tracks: ['site'], width: exampleWidth, step, threshold },
  };
  const place = { threads, device, ...(signal && { signal }) };
  const work: Work = { model: trained.model, stretches: heldStretches(genome.chromosomes), options, place };
  tell('scanning', 0.4);
  const scanned = await scanText(work);
  const trackOf = async (format: ScanFormat) =>
    (await scanText({ ...work, options: { ...options, format } })).text;
  const tracks = { bedgraph: await trackOf('bedgraph'), gff3: await trackOf('gff3') };
  const again = await repeated(work, scanned.text, config, tell);
  tell('watching memory', 0.8);
  const [short, long] = config.stream as [number, number];
  const lengths = [short, quick ? Math.max(short, Math.ceil(long / 4)) : long];
  const sideBySide: ScanOptions = { ...options, strand: '+', step: exampleWidth };
  const footprint = (length: number) =>
    footprintOf({ ...work, options: sideBySide, stretches: endlessStretches(length, seed) });
  // The first scan of its kind warms up.
  await footprint(lengths[0]!);
  const memory: [Footprint, Footprint] = [await footprint(lengths[0]!), await footprint(lengths[1]!)];
  const findings = { config, genome, trained, scanned, tracks, repeated: again, memory, threshold };
  const { extraFiles, ...rest } = plantedReport(findings, context);
  return { report: complete(rest, began), model: trained.model as AnyModel, extraFiles };
}

const complete = (
  rest: Omit<RunReport, 'title' | 'recipe' | 'version' | 'seconds'>,
  began: number,
): RunReport => ({
  title: wholeGenome.title,
  recipe: wholeGenome.id,
  version,
  seconds: (performance.now() - began) / 1000,
  ...rest,
});

function trainExample(
  { windows, architecture, network, training }: WholeGenomeConfig,
  planted: { motif: string; width: number; seed: number },
  { seed, device, signal, onEvent, quick }: RecipeContext,
): Promise<TrainedModel> {
  const dataset = plantedWindows(quick ? Math.min(windows, 5_000) : windows, planted);
  return train({ architecture, config: network }, dataset, {
    ...training,
    seed,
    device,
    threads: 1,
    ...(signal && { signal }),
    onEvent: (event) =>
      event.kind === 'epoch' &&
      onEvent?.({
        kind: 'progress',
        text: `epoch ${event.epoch} of ${event.epochs}`,
        done: (0.35 * event.epoch) / event.epochs,
      }),
  });
}

/** Letters up to which a genome is scanned again in every other way. */
const mostRepeated = 20_000_000;

/** All that a run on the user's genome found out. */
export interface GenomeFindings {
  readonly config: WholeGenomeConfig;
  readonly path: string;
  readonly stretches: readonly Stretch[] | undefined;
  readonly scanned: Scanned;
  readonly repeated: Repeated | undefined;
}

async function runGenome(config: WholeGenomeConfig, context: RecipeContext): Promise<RecipeResult> {
  const began = performance.now();
  const { path } = context.input!;
  if (config.model === null)
    throw usageError('name the model that is to be slid along the genome: --set model=FOLDER.');
  if (path === '-')
    throw usageError('the recipe reads its genome several times: name a file, not standard input.');
  const model = await loadAnyModel(config.model);
  const { kind = 'answer' } = model.spec;
  if (kind !== 'answer' && kind !== 'tagger')
    throw usageError(
      `${config.model} is ${kindOf(model.spec).what}; expected a model with one answer a sequence, or a tagger of letters.`,
    );
  const { threads, device, signal, onEvent } = context;
  const tell = (text: string, done: number) => onEvent?.({ kind: 'progress', text, done });
  const stretches = await openStretches(path);
  try {
    const place = { threads, device, ...(signal && { signal }) };
    const work: Work = { model: model as ScanModel, stretches, options: scanOptions(config), place };
    tell('scanning', 0.1);
    const scanned = await scanText(work);
    const measured = await stretches.measure();
    const letters = (measured ?? []).reduce((sum, { length }) => sum + length, 0);
    const again = letters <= mostRepeated ? await repeated(work, scanned.text, config, tell) : undefined;
    const findings: GenomeFindings = { config, path, stretches: measured, scanned, repeated: again };
    const { extraFiles, ...rest } = genomeReport(findings, context);
    return { report: complete(rest, began), extraFiles };
  } finally {
    await stretches.close();
  }
}
