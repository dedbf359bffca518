import { dataError, usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';
import { version } from '../core/version.ts';
import { dna } from '../data/alphabet.ts';
import { streamRecords } from '../data/read-records.ts';
import type { DataSummary, RunReport, SourceFile } from '../report/run-report.ts';
import { readPattern } from './automaton/pattern.ts';
import { checkWhole } from './built-in-data.ts';
import { type Interval, readIntervals } from './intervals.ts';
import { type EnhancerFit, fitRetention, type PromoterData } from './leaky-enhancer/fit.ts';
import { closedForm } from './leaky-enhancer/integrator.ts';
import { enhancerReport } from './leaky-enhancer/report.ts';
import { levelsAt, type Sites, sitesOf, withIntegrator } from './leaky-enhancer/scan.ts';
import { plantedActivity, plantedChromosome } from './leaky-enhancer/simulate.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `leaky-enhancer` may be told. */
export interface EnhancerConfig {
  /** Motifs in bases and IUPAC codes. */
  readonly enhancer: string;
  readonly promoter: string;
  /** What is kept of h with each letter: planted in the example; used as it is where no activities are given. */
  readonly retention: number;
  /** A promoter is called active from this h on; with the retention it gives the distance at which one enhancer is enough. */
  readonly threshold: number;
  /** Of the built-in example: letters, letters from motif to motif, and the deviation of the noise on activities. */
  readonly length: number;
  readonly enhancerEvery: number;
  readonly promoterEvery: number;
  readonly noise: number;
  /** Share of the promoters, the last of each sequence, that is tested. */
  readonly test: number;
}

export const enhancerDefaults: EnhancerConfig = {
  enhancer: 'TGACGTCA',
  promoter: 'TATAWAWR',
  retention: 0.998,
  threshold: 0.5,
  length: 6_000_000,
  enhancerEvery: 2_000,
  promoterEvery: 4_000,
  noise: 0.6,
  test: 0.3,
};

/** Enhancers that act at a distance, as a recurrent network of one leaky unit. */
export const leakyEnhancer: Recipe = {
  id: 'leaky-enhancer',
  title: 'The leaky enhancer',
  summary:
    'FASTA + motifs (+ activities of promoters) → active promoters (BED), by h = r·h + x, which forgets each enhancer with distance; r is fitted.',
  claim:
    'The network equals the closed form, the planted retention is recovered, and a chromosome is scanned in one streaming pass.',
  input: {
    what: 'FASTA of DNA; --labels takes BED with the activity of promoters in the fifth column, from which r is fitted (without it, the setting retention is used).',
    options: ['labels', 'ambiguous'],
  },
  defaults: { ...enhancerDefaults },
  run: (given, context) => runEnhancer({ ...enhancerDefaults, ...given } as EnhancerConfig, context),
};

/** One sequence: its motifs, and the promoters whose activity is known. */
export interface Chromosome extends Sites {
  readonly name: string;
  readonly length: number;
  /** Places before the promoters with known activity, and that activity. */
  readonly known: readonly number[];
  readonly activity: readonly number[];
}

/** The recipe; see `leakyEnhancer`. */
export async function runEnhancer(config: EnhancerConfig, context: RecipeContext): Promise<RecipeResult> {
  const began = performance.now();
  checkConfig(config);
  const tell = (text: string, done: number) => context.onEvent?.({ kind: 'progress', text, done });
  tell('reading', 0.05);
  const { chromosomes, data } = context.input ? await given(config, context) : planted(config, context);
  const parts = divided(chromosomes, config.test);
  tell('fitting the retention', 0.3);
  const fit = parts ? fitRetention(parts.fit, context.seed) : undefined;
  const retention = fit?.retention ?? config.retention;
  tell('scanning', 0.6);
  const scanned = await scan(chromosomes, retention, context);
  const closed = await compareWithClosedForm(chromosomes, retention, context);
  const found = { config, chromosomes, fit, parts, retention, scanned, closed, builtIn: !context.input };
  const { extraFiles, ...report } = enhancerReport(found, context);
  const complete: RunReport = {
    title: leakyEnhancer.title,
    recipe: leakyEnhancer.id,
    version,
    seconds: (performance.now() - began) / 1000,
    ...(data && { data }),
    ...report,
  };
  return { report: complete, extraFiles };
}

/** All that a run found out. */
export interface EnhancerFindings {
  readonly config: EnhancerConfig;
  readonly chromosomes: readonly Chromosome[];
  readonly fit: EnhancerFit | undefined;
  readonly parts: { readonly fit: PromoterData; readonly test: PromoterData } | undefined;
  readonly retention: number;
  readonly scanned: Scanned;
  readonly closed: Closed;
  readonly builtIn: boolean;
}

function checkConfig({
  retention,
  threshold,
  length,
  enhancerEvery,
  promoterEvery,
  noise,
  test,
}: EnhancerConfig): void {
  checkWhole({ length, enhancerEvery, promoterEvery });
  const inside = (name: string, value: number, low: number, high: number) => {
    if (!(value > low && value < high))
      throw usageError(`${name}: expected a number between ${low} and ${high}, received ${value}.`);
  };
  inside('retention', retention, 0, 1);
  inside('threshold', threshold, 0, 1e6);
  inside('test', test, 0, 1);
  inside('noise', noise, -1e-12, 1e6);
}

const motifsOf = ({ enhancer, promoter }: EnhancerConfig) => {
  const motif = (text: string) => {
    const { search } = readPattern(text, { syntax: 'iupac', bothStrands: false });
    return { search, width: text.length };
  };
  return { enhancer: motif(enhancer), promoter: motif(promoter) };
};

/** The example: activities follow the planted retention, from the motifs that are there, planted or by chance. */
function planted(config: EnhancerConfig, { seed, quick }: RecipeContext) {
  const length = quick ? Math.min(config.length, 2_000_000) : config.length;
  const sequence = plantedChromosome({ ...config, length, seed });
  const sites = sitesOf(sequence, motifsOf(config));
  const known = sites.promoters.map((start) => start - 1);
  const levels = closedForm(sites.enhancers, known, config.retention);
  const activity = Array.from(plantedActivity(levels, { noise: config.noise, seed }));
  const chromosomes: Chromosome[] = [{ name: 'planted', length, ...sites, known, activity }];
  return { chromosomes, data: undefined };
}

async function given(
  config: EnhancerConfig,
  { input }: RecipeContext,
): Promise<{ chromosomes: Chromosome[]; data: DataSummary }> {
  const { path, options } = input!;
  const { labels } = options ?? {};
  const motifs = motifsOf(config);
  const read = labels === undefined ? undefined : await readIntervals(labels, { value: true });
  const stream = await streamRecords(path, {
    alphabet: dna,
    ...(options?.ambiguous && { ambiguous: options.ambiguous }),
  });
  const chromosomes: Chromosome[] = [];
  for await (const { id, sequence } of stream.records) {
    // One record in memory at a time: what is kept of it is where its motifs are.
    const sites = sitesOf(new TextEncoder().encode(sequence), motifs);
    const own = (read?.intervals ?? []).filter(({ chrom }) => chrom === id).sort((a, b) => a.start - b.start);
    refuseBeyond(own, id, sequence.length, labels);
    chromosomes.push({
      name: id,
      length: sequence.length,
      ...sites,
      known: own.map(({ start }) => start - 1),
      activity: own.map(({ value }) => value!),
    });
  }
  const used = chromosomes.reduce((sum, { known }) => sum + known.length, 0);
  if (read && used < 20)
    throw dataError(
      `${labels}: ${used} of ${read.intervals.length} promoters lie in sequences of ${path}; at least 20 are needed to fit r. Are the names the same?`,
    );
  const sources: SourceFile[] = [stream.digest(), ...(read ? [read.source] : [])];
  return {
    chromosomes,
    data: {
      records: chromosomes.length,
      alphabet: dna.name,
      lengths: chromosomes.map(({ length }) => length),
      sources,
    },
  };
}

function refuseBeyond(
  intervals: readonly Interval[],
  id: string,
  length: number,
  file: string | undefined,
): void {
  const beyond = intervals.find(({ end }) => end > length);
  if (beyond)
    throw dataError(
      `${file}: ${id}:${beyond.start}-${beyond.end} ends beyond the ${length} letters of ${id}.`,
    );
}

/** The last promoters of each sequence are tested, so that neighbours do not stand on both sides. */
function divided(chromosomes: readonly Chromosome[], share: number): EnhancerFindings['parts'] {
  const known = chromosomes.reduce((sum, own) => sum + own.known.length, 0);
  if (known === 0) return undefined;
  const pick = (side: 'fit' | 'test') => {
    const data = { enhancers: [] as number[], promoters: [] as number[], activity: [] as number[] };
    // One coordinate for all sequences, with gaps between them that nothing reaches across.
    let offset = 0;
    for (const { length, enhancers, known, activity } of chromosomes) {
      const cut = Math.round(known.length * (1 - share));
      const [from, to] = side === 'fit' ? [0, cut] : [cut, known.length];
      for (const e of enhancers) data.enhancers.push(offset + e);
      for (let i = from; i < to; i++) {
        data.promoters.push(offset + known[i]!);
        data.activity.push(activity[i]!);
      }
      offset += length + 1e8;
    }
    return {
      enhancers: Float64Array.from(data.enhancers),
      promoters: Float64Array.from(data.promoters),
      activity: Float64Array.from(data.activity),
    };
  };
  return { fit: pick('fit'), test: pick('test') };
}

/** h before every promoter of every sequence, and how long that took. */
export interface Scanned {
  readonly levels: readonly Float64Array[];
  readonly letters: number;
  readonly seconds: number;
}

async function scan(
  chromosomes: readonly Chromosome[],
  retention: number,
  context: RecipeContext,
): Promise<Scanned> {
  const start = performance.now();
  const levels = await withIntegrator(retention, context, async (integrator) => {
    const all: Float64Array[] = [];
    for (const own of chromosomes)
      all.push(
        await levelsAt(
          own,
          own.promoters.map((at) => at - 1),
          integrator,
          context,
        ),
      );
    return all;
  });
  const letters = chromosomes.reduce((sum, { length }) => sum + length, 0);
  return { levels, letters, seconds: (performance.now() - start) / 1000 };
}

/** The network beside the closed form in double precision, and beside itself in pieces of another size. */
export interface Closed {
  readonly places: number;
  /** Largest |network − closed form| / (1 + closed form). */
  readonly error: number;
  readonly pieces: number;
}

/** How many places are compared, in the longest sequence. */
const compared = 20_000;

async function compareWithClosedForm(
  chromosomes: readonly Chromosome[],
  retention: number,
  context: RecipeContext,
): Promise<Closed> {
  const own = chromosomes.reduce((a, b) => (b.length > a.length ? b : a));
  const length = Math.min(own.length, 2_000_000);
  const random = randomStream(context.seed, 'closed form');
  const places = Array.from({ length: compared }, () => random.below(length)).sort((a, b) => a - b);
  // The network's weight is the retention in single precision.
  const exact = closedForm(own.enhancers, places, Math.fround(retention));
  const part = { length, enhancers: own.enhancers };
  return withIntegrator(retention, context, async (integrator) => {
    const levels = await levelsAt(part, places, integrator, context);
    const again = await levelsAt(part, places, integrator, { ...context, piece: 10_007 });
    const worst = (other: Float64Array) =>
      exact.reduce((most, h, i) => Math.max(most, Math.abs(levels[i]! - other[i]!) / (1 + h)), 0);
    return { places: compared, error: worst(exact), pieces: worst(again) };
  });
}
