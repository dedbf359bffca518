import { dataError, SeqwrightError } from '../../core/errors.ts';
import { withDurations } from '../../markov/hmm/durations.ts';
import { type HmmDefinition, hmm, type StateDefinition } from '../../markov/hmm/model.ts';
import { reachableFrom } from '../../markov/hmm/topology.ts';
import { at, flagAt, has, listAt, numberAt, type Place, recordAt, textAt } from '../../tokenize/checks.ts';
import { onlyFields, readEmissions } from './emission-fields.ts';
import type { AnyHmm, HmmFile, Observed } from './hmm-file.ts';

const topFields = [
  ...['format', 'version', 'name', 'letters', 'symbols', 'columns'],
  ...['states', 'emissions', 'training'],
];
const stateFields = [
  ...['name', 'letter', 'label', 'start', 'emits', 'silent', 'to', 'end'],
  ...['tie', 'duration'],
];
const mostStates = 10_000;

/** A state as it was read. */
interface ReadState {
  readonly name: string;
  readonly letter: string | undefined;
  readonly label: string;
  readonly emits: string | null;
  readonly tie: string | undefined;
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly to: readonly (readonly [name: string, probability: number | null])[];
  readonly duration: readonly number[] | undefined;
}

/**
 * Reads an HMM from the parsed JSON of its file (format `seqwright hmm`, version 1; `file` names it in messages).
 *
 * A state has a `name`, and may have `start` (P(first state)), `to` (P(next state) by name, or a list of names of equal share),
 * `end` (P(the sequence ends here)), `emits` (a distribution, by default that of its own name; states that name one share it) or
 * `silent`, a `letter` for printed paths, a `label` for annotations, a `tie` (states of one tie share their outgoing
 * probabilities) and a `duration` (P(1), P(2) … positions). Where no state has a start, all that emit have the same. Distributions
 * that are left out are left to training.
 *
 * Throws a data error that names file, field and state for whatever is missing, unknown or does not add up, and for
 * states that no path can reach or from which none can end.
 */
export function readHmmFile(value: unknown, file: string): HmmFile {
  const place = { value, where: `${file}:` };
  onlyFields(place, topFields);
  const observes = readObserved(place, file);
  const states = listAt(at(place, 'states'), readState, { min: 1, max: mostStates });
  const twice = states.find(({ name }, i) => states.findIndex((other) => other.name === name) !== i);
  if (twice)
    throw dataError(`${file}: two states are called ${JSON.stringify(twice.name)}; names must differ.`);
  const tied = states.find(({ tie, to }) => tie !== undefined && to.some(([next]) => /^\d+$/.test(next)));
  if (tied)
    throw dataError(
      `${file}: state ${JSON.stringify(tied.name)} is tied and leads to states called by whole numbers, whose order JSON does not keep. Give them other names.`,
    );
  checkReachable(states, file);
  const groups = [...new Set(states.flatMap(({ emits }) => emits ?? []))];
  if (groups.length === 0)
    throw dataError(`${file}: all states are silent; expected at least one that emits.`);
  const { emissions, open } = readEmissions(at(place, 'emissions'), observes, groups);
  const name = has(place, 'name') ? textAt(at(place, 'name'), { max: 1000 }) : undefined;
  const training = has(place, 'training') ? recordAt(at(place, 'training')) : undefined;
  const definition = { ...definitionOf(states, groups), emissions } as HmmDefinition<never>;
  return {
    ...{ kind: 'hmm', observes, groups, open, ...built(definition, states, file) },
    ...(name !== undefined && { name }),
    ...(training && { training }),
  };
}

function readObserved(place: Place, file: string): Observed {
  const given = ['letters', 'symbols', 'columns'].filter((field) => has(place, field));
  if (given.length !== 1)
    throw dataError(
      `${file} has ${given.length === 0 ? 'none' : given.join(' and ')} of the fields letters, symbols and columns; expected one: "letters": "ACGT" for sequences, "symbols": ["walk", "rest"] for named events, or "columns": ["speed"] for numbers.`,
    );
  if (given[0] === 'letters') {
    const letters = [...textAt(at(place, 'letters'), { max: 1000 })];
    return { kind: 'letters', letters: different(letters, 'letters', file) };
  }
  const field = given[0] as 'symbols' | 'columns';
  const names = listAt(at(place, field), (item) => textAt(item, { max: 1000 }), { min: 1, max: 100_000 });
  if (field === 'symbols') return { kind: 'symbols', symbols: different(names, field, file) };
  return { kind: 'columns', columns: different(names, field, file) };
}

function different(names: string[], what: string, file: string): string[] {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return names;
  throw dataError(`${file}: ${what} holds ${JSON.stringify(twice)} twice; expected each once.`);
}

