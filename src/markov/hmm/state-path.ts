import { dataError } from '../../core/errors.ts';
import type { Compiled } from './compiled.ts';
import type { Hmm } from './model.ts';

/** A path through the states of a model. */
export interface StatePath {
  /** ln P(observations and path). */
  readonly logProbability: number;
  /** The state that emits each position. */
  readonly states: Int32Array;
  /** Silent states in the order of the visit; `position` is that of the emission that comes after. */
  readonly silent: readonly { readonly position: number; readonly state: number }[];
}

/**
 * Follows back pointers from the last state (compiled numbers; −1: no state at all) to the first. Stretches
 * are given last to first; a pointer of a silent state leads to a state of the same row.
 */
export function tracedPath({ states: n, emitting, user }: Compiled, length: number, last: number) {
  const states = new Int32Array(length);
  const silent: { position: number; state: number }[] = [];
  let state = last;
  return {
    back(from: number, count: number, pointer: (row: number, state: number) => number) {
      for (let r = count - 1; r >= 0; r--) {
        for (; state >= emitting; state = pointer(r, state))
          silent.push({ position: from + r + 1, state: user[state]! });
        states[from + r] = user[state]!;
        state = pointer(r, state);
      }
    },
    finish(logProbability: number, pointer: (state: number) => number): StatePath {
      for (; state >= emitting && state < n; state = pointer(state))
        silent.push({ position: 0, state: user[state]! });
      return { logProbability, states, silent: silent.reverse() };
    },
  };
}

/** A run of one state: positions [start, end), counted from 0 as in BED. */
export interface StateRun {
  state: string;
  start: number;
  end: number;
}

/**
 * The path as runs. @example [{ state: 'background', start: 0, end: 6 }, { state: 'motif.1', start: 6, end: 7 }]
 */
export function stateRuns(
  model: Pick<Hmm<unknown>, 'states'>,
  { states }: Pick<StatePath, 'states'>,
): StateRun[] {
  const runs: StateRun[] = [];
  for (let t = 0, start = 0; t < states.length; t++) {
    if (t + 1 < states.length && states[t + 1] === states[t]) continue;
    runs.push({ state: model.states[states[t]!]!.name, start, end: t + 1 });
    start = t + 1;
  }
  return runs;
}

/** Tab-separated rows `state start end`, one per run, with a header: a path to print. */
export function runsText(runs: readonly StateRun[]): string {
  return ['state\tstart\tend', ...runs.map((r) => `${r.state}\t${r.start}\t${r.end}`), ''].join('\n');
}

/** One letter per position: `bbbbbbmmmbbb`. */
export function pathLetters(
  model: Pick<Hmm<unknown>, 'states'>,
  { states }: Pick<StatePath, 'states'>,
): string {
  const letters = model.states.map(({ letter }) => letter);
  let text = '';
  for (const s of states) text += letters[s];
  return text;
}

/** ln P(observations and path): for checking a path from anywhere. −Infinity for one that is not possible. */
export function pathLogProbability<O>(
  model: Hmm<O>,
  observations: O,
  { states, silent }: Pick<StatePath, 'states' | 'silent'>,
): number {
  const { emissions, edges, start, end } = model;
  const length = emissions.length(observations);
  if (states.length !== length) throw dataError(`A path of ${states.length} states for ${length} positions.`);
  const n = model.states.length;
  const logs = new Map<number, number>();
  edges.from.forEach((from, e) => {
    logs.set(from * n + edges.to[e]!, Math.log(edges.probability[e]!));
  });
  const emit = new Float64Array(emissions.groups);
  let [total, last, s] = [0, -1, 0];
  const move = (to: number) => {
    total += last < 0 ? Math.log(start[to]!) : (logs.get(last * n + to) ?? Number.NEGATIVE_INFINITY);
    last = to;
  };
  for (let t = 0; t <= length; t++) {
    for (; s < silent.length && silent[s]!.position === t; s++) move(silent[s]!.state);
    if (t === length) break;
    move(states[t]!);
    emissions.fillLogs(observations, t, t + 1, emit);
    total += emit[model.states[last]!.emission!]!;
  }
  return end ? total + (last < 0 ? Number.NEGATIVE_INFINITY : Math.log(end[last]!)) : total;
}
