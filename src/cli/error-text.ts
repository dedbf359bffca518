import { CommanderError } from 'commander';
import { type ErrorKind, SeqwrightError } from '../core/errors.ts';

const exitCodes: Record<ErrorKind, number> = { failure: 1, usage: 2, data: 3 };

/** A failure that ends with an exit code of its own, as after a signal. */
export const withExitCode = (error: SeqwrightError, exitCode: number) => Object.assign(error, { exitCode });

/**
 * Writes an error to standard error and returns the exit code. What the user can act on is one line; anything else is a
 * defect of ours and is shown with its stack. A closed pipe is no error.
 */
export function tellError(error: unknown, args: readonly string[]): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if ((error as NodeJS.ErrnoException)?.code === 'EPIPE') return 0;
  if (error instanceof SeqwrightError) {
    process.stderr.write(`seqwright: ${oneLine(error.message)}\n`);
    return (error as { exitCode?: number }).exitCode ?? exitCodes[error.kind];
  }
  process.stderr.write(defectText(error, args));
  return exitCodes.failure;
}

/** Messages may quote what stood in a file: nothing of it may steer the terminal or break the line. */
export const oneLine = (text: string) =>
  text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');

function defectText(error: unknown, args: readonly string[]): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    'seqwright: this is a defect in Seqwright, not in your input. Please report it with these lines:',
    `  command: seqwright ${args.join(' ')}`,
    `  node ${process.version}, ${process.platform} ${process.arch}`,
    ...stack.split('\n').map((line) => `  ${line}`),
    '',
  ].join('\n');
}
