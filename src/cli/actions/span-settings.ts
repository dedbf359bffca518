import { availableParallelism } from 'node:os';
import { usageError } from '../../core/errors.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import { spanArchitectures } from '../../models/span/architectures.ts';
import { spanOptions } from '../../models/span/network.ts';
import type { SpanData } from '../../train/tasks/spans/data.ts';
import type { SpanSource } from '../../train/tasks/spans/read.ts';
import { closest } from '../closest.ts';
import type { DataArguments } from '../options.ts';
import { readSettings } from '../settings.ts';
import type { SpanReadingArguments } from '../span-options.ts';

/** Throws a usage error that lists the span models, with a guess, unless there is one of this name. */
export function refuseUnknownSpanModel(name: string): void {
  const known = Object.keys(spanArchitectures);
  if (known.includes(name)) return;
  const guess = closest(name, known);
  throw usageError(
    `there is no span model "${name}". ${guess ? `Did you mean ${guess}?` : `There are ${known.join(', ')}.`}`,
  );
}

/** The model that is taken where none is asked for. */
export const usualSpanModel = ({ question }: Pick<SpanData, 'question'>): string =>
  question ? 'bidaf' : 'cnn-bilstm';

/** The configuration that `--set` describes; throws a usage error for what the model cannot take, or does not read. */
export function spanConfig(
  name: string,
  set: readonly string[],
  { question, kind }: Pick<SpanData, 'question' | 'kind'>,
): Record<string, unknown> {
  const options = spanOptions(name, { question, letters: kind === 'letters' });
  const config = readSettings([...set], Object.keys(options), `the span model ${name} of ${kind}`);
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
export function spanThreads(asked: number | undefined, config: Readonly<Record<string, unknown>>): number {
  if (asked !== undefined) return asked;
  const widths = [config.hidden, config.width, config.filters].filter((x) => typeof x === 'number');
  return Math.max(0, ...widths) >= wide ? Math.min(4, availableParallelism()) : 1;
}

/** Where spans are, for what reads them. */
export function spanSource(
  sequences: string,
  {
    id,
    sequence,
    group,
    alphabet,
    ambiguous,
    spans,
    passage,
    question,
    answer,
    start,
    end,
    several,
    without,
  }: DataArguments & SpanReadingArguments,
): SpanSource {
  return {
    ...{
      sequences,
      id,
      sequence,
      group,
      ambiguous,
      spans,
      passage,
      question,
      answer,
      start,
      end,
      several,
      without,
    },
    alphabet: alphabet && alphabetByName(alphabet),
  };
}
