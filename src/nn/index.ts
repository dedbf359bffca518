/** Layers as trees of parameters and pure functions, and the losses that train them. */
export * from './activations.ts';
export * from './cells.ts';
export * from './context.ts';
export * from './conv1d.ts';
export * from './dropout.ts';
export * from './embedding.ts';
export * as initializers from './initializers.ts';
export * from './input.ts';
export * from './linear.ts';
export * from './losses.ts';
export * from './mask.ts';
export * from './module.ts';
export * from './normalization.ts';
export * from './pool1d.ts';
export * from './pooling.ts';
export * from './recurrent.ts';
export * from './residual.ts';
