import type { Alphabet } from '../../../data/alphabet.ts';
import type { MarksStretch } from '../../../models/marks/stretch.ts';
import type { Features } from '../../linear-baseline.ts';
import type { BinRows } from './rows.ts';

/** What a simple baseline looks at around a bin. */
export type FeatureName = 'composition' | 'words' | 'tracks';

interface Reading {
  readonly alphabet: Alphabet;
  readonly bin: number;
  readonly tracks: readonly unknown[];
}

/** A number for every bin of a stretch, of several kinds, as sums from its beginning: (bins + 1) × kinds. */
interface Sums {
  readonly kinds: number;
  readonly table: Float64Array;
}

/** Bases at either side of a bin that are looked at: near, and far. */
const reaches = [128, 512];

/**
 * Features of bins: shares in the bases around them, near and far. `composition`: G or C, and CG (of other alphabets than dna and rna, each
 * letter); `words`: all words of three letters, either strand (of other alphabets, each letter); `tracks`: the bin's own value, and the means near and
 * far, of ln(1 + value) where values are not negative.
 */
export function binFeatures(
  stretches: readonly MarksStretch[],
  { stretch, bin: at }: BinRows,
  names: readonly FeatureName[],
  reading: Reading,
): Features {
  const halves = reaches.map((reach) => Math.max(1, Math.ceil(reach / reading.bin)));
  const readers = names.flatMap((name): { sums: Sums[]; halves: number[] }[] => {
    const halvesOf = name === 'tracks' ? [0, ...halves] : halves;
    if (name === 'tracks' && reading.tracks.length === 0) return [];
    return [{ sums: stretches.map((one) => sumsOf(one, name, reading)), halves: halvesOf }];
  });
  const width = readers.reduce((sum, { sums, halves: own }) => sum + (sums[0]?.kinds ?? 0) * own.length, 0);
  const rows = new Float32Array(stretch.length * width);
  stretch.forEach((s, i) => {
    let to = i * width;
    for (const { sums, halves: own } of readers) {
      const { kinds, table } = sums[s]!;
      const { bins } = stretches[s]!;
      for (const half of own) {
        const [first, last] = [Math.max(0, at[i]! - half), Math.min(bins, at[i]! + half + 1)];
        for (let k = 0; k < kinds; k++)
          rows[to++] = (table[last * kinds + k]! - table[first * kinds + k]!) / (last - first);
      }
    }
  });
  return { width, rows };
}

function sumsOf(stretch: MarksStretch, name: FeatureName, { alphabet, bin, tracks }: Reading): Sums {
  if (name === 'tracks') return runningSums(trackValues(stretch, tracks.length), tracks.length);
  const { kinds, kindAt } = name === 'words' ? wordKinds(alphabet) : compositionKinds(alphabet);
  const counts = new Float64Array(stretch.bins * kinds);
  for (let i = 0; i < stretch.length; i++)
    for (const kind of kindAt(stretch.tokens, i)) counts[Math.floor(i / bin) * kinds + kind]! += 1 / bin;
  return runningSums(counts, kinds);
}

function runningSums(values: Float64Array, kinds: number): Sums {
  const table = new Float64Array(values.length + kinds);
  values.forEach((x, i) => {
    table[i + kinds] = table[i]! + x;
  });
  return { kinds, table };
}

function trackValues({ tracks }: MarksStretch, width: number): Float64Array {
  const negative = Array.from({ length: width }, (_, k) => tracks.some((x, i) => i % width === k && x < 0));
  return Float64Array.from(tracks, (x, i) => (Number.isNaN(x) ? 0 : negative[i % width] ? x : Math.log1p(x)));
}

interface Kinds {
  readonly kinds: number;
  /** Which kinds there are at a letter. */
  readonly kindAt: (tokens: Uint8Array, i: number) => readonly number[];
}

const none: readonly number[] = [];

function compositionKinds(alphabet: Alphabet): Kinds {
  if (!alphabet.complement) return letterKinds(alphabet);
  const [c, g] = ['C', 'G'].map((letter) => alphabet.ids[letter.charCodeAt(0)]!) as [number, number];
  const both = [0, 1];
  const gc = [0];
  return {
    kinds: 2,
    kindAt: (tokens, i) =>
      tokens[i] === c ? (tokens[i + 1] === g ? both : gc) : tokens[i] === g ? gc : none,
  };
}

const letterKinds = ({ size }: Alphabet): Kinds => {
  const own = Array.from({ length: size }, (_, id) => [id]);
  return { kinds: size, kindAt: (tokens, i) => own[tokens[i]!] ?? none };
};

/** Words of three letters, a word and its reverse complement being one. */
function wordKinds(alphabet: Alphabet): Kinds {
  const { size, complement } = alphabet;
  if (!complement) return letterKinds(alphabet);
  const number = new Int32Array(size ** 3);
  let kinds = 0;
  for (let word = 0; word < number.length; word++) {
    const [a, b, c] = [Math.floor(word / size ** 2), Math.floor(word / size) % size, word % size];
    const other = (complement[c]! * size + complement[b]!) * size + complement[a]!;
    number[word] = other < word ? number[other]! : kinds++;
  }
  const own = Array.from({ length: kinds }, (_, kind) => [kind]);
  return {
    kinds,
    kindAt: (tokens, i) => {
      const [a, b, c] = [tokens[i]!, tokens[i + 1] ?? size, tokens[i + 2] ?? size];
      return a < size && b < size && c < size ? own[number[(a * size + b) * size + c]!]! : none;
    },
  };
}
