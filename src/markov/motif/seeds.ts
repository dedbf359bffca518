import type { MotifChain } from './chain.ts';
import type { Tokens } from './scan.ts';
import type { WeightedSite } from './sites.ts';

/** A word, and by how many deviations it is commoner than expected. */
export interface Word {
  readonly letters: readonly number[];
  readonly z: number;
}

/**
 * Words of `length` letters that stand in sequences more often than a Markov chain of the first order foretells: half of them by themselves,
 * half with all words that differ in one letter, most surprising first. Occurrences that overlap are counted once, so that repeats
 * of a letter do not count for many; with a complement, both strands are counted. Of words that are the
 * same but for a shift or the strand, the first is given.
 * @example overRepresentedWords([dna.encode('ACGTACGTAC')], { length: 3, count: 1, complement: null, size: 4 })
 */
export function overRepresentedWords(
  sequences: readonly Tokens[],
  {
    length,
    count,
    size,
    complement,
  }: { length: number; count: number; size: number; complement: MotifChain['complement'] },
): Word[] {
  const tally = counted(sequences, { length, size, complement });
  const expected = foretold(tally, { length, size });
  const alone = ranked(tally.words, expected, { length, size });
  const near = ranked(
    withNeighbours(tally.words, { length, size }),
    withNeighbours(expected, { length, size }),
    { length, size },
  );
  const taken: Word[] = [];
  for (let i = 0; i < alone.length && taken.length < count; i++)
    for (const word of [near[i]!, alone[i]!])
      if (taken.length < count && !taken.some((other) => alike(other.letters, word.letters, complement)))
        taken.push(word);
  return taken;
}

/** Where a word stands, on either strand where there is a complement; one that is its own reverse complement is counted once. */
export function wordSites(
  sequences: readonly Tokens[],
  letters: readonly number[],
  complement: MotifChain['complement'],
): WeightedSite[] {
  const strands: [WeightedSite['strand'], readonly number[]][] = [['+', letters]];
  if (complement) strands.push(['-', letters.map((letter) => complement[letter]!).reverse()]);
  return sequences.flatMap((tokens, sequence) => {
    const found: WeightedSite[] = [];
    for (let start = 0; start + letters.length <= tokens.length; start++) {
      const match = strands.find(([, own]) => own.every((letter, i) => tokens[start + i] === letter));
      if (match) found.push({ sequence, start, strand: match[0], weight: 1 });
    }
    return found;
  });
}

interface Shape {
  readonly length: number;
  readonly size: number;
}

interface Tally {
  readonly words: Float64Array;
  readonly singles: Float64Array;
  readonly pairs: Float64Array;
  /** Where a word may stand. */
  readonly places: number;
}

function counted(
  sequences: readonly Tokens[],
  { length, size, complement }: Shape & { complement: MotifChain['complement'] },
): Tally {
  const words = new Float64Array(size ** length);
  const [singles, pairs] = [new Float64Array(size), new Float64Array(size * size)];
  const last = new Int32Array(words.length);
  let [places, clock] = [0, length];
  const read = (tokens: ArrayLike<number>) => {
    let [word, known, before] = [0, 0, -1];
    for (let t = 0; t < tokens.length; t++, clock++) {
      const token = tokens[t]!;
      if (token >= size) {
        [known, before] = [0, -1];
        continue;
      }
      singles[token]!++;
      if (before >= 0) pairs[before * size + token]!++;
      before = token;
      word = (word * size + token) % words.length;
      if (++known < length) continue;
      places++;
      if (last[word]! > 0 && clock - last[word]! < length) continue;
      last[word] = clock;
      words[word]!++;
    }
    clock += length;
  };
  for (const sequence of sequences) {
    read(sequence);
    if (complement) read(sequence.map((token) => (token < size ? complement[token]! : token)).reverse());
  }
  return { words, singles, pairs, places };
}

/** How often each word is expected from its pairs of letters. */
function foretold({ words, singles, pairs, places }: Tally, { length, size }: Shape): Float64Array {
  const all = singles.reduce((a, b) => a + b, 0) || 1;
  const rows = Float64Array.from(singles, (_, a) =>
    pairs.subarray(a * size, (a + 1) * size).reduce((sum, n) => sum + n, 0),
  );
  const step = pairs.map((n, i) => {
    const row = Math.floor(i / size);
    return (n + 0.5) / (rows[row]! + 0.5 * size);
  });
  return words.map((_, word) => {
    const letters = lettersOf(word, { length, size });
    let p = singles[letters[0]!]! / all;
    for (let i = 1; i < length; i++) p *= step[letters[i - 1]! * size + letters[i]!]!;
    return p * places;
  });
}

const lettersOf = (word: number, { length, size }: Shape): number[] =>
  Array.from({ length }, (_, i) => Math.floor(word / size ** (length - 1 - i)) % size);

/** For each word the sum over it and all words that differ from it in one letter. */
function withNeighbours(values: Float64Array, { length, size }: Shape): Float64Array {
  return values.map((own, word) => {
    let sum = own;
    for (let i = 0; i < length; i++) {
      const unit = size ** i;
      const letter = Math.floor(word / unit) % size;
      for (let other = 0; other < size; other++)
        if (other !== letter) sum += values[word + (other - letter) * unit]!;
    }
    return sum;
  });
}

function ranked(observed: Float64Array, expected: Float64Array, shape: Shape): Word[] {
  const z = observed.map((n, word) => (n - expected[word]!) / Math.sqrt(expected[word]! + 0.5));
  // More than are looked at are never needed: shifted and reversed copies of one motif's words are few.
  return Array.from(z.keys())
    .sort((a, b) => z[b]! - z[a]! || a - b)
    .slice(0, 1000)
    .map((word) => ({ letters: lettersOf(word, shape), z: z[word]! }));
}

/** Whether two words agree in all letters but at most one, shifted by up to two, on either strand. */
function alike(a: readonly number[], b: readonly number[], complement: MotifChain['complement']): boolean {
  const strands = complement ? [b, b.map((letter) => complement[letter]!).reverse()] : [b];
  return strands.some((other) =>
    [-2, -1, 0, 1, 2].some((shift) => {
      let differing = 0;
      for (let i = Math.max(0, shift); i < a.length && i - shift < other.length; i++)
        differing += +(a[i] !== other[i - shift]);
      return differing <= +(shift === 0);
    }),
  );
}
