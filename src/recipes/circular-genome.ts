import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { dna } from '../data/alphabet.ts';
import type { Dataset } from '../data/dataset.ts';
import { readDataset } from '../data/read-dataset.ts';
import type { RunReport } from '../report/run-report.ts';
import type { FitResult } from '../train/fit-loop.ts';
import { builtInSequences, checkWhole, dataOf } from './built-in-data.ts';
import { type Circle, type Circles, cutCircles } from './circular-genome/circles.ts';
import { type Turning, turningErrors } from './circular-genome/equivariance.ts';
import { circularOnnx, openReader, type Shape, trainCircles } from './circular-genome/networks.ts';
import {
  type Around,
  aroundClaims,
  aroundEvaluation,
  aroundFigures,
  aroundLead,
  aroundTables,
  bedGraph,
  type Way,
} from './circular-genome/report.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `circular-genome` may be told; see `circularDefaults`. */
export interface CircularConfig {
  /** Letters of the circles to learn from and to test on, and how many of each. */
  readonly length: number;
  readonly circles: number;
  readonly tested: number;
  /** What the skew keeps from letter to letter. */
  readonly leak: number;
  /** Rounds of the circular network; 1 reads a line. */
  readonly passes: number;
  readonly hidden: number;
  /** How often each circle is turned to measure the error. */
  readonly turns: number;
  /** Networks of each kind, with first weights of their own. */
  readonly seeds: number;
  readonly training: Readonly<Record<string, unknown>>;
}

export const circularDefaults: CircularConfig = {
  length: 300,
  circles: 96,
  tested: 40,
  leak: 0.97,
  passes: 2,
  hidden: 16,
  turns: 4,
  seeds: 2,
  training: { epochs: 60, batchSize: 16, rate: 1e-2, optimizer: 'adam' },
};

/** Networks that read a circle as a line, and networks that go round. */
export const circularGenome: Recipe = {
  id: 'circular-genome',
  title: 'Circular genome',
  summary:
    'Circular DNA → a number at each place (leaky GC skew, as bedGraph), by networks that read a line, a doubled sequence, or go round twice.',
  claim:
    'What is read should only turn when the circle is cut elsewhere: the error of that falls from the linear network to the circular ones, to at most a hundredth.',
  input: {
    what: 'FASTA of circular DNA: plasmids, mitochondria, bacterial chromosomes.',
    options: ['ambiguous'],
  },
  defaults: { ...circularDefaults },
  async run(given, context) {
    const config = { ...circularDefaults, ...given } as CircularConfig;
    const dataset = context.input
      ? await readDataset({
          sequences: context.input.path,
          ...context.input.options,
          alphabet: dna,
          minRecords: 1,
        })
      : await builtInSequences('human_mitochondrion.fa');
    return runCircular(dataset, config, context);
  },
};

/** The recipe on circular DNA. */
export async function runCircular(
  dataset: Dataset,
  given: CircularConfig,
  context: RecipeContext,
): Promise<RecipeResult> {
  const began = performance.now();
  const { quick, seed } = context;
  const config = quick ? briefly(given) : given;
  const { length, circles, tested, leak, passes, hidden, turns, seeds } = config;
  checkWhole({ length, circles, tested, passes, hidden, turns, seeds, epochs: config.training.epochs });
  if (!(leak > 0 && leak < 1)) throw usageError(`leak: expected a number between 0 and 1, received ${leak}.`);
  const notes = notesOn(config, dataset, quick);
  for (const text of notes) context.onEvent?.({ kind: 'note', text });
  const cut = cutCircles(dataset, { length, circles, tested, leak, seed });
  const { ways, kept, reads } = await waysOf(cut, config, context);
  const around: Around = { ways, config, cut, seed };
  const shape: Shape = { alphabet: dataset.alphabet, hidden, passes };
  const report: RunReport = {
    title: circularGenome.title,
    lead: aroundLead(around),
    recipe: circularGenome.id,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    claims: aroundClaims(around),
    data: {
      ...dataOf(dataset),
      classes: [],
      task: `leaky GC skew at each place, ${leak} kept from letter to letter`,
    },
    training: {
      history: kept.history,
      bestEpoch: kept.bestEpoch,
      seconds: kept.seconds,
      parameters: [...kept.weights.values()].reduce((sum, w) => sum + w.length, 0),
    },
    ...aroundEvaluation(around, reads),
    notes,
    figures: aroundFigures(around),
    tables: aroundTables(around),
  };
  return {
    report,
    extraFiles: {
      'track.bedgraph': bedGraph(cut, reads.whole, { leak }),
      'network.onnx': circularOnnx(shape, kept.weights, cut.unit),
    },
  };
}

const briefly = (config: CircularConfig): CircularConfig => ({
  ...config,
  seeds: 1,
  circles: Math.ceil(config.circles / 2),
  tested: Math.ceil(config.tested / 2),
  turns: Math.min(2, config.turns),
});

