import { usageError } from '../../core/errors.ts';
import type { Letters } from './constraint.ts';

export interface ExpressionOptions {
  /** Bare letters R, Y, S, W, K, M, B, D, H, V, N stand for several bases. */
  iupac: boolean;
  /** Both cases of a letter are meant. */
  ignoreCase: boolean;
  /** The dot means line ends too. */
  dotAll: boolean;
  /** How the user wrote the constraint, for messages. */
  text: string;
}

/** A place in the source of a regular expression. */
export interface ExpressionReader {
  readonly marks: readonly string[];
  at: number;
  readonly letters: Letters;
  readonly options: ExpressionOptions;
}

/** Goes over the mark if it is the next one. */
export function take(reader: ExpressionReader, mark: string): boolean {
  if (reader.marks[reader.at] !== mark) return false;
  reader.at++;
  return true;
}

const supported =
  'supported are letters, ., [a-z], [^a-z], \\d \\w \\s and their capitals, |, ( ), (?: ), * + ? {m} {m,} {m,n}, and ^ and $ at the ends';

export const refuse = ({ options, at }: ExpressionReader, what: string, where = at) =>
  usageError(`${options.text}: ${what} at position ${where + 1}; ${supported}.`);
