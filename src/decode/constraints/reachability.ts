import { type Automaton, dead, undecidable } from './automaton.ts';

export interface Reachability {
  /** Whether acceptance is still possible from a state with `remaining` more symbols. */
  reachable(state: number, remaining: number): boolean;
  /** How full its memory is, from 0 to 1; beyond that it throws. */
  load(): number;
}

/**
 * Whether an accepting state can still be reached in exactly `remaining` steps, or (`exact` false) in at most
 * that many. Decided depth first with memory, from the states that are asked about: an automaton that counts is
 * never written out whole. The answer depends on the automaton alone, never on what was asked before.
 * @example
 * const { reachable } = reachability(automaton, { exact: true });
 * reachable(automaton.start, 90); // is there any sequence of 90 symbols?
 */
export function reachability(automaton: Automaton, { exact }: { exact: boolean }): Reachability {
  const { symbols, next, accepts, hopeless } = automaton;
  const memory = exact ? exactMemory() : monotoneMemory();
  const known = (state: number, remaining: number): boolean | undefined => {
    if (remaining === 0 || !exact) {
      if (accepts(state)) return true;
      if (remaining === 0) return false;
    }
    if (hopeless?.(state, remaining, exact)) return false;
    return memory.get(state, remaining);
  };
  const reachable = (state: number, remaining: number) => {
    const answer = known(state, remaining);
    if (answer !== undefined) return answer;
    // The path from the question down to the state being tried, and how many symbols each has tried.
    const path = [state];
    const tried = [0];
    while (path.length > 0) {
      const depth = path.length - 1;
      const left = remaining - depth;
      const turn = tried[depth]!++;
      if (turn === symbols) {
        memory.set(path.pop()!, left, false);
        tried.pop();
        continue;
      }
      // Beginning with another symbol at each depth keeps the path away from the edges of counting constraints.
      const child = next(path[depth]!, (turn + left) % symbols);
      if (child === dead) continue;
      const found = known(child, left - 1);
      if (found) {
        path.forEach((on, i) => {
          memory.set(on, remaining - i, true);
        });
        return true;
      }
      if (found === undefined) {
        path.push(child);
        tried.push(0);
      }
    }
    return false;
  };
  return { reachable, load: memory.load };
}

interface Memory {
  load(): number;
  get(state: number, remaining: number): boolean | undefined;
  set(state: number, remaining: number, reachable: boolean): void;
}

const mostPlaces = 2 ** 23;

function exactMemory(): Memory {
  const memory = new Map<number, boolean>();
  const key = (state: number, remaining: number) => state + remaining * 2 ** 26;
  return {
    load: () => memory.size / mostPlaces,
    get: (state, remaining) => memory.get(key(state, remaining)),
    set(state, remaining, reachable) {
      if (memory.size === mostPlaces) throw undecidable();
      memory.set(key(state, remaining), reachable);
    },
  };
}

/** What can be reached in at most n steps can be reached in at most n + 1: two numbers for a state are enough. */
function monotoneMemory(): Memory {
  const reached = new Map<number, number>();
  const missed = new Map<number, number>();
  return {
    load: () => 0,
    get(state, remaining) {
      if (remaining >= (reached.get(state) ?? Number.POSITIVE_INFINITY)) return true;
      return remaining <= (missed.get(state) ?? -1) ? false : undefined;
    },
    set(state, remaining, reachable) {
      if (reachable) reached.set(state, Math.min(remaining, reached.get(state) ?? remaining));
      else missed.set(state, Math.max(remaining, missed.get(state) ?? remaining));
    },
  };
}
