/** What a model goes by. */
export * from './kmer-reliance.ts';
