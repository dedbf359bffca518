import { failure } from '../core/errors.ts';
import type { Guide } from './constraints/guide.ts';
import type { Decoded, Preparation } from './decoding.ts';
import type { Stepper } from './stepper.ts';

/** A sequence on its way. */
export interface Row<State> {
  state: State;
  /** Where the constraints stand. */
  place: number;
  readonly guide: Guide | undefined;
  readonly written: number[];
  logProbability: number;
  ended: boolean;
  /** Picks a token by the values of all, −Infinity for those that may not be; may change the array. */
  readonly choose: (values: Float64Array) => number;
}

export function newRow<State>(
  state: State,
  { guide }: Preparation,
  choose: (values: Float64Array) => number,
): Row<State> {
  const current = guide();
  return {
    state,
    place: current?.start ?? 0,
    guide: current,
    written: [],
    logProbability: 0,
    ended: false,
    choose,
  };
}

export const isComplete = ({ ended, written }: Row<unknown>, { remaining }: Preparation) =>
  ended || written.length === remaining;

/** Writes one more token of every row; all of them are asked of the scorer at once. */
export async function stepRows<State>(
  stepper: Stepper<State, never>,
  rows: readonly Row<State>[],
  preparation: Preparation,
): Promise<void> {
  const { vocabulary, end } = stepper;
  const { logs, values } = await stepper.next(rows.map(({ state }) => state));
  const own = new Float64Array(vocabulary);
  rows.forEach((row, i) => {
    const offset = i * vocabulary;
    own.set(values.subarray(offset, offset + vocabulary));
    const left = preparation.remaining - row.written.length - 1;
    if (row.guide) forbid(own, row.guide, { place: row.place, left, end });
    if (own.every((value) => value === Number.NEGATIVE_INFINITY)) throw nothingLeft(row, preparation);
    const token = row.choose(own);
    row.logProbability += logs[offset + token]!;
    if (token === end) {
      row.ended = true;
      return;
    }
    row.written.push(token);
    if (row.guide) row.place = row.guide.next(row.place, token);
    if (left > 0) row.state = stepper.advance(row.state, token);
  });
}

interface Place {
  readonly place: number;
  /** How many tokens may follow the next one. */
  readonly left: number;
  readonly end: number | null;
}

/** Sets to −Infinity what the constraints forbid, or what leads where they cannot be met any more. */
function forbid(values: Float64Array, guide: Guide, { place, left, end }: Place): void {
  for (let token = 0; token < values.length; token++) {
    if (values[token] === Number.NEGATIVE_INFINITY) continue;
    if (!isAllowed(guide, token, { place, left, end })) values[token] = Number.NEGATIVE_INFINITY;
  }
}

/** Whether a token keeps the constraints and leaves a way to meet them. */
export function isAllowed(guide: Guide, token: number, { place, left, end }: Place): boolean {
  if (token === end) return guide.accepts(place);
  const after = guide.next(place, token);
  return after >= 0 && guide.reachable(after, left);
}

export function nothingLeft(
  { written, guide }: { written: readonly number[]; guide: unknown },
  { prompt, spell }: Preparation,
) {
  const before = JSON.stringify(spell([...prompt, ...written]));
  const which = guide ? 'every token that the constraints allow' : 'every token';
  return failure(
    `After ${before.length > 80 ? `…${before.slice(-80)}` : before} the model gives ${which} a probability of zero. ` +
      (guide ? 'Relax a constraint, or train the model with smoothing.' : 'Change the prompt.'),
  );
}

/** A row that is complete, as the user gets it. */
export function decoded(
  { written, logProbability, ended }: Row<unknown>,
  { prompt, spell }: Preparation,
): Decoded {
  const tokens = Int32Array.from([...prompt, ...written]);
  return { tokens, sequence: spell(tokens), logProbability, ended };
}
