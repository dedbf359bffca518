import { usageError } from '../../core/errors.ts';
import { automaton } from './automaton.ts';
import { type Constraint, constraintText } from './constraint.ts';

/** Letters that may follow: a string or list of them, or undefined for all. */
export type Mask = (position: number, prefix: string) => Iterable<string> | undefined;

/**
 * A rule of your own: which letters may stand at `position` (from 0) after `prefix`. Letters that the model does
 * not write are ignored. The rule must depend on its arguments alone.
 *
 * `lookBack` is how many letters of the prefix the rule sees (default: all). The fewer it sees, the further it can
 * be looked ahead: with all of them every prefix is a case of its own, and a dead end far ahead may be too much
 * work to find (then a failure says so, before sampling).
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
      interface State {
        position: number;
        seen: readonly string[];
        permitted?: ReadonlySet<number> | null;
      }
      const permittedIn = (state: State) => {
        if (state.permitted !== undefined) return state.permitted;
        const given = allowed(state.position, state.seen.join(''));
        state.permitted = given === undefined ? null : new Set([...given].map((one) => number(one) ?? -1));
        return state.permitted;
      };
      const rule = {
        start: { position: 0, seen: [] },
        key: ({ position, seen }: State) => `${position}:${seen.join('')}`,
        next(state: State, letter: number): State | undefined {
          if (permittedIn(state)?.has(letter) === false) return undefined;
          const seen = lookBack === 0 ? [] : [...state.seen, letters[letter]!].slice(-lookBack);
          return { position: state.position + 1, seen };
        },
        accepts: () => true,
      };
      // Whole prefixes never come together again: what has not been found among so many will not be.
      const limit = lookBack === Number.POSITIVE_INFINITY ? 2 ** 17 : undefined;
      return automaton<State>(letters.length, rule, { limit });
    },
  };
}
