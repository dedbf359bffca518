import { stat } from 'node:fs/promises';
import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { openMessages } from '../messages.ts';
import { recipeOf } from './recipe-config.ts';

/** Writes the complete configuration of a recipe. */
export async function init(id: string, { output, force = false }: { output?: string; force?: boolean }) {
  const { defaults } = await recipeOf(id);
  const path = output ?? `${id}.json`;
  const there = path !== '-' && (await stat(path).catch(() => undefined))?.isFile();
  if (there && !force)
    throw usageError(`${path} is there already. Name another with -o, or replace it with --force.`);
  await atomicWrite(path, `${JSON.stringify({ recipe: id, seed: 42, ...defaults }, null, 2)}\n`);
  if (path !== '-') openMessages().say(`Wrote ${path}. Run it with: seqwright run ${path}`);
}
