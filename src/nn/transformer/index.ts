/** Transformers: blocks, stacks, and models of tokens made of them. */
export * from './decoder-block.ts';
export * from './encoder-block.ts';
export * from './feed-forward.ts';
export * from './language-models.ts';
export * from './stacks.ts';
export * from './stem.ts';
