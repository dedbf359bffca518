import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dataError, usageError } from '../../core/errors.ts';
import { taggerBodies } from '../../models/tagger/bodies.ts';
import { taggerOptions } from '../../models/tagger/network.ts';
import type { TaggerInput } from '../../models/tagger/spec.ts';
import { closest } from '../closest.ts';
import { readSettings } from '../settings.ts';

/** Throws a usage error that lists the taggers, with a guess, unless there is one of this name. */
export function refuseUnknownTagger(name: string): void {
  const known = Object.keys(taggerBodies);
  if (known.includes(name)) return;
  const guess = closest(name, known);
  throw usageError(
    `there is no tagger "${name}". ${guess ? `Did you mean ${guess}?` : `There are ${known.join(', ')}.`}`,
  );
}

/** The configuration that `--set` describes for letters or words; throws a usage error for what the tagger cannot take. */
export function taggerConfig(
  name: string,
  set: readonly string[],
  input: TaggerInput['kind'],
): Record<string, unknown> {
  const options = taggerOptions(name, input);
  const config = readSettings([...set], Object.keys(options), `the tagger ${name} of ${input}`);
  for (const [key, value] of Object.entries(config)) {
    const option = options[key]!;
    if (Array.isArray(option.default) && typeof value === 'number') config[key] = [value];
    if (!option.accepts(config[key]))
      throw usageError(`--set ${key}: expected ${option.expected}, received ${JSON.stringify(value)}.`);
  }
  return config;
}

/** From this width on, one operation is enough work to share. */
const wide = 256;

/** Threads within an operation: as asked, else 1 for small networks and for others as many as there are cores, up to 4. */
export function taggerThreads(asked: number | undefined, config: Readonly<Record<string, unknown>>): number {
  if (asked !== undefined) return asked;
  const widths = [config.hidden, config.width, config.filters].filter((x) => typeof x === 'number');
  return Math.max(0, ...widths) >= wide ? Math.min(4, availableParallelism()) : 1;
}

/** Pairs of tags that may follow one another, two a line; START and END are the edges. Lines that begin with # are comments. */
export async function allowedTransitions(path: string): Promise<[string, string][]> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw dataError(`${path}: no such file, or it cannot be read. Check the path.`);
  });
  const edge = (tag: string) => (tag === 'START' || tag === 'END' ? '' : tag);
  const pairs = text.split(/\r\n|\r|\n/).flatMap((line, i): [string, string][] => {
    const cells = line.trim().split(/\s+/);
    if (line.trim() === '' || line.startsWith('#')) return [];
    if (cells.length === 2 && cells[0] !== 'END' && cells[1] !== 'START')
      return [[edge(cells[0]!), edge(cells[1]!)]];
    throw dataError(
      `${path}:${i + 1}: ${JSON.stringify(line.slice(0, 40))}; expected two tags divided by blanks, the one that may follow last (START TAG, TAG END at the edges).`,
    );
  });
  if (pairs.length === 0) throw dataError(`${path} holds no transitions; expected two tags a line.`);
  return pairs;
}