/** What the kept network and the linear one read. */
export interface Reads {
  readonly line: readonly Float32Array[];
  readonly circle: readonly Float32Array[];
  /** The kept network on the whole genomes. */
  readonly whole: readonly Float32Array[];
}

/** Trains a network that reads lines, one whose lines are cut anew in each step, and one that goes round, and turns circles before each. */
async function waysOf(
  cut: Circles,
  config: CircularConfig,
  { seed, device, signal, onEvent }: RecipeContext,
): Promise<{ ways: Way[]; kept: FitResult; reads: Reads }> {
  const { turns, seeds } = config;
  const where = { device, threads: 1 };
  const shapeOf = (passes: number): Shape => ({ alphabet: dna, hidden: config.hidden, passes });
  const kinds = [
    { name: 'line', passes: 1, rotation: false },
    { name: 'line, random rotation in training', passes: 1, rotation: true },
    { name: `circle, ${config.passes} passes, random rotation`, passes: config.passes, rotation: true },
  ];
  const turnings = new Map<string, { small: Turning[]; whole: Turning[] }>();
  const add = async (name: string, shape: Shape, weights: FitResult['weights'], doubled: boolean) => {
    const reader = await openReader(shape, weights, { ...where, doubled });
    const options = { turns, reach: 150, unit: cut.unit, seed };
    const own = turnings.get(name) ?? { small: [], whole: [] };
    turnings.set(name, own);
    own.small.push(await turningErrors(reader, cut.test, options));
    own.whole.push(await wholeError(reader, cut.whole, { ...options, turns: 1 }));
    return reader;
  };
  const readAll = (circles: readonly Circle[]) => circles.map(({ tokens }) => tokens);
  const found: { kept?: FitResult; line?: Float32Array[]; circle?: Float32Array[]; whole?: Float32Array[] } =
    {};
  for (let s = 0; s < seeds; s++) {
    for (const [k, { name, passes, rotation }] of kinds.entries()) {
      const task = {
        shape: shapeOf(passes),
        rotation,
        unit: cut.unit,
        training: config.training,
        seed: seed + s,
      };
      const fitted = await trainCircles(cut.train, task, { ...where, ...(signal && { signal }) });
      const reader = await add(name, task.shape, fitted.weights, false);
      if (s === 0 && k === 0) found.line = await reader.predict(readAll(cut.test));
      if (s === 0 && k === 2) {
        found.kept = fitted;
        found.circle = await reader.predict(readAll(cut.test));
        found.whole = [];
        for (const { tokens } of cut.whole) found.whole.push(...(await reader.predict([tokens])));
      }
      await reader.release();
      if (k === 0) await (await add('line read doubled', task.shape, fitted.weights, true)).release();
      onEvent?.({
        kind: 'progress',
        text: `${name}, network ${s + 1} of ${seeds}`,
        done: (0.95 * (s * kinds.length + k + 1)) / seeds / kinds.length,
      });
    }
  }
  const order = [kinds[0]!.name, kinds[1]!.name, 'line read doubled', kinds[2]!.name];
  const ways = order.map((name): Way => ({ name, ...turnings.get(name)! }));
  const { kept, line, circle, whole } = found;
  return { ways, kept: kept!, reads: { line: line!, circle: circle!, whole: whole! } };
}

/** Whole genomes differ in length: each by itself. */
async function wholeError(
  reader: Parameters<typeof turningErrors>[0],
  genomes: readonly Circle[],
  options: Parameters<typeof turningErrors>[2],
): Promise<Turning> {
  const all: Turning[] = [];
  for (const genome of genomes) all.push(await turningErrors(reader, [genome], options));
  return {
    errors: all.flatMap(({ errors }) => errors),
    worst: Math.max(...all.map(({ worst }) => worst)),
    byDistance: all[0]!.byDistance,
  };
}

const notesOn = (
  { leak, length, passes }: CircularConfig,
  { records }: Dataset,
  quick: boolean,
): string[] => [
  `The truth is computed from the letters, around the circle: a leaky sum of G minus C that keeps ${leak} from letter to letter, so that a place depends on some ${Math.round(1 / (1 - leak))} letters before it, across the cut. The networks are told only the letters.`,
  `They learn from windows of ${length} letters, each closed to a circle of its own, from the first 70 % of each sequence; the test circles are from the rest. Errors are in standard deviations of the truth.`,
  `"Doubled" is the linear network as it was trained, reading two copies and answering at the second. The circular network goes round ${passes} times${passes === 2 ? ', which is the same, but in training too' : ''}. The network that is left behind (network.onnx) and the track (track.bedgraph) are the circular one's${records.length === 1 ? '' : `, over ${records.length} sequences`}.`,
  ...(quick ? ['A quick run: one network of each kind, half the circles. Its figures are rough.'] : []),
];
