import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { classesOf, type Dataset } from '../data/dataset.ts';
import { type DatasetSplit, split } from '../data/split/split.ts';
import type { RunReport } from '../report/run-report.ts';
import { asPredictions, assessPredictions } from '../train/assess.ts';
import { checkWhole, classDataset, dataOf } from './built-in-data.ts';
import { trainingOf } from './cross-validation-report.ts';
import { heldOutReport } from './held-out-report.ts';
import { type Contender, type ContenderConfig, contenders, leanContender } from './long-range/contenders.ts';
import { type Cost, costsOf } from './long-range/cost.ts';
import { longRangeReport } from './long-range/report.ts';
import { binsByLength, type Lesson, type Reached, solve } from './long-range/solve.ts';
import { markedSequences, type Portion, type Question, questions } from './long-range/task.ts';
import {
  labelledSequences,
  labelling,
  type Recipe,
  type RecipeContext,
  type RecipeResult,
} from './recipe.ts';

/** What `long-range` may be told. */
export interface LongRangeConfig extends ContenderConfig {
  /** Of the example: what is asked, and the share of C between the marks. */
  readonly question: Question;
  readonly noise: number;
  /** What is learned from, one after the other, and what is tested. */
  readonly lessons: readonly {
    readonly portions: readonly Portion[];
    readonly epochs: number;
    readonly rate: number;
  }[];
  readonly tested: readonly Portion[];
  /** Networks of each kind, with first weights of their own. */
  readonly seeds: number;
  /** Accuracy from which on a length counts as solved, in every network. */
  readonly solved: number;
  /** Share of the user's records that is tested. */
  readonly test: number;
  readonly training: Readonly<Record<string, unknown>>;
  /** Where cost is measured: lengths, and the gigabytes and seconds that one step may take. */
  readonly cost: {
    readonly lengths: readonly number[];
    readonly gigabytes: number;
    readonly patience: number;
  };
}

export const longRangeDefaults: LongRangeConfig = {
  hidden: 32,
  heads: 1,
  window: 64,
  dilations: [1, 64],
  around: 16,
  layers: 2,
  memory: 1000,
  question: 'recall',
  noise: 0.5,
  lessons: [
    {
      portions: [
        { length: 16, count: 2500 },
        { length: 64, count: 1000 },
      ],
      epochs: 4,
      rate: 5e-3,
    },
    {
      portions: [
        { length: 16, count: 1000 },
        { length: 64, count: 400 },
        { length: 250, count: 200 },
        { length: 1000, count: 60 },
      ],
      epochs: 3,
      rate: 2e-3,
    },
  ],
  tested: [
    { length: 16, count: 200 },
    { length: 100, count: 200 },
    { length: 250, count: 100 },
    { length: 1000, count: 100 },
    { length: 10_000, count: 40 },
    { length: 50_000, count: 24 },
  ],
  seeds: 2,
  solved: 0.95,
  test: 0.3,
  training: { epochs: 10, batchSize: 32, maxTokens: 16_384, rate: 5e-3 },
  cost: {
    lengths: [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536],
    gigabytes: 2,
    patience: 3,
  },
};

/** A quick run learns from short sequences, is tested on fewer and measures cost where it is small. */
const quickly = {
  learned: { longest: 250, share: 0.8 },
  tested: { longest: 10_000, share: 0.3 },
  /** Three lengths, somewhat longer than the first of the full run: below, what is linear in full attention hides its square. */
  lengths: { count: 3, longer: 1.5 },
  repeating: 0.3,
};

function quickened(config: LongRangeConfig): LongRangeConfig {
  const some = (portions: readonly Portion[], { longest, share }: { longest: number; share: number }) => {
    const kept = portions.filter(({ length }) => length <= longest);
    return (kept.length > 0 ? kept : portions).map(({ length, count }) => ({
      length,
      count: Math.ceil(share * count),
    }));
  };
  const { lessons, tested, cost } = config;
  return {
    ...config,
    lessons: lessons.map(({ portions, epochs, rate }) => ({
      portions: some(portions, quickly.learned),
      epochs: Math.ceil(epochs / 2),
      rate,
    })),
    tested: some(tested, quickly.tested),
    seeds: 1,
    cost: {
      ...cost,
      lengths: cost.lengths
        .slice(0, quickly.lengths.count)
        .map((length) => Math.round(quickly.lengths.longer * length)),
    },
  };
}

