/** Recurrences beyond `recurrent`'s own cells, and ways of running one: parallel, dilated, in two levels, around a circle. */
export * from './circular.ts';
export * from './dilated.ts';
export * from './hierarchical.ts';
export * from './initial-state.ts';
export * from './linear-cells.ts';
export * from './linear-recurrence.ts';
export * from './linear-recurrent.ts';
export * from './selective.ts';
export * from './tied-cell.ts';
export * from './trace.ts';
export * from './without-recurrence.ts';
