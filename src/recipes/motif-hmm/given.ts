import { dataError } from '../../core/errors.ts';
import { dna } from '../../data/alphabet.ts';
import { streamRecords } from '../../data/read-records.ts';
import type { MotifHmmConfig, MotifHmmFindings } from '../motif-hmm.ts';
import type { RecipeContext } from '../recipe.ts';
import { searched } from './search.ts';

/** Searches the user's sequences. */
export async function searchGiven(config: MotifHmmConfig, context: RecipeContext): Promise<MotifHmmFindings> {
  const { path, options } = context.input!;
  const { ambiguous, id, sequence } = options ?? {};
  const stream = await streamRecords(path, {
    alphabet: dna,
    ...(ambiguous && { ambiguous }),
    ...(id !== undefined && { id }),
    ...(sequence !== undefined && { sequence }),
  });
  const [names, sequences]: [string[], string[]] = [[], []];
  for await (const record of stream.records) {
    names.push(record.id);
    sequences.push(record.sequence);
  }
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
  if (longest < config.least)
    throw dataError(
      `${path}: ${names.length} sequences, the longest of ${longest} letters; motifs have at least ${config.least}.`,
    );
  const quick = context.quick ? { letters: Math.min(config.letters, 10_000) } : {};
  const search = await searched(sequences, { ...config, ...quick }, context, {
    what: 'your sequences',
    done: [0, 0.95],
  });
  const data = {
    records: names.length,
    alphabet: dna.name,
    lengths: sequences.map(({ length }) => length),
    skipped: stream.skipped.count > 0 ? [{ ...stream.skipped }] : [],
    sources: [stream.digest()],
  };
  return { config, given: { names, sequences, search }, data };
}
