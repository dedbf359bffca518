import { usageError } from '../../core/errors.ts';
import { automaton } from './automaton.ts';
import { type Constraint, constraintText } from './constraint.ts';

/**
 * How many letters the sequence has: exactly so many, or a range with either end open.
 * @example length(90)
 * @example length({ min: 30, max: 60 })
 */
export function length(letters: number | { min?: number; max?: number }): Constraint {
  const text = constraintText('length', letters);
  const { min = 0, max = Number.POSITIVE_INFINITY } =
    typeof letters === 'number' ? { min: letters, max: letters } : letters;
  const whole = (n: number) => Number.isInteger(n) && n >= 0;
  if (!whole(min) || !(whole(max) || max === Number.POSITIVE_INFINITY) || min > max)
    throw usageError(`${text}: expected whole numbers from 0, min no greater than max.`);
  // Beyond the greatest number that matters, more is more.
  const top = max === Number.POSITIVE_INFINITY ? min : max;
  return {
    text,
    automaton: (alphabet) =>
      automaton<number>(alphabet.letters.length, {
        start: 0,
        next: (count) => (count < top ? count + 1 : max === top ? undefined : count),
        accepts: (count) => count >= min,
        hopeless: (count, remaining, exact) => count + remaining < min || (exact && count + remaining > max),
      }),
  };
}
