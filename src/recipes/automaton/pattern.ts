import { usageError } from '../../core/errors.ts';
import { dna, reverseComplement } from '../../data/alphabet.ts';
import { type Automaton, dead } from '../../decode/constraints/automaton.ts';
import { matches } from '../../decode/constraints/matches.ts';
import { endsWith, require } from '../../decode/constraints/motifs.ts';

/** What the recogniser reads: the four bases, and N for whatever else stands in a sequence. */
export const letters = ['A', 'C', 'G', 'T', 'N'] as const;

/** The number of the letter that each byte of a sequence is read as: case does not matter, U is T. */
export const letterOf: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) => {
  const id = code < 128 ? dna.ids[code]! : -1;
  return id >= 0 && id < 4 ? id : 4;
});

/** How the pattern is written: bases and IUPAC codes, or a regular expression over bases. */
export type Syntax = 'iupac' | 'expression';

/** A deterministic automaton as a table: state s goes to next[s · symbols + letter]. */
export interface Table {
  readonly states: number;
  readonly symbols: number;
  readonly start: number;
  readonly next: Int32Array;
  readonly accepts: Uint8Array;
}

/** A pattern as two minimal automata, and the plain search that they are compared with. */
export interface Pattern {
  readonly text: string;
  /** Accepts once the pattern has occurred, for ever after: an absorbing state. */
  readonly bound: Table;
  /** Accepts where an occurrence ends. */
  readonly sites: Table;
  /** Letters of an occurrence, where all have as many. */
  readonly width: number | undefined;
  /** 1 at each letter where an occurrence ends, found without any automaton. */
  search(sequence: Uint8Array): Uint8Array;
}

/** Reads a pattern; throws a usage error for one that cannot be read, or that the empty sequence matches. */
export function readPattern(
  text: string,
  { syntax, bothStrands }: { syntax: Syntax; bothStrands: boolean },
): Pattern {
  if (syntax !== 'iupac' && syntax !== 'expression')
    throw usageError(`syntax: expected iupac or expression, received ${JSON.stringify(syntax)}.`);
  if (text === '') throw usageError('pattern: expected at least one letter, received none.');
  if (bothStrands && syntax === 'expression')
    throw usageError(
      'bothStrands goes with a pattern of bases; write both strands into the expression: (GGTCTC|GAGACC).',
    );
  const upper = text.toUpperCase().replaceAll('U', 'T');
  const table = (automaton: Automaton) => tableOf(automaton, text);
  const compiled = (rule: { automaton(l: typeof alphabet): Automaton }) => table(rule.automaton(alphabet));
  if (syntax === 'iupac') {
    const options = { iupac: true, bothStrands };
    const both = bothStrands ? [upper, reverseComplement(upper, dna)] : [upper];
    return {
      text,
      bound: compiled(require(upper, options)),
      sites: compiled(endsWith(both, { iupac: true })),
      width: upper.length,
      search: letterSearch(both),
    };
  }
  const bound = compiled(matches(`.*(?:${text}).*`));
  if (bound.accepts[bound.start])
    throw usageError(
      `pattern: ${JSON.stringify(text)} matches the empty sequence, and so occurs everywhere.`,
    );
  return {
    text,
    bound,
    sites: compiled(matches(`.*(?:${text})`)),
    width: undefined,
    search: expressionSearch(text),
  };
}

const alphabet = {
  letters: [...letters],
  number: (letter: string) => {
    const at = (letters as readonly string[]).indexOf(letter);
    return at < 0 ? undefined : at;
  },
};

/** Enough for patterns that people write; a network of as many units takes 16 MB. */
const mostStates = 1000;

function tableOf({ symbols, start, next, accepts }: Automaton, text: string): Table {
  const numbers = new Map([[start, 0]]);
  const order = [start];
  const rows: number[] = [];
  for (let i = 0; i < order.length; i++) {
    for (let s = 0; s < symbols; s++) {
      const to = next(order[i]!, s);
      if (to === dead) throw usageError(`pattern: ${JSON.stringify(text)} cannot occur.`);
      if (!numbers.has(to)) numbers.set(to, order.push(to) - 1);
      rows.push(numbers.get(to)!);
    }
    if (order.length > mostStates)
      throw usageError(
        `pattern: ${JSON.stringify(text)} needs an automaton of more than ${mostStates} states. Make its repetitions shorter.`,
      );
  }
  return {
    states: order.length,
    symbols,
    start: 0,
    next: Int32Array.from(rows),
    accepts: Uint8Array.from(order, (s) => +accepts(s)),
  };
}

/** Compares letter by letter at each place. */
function letterSearch(motifs: readonly string[]): Pattern['search'] {
  const sets = motifs.map((motif) =>
    Array.from(motif, (code) =>
      Uint8Array.from(letters, (one) => +(one !== 'N' && dna.members(code).includes(one))),
    ),
  );
  return (sequence) => {
    const found = new Uint8Array(sequence.length);
    for (const motif of sets)
      for (let end = motif.length - 1; end < sequence.length; end++) {
        let k = 0;
        while (k < motif.length && motif[k]![letterOf[sequence[end - motif.length + 1 + k]!]!]) k++;
        if (k === motif.length) found[end] = 1;
      }
    return found;
  };
}

/** JavaScript's own engine for regular expressions, looking back from each place. */
function expressionSearch(source: string): Pattern['search'] {
  const behind = new RegExp(`(?<=(?:${source}))`, 'g');
  return (sequence) => {
    const found = new Uint8Array(sequence.length);
    const codes = sequence.map((code) => letters[letterOf[code]!]!.charCodeAt(0));
    for (const { index } of new TextDecoder('latin1').decode(codes).matchAll(behind)) found[index - 1] = 1;
    return found;
  };
}

/** What is searched for as a state that lasts: 1 from the end of the first occurrence on. */
export function everSince(found: Uint8Array): Uint8Array {
  const first = found.indexOf(1);
  return first < 0 ? found : found.slice().fill(1, first);
}
