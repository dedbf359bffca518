import { usageError } from '../../core/errors.ts';
import { reverseComplement } from '../../data/alphabet.ts';
import { type Automaton, automaton } from './automaton.ts';
import {
  type Constraint,
  constraintText,
  type LetterSet,
  type Letters,
  motifLetter,
  nucleic,
} from './constraint.ts';
import { minimise } from './minimise.ts';

export interface MotifOptions {
  /** R, Y, S, W, K, M, B, D, H, V, N stand for several bases, T and U for each other. */
  iupac?: boolean;
  /** The reverse complement counts too (DNA and RNA). */
  bothStrands?: boolean;
}

/**
 * None of the motifs occurs anywhere.
 * @example avoid('GAATTC')
 * @example avoid(['GGTCTC', 'GANTC'], { iupac: true, bothStrands: true })
 */
export function avoid(motifs: string | readonly string[], options: MotifOptions = {}): Constraint {
  const text = constraintText('avoid', motifs, options);
  return { text, automaton: (letters) => occurrences(motifs, letters, { ...options, text, most: 0 }) };
}

/**
 * At least one of the motifs occurs, or as many times as `times` says; occurrences may overlap.
 * @example require('TATAAT')
 */
export function require(
  motifs: string | readonly string[],
  { times = 1, ...options }: MotifOptions & { times?: number } = {},
): Constraint {
  const text = constraintText('require', motifs, { ...options, ...(times !== 1 && { times }) });
  if (!Number.isInteger(times) || times < 1)
    throw usageError(`${text}: times is ${times}; expected a whole number from 1.`);
  return { text, automaton: (letters) => occurrences(motifs, letters, { ...options, text, least: times }) };
}

/**
 * The sequence begins so.
 * @example startsWith('ATG')
 */
export function startsWith(motif: string, { iupac = false }: { iupac?: boolean } = {}): Constraint {
  const text = constraintText('startsWith', motif, iupac ? { iupac } : {});
  return {
    text,
    automaton(letters) {
      const sets = motifSets(motif, letters, { iupac, text });
      return automaton<number>(letters.letters.length, {
        start: 0,
        next: (read, letter) => (read === sets.length ? read : sets[read]![letter] ? read + 1 : undefined),
        accepts: (read) => read === sets.length,
      });
    },
  };
}

/**
 * The sequence ends so.
 * @example endsWith('TAA')
 */
export function endsWith(
  motifs: string | readonly string[],
  { iupac = false }: { iupac?: boolean } = {},
): Constraint {
  const text = constraintText('endsWith', motifs, iupac ? { iupac } : {});
  return {
    text,
    automaton(letters) {
      const { step, isMatch } = motifTrie(motifs, letters, { iupac, text });
      return minimise(
        automaton<readonly number[]>(letters.letters.length, {
          start: [],
          key: (nodes) => nodes.join(),
          next: step,
          accepts: isMatch,
        }),
      );
    },
  };
}

interface Counting extends MotifOptions {
  text: string;
  /** How often motifs must occur. */
  least?: number;
  /** How often they may. */
  most?: number;
}

function occurrences(
  motifs: string | readonly string[],
  letters: Letters,
  { least = 0, most = Number.POSITIVE_INFINITY, ...options }: Counting,
): Automaton {
  const { step, matches } = motifTrie(motifs, letters, options);
  interface State {
    nodes: readonly number[];
    count: number;
  }
  const machine = automaton<State>(letters.letters.length, {
    start: { nodes: [], count: 0 },
    key: ({ nodes, count }) => `${count}:${nodes}`,
    next({ nodes, count }, letter) {
      const after = step(nodes, letter);
      const total = count + matches(after);
      if (total > most) return undefined;
      // Once there are enough, what was read no longer matters.
      return total >= least && most === Number.POSITIVE_INFINITY
        ? { nodes: [], count: least }
        : { nodes: after, count: total };
    },
    accepts: ({ count }) => count >= least,
  });
  return minimise(machine);
}

/**
 * The automaton of Aho and Corasick (1975) over letter sets. A state is the set of all motif beginnings that
 * end here, the node of the longest one and those that its failure links lead to; a step follows them all.
 */
function motifTrie(
  motifs: string | readonly string[],
  letters: Letters,
  { bothStrands = false, ...options }: MotifOptions & { text: string },
) {
  const given = typeof motifs === 'string' ? [motifs] : motifs;
  if (given.length === 0) throw usageError(`${options.text}: there is no motif.`);
  const both = given.flatMap((motif) =>
    bothStrands ? [motif, reverseComplement(motif, nucleic(letters))] : [motif],
  );
  const trie = buildTrie([...new Set(both)].map((motif) => motifSets(motif, letters, options)));
  return {
    step(nodes: readonly number[], letter: number): number[] {
      const after: number[] = [];
      for (const node of [...nodes, 0])
        for (const { set, to } of trie[node]!.children)
          if (set[letter] && !after.includes(to)) after.push(to);
      return after.sort((a, b) => a - b);
    },
    isMatch: (nodes: readonly number[]) => nodes.some((node) => trie[node]!.ends > 0),
    matches: (nodes: readonly number[]) => nodes.reduce((sum, node) => sum + trie[node]!.ends, 0),
  };
}

interface TrieNode {
  readonly children: { readonly set: LetterSet; readonly to: number }[];
  /** 1 where a motif ends: one that is given twice counts once. */
  ends: number;
}

function buildTrie(motifs: readonly (readonly LetterSet[])[]): TrieNode[] {
  const trie: TrieNode[] = [{ children: [], ends: 0 }];
  for (const motif of motifs) {
    let node = trie[0]!;
    for (const set of motif) {
      const name = set.join();
      let child = node.children.find((other) => other.set.join() === name);
      if (!child) {
        child = { set, to: trie.push({ children: [], ends: 0 }) - 1 };
        node.children.push(child);
      }
      node = trie[child.to]!;
    }
    node.ends = 1;
  }
  return trie;
}

function motifSets(motif: string, letters: Letters, options: { iupac?: boolean; text: string }): LetterSet[] {
  if (motif === '') throw usageError(`${options.text}: the motif is empty; give at least one letter.`);
  return [...motif].map((letter) => motifLetter(letter, letters, options));
}
