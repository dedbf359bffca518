import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { dna } from '../data/alphabet.ts';
import { streamRecords } from '../data/read-records.ts';
import type { SourceDigest } from '../data/source.ts';
import type { DataSummary } from '../report/run-report.ts';
import { type Comparison, compare } from './automaton/compare.ts';
import { letterOf, type Pattern, readPattern, type Syntax, type Table } from './automaton/pattern.ts';
import { openRecogniser, type Recogniser, recogniserFile, recogniserOf } from './automaton/recogniser.ts';
import { automatonReport } from './automaton/report.ts';
import { acceptedShare, randomReads, tours, transitionsTaken } from './automaton/simulate.ts';
import { checkWhole } from './built-in-data.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `automaton` may be told. */
export interface AutomatonConfig {
  /** Bases and IUPAC codes, or a regular expression. */
  readonly pattern: string;
  readonly syntax: Syntax;
  /** The reverse complement counts too. */
  readonly bothStrands: boolean;
  /** Random bases at which network and search are compared, for each of the two networks. */
  readonly positions: number;
  /** How steep the units are; below about 20 they do not saturate, and the network is no automaton any more. */
  readonly gain: number;
}

export const automatonDefaults: AutomatonConfig = {
  pattern: 'ACG',
  syntax: 'iupac',
  bothStrands: false,
  positions: 10_000_000,
  gain: 40,
};

/** A pattern as the weights of a recurrent network that recognises it without training. */
export const automaton: Recipe = {
  id: 'automaton',
  title: 'A pattern as a recurrent network',
  summary:
    'Motif, IUPAC pattern or regular expression → minimal automaton → weights of a tanh RNN that recognises it; FASTA → sites (BED).',
  claim:
    'The network agrees with plain search at every position of 10 million random bases, both as an absorbing "bound" state and for every site.',
  input: {
    what: 'FASTA or a table of DNA sequences to search for the pattern.',
    options: ['id', 'sequence', 'ambiguous'],
  },
  defaults: { ...automatonDefaults },
  run: (given, context) => runAutomaton({ ...automatonDefaults, ...given } as AutomatonConfig, context),
};

/** What is read: sequences by name, the same for both networks unless they are random. */
export interface Sequences {
  readonly kind: 'random' | 'given';
  readonly names: readonly string[];
  readonly bound: readonly Uint8Array[];
  readonly sites: readonly Uint8Array[];
  readonly data: DataSummary | undefined;
  readonly sources: readonly SourceDigest[];
}

/** The recipe; see `automaton`. */
export async function runAutomaton(config: AutomatonConfig, context: RecipeContext): Promise<RecipeResult> {
  const began = performance.now();
  checkWhole({ positions: config.positions });
  if (!(config.gain > 0)) throw usageError(`gain: expected a number above 0, received ${config.gain}.`);
  const pattern = readPattern(config.pattern, config);
  const positions = context.quick ? Math.min(config.positions, 1_000_000) : config.positions;
  const sequences = context.input
    ? await givenSequences(context)
    : randomSequences(pattern, { positions, seed: context.seed });
  const note = (text: string, done: number) => context.onEvent?.({ kind: 'progress', text, done });
  const networks = {
    bound: recogniserOf(pattern.bound, config),
    sites: recogniserOf(pattern.sites, config),
  };
  const keep = sequences.kind === 'given';
  note('bound state', 0.05);
  const bound = await compare(networks.bound, sequences.bound, { pattern, lasting: true, keep, context });
  note('sites', 0.4);
  const sites = await compare(networks.sites, sequences.sites, { pattern, lasting: false, keep, context });
  note('every transition', 0.8);
  const every = await toured(pattern, networks, context);
  const example = await traced(pattern, networks.bound, context);
  const found = { pattern, networks, sequences, bound, sites, every, example, positions };
  const { report, extraFiles } = automatonReport(found, context);
  return {
    report: {
      ...report,
      version,
      recipe: automaton.id,
      title: automaton.title,
      seconds: (performance.now() - began) / 1000,
    },
    extraFiles: { ...extraFiles, 'recogniser.onnx': recogniserFile(networks.bound) },
  };
}

