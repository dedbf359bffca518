import { acceptsAll, overTokens } from './automaton.ts';
import type { Constraint } from './constraint.ts';
import { spell } from './guide.ts';

/** Every sequence over the letters with `least` to `most` letters. */
export function* allSequences(letters: string, most: number, least = 0): Generator<string> {
  if (least <= 0) yield '';
  if (most > 0)
    for (const letter of letters)
      for (const rest of allSequences(letters, most - 1, least - 1)) yield letter + rest;
}

/** Whether a constraint, compiled for single letters, accepts a sequence. */
export function acceptor(constraint: Constraint, alphabet: string): (sequence: string) => boolean {
  const { letters, spelling } = spell([...alphabet]);
  const automaton = overTokens(constraint.automaton(letters), spelling);
  return (sequence) =>
    acceptsAll(
      automaton,
      Array.from(sequence, (letter) => alphabet.indexOf(letter)),
    );
}

/** The sequences on which the constraint and an independent rule disagree; at least one must be on either side. */
export function disagreements(
  constraint: Constraint,
  rule: (sequence: string) => boolean,
  { letters = 'ACGT', most = 6 } = {},
): string[] {
  const accepts = acceptor(constraint, letters);
  const sequences = [...allSequences(letters, most)];
  const accepted = sequences.filter(rule).length;
  if (accepted === 0 || accepted === sequences.length) throw new Error('the rule separates nothing');
  return sequences.filter((sequence) => accepts(sequence) !== rule(sequence));
}
