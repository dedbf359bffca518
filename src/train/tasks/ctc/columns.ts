import { dataError } from '../../../core/errors.ts';
import type { Observation } from './data.ts';

/** What the column of what was observed is usually called. */
export const sourceNames = ['frames', 'signal', 'sequence', 'source'];
/** And that of transcriptions. */
export const targetNames = ['text', 'target', 'transcription', 'label'];

/** The column that is asked for, or the first of the usual names. */
export const columnOf = (
  columns: readonly string[],
  asked: string | undefined,
  usual: readonly string[],
): string | undefined =>
  asked === undefined ? usual.find((name) => columns.includes(name)) : columns.find((name) => name === asked);

/** Symbols as they stand in a file; throws a data error that begins with `what` where there are none. */
export function symbolsOf(symbols: string, what: string): Observation {
  if (symbols.trim() === '') throw dataError(`${what} is empty; expected symbols. Leave the record out.`);
  return { kind: 'symbols', symbols };
}
