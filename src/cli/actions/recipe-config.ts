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

/** Reads what `run` is given, an id or a file that `init` wrote, and fills the defaults in; dots in `set` lead into records. Unknown settings are refused. */
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
  const config = structuredClone({ ...recipe.defaults, ...sameKinds(given, recipe.defaults, `${asked}: `) });
  // Within a record anything may be set: the model and the training have more options than a recipe spells out.
  const isKnown = (key: string) =>
    known.includes(key) || (key.includes('.') && isRecord(at(config, key.split('.').slice(0, -1))));
  const settings = readSettings(set, known, `the recipe ${id}`, isKnown);
  for (const [key, value] of Object.entries(settings)) {
    const path = key.split('.');
    const last = path.pop()!;
    const own = at(config, path) as Settings;
    Object.assign(own, sameKinds({ [last]: value }, own, '--set ', path));
  }
  return { recipe, config, seed: seed as number };
}

type Settings = Record<string, unknown>;

const isRecord = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands at a place in records within records; the whole for no path. */
const at = (config: Settings, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (here, name) => (isRecord(here) && Object.hasOwn(here, name) ? here[name] : undefined),
    config,
  );

const kindOf = (value: unknown) =>
  isRecord(value)
    ? 'a record'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'string'
        ? 'text'
        : `a ${typeof value}`;

/**
 * Settings that are each of the kind of their default (one that is null may become anything; one number is a list of one); whether
 * values make sense is for the recipe to say. Throws a usage error that begins with `where`.
 */
function sameKinds(
  given: Settings,
  defaults: Settings,
  where: string,
  path: readonly string[] = [],
): Settings {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const usual = defaults[key];
      const place = [...path, key];
      if (usual === null || usual === undefined) return [key, value];
      if (Array.isArray(usual) && typeof value === 'number') return [key, [value]];
      if (kindOf(value) !== kindOf(usual))
        throw usageError(
          `${where}${place.join('.')}: expected ${kindOf(usual)} such as ${JSON.stringify(usual).slice(0, 60)}, received ${JSON.stringify(value)}.`,
        );
      return [key, isRecord(value) ? sameKinds(value, usual as Settings, where, place) : value];
    }),
  );
}
