import { dataError, usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';
import { version } from '../core/version.ts';
import { dna } from '../data/alphabet.ts';
import { streamRecords } from '../data/read-records.ts';
import { randomSplit } from '../data/split/random.ts';
import { taggerNetwork } from '../models/tagger/network.ts';
import { initialize } from '../nn/module.ts';
import type { RunReport, SourceFile } from '../report/run-report.ts';
import type { Weights } from '../train/start.ts';
import { type TrainedTagger, trainTagger } from '../train/tasks/tagging.ts';
import { type TaggedData, taggedData } from '../train/tasks/tagging-data.ts';
import { openTagger } from '../train/tasks/tagging-predict.ts';
import { checkWhole } from './built-in-data.ts';
import { type Drops, dropAuroc, dropsOf } from './forget-gate/drops.ts';
import { forgetGates, type Gates, unitOf } from './forget-gate/gates.ts';
import { boundariesOf, piecesOf, plantedRegions, type Regions, tagsOf } from './forget-gate/regions.ts';
import { gateReport } from './forget-gate/report.ts';
import { readIntervals } from './intervals.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `forget-gate` may be told. */
export interface ForgetGateConfig {
  /** Of the example: sequences, their length, what opens and closes regions, and their shortest and longest. */
  readonly count: number;
  readonly length: number;
  readonly opening: string;
  readonly closing: string;
  readonly shortest: number;
  readonly longest: number;
  /** Letters of a piece to learn from. */
  readonly window: number;
  /** Letters from a boundary on among which the gate is to drop. */
  readonly near: number;
  readonly hidden: number;
  /** The first bias of forget gates: networks begin by remembering. */
  readonly forgetBias: number;
  /** Networks with first weights of their own; the one whose best gate tells boundaries best in what was learned from is kept. */
  readonly seeds: number;
  /** Share of the pieces that is tested. */
  readonly test: number;
  /** Deal the labels at random: then no gate knows the boundaries, and the claim must fail. */
  readonly shuffled: boolean;
  readonly training: Readonly<Record<string, unknown>>;
}

export const forgetGateDefaults: ForgetGateConfig = {
  count: 600,
  length: 160,
  opening: 'TGACTC',
  closing: 'CCGCGA',
  shortest: 16,
  longest: 44,
  window: 160,
  near: 8,
  hidden: 32,
  forgetBias: 1.5,
  seeds: 3,
  test: 0.3,
  shuffled: false,
  training: { epochs: 20, batchSize: 8, rate: 1e-2 },
};

/** What an LSTM forgets, and where: its forget gate falls where open chromatin ends. */
export const forgetGate: Recipe = {
  id: 'forget-gate',
  title: 'Where the forget gate drops',
  summary:
    'FASTA + closed intervals (BED) → an LSTM that tells open from closed, and its forget gate letter by letter (bedGraph).',
  claim: 'The forget gate drops where closed regions begin: AUROC above 0.9 on sequences not learned from.',
  input: {
    what: 'FASTA of DNA, with --labels naming a BED file of closed intervals.',
    options: ['labels', 'ambiguous'],
  },
  defaults: { ...forgetGateDefaults },
  async run(given, context) {
    const config = { ...forgetGateDefaults, ...given } as ForgetGateConfig;
    checkConfig(config);
    const count = context.quick ? Math.min(config.count, 400) : config.count;
    const read = context.input
      ? await readRegions(context)
      : { regions: plantedRegions({ ...config, count, seed: context.seed }), sources: [] };
    return runForgetGate(read, config, context);
  },
};

function checkConfig({
  count,
  length,
  shortest,
  longest,
  window,
  near,
  hidden,
  seeds,
  test,
  opening,
  closing,
  training,
}: ForgetGateConfig): void {
  checkWhole({ count, length, shortest, longest, window, near, hidden, seeds, epochs: training.epochs });
  if (longest < shortest || shortest <= Math.max(opening.length, closing.length))
    throw usageError(
      `shortest and longest: expected more letters than the motifs have, received ${shortest} and ${longest}.`,
    );
  if (!(test > 0 && test < 1)) throw usageError(`test: expected a share between 0 and 1, received ${test}.`);
}

interface Read {
  readonly regions: readonly Regions[];
  readonly sources: readonly SourceFile[];
}

async function readRegions({ input }: RecipeContext): Promise<Read> {
  const { path, options } = input!;
  const { labels, ambiguous } = options ?? {};
  if (labels === undefined)
    throw usageError(
      `${path}: where chromatin is closed is not known; name a BED file of closed intervals with --labels.`,
    );
  const { intervals, source } = await readIntervals(labels);
  const stream = await streamRecords(path, { alphabet: dna, ...(ambiguous && { ambiguous }) });
  const regions: Regions[] = [];
  for await (const { id, sequence } of stream.records) {
    const own = intervals.filter(({ chrom }) => chrom === id).sort((a, b) => a.start - b.start);
    const beyond = own.find(({ end }) => end > sequence.length);
    if (beyond)
      throw dataError(
        `${labels}: ${id}:${beyond.start}-${beyond.end} ends beyond the ${sequence.length} letters of ${id}.`,
      );
    regions.push({ name: id, sequence, closed: own.map(({ start, end }) => [start, end] as const) });
  }
  return { regions, sources: [stream.digest(), source] };
}

/** What is found in the gates of one network. */
export interface GateFindings {
  /** The unit whose gate tells boundaries best in what was learned from. */
  readonly unit: number;
  /** Its AUROC there. */
  readonly chosen: number;
  /** On the test. */
  readonly drops: Drops;
}

/** All that a run found out. */
export interface ForgetGateFindings {
  readonly config: ForgetGateConfig;
  readonly regions: readonly Regions[];
  readonly sources: readonly SourceFile[];
  readonly parts: { readonly fit: readonly Regions[]; readonly test: readonly Regions[] };
  readonly trained: TrainedTagger;
  readonly gates: GateFindings;
  /** The same of that network with its first weights. */
  readonly untrained: GateFindings;
  /** AUROC of the best gate of each network, where it was chosen and on the test. */
  readonly networks: readonly { readonly chosen: number; readonly tested: number }[];
  /** What the composition of letters alone tells. */
  readonly composition: Drops;
  /** Share of the test's letters that are told rightly, and that of the commoner kind. */
  readonly accuracy: number;
  readonly majority: number;
  /** The chosen gate over whole sequences, in their order. */
  readonly track: readonly Float32Array[];
}

/** The recipe on sequences with closed regions. */
export async function runForgetGate(
  { regions, sources }: Read,
  config: ForgetGateConfig,
  context: RecipeContext,
): Promise<RecipeResult> {
  const began = performance.now();
  const { seed, device } = context;
  const parts = divided(regions, config, seed);
  const learned = config.shuffled ? relabelled(parts.fit, seed) : parts.fit;
  const data = taggedData(
    learned.map((piece) => ({ id: piece.name, tokens: piece.sequence, labels: tagsOf(piece) })),
    { kind: 'letters', alphabet: { name: dna.name, letters: dna.letters }, scheme: 'none' },
  );
  const read = (list: readonly Regions[], weights: Weights) =>
    forgetGates(
      list.map(({ sequence }) => sequence),
      { weights, alphabet: dna, hidden: config.hidden, device },
    );
  const look = async (weights: Weights): Promise<GateFindings> =>
    found(parts, { fit: await read(parts.fit, weights), test: await read(parts.test, weights) }, config);
  const networks: { trained: TrainedTagger; gates: GateFindings; untrained: GateFindings }[] = [];
  const count = context.quick ? 1 : config.seeds;
  for (let n = 0; n < count; n++) {
    const trained = await trainOne(data, config, context, { seed: seed + n, n, count });
    const first = initialize(taggerNetwork(trained.model.spec), seed + n);
    const untrained = await look(new Map([...first, ...remembering(config)(first)]));
    networks.push({ trained, gates: await look(trained.model.weights), untrained });
  }
  const { trained, gates, untrained } = networks.reduce((a, b) => (b.gates.chosen > a.gates.chosen ? b : a));
  const { model } = trained;
  const whole = await read(regions, model.weights);
  const findings: ForgetGateFindings = {
    config,
    regions,
    sources,
    parts,
    trained,
    gates,
    untrained,
    networks: networks.map(({ gates: { chosen, drops } }) => ({ chosen, tested: dropAuroc(drops) })),
    composition: dropsOf(
      parts.test,
      parts.test.map(({ sequence }) => Float64Array.from(sequence, (c) => -Number('GCgc'.includes(c)))),
      config.near,
    ),
    ...(await accuracyOf(trained, parts.test, context)),
    track: whole.map((each) => unitOf(each, gates.unit, config.hidden)),
  };
  const { extraFiles, ...rest } = gateReport(findings, context);
  const report: RunReport = {
    title: forgetGate.title,
    recipe: forgetGate.id,
    version,
    seconds: (performance.now() - began) / 1000,
    ...rest,
  };
  return { report, model, extraFiles };
}

/** Forget gates that start near 1. */
const remembering =
  ({ hidden, forgetBias }: ForgetGateConfig) =>
  (initial: Weights): Weights =>
    new Map(
      [...initial].flatMap(([path, w]) =>
        /^body\.recurrent\.layers\.0\.(forward|backward)\.bias$/.test(path)
          ? [[path, w.map((v, i) => (i >= hidden && i < 2 * hidden ? forgetBias : v))] as const]
          : [],
      ),
    );

function trainOne(
  data: TaggedData,
  config: ForgetGateConfig,
  { device, signal, onEvent }: RecipeContext,
  { seed, n, count }: { seed: number; n: number; count: number },
): Promise<TrainedTagger> {
  const settings = { hidden: config.hidden, output: 'softmax', dropout: 0, between: 0 };
  return trainTagger({ architecture: 'bilstm', config: settings }, data, {
    ...config.training,
    seed,
    device,
    validation: 0,
    start: remembering(config),
    ...(signal && { signal }),
    onEvent: (event) =>
      event.kind === 'epoch' &&
      onEvent?.({
        kind: 'progress',
        text: `network ${n + 1} of ${count}, epoch ${event.epoch} of ${event.epochs}`,
        done: (0.9 * (n + event.epoch / event.epochs)) / count,
      }),
  });
}

function divided(
  regions: readonly Regions[],
  { window, test }: ForgetGateConfig,
  seed: number,
): ForgetGateFindings['parts'] {
  const pieces = piecesOf(regions, window);
  const { train, test: held } = randomSplit(pieces.length, { test, seed });
  const pick = (indices: ArrayLike<number>) => Array.from(indices, (i) => pieces[i]!);
  const parts = { fit: pick(train), test: pick(held) };
  for (const [name, list] of Object.entries(parts)) {
    const boundaries = list.reduce((sum, piece) => sum + boundariesOf(piece).length, 0);
    if (boundaries < 10)
      throw dataError(
        `${boundaries} closed regions begin within the pieces to ${name === 'fit' ? 'learn from' : 'test'}; at least 10 are needed. Give more intervals, or another window.`,
      );
  }
  return parts;
}

/** The regions of other pieces: nothing to learn. */
function relabelled(pieces: readonly Regions[], seed: number): Regions[] {
  const order = randomStream(seed, 'relabelled').shuffle(Int32Array.from(pieces, (_, i) => i));
  return pieces.map((piece, i) => {
    const length = piece.sequence.length;
    const closed = pieces[order[i]!]!.closed.flatMap(([a, b]): [number, number][] =>
      a < length ? [[a, Math.min(b, length)]] : [],
    );
    return { ...piece, closed };
  });
}

function found(
  parts: ForgetGateFindings['parts'],
  gates: Readonly<Record<'fit' | 'test', readonly Gates[]>>,
  { hidden, near }: ForgetGateConfig,
): GateFindings {
  const drops = (part: 'fit' | 'test', unit: number) =>
    dropsOf(
      parts[part],
      gates[part].map((all) => unitOf(all, unit, hidden)),
      near,
    );
  const each = Array.from({ length: hidden }, (_, unit) => dropAuroc(drops('fit', unit)));
  const chosen = Math.max(...each);
  const unit = each.indexOf(chosen);
  return { unit, chosen, drops: drops('test', unit) };
}

async function accuracyOf({ model }: TrainedTagger, test: readonly Regions[], { device }: RecipeContext) {
  const tagger = await openTagger(model, { device });
  let [right, all, closed, i] = [0, 0, 0, 0];
  for await (const { tags } of tagger.tag(
    test.map(({ name, sequence }) => ({ id: name, tokens: sequence })),
  )) {
    const truth = tagsOf(test[i++]!);
    tags.forEach((tag, t) => {
      right += +(tag === truth[t]);
      closed += +(truth[t] === 'closed');
      all++;
    });
  }
  await tagger.close();
  return { accuracy: right / all, majority: Math.max(closed, all - closed) / all };
}
