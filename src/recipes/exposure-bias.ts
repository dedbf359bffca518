import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import type { TokenPair } from '../models/translator/forced.ts';
import type { TrainedTranslator } from '../models/translator/scorer.ts';
import type { TranslatorSpec } from '../models/translator/spec.ts';
import type { RunReport } from '../report/run-report.ts';
import { fitTranslator, type TranslatorFitOptions } from '../train/tasks/translation.ts';
import { type ScheduledSampling, trueShare } from '../train/tasks/translation-sampling.ts';
import { checkWhole } from './built-in-data.ts';
import { errors, rollouts, teacherForced } from './exposure-bias/drift.ts';
import { driftReport, type Measured, type Method } from './exposure-bias/report.ts';
import { readSeries, type Series, walks } from './exposure-bias/series.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `exposure-bias` may be told. */
export interface DriftConfig {
  /** Of the built-in example; see `walks`. */
  readonly places: number;
  readonly steps: number;
  readonly jump: number;
  readonly noise: number;
  /** Sequences to learn from, and to be tested on. */
  readonly count: number;
  readonly tests: number;
  /** Of the user's sequences: letters that are given, and letters that are foretold. */
  readonly prompt: number;
  readonly horizon: number;
  /** Networks with first weights of their own, for each way of teaching. */
  readonly seeds: number;
  readonly model: Readonly<Record<string, unknown>>;
  /** For the user's sequences, whose places do not go with one another. */
  readonly modelOfInput: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
  readonly sampling: ScheduledSampling;
  /** Self-rollout: how often the network writes all training sequences itself, and epochs on them each time. */
  readonly rounds: number;
  readonly roundEpochs: number;
  /** False: it reads the truth in those rounds too, so that nothing is corrected and the claim must fail. */
  readonly ownRollouts: boolean;
}

export const driftDefaults: DriftConfig = {
  places: 8,
  steps: 24,
  jump: 0.04,
  noise: 0.35,
  count: 1000,
  tests: 300,
  prompt: 16,
  horizon: 24,
  seeds: 2,
  model: { size: 48, layers: 1, heads: 6, positions: 'relative', beyond: 'hidden', reach: 6, dropout: 0 },
  modelOfInput: { size: 64, layers: 2, heads: 4, positions: 'rotary', dropout: 0.1 },
  training: { epochs: 8, batchSize: 32, rate: 5e-3 },
  sampling: { curve: 'linear', floor: 0, slope: 0.015, passes: 4 },
  rounds: 2,
  roundEpochs: 4,
  ownRollouts: true,
};

/** What becomes of a model that learned from true prefixes alone when it must go on from its own. */
export const exposureBias: Recipe = {
  id: 'exposure-bias',
  title: 'Exposure bias',
  summary:
    'Sequences → error by horizon, going on from own tokens or from true ones, under teacher forcing, scheduled sampling and self-rollout.',
  claim:
    'Under pure teacher forcing the error of going on from own tokens grows with the horizon, beyond that of true ones; with self-rollout it grows by less than half of that.',
  input: {
    what: 'FASTA, or plain text with a sequence a line; 50 stretches of prompt + horizon letters or more.',
    options: [],
  },
  defaults: { ...driftDefaults },
  async run(given, context) {
    const config = { ...driftDefaults, ...given } as DriftConfig;
    checkConfig(config);
    const { prompt, horizon, count, tests } = config;
    const { seed } = context;
    const fewer = context.quick ? 600 : count;
    const series = context.input
      ? await readSeries(context.input.path, { prompt, horizon, most: context.quick ? 400 : 2000, seed })
      : walks({ ...config, count: Math.min(fewer, count), tests, seed });
    return runExposureBias(series, config, context, { builtIn: !context.input });
  },
};

function checkConfig(config: DriftConfig): void {
  const { places, steps, count, tests, prompt, horizon, seeds, rounds, roundEpochs, jump, noise } = config;
  checkWhole({ places, steps, count, tests, prompt, horizon, seeds, rounds, roundEpochs });
  if (places > 26) throw usageError(`places: expected at most 26, received ${places}.`);
  for (const [name, value] of Object.entries({ jump, noise }))
    if (!(value >= 0 && value <= 1))
      throw usageError(`${name}: expected a share from 0 to 1, received ${value}.`);
  trueShare(config.sampling);
}

