/** What went wrong, as the command line's exit code tells it: 1 failure, 2 usage, 3 bad input data. */
export type ErrorKind = 'failure' | 'usage' | 'data';

/**
 * An error whose message a user can act on: what was expected, what arrived, and the next step.
 * It is printed without a stack trace; any other error is a defect of ours and is shown with one.
 */
export class SeqwrightError extends Error {
  override readonly name = 'SeqwrightError';
  constructor(
    readonly kind: ErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The user's input is not what it should be (exit code 3). Name the file, line or record in `message`. */
export const dataError = (message: string, options?: ErrorOptions) =>
  new SeqwrightError('data', message, options);

/** The request itself is wrong: an unknown option, an impossible combination (exit code 2). */
export const usageError = (message: string, options?: ErrorOptions) =>
  new SeqwrightError('usage', message, options);

/** The request and the data are fine, yet it could not be done: disk full, runtime missing (exit code 1). */
export const failure = (message: string, options?: ErrorOptions) =>
  new SeqwrightError('failure', message, options);
