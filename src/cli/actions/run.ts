import { rmdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { usageError } from '../../core/errors.ts';
import type { InputOption, Recipe, RecipeEvent, RecipeInput } from '../../recipes/index.ts';
import { checkRunOutput, writeRunOutput } from '../../recipes/run-output.ts';
import type { RunReport } from '../../report/run-report.ts';
import { type Messages, openMessages } from '../messages.ts';
import { stoppable } from '../signals.ts';
import type { RecipeArguments } from '../verbs/run.ts';
import { deviceFor } from './device.ts';
import { manifestOf } from './manifest.ts';
import { datasetOptions } from './read-input.ts';
import { configuredRecipe } from './recipe-config.ts';
import { tellAfter } from './results.ts';

/** Runs a recipe, writes its output folder and prints its results. */
export async function run(asked: string, args: RecipeArguments): Promise<void> {
  const messages = openMessages(args);
  const { recipe, config, seed: configured } = await configuredRecipe(asked, args.set);
  const seed = args.seed ?? configured;
  const folder = args.output ?? (await defaultFolder(recipe.id));
  const input = inputOf(recipe, args);
  await checkRunOutput(folder);
  const { quick = false } = args;
  const device = await deviceFor(args.device, messages);
  // A recipe holds models of several kinds; it is told how much there is and chooses.
  const threads = args.threads ?? Math.min(4, availableParallelism());
  messages.say(`${recipe.title}. ${recipe.claim}`);
  const result = await stoppable((signal) =>
    recipe.run(config, {
      signal,
      onEvent: recipeProgress(messages),
      threads,
      device,
      seed,
      quick,
      ...(input && { input }),
    }),
  ).finally(() => messages.clear());
  const used = { recipe: recipe.id, seed, quick, ...config };
  const report = {
    ...result.report,
    manifest: {
      ...manifestOf(used, result.report.data?.sources ?? [], { device, threads }),
      ...result.report.manifest,
    },
  };
  const inFolder = ({ artifacts = {} }: RunReport) =>
    Object.fromEntries(Object.entries(artifacts).map(([what, path]) => [what, join(folder, path)]));
  await tellAfter(() => writeRunOutput(folder, { ...result, report }), report, {
    json: args.json ?? false,
    artifacts: inFolder,
  });
}

/** Its parent may be missing: nobody asked for that folder by name. Should nothing come into it, it goes again. */
async function defaultFolder(id: string): Promise<string> {
  const parent = 'seqwright-output';
  await mkdir(parent, { recursive: true }).catch(() => {});
  process.on('exit', () => {
    try {
      rmdirSync(parent);
    } catch {
      // It holds something, or was never made.
    }
  });
  return join(parent, id);
}

/** The options of `run` that say how an input is to be read. */
const readingOptions: Readonly<Record<InputOption, string>> = {
  labels: '--labels',
  id: '--id',
  label: '--label',
  labelFrom: '--label-from',
  sequence: '--sequence',
  group: '--group',
  ambiguous: '--ambiguous',
  alphabet: '--alphabet',
  task: '--task',
};

/** The user's input; throws a usage error for options that the recipe would ignore in silence. */
function inputOf({ id, input: kind }: Recipe, args: RecipeArguments): RecipeInput | undefined {
  const names = Object.keys(readingOptions) as InputOption[];
  const stray = names.find((name) => args[name] !== undefined && !kind?.options.includes(name));
  if (args.input !== undefined && !kind)
    throw usageError(`the recipe ${id} takes no --input. "seqwright list ${id}" shows its settings.`);
  if (stray) {
    const read = kind?.options.map((name) => readingOptions[name]).join(', ');
    throw usageError(
      `the recipe ${id} does not read ${readingOptions[stray]}; ${read ? `beside --input it reads ${read}` : 'it reads --input alone'}.`,
    );
  }
  if (args.input === undefined) {
    if (!names.some((name) => args[name] !== undefined)) return undefined;
    throw usageError('labels were given without sequences; name these with --input.');
  }
  const { sequences: path, ...options } = datasetOptions(args.input, args);
  return { path, options };
}

const recipeProgress = (messages: Messages) => (event: RecipeEvent) =>
  event.kind === 'note'
    ? messages.say(event.text)
    : messages.progress(event.text, event.done, event.secondsLeft);
