import type { TaggerSpec } from '../../models/tagger/spec.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import { trainTagger } from './tagging.ts';
import { type TaggedData, taggedSubset, tokenTotal } from './tagging-data.ts';
import { openTagger } from './tagging-predict.ts';

/** Predicted tags of every sequence. */
export type TagTable = readonly (readonly string[])[];

/** The most frequent tag of all, at every token. */
export function majorityTags(train: TaggedData, test: TaggedData): TagTable {
  const tag = train.tags[most(countTags(train))]!;
  return test.sequences.map(({ tokens }) => Array.from(tokens, () => tag));
}

function countTags({ sequences, tags }: TaggedData): Float64Array {
  const counts = new Float64Array(tags.length);
  for (const { truth } of sequences) for (const tag of truth) if (tag >= 0) counts[tag]!++;
  return counts;
}

/** The place of the largest count, the first of equals. */
const most = (counts: ArrayLike<number>): number => {
  let best = 0;
  for (let i = 1; i < counts.length; i++) if (counts[i]! > counts[best]!) best = i;
  return best;
};

/** Letters in the windows that `unigramTags` looks up. */
const window = 3;

/**
 * The most frequent tag of each word (as it is written, else in lower case, else the most frequent tag of all), or of the window of three
 * letters around each letter: the simplest thing that knows the data. It does not look at the neighbours' tags.
 */
export function unigramTags(train: TaggedData, test: TaggedData): TagTable {
  const tables = keysOf(train.kind).map((key) => ({ key, counts: new Map<string, Float64Array>() }));
  for (const { tokens, truth } of train.sequences)
    truth.forEach((tag, t) => {
      if (tag < 0) return;
      for (const { key, counts } of tables) {
        const name = key(tokens, t);
        const row = counts.get(name) ?? new Float64Array(train.tags.length);
        row[tag]!++;
        counts.set(name, row);
      }
    });
  const otherwise = most(countTags(train));
  return test.sequences.map(({ tokens }) =>
    Array.from(tokens, (_, t) => {
      const found = tables.flatMap(({ key, counts }) => counts.get(key(tokens, t)) ?? [])[0];
      return train.tags[found ? most(found) : otherwise]!;
    }),
  );
}

type Key = (tokens: string | readonly string[], t: number) => string;

/** What is looked up for a token, the most telling first. */
const keysOf = (kind: TaggedData['kind']): Key[] =>
  kind === 'words'
    ? [(tokens, t) => tokens[t]!, (tokens, t) => tokens[t]!.toLowerCase()]
    : [
        (tokens, t) => {
          const before = Math.floor(window / 2);
          return Array.from({ length: window }, (_, k) => tokens[t - before + k]?.toUpperCase() ?? '-').join(
            '',
          );
        },
        (tokens, t) => tokens[t]!.toUpperCase(),
      ];

/** Tokens that the window's regression is fitted to at most: more of them change its figures little. */
const enough = 60_000;

/** Logistic regression on the 15 letters around each letter (the window of Qian and Sejnowski 1988 was 13). */
export async function windowTags(
  train: TaggedData,
  test: TaggedData,
  { seed = 42, ...where }: CompileOptions & { seed?: number } = {},
): Promise<TagTable> {
  const share = Math.ceil((train.sequences.length * Math.min(1, enough / tokenTotal(train))) | 0) || 1;
  const part = taggedSubset(
    train,
    Array.from({ length: share }, (_, i) => Math.floor((i * train.sequences.length) / share)),
  );
  const { model } = await trainTagger(
    { architecture: 'window', config: { output: 'softmax', dropout: 0 }, constrained: false },
    part,
    { epochs: 10, rate: 1e-2, batchSize: 16, validation: 0.1, seed, ...where },
  );
  return predictedTags(model, test, where);
}

/** The tags of all sequences, in their order. */
export async function predictedTags(
  model: { readonly spec: TaggerSpec; readonly weights: ReadonlyMap<string, Float32Array> },
  { sequences }: TaggedData,
  where: CompileOptions = {},
): Promise<TagTable> {
  const tagger = await openTagger(model, where);
  try {
    const table: (readonly string[])[] = [];
    for await (const { tags } of tagger.tag(sequences)) table.push(tags);
    return table;
  } finally {
    await tagger.close();
  }
}
