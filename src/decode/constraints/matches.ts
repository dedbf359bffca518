import { usageError } from '../../core/errors.ts';
import { type Automaton, automaton } from './automaton.ts';
import type { Constraint, LetterSet } from './constraint.ts';

import { minimise } from './minimise.ts';
import { type Expression, parseExpression } from './parse-expression.ts';

/**
 * The whole sequence matches a regular expression, as if it stood between `^` and `$`; for a part of it write
 * `.*TATAAT.*` or use `require`. A string is read like the source of a RegExp; the flags i, s and u are understood.
 * Supported: letters, `.`, classes, `|`, groups, `* + ? {m,n}`; not look-around, back references and `\b`.
 *
 * Compiled by Thompson's construction (1968) and the subset construction, then minimised. Throws a usage error
 * for unsupported syntax when the model's letters are known.
 * @example matches(/ATG([ACGT]{3})*(TAA|TAG|TGA)/)
 * @example matches('TTGACAN{15,19}TATAAT', { iupac: true })
 */
export function matches(
  expression: RegExp | string,
  { iupac = false }: { iupac?: boolean } = {},
): Constraint {
  const { source, flags } = typeof expression === 'string' ? { source: expression, flags: '' } : expression;
  const shown = typeof expression === 'string' ? JSON.stringify(expression) : `${expression}`;
  const text = `matches(${shown}${iupac ? ', { iupac: true }' : ''})`;
  const strange = [...flags].find((flag) => !'isu'.includes(flag));
  if (strange)
    throw usageError(
      `${text}: the flag ${strange} has no meaning here; leave it out (i, s and u are known).`,
    );
  return {
    text,
    automaton(letters) {
      const options = { iupac, text, ignoreCase: flags.includes('i'), dotAll: flags.includes('s') };
      return expressionAutomaton(parseExpression(source, letters, options), letters.letters.length, text);
    },
  };
}

/** Thompson's automaton: from each state one step on a set of letters or several without a letter. */
interface Nondeterministic {
  readonly sets: (LetterSet | undefined)[];
  readonly targets: number[];
  readonly silent: number[][];
}

const largest = 100_000;

function expressionAutomaton(expression: Expression, symbols: number, text: string): Automaton {
  const graph: Nondeterministic = { sets: [], targets: [], silent: [] };
  const end = build(graph, expression, newState(graph, text), text);
  const closure = (states: Iterable<number>) => silentClosure(graph, states, end);
  const machine = automaton<readonly number[]>(symbols, {
    start: closure([0]),
    key: (states) => states.join(),
    next(states, letter) {
      const after = states
        .filter((state) => graph.sets[state]?.[letter])
        .map((state) => graph.targets[state]!);
      return after.length === 0 ? undefined : closure(after);
    },
    accepts: (states) => states.includes(end),
  });
  return minimise(machine);
}

function newState({ sets, targets, silent }: Nondeterministic, text: string): number {
  if (sets.length === largest)
    throw usageError(
      `${text}: its repetitions unfold to more than ${largest} states; make the numbers smaller.`,
    );
  sets.push(undefined);
  targets.push(-1);
  return silent.push([]) - 1;
}

/** Adds what reads the expression after the state `from`; returns the state behind it. */
function build(graph: Nondeterministic, expression: Expression, from: number, text: string): number {
  const add = (to: number) => graph.silent[to]!;
  const fresh = () => newState(graph, text);
  switch (expression.kind) {
    case 'set': {
      // A step of its own, so that no state has two.
      const [at, to] = [fresh(), fresh()];
      add(from).push(at);
      graph.sets[at] = expression.has;
      graph.targets[at] = to;
      return to;
    }
    case 'sequence':
      return expression.items.reduce((at, item) => build(graph, item, at, text), from);
    case 'choice': {
      const end = fresh();
      for (const option of expression.options) add(build(graph, option, from, text)).push(end);
      return end;
    }
    case 'repeat': {
      const { item, least, most } = expression;
      let at = from;
      for (let i = 0; i < least; i++) at = build(graph, item, at, text);
      if (most === Number.POSITIVE_INFINITY) {
        const loop = fresh();
        add(at).push(loop);
        add(build(graph, item, loop, text)).push(loop);
        return loop;
      }
      const end = fresh();
      for (let i = least; i < most; i++) {
        add(at).push(end);
        at = build(graph, item, at, text);
      }
      add(at).push(end);
      return end;
    }
  }
}

/** The states that read a letter, and the end, among all that can be reached without one. */
function silentClosure({ sets, silent }: Nondeterministic, from: Iterable<number>, end: number): number[] {
  const waiting = [...from];
  const seen = new Set(waiting);
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop())
    for (const to of silent[state]!)
      if (!seen.has(to)) {
        seen.add(to);
        waiting.push(to);
      }
  return [...seen].filter((state) => sets[state] || state === end).sort((a, b) => a - b);
}
