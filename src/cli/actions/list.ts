import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { architectures } from '../../models/architectures/index.ts';
import { loadRecipe, recipes } from '../../recipes/index.ts';
import { closest } from '../closest.ts';
import { settable } from './model-settings.ts';

/** Prints models and recipes, or what there is to know of one of them. */
export async function list(name: string | undefined, { json = false }: { json?: boolean }): Promise<void> {
  const found = name === undefined ? await everything() : await one(name);
  await atomicWrite('-', json ? `${JSON.stringify(found.data, null, 2)}\n` : found.text);
}

interface Listing {
  data: unknown;
  text: string;
}

async function everything(): Promise<Listing> {
  const models = Object.entries(architectures).map(([id, { summary }]) => ({ id, summary }));
  const loaded = await Promise.all(Object.keys(recipes).map(loadRecipe));
  const listed = loaded.map(({ id, title, summary, claim }) => ({ id, title, summary, claim }));
  const block = (title: string, rows: [string, string][]) =>
    `${title}\n${aligned(rows.length > 0 ? rows : [['none', '']])}`;
  return {
    data: { models, recipes: listed },
    text: `${block(
      'Models (seqwright train --model; "seqwright list <name>" explains one)',
      models.map(({ id, summary }) => [id, summary]),
    )}\n${block(
      'Recipes (seqwright run)',
      listed.map(({ id, summary }) => [id, summary]),
    )}`,
  };
}

async function one(name: string): Promise<Listing> {
  if (Object.hasOwn(architectures, name)) return model(name);
  if (Object.hasOwn(recipes, name)) {
    const { id, title, summary, claim, input, defaults } = await loadRecipe(name);
    const settings = aligned(Object.entries(defaults).map(([key, value]) => [key, JSON.stringify(value)]));
    return {
      data: { id, title, summary, claim, input: input?.what ?? null, defaults },
      text: `${id}: ${title}\n${summary}\nClaim: ${claim}\nInput (--input): ${input?.what ?? 'none.'}\n\nSettings and their defaults\n${settings}`,
    };
  }
  const known = [...Object.keys(architectures), ...Object.keys(recipes)];
  const guess = closest(name, known);
  throw usageError(
    `there is no model or recipe "${name}". ${guess ? `Did you mean ${guess}?` : `There are ${known.join(', ')}.`}`,
  );
}

function model(id: string): Listing {
  const { summary, options } = architectures[id]!;
  const settings = settable(id).map((key) => ({
    key,
    default: options[key]!.default as unknown,
    expected: options[key]!.expected,
    summary: options[key]!.summary,
  }));
  const rows = settings.map((s): [string, string] => [
    `${s.key}=${shown(s.default)}`,
    `${s.summary} Expected: ${s.expected}.`,
  ]);
  return {
    data: { id, summary, settings },
    text: `${id}: ${summary}\n\nSettings (seqwright train --set key=value) with their defaults\n${aligned(rows)}`,
  };
}

const shown = (value: unknown) => (Array.isArray(value) ? value.join(',') : String(value));

function aligned(rows: [string, string][]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows
    .map(([name, text]) => `  ${name.padEnd(width)}  ${text}`.trimEnd())
    .join('\n')
    .concat('\n');
}
