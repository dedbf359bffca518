import type { Categorical } from '../../markov/hmm/emissions/categorical.ts';
import type { Gaussian } from '../../markov/hmm/emissions/gaussian.ts';
import type { Hmm } from '../../markov/hmm/model.ts';
import { type AnyEmissions, contextNames } from './emission-fields.ts';
import { type HmmFile, hmmFormat, hmmVersion, spellingOf } from './hmm-file.ts';

/**
 * An HMM as the JSON that `readHmmFile` reads: every number in full, so that the same model comes back. Durations stand as the chains of
 * states that they became.
 */
export function hmmFileText(file: HmmFile): string {
  const { observes, training, name } = file;
  const own = {
    letters: observes.kind === 'letters' ? observes.letters.join('') : undefined,
    symbols: observes.kind === 'symbols' ? observes.symbols : undefined,
    columns: observes.kind === 'columns' ? observes.columns : undefined,
  };
  const record = { format: hmmFormat, version: hmmVersion, name, ...own };
  return readable({ ...record, states: statesRecord(file), emissions: emissionsRecord(file), training });
}

function statesRecord({ model, groups, labels }: HmmFile): Record<string, unknown>[] {
  const { states, start, end, tied } = model as Hmm<unknown>;
  const to = outgoing(model as Hmm<unknown>);
  const entered = new Set(to.flatMap((list, s) => list.filter(([u]) => u !== s).map(([u]) => u)));
  const shared = states.map((_, s) => tied.some((first, other) => first === s && other !== s));
  return states.map(({ name, letter, emission }, s) => ({
    name,
    letter: letter === name[0] ? undefined : letter,
    label: labels[s] === name ? undefined : labels[s],
    // A start of zero is written where there is no other way in, so that the state stays one of the model's.
    start: start[s]! > 0 || !entered.has(s) ? start[s] : undefined,
    ...(emission === null ? { silent: true } : groups[emission] !== name && { emits: groups[emission] }),
    to: Object.fromEntries(to[s]!.map(([u, p]) => [states[u]!.name, p])),
    end: end?.[s],
    tie: tied[s] !== s || shared[s] ? states[tied[s]!]!.name : undefined,
  }));
}

/** For each state where it leads, in the model's order of edges, which a tie goes by. */
function outgoing({ states, edges }: Hmm<unknown>): [to: number, probability: number][][] {
  const lists: [number, number][][] = states.map(() => []);
  edges.from.forEach((from, e) => {
    lists[from]!.push([edges.to[e]!, edges.probability[e]!]);
  });
  return lists;
}

function emissionsRecord({ model, observes, groups, open }: HmmFile): Record<string, unknown> {
  const emissions = model.emissions as AnyEmissions;
  const shape = {
    categorical: () => categoricalRecord(emissions as Categorical, spellingOf(observes) ?? []),
    gaussian: () => gaussianRecord(emissions as Gaussian),
    poisson: () => ({ each: rowsOf(emissions as { rates: Float64Array; width: number }) }),
  }[emissions.kind]();
  const { each, ...more } = shape as { each: unknown[] };
  const distributions = Object.fromEntries(
    groups.flatMap((name, g) => (open.includes(g) ? [] : [[name, each[g]]])),
  );
  return { kind: emissions.kind, ...more, distributions };
}

const rowsOf = ({ rates, width }: { rates: Float64Array; width: number }) =>
  slices(rates, width).map((rate) => ({ rate }));

function categoricalRecord(
  { probabilities, vocabulary, order, period, groups }: Categorical,
  tokens: readonly string[],
): { each: unknown[]; order?: number; period?: number } {
  const contexts = contextNames(tokens, order);
  const rows = slices(probabilities, vocabulary);
  const phase = (g: number, f: number) => {
    const from = (g * period + f) * contexts.length;
    if (order === 0) return rows[from]!;
    return Object.fromEntries(contexts.map((context, i) => [context, rows[from + i]!]));
  };
  const each = Array.from({ length: groups }, (_, g) =>
    period === 1 ? phase(g, 0) : Array.from({ length: period }, (_, f) => phase(g, f)),
  );
  return { each, ...(order > 0 && { order }), ...(period > 1 && { period }) };
}

function gaussianRecord({ weights, means, variances, components, width, groups, floor }: Gaussian) {
  const mean = slices(means, width);
  const variance = slices(variances, width);
  const each = Array.from({ length: groups }, (_, g) => {
    const from = g * components;
    if (components === 1) return { mean: mean[from], variance: variance[from] };
    return Array.from({ length: components }, (_, k) => ({
      ...{ weight: weights[from + k], mean: mean[from + k], variance: variance[from + k] },
    }));
  });
  return { each, floor, ...(components > 1 && { components }) };
}

const slices = (values: Float64Array, size: number): number[][] =>
  Array.from({ length: values.length / size }, (_, i) =>
    Array.from(values.subarray(i * size, (i + 1) * size)),
  );

/** JSON with a line for each state and each row of numbers, however deep it stands. */
function readable(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return flat;
  if (flat.length + indent.length <= 110 || isRow(value)) return spaced(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => readable(item, inner))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${JSON.stringify(key)}: ${readable(item, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const body = `${open}\n${parts.map((part) => `${inner}${part}`).join(',\n')}\n${indent}${close}`;
  return indent === '' ? `${body}\n` : body;
}

const isRow = (value: object) => Array.isArray(value) && value.every((item) => typeof item !== 'object');

/** One line, with blanks after commas and colons. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{ ${parts.map(([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`).join(', ')} }`;
}
