import { SeqwrightError } from '../core/errors.ts';
import { withExitCode } from './error-text.ts';
import { errorLine } from './messages.ts';

/** What shells report of a process that a signal ended: 128 and its number. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof exitCodes;

let controller: AbortController | undefined;
let lastWords: string | undefined;

/**
 * Makes signals end the process without leaving unfinished files behind. Within `stoppable` the first one only asks the work to stop.
 */
export function watchSignals(): void {
  for (const name of Object.keys(exitCodes) as Signal[])
    process.on(name, () => {
      if (controller && !controller.signal.aborted) {
        errorLine('stopping after this batch; once more stops at once.');
        controller.abort(name);
        return;
      }
      if (lastWords) errorLine(lastWords);
      endBy(name);
    });
}

/**
 * Cleans up and lets the signal do what it does by default; a shell sees 128 and its number. `process.exit` would wait for the worker
 * thread, and abort when ONNX Runtime comes back to a thread that has been stopped meanwhile.
 */
function endBy(name: Signal): void {
  process.emit('exit', exitCodes[name]);
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}

/** What to say should a signal end the process from here on: what is safe already. */
export function onInterrupt(words: string | undefined): void {
  lastWords = words;
}

/** Runs work that a first signal asks to stop, and a second one ends at once. What it throws then ends with the signal's exit code. */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  controller = own;
  try {
    return await work(own.signal);
  } catch (error) {
    if (own.signal.aborted && error instanceof SeqwrightError)
      throw withExitCode(error, exitCodes[own.signal.reason as Signal]);
    throw error;
  } finally {
    controller = undefined;
  }
}
