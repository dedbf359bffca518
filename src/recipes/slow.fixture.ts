import { it } from 'vitest';

/**
 * A test that trains for more than ten seconds: `npm run test:slow` runs it, `npm test` shows it as skipped, so that the whole of
 * `npm test` stays within its minutes. Each recipe keeps quick tests of its parts and of the user's files beside it.
 */
export const slowly: ReturnType<typeof it.runIf> = it.runIf(process.env.SEQWRIGHT_SLOW === '1');
