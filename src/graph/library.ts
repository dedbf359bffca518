/** Everything that builds graphs, as one namespace: what gradient rules receive as `g`. */
export * from './functions.ts';
export { lstm, lstmGradient, lstmStep } from './lstm.ts';
export { scan, scanGradient } from './scan.ts';
