import { dataError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import type { Alphabet } from '../../data/alphabet.ts';
import type { Dataset } from '../../data/dataset.ts';

/** A circular sequence and the truth at each of its places. */
export interface Circle {
  readonly id: string;
  /** Token ids of the letters, cut somewhere. */
  readonly tokens: Int32Array;
  readonly truth: Float32Array;
}

/**
 * The leaky GC skew around a circle: yₜ = r·yₜ₋₁ + (1 − r)·xₜ with x = 1 at G, −1 at C and 0 elsewhere, without a beginning: what the state has
 * settled to after any number of rounds. Summed skew shows where replication begins and ends (Lobry 1996; Grigoriev 1998).
 *
 * yₜ = Σ over one round of (1 − r)·rᵈ·xₜ₋ᵈ / (1 − rⁿ), for n letters.
 * @example the circle G A A A with r = ½ // (8, 4, 2, 1) / 15
 */
export function circularSkew(
  tokens: Int32Array,
  { letters }: Pick<Alphabet, 'letters'>,
  r: number,
): Float32Array {
  const [g, c] = [letters.indexOf('G'), letters.indexOf('C')];
  const x = (t: number) => Number(tokens[t] === g) - Number(tokens[t] === c);
  const n = tokens.length;
  let state = 0;
  for (let t = 0; t < n; t++) state = r * state + (1 - r) * x(t);
  // One round from nothing gives what one round adds; all rounds before it are the same, fainter by rⁿ each.
  state /= 1 - r ** n;
  return Float32Array.from({ length: n }, (_, t) => {
    state = r * state + (1 - r) * x(t);
    return state;
  });
}

/** What is cut from genomes. */
export interface CutOptions {
  /** Letters of a circle to learn from. */
  readonly length: number;
  /** Circles to learn from, and to test on. */
  readonly circles: number;
  readonly tested: number;
  readonly leak: number;
  readonly seed: number;
}

/** Circles to learn from and others to be tested on; `whole`: the genomes themselves. */
export interface Circles {
  readonly train: readonly Circle[];
  readonly test: readonly Circle[];
  readonly whole: readonly Circle[];
  /** Standard deviation of the truth over the training circles: all figures are in this unit. */
  readonly unit: number;
}

/**
 * Windows of circular genomes, each closed to a circle of its own: those to learn from lie in the first 70 % of each genome, those of the
 * test in the rest. Throws a data error where a genome is shorter than four windows.
 */
export function cutCircles({ records, alphabet }: Dataset, options: CutOptions): Circles {
  const { length, circles, tested, leak, seed } = options;
  const random = randomStream(seed, 'circles');
  const genomes = records.map(({ id, sequence }) => ({ id, tokens: alphabet.encode(sequence) }));
  const short = genomes.find(({ tokens }) => tokens.length < 4 * length);
  if (short)
    throw dataError(
      `record "${short.id}" has ${short.tokens.length} letters; expected at least ${4 * length}, four windows of length ${length}. Set a smaller length.`,
    );
  const circle = (id: string, tokens: Int32Array): Circle => ({
    id,
    tokens,
    truth: circularSkew(tokens, alphabet, leak),
  });
  const windows = (count: number, low: number, high: number) =>
    Array.from({ length: count }, (_, i) => {
      const { id, tokens } = genomes[i % genomes.length]!;
      const [from, to] = [Math.ceil(low * tokens.length), Math.floor(high * tokens.length) - length];
      const at = from + random.below(to - from + 1);
      return circle(`${id}:${at + 1}-${at + length}`, tokens.slice(at, at + length));
    });
  const train = windows(circles, 0, 0.7);
  return {
    train,
    test: windows(tested, 0.7, 1),
    whole: genomes.map(({ id, tokens }) => circle(id, tokens)),
    unit: deviation(train.flatMap(({ truth }) => [...truth])),
  };
}

/** The circle cut `shift` letters later. */
export function turned<T extends Int32Array | Float32Array>(values: T, shift: number): T {
  const out = values.slice() as T;
  out.set(values.subarray(shift) as never);
  out.set(values.subarray(0, shift) as never, values.length - shift);
  return out;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
}
