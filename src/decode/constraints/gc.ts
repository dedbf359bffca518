import { usageError } from '../../core/errors.ts';
import { type Automaton, automaton } from './automaton.ts';
import { type Constraint, constraintText, type LetterSet, letterSet } from './constraint.ts';

export interface GcOptions {
  /** Shares from 0 to 1. */
  min?: number;
  max?: number;
  /** How many letters a window has; without it the sequence is taken as a whole. */
  window?: number;
}

/**
 * The share of G and C among all letters lies in [min, max], both included: in the whole sequence or, with
 * `window`, in every window of so many letters (a shorter sequence is one window).
 * @example gc({ min: 0.4, max: 0.6 })
 * @example gc({ min: 0.3, max: 0.7, window: 50 })
 */
export function gc({ min = 0, max = 1, window }: GcOptions = {}): Constraint {
  const text = constraintText('gc', { min, max, window });
  if (!(min >= 0 && max <= 1 && min <= max))
    throw usageError(`${text}: expected 0 ≤ min ≤ max ≤ 1; shares, not percentages.`);
  if (window !== undefined && !(Number.isInteger(window) && window > 0))
    throw usageError(`${text}: window is ${window}; expected a whole number of letters from 1.`);
  const range = shareRange(min, max);
  return {
    text,
    automaton(letters) {
      const strong = letterSet(letters, (letter) => /^[GCS]$/i.test(letter));
      return window === undefined ? wholeAutomaton(strong, range) : windowAutomaton(strong, range, window);
    },
  };
}

/** The least and the greatest count that keep the share, out of `total`. */
interface ShareRange {
  low(total: number): number;
  high(total: number): number;
}

const shareRange = (min: number, max: number): ShareRange => ({
  low: (total) => Math.ceil(min * total - 1e-9),
  high: (total) => Math.floor(max * total + 1e-9),
});

/** States: how many letters were read and how many of them are G or C. */
function wholeAutomaton(strong: LetterSet, { low, high }: ShareRange): Automaton {
  const stride = 2 ** 26;
  return automaton<number>(strong.length, {
    start: 0,
    next: (state, letter) => state + stride + strong[letter]!,
    accepts(state) {
      const [count, total] = [state % stride, Math.floor(state / stride)];
      return count >= low(total) && count <= high(total);
    },
    hopeless(state, remaining, exact) {
      const count = state % stride;
      const total = Math.floor(state / stride) + remaining;
      // The share nearest to the range is reached with the most letters, all of one kind.
      if (!exact) return count + remaining < low(total) || count > high(total);
      return Math.max(count, low(total)) > Math.min(count + remaining, high(total));
    },
  });
}

/** States: G or C or neither for each of the last `window` letters, as a string of 1 and 0, and their sum. */
function windowAutomaton(strong: LetterSet, { low, high }: ShareRange, window: number): Automaton {
  interface State {
    last: string;
    count: number;
  }
  const fits = (count: number, total: number) => count >= low(total) && count <= high(total);
  return automaton<State>(strong.length, {
    start: { last: '', count: 0 },
    key: ({ last }) => last,
    next({ last, count }, letter) {
      const full = last.length === window;
      const after = {
        last: (full ? last.slice(1) : last) + strong[letter]!,
        count: count + strong[letter]! - (full && last[0] === '1' ? 1 : 0),
      };
      return after.last.length < window || fits(after.count, window) ? after : undefined;
    },
    accepts: ({ last, count }) => fits(count, last.length),
    hopeless({ last, count }, remaining, exact) {
      // A full window can always repeat the letter that leaves it. The first one has still to be filled, and the
      // share nearest to the range is reached by then.
      if (last.length === window) return false;
      const total = Math.min(window, last.length + remaining);
      const free = total - last.length;
      if (!exact) return count + free < low(total) || count > high(total);
      return Math.max(count, low(total)) > Math.min(count + free, high(total));
    },
  });
}
