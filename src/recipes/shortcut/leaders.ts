import { usageError } from '../../core/errors.ts';
import { type RandomStream, randomStream } from '../../core/random.ts';
import { dna } from '../../data/alphabet.ts';
import type { Dataset, SequenceRecord } from '../../data/dataset.ts';
import { ribosomalTail, strongestDuplex } from './duplex-energy.ts';

/** What is made, and how the shortcut goes with the label. */
export interface LeaderOptions {
  /** Letters before the start codon. */
  readonly length: number;
  readonly records: number;
  /** The word that has nothing to do with translation. */
  readonly word: string;
  /** Share of the translated sequences that hold the word; of the others, 1 − `share` do. 0.5: the word says nothing. */
  readonly share: number;
  readonly seed: number;
  /** Tells the streams of several sets apart. */
  readonly name: string;
}

/** Half of all sequences are translated at this free energy, kcal/mol; below, e times the odds for each `width`. */
const [middle, width] = [-5, 0.8];

/**
 * Leaders of bacterial messengers, as DNA: in most a Shine–Dalgarno sequence of some quality, 4 to 9 letters before the start codon. Whether one is
 * translated is drawn with P = σ((−5 − ΔG) / 0.8) of its strongest helix with the ribosome's tail. The word is put where it changes no helix.
 */
export function leaders(options: LeaderOptions): Dataset {
  const { length, records: n, word, share, seed, name } = options;
  if (length < 24 + word.length)
    throw usageError(
      `length: expected at least ${24 + word.length} letters for the word ${word}, received ${length}.`,
    );
  const random = randomStream(seed, 'leaders', name);
  const truth = new Int32Array(n);
  const records: SequenceRecord[] = [];
  while (records.length < n) {
    const leader = leaderOf(length, random);
    const other = withWord(leader, word, random);
    const { energy } = strongestDuplex(leader, ribosomalTail);
    // Whether a leader is taken must not depend on label or word, or the free energy would mean something else in each set.
    if (strongestDuplex(other, ribosomalTail).energy !== energy || leader.includes(word)) continue;
    const translated = Number(random.uniform() < 1 / (1 + Math.exp((energy - middle) / width)));
    const holds = random.uniform() < (translated ? share : 1 - share);
    truth[records.length] = translated;
    records.push({ id: `${name}${records.length + 1}`, sequence: holds ? other : leader });
  }
  return {
    records,
    alphabet: dna,
    target: { kind: 'classes', classes: ['silent', 'translated'], truth },
    tracks: [],
    sources: [],
    skipped: [],
    notes: [
      'Task: translated or not, drawn from the free energy with which a leader pairs with the ribosome.',
    ],
  };
}

const letter = (random: RandomStream) => dna.letters[random.below(4)]!;

/** Random letters with a stretch that pairs with the tail, some letters of it changed. */
function leaderOf(length: number, random: RandomStream): string {
  const all = Array.from({ length }, () => letter(random));
  const perfect = 'TAAGGAGGTGATC';
  const size = 4 + random.below(5);
  const from = 1 + random.below(perfect.length - size - 2);
  const spacing = 4 + random.below(6);
  const at = length - spacing - size;
  for (let i = 0; i < size; i++) all[at + i] = random.uniform() < 0.15 ? letter(random) : perfect[from + i]!;
  return all.join('');
}

/** The word in place of letters in the first part, before any Shine–Dalgarno sequence. */
function withWord(leader: string, word: string, random: RandomStream): string {
  const at = random.below(leader.length - 18 - word.length + 1);
  return leader.slice(0, at) + word + leader.slice(at + word.length);
}