function readState(place: Place): ReadState {
  onlyFields(place, stateFields);
  const name = textAt(at(place, 'name'), { max: 1000 });
  const optional = (field: string) =>
    has(place, field) ? textAt(at(place, field), { max: 1000 }) : undefined;
  const share = (field: string) => (has(place, field) ? probabilityAt(at(place, field)) : undefined);
  const silent = flagAt(at(place, 'silent'), false);
  const emits = optional('emits');
  if (silent && emits !== undefined)
    throw dataError(`${place.where} is silent and emits ${JSON.stringify(emits)}; expected one of the two.`);
  const letter = optional('letter');
  if (letter !== undefined && [...letter].length !== 1)
    throw dataError(`${place.where}.letter is ${JSON.stringify(letter)}; expected one letter.`);
  return {
    ...{ name, letter, tie: optional('tie'), label: optional('label') ?? name },
    ...{ emits: silent ? null : (emits ?? name), start: share('start'), end: share('end') },
    to: has(place, 'to') ? readTo(at(place, 'to')) : [],
    duration: has(place, 'duration') ? listAt(at(place, 'duration'), probabilityAt, { min: 1 }) : undefined,
  };
}

function readTo(place: Place): ReadState['to'] {
  if (Array.isArray(place.value)) return listAt(place, (item) => [textAt(item), null] as const);
  return Object.keys(recordAt(place)).map((name) => [name, probabilityAt(at(place, name))] as const);
}

function probabilityAt(place: Place): number {
  const value = numberAt(place);
  if (!(value >= 0 && value <= 1 + 1e-6))
    throw dataError(`${place.where} is ${value}; expected a probability, from 0 to 1.`);
  return value;
}

/**
 * By the transitions that are there, whatever their probability: training may bring one down to zero, and the file that it writes is
 * to be read again.
 */
function checkReachable(states: readonly ReadState[], file: string): void {
  const number = new Map(states.map(({ name }, s) => [name, s]));
  const edges = states.flatMap(({ name, to }, s) =>
    to.map(([next]) => {
      const target = number.get(next);
      if (target === undefined)
        throw dataError(
          `${file}: state ${JSON.stringify(name)} leads to ${JSON.stringify(next)}, which is no state; there are ${states
            .map((state) => state.name)
            .join(', ')
            .slice(0, 200)}.`,
        );
      return [s, target] as const;
    }),
  );
  const from = Int32Array.from(edges, ([s]) => s);
  const to = Int32Array.from(edges, ([, t]) => t);
  const all = new Uint8Array(edges.length).fill(1);
  const places = (field: 'start' | 'end') =>
    states.flatMap((state, s) => (state[field] === undefined ? [] : [s]));
  const [starts, ends] = [places('start'), places('end')];
  if (starts.length > 0) {
    const reached = reachableFrom(starts, from, to, all, states.length);
    const lost = states.find((_, s) => !reached[s]);
    if (lost)
      throw dataError(
        `${file}: no path from the start reaches state ${JSON.stringify(lost.name)}. Give it a start, lead a transition to it, or remove it.`,
      );
  }
  if (ends.length === 0) return;
  const ending = reachableFrom(ends, to, from, all, states.length);
  const stuck = states.find((_, s) => !ending[s]);
  if (stuck)
    throw dataError(
      `${file}: from state ${JSON.stringify(stuck.name)} no path leads to an end. Give it an end or a transition towards one, or leave all ends out.`,
    );
}

function definitionOf(
  states: readonly ReadState[],
  groups: readonly string[],
): Omit<HmmDefinition<never>, 'emissions' | 'transitions'> {
  const started = states.some(({ start }) => start !== undefined);
  const emitting = states.filter(({ emits }) => emits !== null).length;
  const first = ({ start, emits }: ReadState) => (started ? (start ?? 0) : emits === null ? 0 : 1 / emitting);
  const ends = states.some(({ end }) => end !== undefined);
  return {
    states: states.map(
      ({ name, letter, emits, tie }): StateDefinition => ({
        ...{ name, emission: emits === null ? null : groups.indexOf(emits) },
        ...(letter !== undefined && { letter }),
        ...(tie !== undefined && { tie }),
      }),
    ),
    start: states.map(first),
    edges: states.flatMap(({ name, to, end = 0 }) =>
      to.map(([next, p]) => [name, next, p ?? (1 - end) / to.length] as const),
    ),
    ...(ends && { end: states.map(({ end = 0 }) => end) }),
  };
}

/** The checked model, durations as chains of states. */
function built(
  definition: HmmDefinition<never>,
  states: readonly ReadState[],
  file: string,
): { model: AnyHmm; labels: string[] } {
  const durations = Object.fromEntries(
    states.flatMap(({ name, duration }) => (duration ? [[name, duration]] : [])),
  );
  try {
    if (Object.keys(durations).length === 0)
      return { model: hmm(definition) as AnyHmm, labels: states.map(({ label }) => label) };
    const expanded = withDurations(definition, durations);
    const labels = Array.from(expanded.origin, (s) => states[s]!.label);
    return { model: hmm(expanded.definition) as AnyHmm, labels };
  } catch (error) {
    if (!(error instanceof SeqwrightError)) throw error;
    throw dataError(`${file}: ${error.message}`, { cause: error });
  }
}
