import { SeqwrightError, usageError } from '../../core/errors.ts';
import { type Automaton, dead, overTokens, product } from './automaton.ts';
import type { Constraint, Letters } from './constraint.ts';
import { reachability } from './reachability.ts';

/** Constraints compiled for one model and one length: what a decoder asks before each token. */
export interface Guide {
  /** The state behind the prompt. */
  readonly start: number;
  /** The state after one more token, or −1 where a constraint forbids it. */
  next(state: number, token: number): number;
  /** Whether the sequence may be over here. */
  accepts(state: number): boolean;
  /** Whether it can still become what was asked within `remaining` more tokens. */
  reachable(state: number, remaining: number): boolean;
  /** How full its memory is, from 0 to 1: a full one throws, so compile anew before that. */
  load(): number;
}

export interface GuideOptions {
  /** What each token of the model spells; nothing for special tokens, which are then never written. */
  tokens: readonly string[];
  /** Tokens that are already there. They count: the constraints speak of the whole sequence. */
  prompt?: ArrayLike<number>;
  /** The number of tokens, prompt included. */
  length: number;
  /** Whether all of them must be used (a model without an end token) or at most so many. */
  exact: boolean;
  /** What is made of each automaton over tokens before they are joined. */
  lift?: (automaton: Automaton) => Automaton;
  /** What `length` counts, for messages. */
  unit?: string;
}

/**
 * Compiles constraints into one automaton over tokens that knows what can still be reached.
 *
 * Throws a usage error, before anything is sampled, where the prompt breaks a constraint or where no sequence of
 * that length keeps them all; it then names a smallest set of constraints that exclude each other (by deletion)
 * and a length near by that would do. Throws a failure where this cannot be decided within two million states or eight million places.
 * @example
 * const guide = compileConstraints([avoid('GAATTC'), endsWith('TAA')], { tokens: [...'ACGT'], length: 90, exact: true });
 */
export function compileConstraints(
  constraints: readonly Constraint[],
  { tokens, prompt = [], length, exact, lift = (automaton) => automaton, unit }: GuideOptions,
): Guide {
  const { letters, spelling } = spell(tokens);
  const rules = constraints.flatMap(flatten).map((constraint) => {
    const over = lift(overTokens(constraint.automaton(letters), spelling));
    return { text: constraint.text, automaton: startedAt(over, prompt, constraint, tokens) };
  });
  const remaining = length - prompt.length;
  if (remaining < 0)
    throw usageError(
      `The prompt has ${prompt.length} tokens, more than the length of ${length}; give a greater length.`,
    );
  const whole = joined(rules, tokens.length);
  const { reachable, load } = reachability(whole, { exact });
  if (reachable(whole.start, remaining)) {
    const { start, next, accepts } = whole;
    return { start, next, accepts, reachable, load: () => Math.max(load(), whole.load?.() ?? 0) };
  }
  const possible = (some: readonly Rule[], within = remaining) =>
    isPossible(some, tokens.length, within, exact);
  const culprits = smallestConflict(rules, possible);
  const counted = unit ?? (spelling.every((spelled) => spelled.length <= 1) ? 'letters' : 'tokens');
  const near = nearLengths(remaining, (within) => possible(culprits, within)).map((n) => n + prompt.length);
  throw usageError(
    conflictMessage(culprits, { prompt: textOf(prompt, tokens), length, exact, unit: counted, near }),
  );
}

interface Rule {
  readonly text: string;
  readonly automaton: Automaton;
}

const flatten = (constraint: Constraint): readonly Constraint[] =>
  constraint.parts?.flatMap(flatten) ?? [constraint];

/** The letters of all tokens in the order of their first appearance, and each token in their numbers. */
export function spell(tokens: readonly string[]): { letters: Letters; spelling: Int32Array[] } {
  const letters = [...new Set(tokens.flatMap((token) => [...token]))];
  const numbers = new Map(letters.map((letter, i) => [letter, i]));
  return {
    letters: { letters, number: (letter) => numbers.get(letter) },
    spelling: tokens.map((token) => Int32Array.from([...token], (letter) => numbers.get(letter)!)),
  };
}

const textOf = (prompt: ArrayLike<number>, tokens: readonly string[]) =>
  Array.from(prompt, (token) => tokens[token]).join('');

/** The automaton as it stands after the prompt. */
function startedAt(
  automaton: Automaton,
  prompt: ArrayLike<number>,
  { text }: Constraint,
  tokens: readonly string[],
): Automaton {
  let state = automaton.start;
  for (let i = 0; i < prompt.length; i++) {
    state = automaton.next(state, prompt[i]!);
    if (state === dead) {
      const shown = JSON.stringify(textOf(prompt, tokens));
      throw usageError(`The prompt ${shown} already breaks ${text}, at token ${i + 1}; change one of them.`);
    }
  }
  return { ...automaton, start: state };
}

function joined(rules: readonly Rule[], symbols: number): Automaton {
  const anything: Automaton = { symbols, start: 0, next: () => 0, accepts: () => true };
  return rules.length === 0 ? anything : rules.map((rule) => rule.automaton).reduce(product);
}

/** False only where it is certain that nothing fits: what cannot be decided is no proof of a conflict. */
function isPossible(rules: readonly Rule[], symbols: number, remaining: number, exact: boolean): boolean {
  const whole = joined(rules, symbols);
  try {
    return reachability(whole, { exact }).reachable(whole.start, remaining);
  } catch (error) {
    if (error instanceof SeqwrightError && error.kind === 'failure') return true;
    throw error;
  }
}

/** Leaves out one rule after the other and keeps those without which the conflict is gone. */
function smallestConflict(
  rules: readonly Rule[],
  possible: (some: readonly Rule[]) => boolean,
): readonly Rule[] {
  let kept = rules;
  for (const rule of rules) {
    const others = kept.filter((other) => other !== rule);
    if (!possible(others)) kept = others;
  }
  return kept;
}

/** The nearest numbers of tokens, shorter and longer, with which it would be possible. */
function nearLengths(remaining: number, possible: (remaining: number) => boolean): number[] {
  const steps = Array.from({ length: 12 }, (_, i) => i + 1);
  const shorter = steps.map((step) => remaining - step).find((n) => n > 0 && possible(n));
  const longer = steps.map((step) => remaining + step).find(possible);
  return [shorter, longer].filter((n) => n !== undefined);
}

interface Conflict {
  readonly prompt: string;
  readonly length: number;
  readonly exact: boolean;
  readonly unit: string;
  readonly near: readonly number[];
}

function conflictMessage(rules: readonly Rule[], { prompt, length, exact, unit, near }: Conflict): string {
  const what = `${exact ? '' : 'at most '}${length} ${unit}`;
  const after = prompt === '' ? '' : ` that begins with ${JSON.stringify(prompt)}`;
  const names = rules.map(({ text }) => text).join(', ');
  const problem =
    rules.length === 1
      ? `No sequence of ${what}${after} keeps ${names}.`
      : `No sequence of ${what}${after} keeps all of ${names}.`;
  const other = near.length > 0 ? ` Possible with ${near.join(' or ')} ${unit}.` : '';
  const next = rules.length === 0 ? ' Give a greater length.' : ' Change one of them, or the length.';
  return `${problem}${other || next}`;
}
