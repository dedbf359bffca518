import { failure } from '../core/errors.ts';
import { tellError } from './error-text.ts';
import { openProgram } from './program.ts';
import { watchSignals } from './signals.ts';

/** Runs the command line; sets the exit code, 0 success, 1 failure, 2 usage, 3 bad input data. */
export async function main(args: string[]): Promise<void> {
  // Messages that nobody reads any more (`2>&1 | head`) are no reason to stop.
  process.stderr.on('error', () => {});
  process.stdout.on('error', endQuietly);
  watchSignals();
  try {
    const program = await openProgram(args);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = tellError(error, args);
  }
}

/** A closed pipe (`| head`) ends quietly; whoever writes results reports all else. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || process.stdout.listenerCount('error') > 1) return;
  process.exitCode = tellError(failure(`standard output cannot be written: ${error.message}.`), []);
}
