import { product } from './automaton.ts';
import type { Constraint } from './constraint.ts';

/**
 * Several constraints as one: all of them hold. Made to give a set of rules a name and to pass it on.
 * @example const clonable = all(avoid('GAATTC'), gc({ min: 0.4, max: 0.6 }));
 */
export function all(...parts: readonly Constraint[]): Constraint {
  return {
    text: `all(${parts.map(({ text }) => text).join(', ')})`,
    parts,
    automaton: (letters) =>
      parts
        .map((part) => part.automaton(letters))
        .reduce(product, {
          symbols: letters.letters.length,
          start: 0,
          next: () => 0,
          accepts: () => true,
        }),
  };
}
