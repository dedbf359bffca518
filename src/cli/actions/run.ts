import { rmdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { usageError } from '../../core/errors.ts';
import type { RecipeEvent } from '../../recipes/index.ts';
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
  refuseStrayOptions(args);
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
      ...(args.input !== undefined && { input: datasetOptions(args.input, args) }),
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

/** Label options without an input would be ignored in silence. */
function refuseStrayOptions({ input, labels, label, labelFrom }: RecipeArguments): void {
  if (input !== undefined || (labels ?? label ?? labelFrom) === undefined) return;
  throw usageError('labels were given without sequences; name these with --input.');
}

const recipeProgress = (messages: Messages) => (event: RecipeEvent) =>
  event.kind === 'note'
    ? messages.say(event.text)
    : messages.progress(event.text, event.done, event.secondsLeft);
