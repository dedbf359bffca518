/** Outputs with structure, their losses and how the best one is found. */
export * from './crf-decode.ts';
export * from './crf-loss.ts';
export * from './crf-potentials.ts';
export * from './ctc-loss.ts';
export * from './hierarchical-softmax.ts';
export * from './latent-topic.ts';
export * from './span-pointer.ts';
