import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { architectures, type Options } from '../../models/architectures/index.ts';
import { forecasterArchitectures } from '../../models/forecaster/architectures.ts';
import { languageArchitectures } from '../../models/language/architectures.ts';
import { ngramOptions, ngramSummary } from '../../models/markov/ngram-options.ts';
import { marksBodies } from '../../models/marks/bodies.ts';
import { marksOptions } from '../../models/marks/network.ts';
import { maskedArchitectures } from '../../models/masked/architecture.ts';
import { spanArchitectures } from '../../models/span/architectures.ts';
import { spanOptions } from '../../models/span/network.ts';
import { taggerBodies } from '../../models/tagger/bodies.ts';
import { taggerOptions } from '../../models/tagger/network.ts';
import { transcriberArchitectures, transcriberOptions } from '../../models/transcriber/architectures.ts';
import { translatorArchitectures } from '../../models/translator/architectures.ts';
import { loadRecipe, recipes } from '../../recipes/index.ts';
import { closest } from '../closest.ts';
import { settable } from './model-settings.ts';

/** Prints models and recipes, or what there is to know of one of them. */
export async function list(name: string | undefined, { json = false }: { json?: boolean }): Promise<void> {
  const found = name === undefined ? await everything() : await one(name);
  await atomicWrite('-', json ? `${JSON.stringify(found.data, null, 2)}\n` : found.text);
}

interface Listing {
  data: object;
  text: string;
}

/** Models by the task that they learn. */
interface Shelf {
  readonly key: string;
  readonly title: string;
  readonly models: Readonly<Record<string, { readonly summary: string; readonly options: Options }>>;
}

const shelves: readonly Shelf[] = [
  {
    key: 'models',
    title: 'Models (seqwright train --model; "seqwright list <name>" explains one)',
    models: Object.fromEntries(
      Object.entries(architectures).map(([id, { summary, options }]) => [
        id,
        { summary, options: Object.fromEntries(settable(id).map((key) => [key, options[key]!])) },
      ]),
    ),
  },
  {
    key: 'languageModels',
    title: 'Language models (seqwright train --task language --model)',
    models: { ...languageArchitectures, ngram: { summary: ngramSummary, options: ngramOptions } },
  },
  {
    key: 'maskedModels',
    title: 'Masked models (seqwright train --task masked --model)',
    models: maskedArchitectures,
  },
  {
    key: 'taggers',
    title: 'Taggers (seqwright train --task tagging --model)',
    models: Object.fromEntries(
      Object.entries(taggerBodies).map(([id, { summary }]) => [
        id,
        { summary, options: { ...taggerOptions(id, 'letters'), ...taggerOptions(id, 'words') } },
      ]),
    ),
  },
  {
    key: 'transcribers',
    title: 'Transcribers (seqwright train --task ctc --model)',
    models: Object.fromEntries(
      Object.entries(transcriberArchitectures).map(([id, { summary }]) => [
        id,
        { summary, options: { ...transcriberOptions(id, 'symbols'), ...transcriberOptions(id, 'frames') } },
      ]),
    ),
  },
  {
    key: 'forecasters',
    title: 'Forecasters (seqwright train --task forecast --model)',
    models: forecasterArchitectures,
  },
  {
    key: 'translators',
    title: 'Translators (seqwright train --task translation --model)',
    models: translatorArchitectures,
  },
  {
    key: 'marksModels',
    title: 'Mark models (seqwright train --task marks --model)',
    models: Object.fromEntries(
      Object.entries(marksBodies).map(([id, { summary }]) => [id, { summary, options: marksOptions(id) }]),
    ),
  },
  {
    key: 'spanModels',
    title: 'Span models (seqwright train --task spans --model)',
    models: Object.fromEntries(
      Object.entries(spanArchitectures).map(([id, { summary, alone }]) => [
        id,
        { summary, options: spanOptions(id, { question: !alone, letters: false }) },
      ]),
    ),
  },
];

/** What `--task` is for the models of a shelf. */
const tasks: Readonly<Record<string, string>> = {
  languageModels: 'language',
  maskedModels: 'masked',
  taggers: 'tagging',
  transcribers: 'ctc',
  forecasters: 'forecast',
  translators: 'translation',
  marksModels: 'marks',
  spanModels: 'spans',
};

async function everything(): Promise<Listing> {
  const listedModels = shelves.map(({ key, title, models }) => ({
    key,
    title,
    rows: Object.entries(models).map(([id, { summary }]) => ({ id, summary })),
  }));
  const loaded = await Promise.all(Object.keys(recipes).map(loadRecipe));
  const listed = loaded.map(({ id, title, summary, claim }) => ({ id, title, summary, claim }));
  const block = (title: string, rows: readonly { id: string; summary: string }[]) =>
    `${title}\n${aligned(rows.length > 0 ? rows.map(({ id, summary }) => [id, summary]) : [['none', '']])}`;
  return {
    data: { ...Object.fromEntries(listedModels.map(({ key, rows }) => [key, rows])), recipes: listed },
    text: [
      ...listedModels.map(({ title, rows }) => block(title, rows)),
      block('Recipes (seqwright run)', listed),
    ].join('\n'),
  };
}

async function one(name: string): Promise<Listing> {
  const holding = shelves.filter(({ models }) => Object.hasOwn(models, name));
  if (holding.length > 0) {
    const found = holding.map((shelf) => model(shelf, name));
    return {
      data: {
        ...found[0]!.data,
        ...(found.length > 1 && { others: found.slice(1).map(({ data }) => data) }),
      },
      text: found.map(({ text }) => text).join('\n'),
    };
  }
  if (Object.hasOwn(recipes, name)) {
    const { id, title, summary, claim, input, defaults } = await loadRecipe(name);
    const settings = aligned(Object.entries(defaults).map(([key, value]) => [key, JSON.stringify(value)]));
    return {
      data: { id, title, summary, claim, input: input?.what ?? null, defaults },
      text: `${id}: ${title}\n${summary}\nClaim: ${claim}\nInput (--input): ${input?.what ?? 'none.'}\n\nSettings and their defaults\n${settings}`,
    };
  }
  const known = [
    ...new Set([...shelves.flatMap(({ models }) => Object.keys(models)), ...Object.keys(recipes)]),
  ];
  const guess = closest(name, known);
  throw usageError(
    `there is no model or recipe "${name}". ${guess ? `Did you mean ${guess}?` : `There are ${known.join(', ')}.`}`,
  );
}

function model({ key, title, models }: Shelf, id: string): Listing {
  const { summary, options } = models[id]!;
  const settings = Object.entries(options).map(([name, option]) => ({
    key: name,
    default: option.default as unknown,
    expected: option.expected,
    summary: option.summary,
  }));
  const rows = settings.map((s): [string, string] => [
    `${s.key}=${shown(s.default)}`,
    `${s.summary} Expected: ${s.expected}.`,
  ]);
  const head = key === 'models' ? '' : `${title.split(' (')[0]!.replace(/s$/, '')} `;
  return {
    data: {
      id,
      ...(key !== 'models' && { task: tasks[key] }),
      summary,
      settings,
    },
    text: `${head}${id}: ${summary}\n\nSettings (seqwright train --set key=value) with their defaults\n${aligned(rows)}`,
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
