/** Layers on relations: between the nodes of a graph, the places of a sequence, and features of several kinds. */
export * from './fusion.ts';
export * from './graph-recurrent.ts';
export * from './pair-features.ts';
