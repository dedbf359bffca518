import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { type Cell, elmanCell, lstmCell } from '../nn/cells.ts';
import type { RunReport } from '../report/run-report.ts';
import { checkWhole } from './built-in-data.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';
import { type Course, type MemoryTask, trainOnMemory } from './vanishing-gradients/clipping.ts';
import { type Contender, contenders, trainedContender } from './vanishing-gradients/contenders.ts';
import type { Decay } from './vanishing-gradients/probe.ts';
import { gradientReport } from './vanishing-gradients/report.ts';

/** What `vanishing-gradients` may be told. */
export interface GradientConfig {
  /** How far the gradient is followed. */
  readonly steps: number;
  readonly hidden: number;
  /** Networks of each kind, with first weights of their own. */
  readonly seeds: number;
  /** Factors for the recurrent weights of the Elman networks whose gradients explode and vanish. */
  readonly exploding: number;
  readonly vanishing: number;
  readonly dilations: readonly number[];
  readonly window: number;
  /** The trainings with and without clipping: letters of a sequence, steps, learning rate, limit of the norm. */
  readonly training: {
    readonly length: number;
    readonly steps: number;
    readonly rate: number;
    readonly clip: number;
  };
}

export const gradientDefaults: GradientConfig = {
  steps: 50_000,
  hidden: 32,
  seeds: 3,
  exploding: 3,
  vanishing: 0.5,
  dilations: [1, 8, 64, 512],
  window: 224,
  training: { length: 20, steps: 500, rate: 0.1, clip: 1 },
};

/** How gradients fall with distance, and what clipping does for them. */
export const vanishingGradients: Recipe = {
  id: 'vanishing-gradients',
  title: 'Vanishing gradients',
  summary:
    'Recurrent networks (or your own trained model) → norm of the gradient by distance, through 50,000 steps; clipping against explosion.',
  claim:
    'The gradient of an Elman network falls exponentially, at a fitted rate; that of an LSTM is orders of magnitude larger; clipping cures explosion and nothing else.',
  input: {
    what: 'a model folder that train wrote with --model lstm, gru, cnn-bilstm or attention-bilstm; its first recurrent layer is probed, too.',
    options: [],
  },
  defaults: { ...gradientDefaults },
  run: (given, context) => runGradients({ ...gradientDefaults, ...given } as GradientConfig, context),
};

/** What a contender showed: one decay for each seed. */
export interface Probed {
  readonly contender: Contender;
  readonly decays: readonly Decay[];
  readonly seconds: number;
}

/** The trainings on a task of memory, by what is trained: one for each seed. */
export type Courses = Readonly<
  Record<'exploding' | 'vanishing' | 'lstm', Readonly<Record<'plain' | 'clipped', readonly Course[]>>>
>;

/** The recipe; see `vanishingGradients`. */
export async function runGradients(config: GradientConfig, context: RecipeContext): Promise<RecipeResult> {
  const began = performance.now();
  checkConfig(config);
  const { quick, seed, device, signal } = context;
  const steps = quick ? Math.min(config.steps, 5_000) : config.steps;
  const seeds = Array.from({ length: quick ? 1 : config.seeds }, (_, s) => seed + s);
  const all = [
    ...contenders({ ...config, steps }),
    ...(context.input ? [await trainedContender(context.input.path)] : []),
  ];
  const probed: Probed[] = [];
  for (const [n, contender] of all.entries()) {
    context.onEvent?.({ kind: 'progress', text: contender.name, done: (0.7 * n) / all.length });
    const start = performance.now();
    const decays: Decay[] = [];
    for (const own of seeds) decays.push(await contender.probe({ steps, seed: own, device, signal }));
    probed.push({ contender, decays, seconds: (performance.now() - start) / 1000 / seeds.length });
  }
  const courses = await trained(config, seeds, context);
  // Kilobytes on every system that Node runs on.
  const peak = process.resourceUsage().maxRSS * 1024;
  const report: RunReport = {
    title: vanishingGradients.title,
    recipe: vanishingGradients.id,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    ...gradientReport({ probed, courses, steps, peak, config, quick }),
  };
  return { report };
}

function checkConfig({
  steps,
  hidden,
  seeds,
  window,
  training,
  exploding,
  vanishing,
  dilations,
}: GradientConfig): void {
  checkWhole({
    steps,
    hidden,
    seeds,
    window,
    'training.length': training.length,
    'training.steps': training.steps,
  });
  if (steps < 500) throw usageError(`steps: expected at least 500, received ${steps}.`);
  for (const [name, factor] of Object.entries({ exploding, vanishing }))
    if (!(factor > 0)) throw usageError(`${name}: expected a number above 0, received ${factor}.`);
  if (!Array.isArray(dilations) || dilations.length === 0)
    throw usageError(`dilations: expected a list such as [1, 8, 64], received ${JSON.stringify(dilations)}.`);
}

/** Three networks, each with the same first weights and batches, with and without clipping. */
async function trained(
  { training, hidden, exploding, vanishing }: GradientConfig,
  seeds: readonly number[],
  { device, onEvent }: RecipeContext,
): Promise<Courses> {
  const pair = async (name: string, cell: Cell, recurrent: number, done: number) => {
    onEvent?.({ kind: 'progress', text: `training ${name}`, done });
    const [plain, clipped]: [Course[], Course[]] = [[], []];
    for (const seed of seeds) {
      const task = { ...training, hidden, seed, device } satisfies MemoryTask;
      plain.push(await trainOnMemory(cell, { recurrent }, { ...task, clip: 0 }));
      clipped.push(await trainOnMemory(cell, { recurrent }, task));
    }
    return { plain, clipped };
  };
  return {
    exploding: await pair('the Elman network that explodes', elmanCell(), exploding, 0.7),
    vanishing: await pair('the Elman network that forgets', elmanCell(), vanishing, 0.8),
    lstm: await pair('an LSTM', lstmCell({ forgetBias: Math.log(training.length) }), 1, 0.9),
  };
}
