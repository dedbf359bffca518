// @ts-check
/** What the searches take from the build beside the public library. */

export { randomStream } from '../../dist/core/random.js';
export * from '../../dist/index.js';
export { openScorer } from '../../dist/train/score-dataset.js';