/** Which architectures bridge long distances, and at what cost. */
export const longRange: Recipe = {
  id: 'long-range',
  title: 'Long range',
  summary:
    'Sequences with a distant dependency → accuracy by length of recurrent (LSTM, hierarchical, dilated, minimal gated) and attending networks, with time and memory by length.',
  claim:
    'Which architectures solve 1,000, 10,000 and 50,000 positions, and how the time and memory of each grow: linearly for local and linear attention, with the square for full attention.',
  input: {
    what: 'FASTA or a table of sequences, with labels of two or more classes.',
    options: [...labelling, 'group', 'ambiguous', 'alphabet'],
  },
  defaults: { ...longRangeDefaults },
  async run(given, context) {
    const whole = { ...longRangeDefaults, ...given } as LongRangeConfig;
    checkConfig(whole);
    const config = context.quick ? quickened(whole) : whole;
    if (!context.input) return runLongRange(planted(config, context), config, context, { builtIn: true });
    const dataset = await classDataset(labelledSequences(context.input), 'any');
    const grouped = dataset.records.every(({ group }) => group !== undefined);
    const parts = split(dataset, {
      test: config.test,
      seed: context.seed,
      ...(grouped && { by: 'group' as const }),
    });
    const lessons = [{ learned: parts.fit, training: config.training }];
    return runLongRange({ ...parts, lessons }, config, context, { builtIn: false });
  },
};

/** What is learned from, and how, beside what is tested. */
interface Material extends Pick<DatasetSplit, 'fit' | 'test' | 'note'> {
  readonly lessons: readonly Lesson[];
}

/** The example: no sequence is in two lessons, or in a lesson and in the test. */
function planted(config: LongRangeConfig, { seed }: RecipeContext): Material {
  const { lessons, tested, training } = config;
  const drawn = lessons.map(
    ({ portions, epochs, rate }, i): Lesson => ({
      learned: markedSequences(portions, seed + 1_000_003 * i, config),
      training: { ...training, epochs, rate },
    }),
  );
  return {
    lessons: drawn,
    fit: joined(drawn.map(({ learned }) => learned)),
    test: markedSequences(tested, seed + 1_000_003 * lessons.length, config),
    note: 'drawn apart',
  };
}

function joined(parts: readonly Dataset[]): Dataset {
  const first = parts[0]!;
  const truth = Int32Array.from(parts.flatMap(({ target }) => Array.from(target!.truth)));
  return {
    ...first,
    records: parts.flatMap(({ records }, i) => records.map((r) => ({ ...r, id: `${i + 1}/${r.id}` }))),
    target: { kind: 'classes', classes: [...classesOf(first)], truth },
  };
}

function checkConfig(config: LongRangeConfig): void {
  const { hidden, heads, window, around, layers, memory, seeds, training, lessons, tested, cost } = config;
  checkWhole({ hidden, heads, window, around, layers, memory, seeds, epochs: training.epochs });
  if (hidden % heads !== 0) throw usageError(`heads: ${heads} do not divide hidden ${hidden} evenly.`);
  if (!questions.includes(config.question))
    throw usageError(
      `question: expected one of ${questions.join(', ')}, received ${JSON.stringify(config.question)}.`,
    );
  if (!(config.noise >= 0 && config.noise <= 1))
    throw usageError(`noise: expected a share from 0 to 1, received ${config.noise}.`);
  if (!Array.isArray(lessons) || lessons.length === 0)
    throw usageError(
      'lessons: expected a list such as [{"portions": [{"length": 16, "count": 900}], "epochs": 3, "rate": 0.005}].',
    );
  lessons.forEach(({ epochs }, i) => {
    checkWhole({ [`lessons.${i}.epochs`]: epochs });
  });
  const asked = lessons.map(({ portions }, i): [string, readonly Portion[]] => [
    `lessons.${i}.portions`,
    portions,
  ]);
  for (const [name, portions] of [...asked, ['tested', tested] as const]) {
    if (!Array.isArray(portions) || portions.length === 0)
      throw usageError(`${name}: expected a list such as [{"length": 100, "count": 50}].`);
    for (const { length, count } of portions) {
      checkWhole({ [`${name}.length`]: length, [`${name}.count`]: count });
      if (length < 2) throw usageError(`${name}.length: expected at least 2 letters, received ${length}.`);
    }
  }
  if (!Array.isArray(cost.lengths) || cost.lengths.length < 3)
    throw usageError(
      `cost.lengths: expected three lengths or more, received ${JSON.stringify(cost.lengths)}.`,
    );
  checkWhole(Object.fromEntries(cost.lengths.map((length, i) => [`cost.lengths.${i}`, length])));
}

