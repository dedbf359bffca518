import { randomStream } from '../../core/random.ts';
import { pairHmm, pairViterbi } from '../../markov/index.ts';
import { openForced, type TokenPair } from '../../models/translator/forced.ts';
import type { TrainedTranslator } from '../../models/translator/scorer.ts';
import type { TranslatorSpec } from '../../models/translator/spec.ts';
import { kmers } from '../../tokenize/kmers.ts';
import type { FitResult } from '../../train/fit-loop.ts';
import { fitTranslator } from '../../train/tasks/translation.ts';
import type { RecipeContext } from '../recipe.ts';
import { bothWays, monotone } from './reading.ts';
import { type AlignedPair, divergedPair, events } from './simulate.ts';

/** What is needed to teach an aligner. */
export interface AlignLesson {
  readonly k: number;
  readonly pairs: number;
  readonly length: number;
  /** The largest divergence that it sees. */
  readonly most: number;
  /** False: the second sequence has nothing to do with the first, so that there is nothing to look for. */
  readonly related: boolean;
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly onEpoch: (epoch: number, epochs: number) => void;
}

const letters = [...'ACGT'];

/** Each place as the word that ends there, so that a place is told by what stands before it. */
function wordsOf(sequence: ArrayLike<number>, k: number): Int32Array {
  const text = Array.from(sequence, (letter) => letters[letter]).join('');
  return kmers({ k }).encode('A'.repeat(k - 1) + text);
}

const tokenPair = ({ a, b }: Pick<AlignedPair, 'a' | 'b'>, k: number): TokenPair => ({
  source: wordsOf(a, k),
  target: Int32Array.of(...wordsOf(b, k), kmers({ k }).size),
});

/** A network that foretells one sequence letter by letter while it looks at the other; nobody tells it of alignments. */
export async function taughtAligner(
  { k, pairs, length, most, related, model, training, seed, onEpoch }: AlignLesson,
  { device, signal }: RecipeContext,
): Promise<TrainedTranslator & { fit: FitResult }> {
  const random = randomStream(seed, 'align', 'learn');
  const tokens = kmers({ k }).toJSON();
  const spec: TranslatorSpec = {
    kind: 'translator',
    architecture: 'transformer',
    config: model,
    source: tokens,
    target: tokens,
  };
  const drawn = Array.from({ length: pairs }, () => {
    const pair = divergedPair(random, { length, divergence: most * random.uniform() });
    return related ? pair : { ...pair, b: divergedPair(random, { length, divergence: 0 }).b };
  });
  const fit = await fitTranslator(
    spec,
    drawn.map((pair) => tokenPair(pair, k)),
    undefined,
    { ...training, seed },
    {
      device,
      ...(signal && { signal }),
      onEvent: (event) => {
        if (event.kind === 'epoch') onEpoch(event.epoch, event.epochs);
      },
    },
  );
  return { spec, weights: fit.weights, fit };
}

type Sequences = Pick<AlignedPair, 'a' | 'b'>;

/** The weights of attention, read monotonically: for each letter of b its partner in a, or −1. */
export async function alignedByAttention(
  { spec, weights }: TrainedTranslator,
  pairs: readonly Sequences[],
  { k, gap, device }: { k: number; gap: number } & Pick<RecipeContext, 'device'>,
): Promise<number[][]> {
  const forced = await openForced(spec, weights, { device });
  try {
    const turned = pairs.map(({ a, b }) => ({ a: a.slice().reverse(), b: b.slice().reverse() }));
    const read = (all: readonly Sequences[]) => forced.attention(all.map((pair) => tokenPair(pair, k)));
    const [forward, backward] = [await read(pairs), await read(turned)];
    return pairs.map(({ a, b }, i) => {
      const shape = { rows: b.length, columns: a.length };
      return monotone(bothWays(forward[i]!, backward[i]!, shape), { ...shape, gap });
    });
  } finally {
    await forced.close();
  }
}

/** The best global alignment with affine gaps (Needleman and Wunsch 1970; Gotoh 1982), scored by the true rates of a divergence. */
export function alignedByProgramming(
  pairs: readonly Sequences[],
  { divergence: d, length }: { divergence: number; length: number },
): number[][] {
  const p = d * events.substitution;
  const match = letters.map((_, x) => letters.map((__, y) => (x === y ? (1 - p) / 4 : p / 12)));
  // Gaps of one to three letters, two on average.
  const model = pairHmm({ match, open: d * events.deletion, extend: 0.5, end: 1 / length });
  return pairs.map(({ a, b }) => {
    const { x, y } = pairViterbi(model, a, b);
    const partners = new Array<number>(b.length).fill(-1);
    x.forEach((place, column) => {
      if (y[column]! >= 0) partners[y[column]!] = place;
    });
    return partners;
  });
}
