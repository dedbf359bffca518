/** Ways of attending, and the layers that use them. */
export * from './additive.ts';
export type { Attend, AttendCall, Attended, AttentionCache, Heads } from './attend.ts';
export * from './full-attention.ts';
export * from './global-attention.ts';
export * from './lean-attention.ts';
export * from './linear-attention.ts';
export * from './local-attention.ts';
export * from './multi-head.ts';
export { type RelativeAttentionOptions, relativeAttention } from './relative-attention.ts';