/** The recipe on sequences; `builtIn`: these are those that the claim speaks of. */
export async function runExposureBias(
  series: Series,
  config: DriftConfig,
  context: RecipeContext,
  { builtIn }: { builtIn: boolean },
): Promise<RecipeResult> {
  const began = performance.now();
  const seeds = Array.from({ length: context.quick ? 1 : config.seeds }, (_, s) => context.seed + s);
  const methods: readonly Method[] = context.quick
    ? ['teacher forcing', 'self-rollout']
    : ['teacher forcing', 'scheduled sampling', 'self-rollout'];
  const spec: TranslatorSpec = {
    kind: 'translator',
    architecture: 'transformer',
    config: builtIn ? config.model : config.modelOfInput,
    source: series.tokens,
    target: series.tokens,
  };
  const measured: Measured[] = [];
  let kept: TrainedTranslator | undefined;
  for (const [s, seed] of seeds.entries()) {
    let forced: TrainedTranslator | undefined;
    for (const [m, method] of methods.entries()) {
      const tell = (text: string, done: number) =>
        context.onEvent?.({
          kind: 'progress',
          text: `network ${s + 1} of ${seeds.length}, ${method}${text}`,
          done: (0.95 * (s * methods.length + m + done)) / (seeds.length * methods.length),
        });
      const model = await taught({ method, spec, series, config, seed, forced, tell }, context);
      forced ??= model;
      if (method === 'self-rollout') kept ??= model;
      measured.push(await drifted({ method, seed, model, series }, context));
    }
  }
  const report: RunReport = {
    title: exposureBias.title,
    recipe: exposureBias.id,
    version,
    seed: context.seed,
    seconds: (performance.now() - began) / 1000,
    ...driftReport({ measured, series, builtIn, config, quick: context.quick }, context.seed),
  };
  const training = { recipe: exposureBias.id, seed: seeds[0], longestTarget: series.horizon + 1 };
  return { report, model: { spec: kept!.spec, weights: kept!.weights, training } };
}

interface Teaching {
  readonly method: Method;
  readonly spec: TranslatorSpec;
  readonly series: Series;
  readonly config: DriftConfig;
  readonly seed: number;
  /** The network of teacher forcing, which self-rollout goes on from. */
  readonly forced: TrainedTranslator | undefined;
  readonly tell: (text: string, done: number) => void;
}

async function taught(
  { method, spec, series, config, seed, forced, tell }: Teaching,
  { device, signal }: RecipeContext,
): Promise<TrainedTranslator> {
  const { fit } = series;
  const rounds = method === 'self-rollout' ? config.rounds : 0;
  const parts = Math.max(1, rounds);
  const teach = async (pairs: readonly TokenPair[], options: TranslatorFitOptions, part: number) => {
    const { weights } = await fitTranslator(
      spec,
      pairs,
      undefined,
      { ...config.training, seed, ...options },
      {
        device,
        ...(signal && { signal }),
        onEvent: (event) => {
          if (event.kind !== 'epoch') return;
          tell(`, epoch ${event.epoch} of ${event.epochs}`, (part + event.epoch / event.epochs) / parts);
        },
      },
    );
    return { spec, weights };
  };
  if (method === 'teacher forcing') return teach(fit, {}, 0);
  if (method === 'scheduled sampling') return teach(fit, { sampling: config.sampling }, 0);
  let model = forced!;
  for (let round = 0; round < rounds; round++) {
    const own = config.ownRollouts ? await rollouts(model, fit, { device }) : undefined;
    const pairs = own ? fit.map((pair, i) => ({ ...pair, read: own[i]! })) : fit;
    const { weights } = model;
    model = await teach(pairs, { epochs: config.roundEpochs, start: () => weights }, round);
  }
  return model;
}

async function drifted(
  { method, seed, model, series }: { method: Method; seed: number; model: TrainedTranslator; series: Series },
  { device }: RecipeContext,
): Promise<Measured> {
  const { test, horizon } = series;
  return {
    method,
    seed,
    drift: {
      free: errors(await rollouts(model, test, { device }), test, horizon),
      forced: errors(await teacherForced(model, test, { device }), test, horizon),
    },
  };
}
