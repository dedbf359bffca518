import { dataError, usageError } from '../../core/errors.ts';
import { loadRecipe, type Recipe, recipes } from '../../recipes/index.ts';
import { closest } from '../closest.ts';
import { readJsonRecord } from '../config-file.ts';
import { readSettings, unknownSetting } from '../settings.ts';

/** A recipe with the configuration to run it with; `seed` is the file's, where it has one. */
export interface ConfiguredRecipe {
  readonly recipe: Recipe;
  readonly config: Record<string, unknown>;
  readonly seed: number;
}

/** The recipe of an id; throws a usage error with a guess. */
export async function recipeOf(id: string): Promise<Recipe> {
  const known = Object.keys(recipes);
  if (known.includes(id)) return loadRecipe(id);
  const guess = closest(id, known);
  const hint = guess ? `Did you mean ${guess}?` : `The recipes are ${known.join(', ')}.`;
  throw usageError(`there is no recipe "${id}". ${hint}`);
}

/** Reads what `run` is given, an id or a file that `init` wrote, and fills the defaults in. Unknown settings are refused. */
export async function configuredRecipe(
  asked: string,
  set: readonly string[] = [],
): Promise<ConfiguredRecipe> {
  const isFile = /\.json$|[\\/]/.test(asked);
  const { recipe: id, seed = 42, ...given } = isFile ? await readJsonRecord(asked) : { recipe: asked };
  if (typeof id !== 'string')
    throw dataError(`${asked} does not say "recipe"; expected a file as seqwright init writes it.`);
  if (!Number.isSafeInteger(seed))
    throw dataError(`${asked}: seed: expected a whole number, received ${seed}.`);
  const recipe = await recipeOf(id);
  const known = Object.keys(recipe.defaults);
  for (const key of Object.keys(given)) if (!known.includes(key)) throw unknownSetting(key, known, asked);
  const settings = readSettings(set, known, `the recipe ${id}`);
  return { recipe, config: { ...recipe.defaults, ...given, ...settings }, seed: seed as number };
}
