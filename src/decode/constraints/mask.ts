import { usageError } from '../../core/errors.ts';
import { automaton, type Machine } from './automaton.ts';
import { type Constraint, constraintText } from './constraint.ts';

/** Letters that may follow: a string or list of them, or undefined for all. */
export type Mask = (position: number, prefix: string) => Iterable<string> | undefined;

/**
 * A rule of your own: which letters may stand at `position` (from 0) after `prefix`. Letters that the model does
 * not write are ignored. The rule must depend on its arguments alone.
 *
 * `lookBack` is how many letters of the prefix the rule sees (default: all). The fewer it sees, the further it can
 * be looked ahead: with all of them every prefix is a case of its own, the work grows with the square of the length,
 * and a dead end far ahead may be too much to find (then a failure says so).
 * @example mask((position) => (position % 3 === 2 ? 'GC' : undefined), { lookBack: 0 }) // GC-rich third positions
 * @example mask((_, prefix) => (prefix.endsWith('A') ? 'CGT' : undefined), { lookBack: 1 }) // no AA
 */
export function mask(
  allowed: Mask,
  { lookBack = Number.POSITIVE_INFINITY }: { lookBack?: number } = {},
): Constraint {
  const shown = { lookBack: lookBack === Number.POSITIVE_INFINITY ? undefined : lookBack };
  const text = constraintText(`mask`, shown).replace('(', `(${allowed.name || 'function'}`);
  if (!(lookBack >= 0)) throw usageError(`${text}: lookBack is ${lookBack}; expected a number from 0.`);
  return {
    text,
    automaton({ letters, number }) {
      const permitted = (position: number, prefix: readonly string[] | string) => {
        const given = allowed(position, typeof prefix === 'string' ? prefix : prefix.join(''));
        return given === undefined ? undefined : new Set(Array.from(given, (letter) => number(letter) ?? -1));
      };
      const rule =
        lookBack === Number.POSITIVE_INFINITY
          ? wholePrefix(letters, permitted)
          : lastLetters(letters, permitted, lookBack);
      return automaton(letters.length, rule, { limit: 2 ** 18 });
    },
  };
}

type Permitted = (position: number, prefix: readonly string[] | string) => ReadonlySet<number> | undefined;

interface MaskState {
  /** Prefixes that the rule cannot tell apart have the same name. */
  readonly name: number | string;
  readonly position: number;
  readonly prefix: readonly string[] | string;
  /** Null until it is asked for. */
  permitted: ReadonlySet<number> | undefined | null;
}

function machine(
  permitted: Permitted,
  after: (state: MaskState, letter: number) => MaskState,
): Machine<MaskState> {
  return {
    start: { name: '', position: 0, prefix: '', permitted: null },
    key: ({ name }) => name,
    next(state, letter) {
      if (state.permitted === null) state.permitted = permitted(state.position, state.prefix);
      return state.permitted?.has(letter) === false ? undefined : after(state, letter);
    },
    accepts: () => true,
  };
}

/** Every prefix is a state of its own; as strings, they share their beginnings. */
function wholePrefix(letters: readonly string[], permitted: Permitted): Machine<MaskState> {
  let named = 0;
  return machine(permitted, ({ position, prefix }, letter) => ({
    name: named++,
    position: position + 1,
    prefix: (prefix as string) + letters[letter]!,
    permitted: null,
  }));
}

/** A state is the position and what the rule sees of the prefix. */
function lastLetters(letters: readonly string[], permitted: Permitted, lookBack: number): Machine<MaskState> {
  return machine(permitted, ({ position, prefix }, letter) => {
    const seen = lookBack === 0 ? [] : [...prefix, letters[letter]!].slice(-lookBack);
    return {
      name: `${position + 1}:${seen.join('')}`,
      position: position + 1,
      prefix: seen,
      permitted: null,
    };
  });
}
