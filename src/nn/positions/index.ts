/** How a model without recurrence learns where in the sequence it is. */
export * from './alibi.ts';
export * from './learned.ts';
export * from './phases.ts';
export * from './rotary.ts';
export * from './sinusoidal.ts';
