/** Seqwright as a library: read sequences, split, train, evaluate, predict, save and export. */
export { type ErrorKind, SeqwrightError } from './core/errors.ts';
export { type RandomStream, randomStream } from './core/random.ts';
export { type Scorer, sequenceLogProbability, tokenLogProbabilities } from './core/scorer.ts';
export { version } from './core/version.ts';
export * from './data/index.ts';
export { openStretches, type Stretch, type Stretches, type StretchPiece } from './data/stretches.ts';
export * as decode from './decode/index.ts';
export { generateSequences as generate } from './decode/language.ts';
export * as explain from './explain/index.ts';
export * as markov from './markov/index.ts';
export * from './models/index.ts';
export * from './models/scan/index.ts';
export * as nn from './nn/index.ts';
export * as report from './report/index.ts';
export * as tokenize from './tokenize/index.ts';
export * from './train/index.ts';
