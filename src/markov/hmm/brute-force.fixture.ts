import * as fc from 'fast-check';
import { type RandomStream, randomStream } from '../../core/random.ts';
import { categorical } from './emissions/categorical.ts';
import { type Hmm, hmm } from './model.ts';
import type { StatePath } from './state-path.ts';

/** Probabilities of sum one, each zero with probability `sparse`, but not all. */
export function simplex(stream: RandomStream, n: number, sparse = 0): number[] {
  const raw = Array.from({ length: n }, (): number =>
    stream.uniform() < sparse ? 0 : 0.05 + stream.uniform(),
  );
  if (!raw.some((x) => x > 0)) raw[stream.below(n)] = 0.5;
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((x) => x / sum);
}

export interface Kind {
  emitting?: number;
  silent?: number;
  end?: boolean;
  sparse?: number;
  order?: number;
  period?: number;
  vocabulary?: number;
  /** Fewer distributions than states: some states share one. */
  groups?: number;
}

/** A small random model. Silent states are mixed among the others and lead only to silent ones of higher number. */
export function randomModel(
  seed: number,
  {
    emitting = 3,
    silent = 0,
    end = false,
    sparse = 0,
    order = 0,
    period = 1,
    vocabulary = 3,
    groups = emitting,
  }: Kind = {},
): Hmm<ArrayLike<number>> {
  const stream = randomStream(seed, 'random-model');
  const n = emitting + silent;
  const isSilent = stream.shuffle(Array.from({ length: n }, (_, s) => s < silent));
  let group = 0;
  const states = isSilent.map((quiet, s) => ({ name: `s${s}`, emission: quiet ? null : group++ % groups }));
  const ends: number[] = [];
  const edges: [number, number, number][] = [];
  for (let s = 0; s < n; s++) {
    // No way from a silent state to an equal or lower silent one, lest there be loops; but there is always some way.
    const targets = [...Array(n).keys()].filter((u) => !(isSilent[s] && isSilent[u] && u <= s));
    const row = simplex(stream, targets.length + (end ? 1 : 0), sparse);
    targets.forEach((u, i) => {
      if (row[i]! > 0) edges.push([s, u, row[i]!]);
    });
    ends.push(end ? row[targets.length]! : 0);
  }
  const rows = groups * period * (vocabulary + 1) ** order;
  const probabilities = Float64Array.from(
    Array.from({ length: rows }, () => simplex(stream, vocabulary, sparse)).flat(),
  );
  return hmm({
    states,
    start: simplex(stream, n, sparse),
    edges,
    ...(end ? { end: ends } : {}),
    emissions: categorical(probabilities, { vocabulary, order, period }),
  });
}

/** Every possible path and its ln P(observations, path), by plain recursion. */
export function allPaths<O>(model: Hmm<O>, observations: O): StatePath[] {
  const { states, edges, start, end, emissions } = model;
  const length = emissions.length(observations);
  const logs = new Float64Array(emissions.groups * length);
  emissions.fillLogs(observations, 0, length, logs);
  const found: StatePath[] = [];
  const visit = (s: number, log: number, path: number[], silent: StatePath['silent']) => {
    const emission = states[s]!.emission;
    if (emission !== null && path.length === length) return;
    const here = emission === null ? log : log + logs[path.length * emissions.groups + emission]!;
    if (here === Number.NEGATIVE_INFINITY) return;
    const now = emission === null ? path : [...path, s];
    const quiet = emission === null ? [...silent, { position: path.length, state: s }] : silent;
    const finished = now.length === length && (end ? end[s]! > 0 : emission !== null);
    if (finished)
      found.push({
        logProbability: here + (end ? Math.log(end[s]!) : 0),
        states: Int32Array.from(now),
        silent: quiet,
      });
    edges.from.forEach((from, e) => {
      if (from === s && edges.probability[e]! > 0)
        visit(edges.to[e]!, here + Math.log(edges.probability[e]!), now, quiet);
    });
  };
  start.forEach((p, s) => {
    if (p > 0) visit(s, Math.log(p), [], []);
  });
  return found;
}

export const largest = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

export const logSum = (logs: readonly number[]): number => {
  const most = largest(logs);
  return most === Number.NEGATIVE_INFINITY
    ? most
    : most + Math.log(logs.reduce((sum, x) => sum + Math.exp(x - most), 0));
};

/** Kinds of models and sequences for properties: silent states, ends, zeros, higher order, phases, ties, unknown tokens. */
export const cases = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  kind: fc.record({
    emitting: fc.integer({ min: 1, max: 3 }),
    silent: fc.integer({ min: 0, max: 2 }),
    end: fc.boolean(),
    sparse: fc.constantFrom(0, 0, 0.4),
    order: fc.integer({ min: 0, max: 2 }),
    period: fc.integer({ min: 1, max: 2 }),
  }),
  shared: fc.boolean(),
  tokens: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 1, maxLength: 4 }),
});

export const modelOf = ({ seed, kind, shared }: { seed: number; kind: Kind; shared: boolean }) =>
  randomModel(seed, shared ? { ...kind, groups: Math.max(1, kind.emitting! - 1) } : kind);
