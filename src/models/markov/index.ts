/** Markov models as files, and as language models. */
export type { AnyHmm, HmmFile, Observed } from './hmm-file.ts';
export { type MarkovLanguage, markovLanguage } from './language.ts';
export { type MarkovFile, markovFileFrom, readHmm, readMarkovFile } from './markov-file.ts';
export { type NgramFile, ngramFile, ngramFileText } from './ngram-file.ts';
export { withDrawnEmissions } from './open-emissions.ts';
export { readHmmFile } from './read-hmm-file.ts';
export { type SimpleHmmOptions, type SimpleTopology, simpleHmm } from './simple-hmm.ts';
export { hmmFileText } from './write-hmm-file.ts';