/** Time and memory by architecture. */
export interface Costly {
  readonly id: string;
  readonly name: string;
  readonly costs: readonly Cost[];
}

/** All that a run found out. */
export interface LongRangeFindings {
  readonly reached: readonly Reached[];
  readonly costly: readonly Costly[];
  readonly test: Dataset;
  readonly fit: Dataset;
  readonly config: LongRangeConfig;
  readonly seeds: number;
  readonly builtIn: boolean;
  readonly quick: boolean;
}

/** The recipe on records with one of several classes each; `builtIn`: with a planted dependency. */
export async function runLongRange(
  parts: Material,
  config: LongRangeConfig,
  context: RecipeContext,
  { builtIn }: { builtIn: boolean },
): Promise<RecipeResult> {
  const began = performance.now();
  const { seed, quick, device, signal, threads } = context;
  const seeds = Array.from({ length: config.seeds }, (_, s) => seed + s);
  const all = contenders(config);
  const tell = (text: string, done: number) => context.onEvent?.({ kind: 'progress', text, done });
  const onEvent = (contender: Contender) => (share: number) =>
    tell(contender.name, (0.7 * (all.indexOf(contender) + share)) / all.length);
  const reached = await side(all, threads, (contender) =>
    solve(contender, parts.lessons, parts.test, seeds, { device, signal, onEvent: onEvent(contender) }),
  );
  const costly = await costs(config, context, (text, share) => tell(text, 0.7 + 0.3 * share));
  const kept = reached.find(({ contender }) => contender.id === 'lstm')!;
  const predictions = asPredictions(parts.test, kept.predicted[0]!);
  const assessment = await assessPredictions(kept.first.model.spec.output, predictions, parts.test, {
    // Where lengths differ by a factor of thousands, similarity of words to what was learned means nothing.
    ...(builtIn ? {} : { train: parts.fit }),
    seed,
    device,
    threads: 1,
  });
  const report: RunReport = {
    title: longRange.title,
    recipe: longRange.id,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    ...longRangeReport(
      { reached, costly, test: parts.test, fit: parts.fit, config, seeds: seeds.length, builtIn, quick },
      binsByLength(parts.test),
    ),
    data: dataOf(parts.test),
    training: trainingOf(kept.first),
    ...heldOutReport(assessment, parts),
  };
  return { report, model: kept.first.model };
}

/** Does the same for all, as many at a time as there are threads, and gives the results in their order. */
async function side<T, R>(items: readonly T[], lanes: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!);
  };
  await Promise.all(Array.from({ length: Math.max(1, lanes) }, lane));
  return results;
}

/** What each architecture costs, and full attention once more in its memory-lean form. */
async function costs(
  { cost: { lengths, gigabytes, patience }, ...config }: LongRangeConfig,
  { quick, device, signal }: RecipeContext,
  tell: (text: string, share: number) => void,
): Promise<Costly[]> {
  const all: Omit<Contender, 'reach'>[] = [...contenders(config), leanContender(config)];
  const limits = {
    lengths,
    ...(quick && { repeating: quickly.repeating }),
    bytes: gigabytes * 1e9,
    patience,
    device,
    signal,
  };
  const found: Costly[] = [];
  for (const [n, contender] of all.entries()) {
    tell(`cost of ${contender.name}`, n / all.length);
    const definition = contender.costly ?? contender.definition;
    found.push({ id: contender.id, name: contender.name, costs: await costsOf(definition, limits) });
  }
  return found;
}
