import { type RandomStream, randomStream } from '../../core/random.ts';
import { letters, type Table } from './pattern.ts';

const codes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));

/** `count` sequences of `length` bases, all equally probable; the same for the same seed and name. */
export function randomReads({ count, length, seed, name }: RandomReads): Uint8Array[] {
  const random = randomStream(seed, 'automaton', name);
  // 16 bases from each draw.
  let [bits, left] = [0, 0];
  return Array.from({ length: count }, () => {
    const read = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      if (left === 0) [bits, left] = [random.uint32(), 16];
      read[i] = codes[bits & 3]!;
      bits >>>= 2;
      left--;
    }
    return read;
  });
}

interface RandomReads {
  readonly count: number;
  readonly length: number;
  readonly seed: number;
  readonly name: string;
}

/**
 * Sequences that together take every transition of the automaton, which random bases hardly ever do: from each state on to the nearest
 * transition not yet taken, in an order that the seed decides, and anew from the start where none can be reached.
 * Tours are repeated until they have `least` letters in all.
 */
export function tours(table: Table, { least, seed }: { least: number; seed: number }): Uint8Array[] {
  const random = randomStream(seed, 'automaton', 'tour');
  const reads: Uint8Array[] = [];
  for (let total = 0; total < least; ) {
    const taken = new Uint8Array(table.next.length);
    for (let left = taken.length; left > 0; ) {
      const read: number[] = [];
      for (let state = table.start; ; ) {
        const way = nearestUntaken(table, state, taken, random);
        if (!way) break;
        for (const letter of way) {
          const place = state * table.symbols + letter;
          left -= 1 - taken[place]!;
          taken[place] = 1;
          state = table.next[place]!;
          read.push(codes[letter]!);
        }
      }
      reads.push(Uint8Array.from(read));
      total += read.length;
    }
  }
  return reads;
}

/** The letters of a shortest way from a state through a transition not yet taken. */
function nearestUntaken(
  { symbols, next }: Table,
  from: number,
  taken: Uint8Array,
  random: RandomStream,
): number[] | undefined {
  const ways = new Map<number, number[]>([[from, []]]);
  for (const [state, way] of ways) {
    const turn = random.below(symbols);
    for (let i = 0; i < symbols; i++) {
      const letter = (i + turn) % symbols;
      if (!taken[state * symbols + letter]) return [...way, letter];
      const to = next[state * symbols + letter]!;
      if (!ways.has(to)) ways.set(to, [...way, letter]);
    }
  }
  return undefined;
}

/** The probability that the automaton accepts after 1, 2, … `length` random bases: its Markov chain. */
export function acceptedShare(
  { states, symbols, start, next, accepts }: Table,
  length: number,
): Float64Array {
  let now = new Float64Array(states);
  now[start] = 1;
  return Float64Array.from({ length }, () => {
    const then = new Float64Array(states);
    for (let s = 0; s < states; s++)
      if (now[s]! > 0) for (let a = 0; a < 4; a++) then[next[s * symbols + a]!]! += now[s]! / 4;
    now = then;
    return now.reduce((sum, p, s) => sum + p * accepts[s]!, 0);
  });
}

/** How many of the automaton's transitions the sequences take. */
export function transitionsTaken(
  { states, symbols, start, next }: Table,
  sequences: readonly Uint8Array[],
  letterOf: Uint8Array,
): number {
  const taken = new Uint8Array(states * symbols);
  for (const sequence of sequences) {
    let state = start;
    for (const code of sequence) {
      const place = state * symbols + letterOf[code]!;
      taken[place] = 1;
      state = next[place]!;
    }
  }
  return taken.reduce((a, b) => a + b, 0);
}