/** All that a run found out. */
export interface AutomatonFindings {
  readonly pattern: Pattern;
  readonly networks: Readonly<Record<'bound' | 'sites', Recogniser>>;
  readonly sequences: Sequences;
  readonly bound: Comparison;
  readonly sites: Comparison;
  readonly every: Toured;
  readonly example: Example;
  readonly positions: number;
}

function randomSequences(
  pattern: Pattern,
  { positions, seed }: { positions: number; seed: number },
): Sequences {
  const length = halfBound(pattern.bound);
  const stream = Math.max(1, Math.ceil(positions / 2048));
  const reads = (name: string, each: number) =>
    trimmed(randomReads({ count: Math.ceil(positions / each), length: each, seed, name }), positions);
  return {
    kind: 'random',
    names: [],
    bound: reads('bound', length),
    sites: reads('sites', stream),
    data: undefined,
    sources: [],
  };
}

/** Exactly so many letters: the last read ends early. */
function trimmed(reads: Uint8Array[], positions: number): Uint8Array[] {
  const over = reads.reduce((sum, { length }) => sum + length, 0) - positions;
  const last = reads[reads.length - 1]!;
  return over === 0 ? reads : [...reads.slice(0, -1), last.subarray(0, last.length - over)];
}

/** The length at which about half of all random reads have met the pattern, so that both answers are tested; 4,000 at most. */
function halfBound(table: Table): number {
  const half = acceptedShare(table, 4000).findIndex((share) => share >= 0.5);
  return half < 0 ? 4000 : Math.max(16, half + 1);
}

async function givenSequences({ input }: RecipeContext): Promise<Sequences> {
  const { path, options } = input!;
  const { ambiguous, id, sequence } = options ?? {};
  const reading = {
    ...(ambiguous && { ambiguous }),
    ...(id !== undefined && { id }),
    ...(sequence !== undefined && { sequence }),
  };
  const stream = await streamRecords(path, { alphabet: dna, ...reading });
  const [names, read]: [string[], Uint8Array[]] = [[], []];
  const encoder = new TextEncoder();
  for await (const { id, sequence } of stream.records) {
    names.push(id);
    read.push(encoder.encode(sequence));
  }
  const sources = [stream.digest()];
  const data = {
    records: names.length,
    alphabet: dna.name,
    lengths: read.map(({ length }) => length),
    skipped: stream.skipped.count > 0 ? [{ ...stream.skipped }] : [],
    sources,
  };
  return { kind: 'given', names, bound: read, sites: read, data, sources };
}

/** How the networks do on sequences that take every transition. */
export interface Toured {
  readonly disagreements: number;
  readonly positions: number;
  readonly taken: number;
  readonly transitions: number;
}

async function toured(
  pattern: Pattern,
  networks: AutomatonFindings['networks'],
  context: RecipeContext,
): Promise<Toured> {
  let [disagreements, positions, taken, transitions] = [0, 0, 0, 0];
  for (const which of ['bound', 'sites'] as const) {
    const table = pattern[which];
    const reads = tours(table, { least: 10_000, seed: context.seed });
    const found = await compare(networks[which], reads, { pattern, lasting: which === 'bound', context });
    disagreements += found.disagreements;
    positions += found.positions;
    taken += transitionsTaken(table, reads, letterOf);
    transitions += table.next.length;
  }
  return { disagreements, positions, taken, transitions };
}

/** One read on its way into the bound state, with all units. */
export interface Example {
  readonly sequence: string;
  readonly units: Float32Array;
}

async function traced(
  pattern: Pattern,
  network: Recogniser,
  { seed, device }: RecipeContext,
): Promise<Example> {
  const [tour] = tours(pattern.bound, { least: 1, seed });
  const read = tour!.subarray(0, 60);
  const running = await openRecogniser(network, { device });
  const units = await running.trace(read);
  await running.release();
  return { sequence: new TextDecoder().decode(read), units };
}
