import { it } from 'vitest';

/** Whether these are the slow tests. */
export const allSlow = process.env.SEQWRIGHT_SLOW === '1';

/**
 * A test that trains for long: `npm run test:slow` runs it, `npm test` shows it as skipped, so that the whole of
 * `npm test` stays within its minutes. Each recipe keeps quick tests of its parts and of the user's files beside it.
 */
export const slowly: ReturnType<typeof it.runIf> = it.runIf(allSlow);
