import { randomStream } from '../../core/random.ts';
import { randomSplit } from '../../data/split/random.ts';
import type { FitResult } from '../../train/fit-loop.ts';
import { mostProbable } from '../../train/metrics/index.ts';
import type { RecipeContext } from '../recipe.ts';
import type { OpeningGames } from './games.ts';
import { chosenOrder, generativePosterior, type Numbered } from './generative.ts';
import { logisticPosterior } from './logistic.ts';
import { type ClassifierShape, type ClassifierTraining, fitClassifier, networkPosterior } from './network.ts';

/** The methods that are compared: the first is generative, the others are not. */
export const methods = ['generative', 'logistic', 'network'] as const;
export type Method = (typeof methods)[number];

/** How the curves are measured. */
export interface CurveSettings {
  /** The fewest games learned from; each further size is twice as large (in a quick run four times), up to all. */
  readonly smallest: number;
  /** Times that everything is repeated, with games drawn and divided anew. */
  readonly seeds: number;
  /** Share of the games that is tested. */
  readonly test: number;
  /** How many moves the n-gram models may look back; which of these is decided within what is learned from. */
  readonly orders: readonly number[];
  readonly embedding: number;
  readonly hidden: number;
  readonly dropout: number;
  readonly training: ClassifierTraining;
}

/** What was predicted for the games that were tested. */
export interface Repetition {
  /** Games that were tested, as places in the whole. */
  readonly tested: Int32Array;
  /** P(opening | moves), games × classes, by method, then by size. */
  readonly predicted: Readonly<Record<Method, readonly Float64Array[]>>;
  /** How many moves the n-gram models looked back, by size. */
  readonly orders: readonly number[];
  /** Share of the tested games whose moves are, all of them, those of a game that was learned from. */
  readonly repeated: number;
}

/** The network that learned from most games in the first repetition. */
export interface Kept {
  readonly shape: ClassifierShape;
  readonly fit: FitResult;
  readonly moves: readonly string[];
}

export interface Curves {
  readonly sizes: readonly number[];
  readonly repetitions: readonly Repetition[];
  readonly kept: Kept;
}

/** From the smallest number on by a factor, and at the end all games that there are to learn from. */
export function sizesFor(smallest: number, most: number, factor = 2): number[] {
  const sizes: number[] = [];
  for (let n = Math.min(smallest, most); n < most / 1.2; n *= factor) sizes.push(n);
  return [...sizes, most];
}

/** Whether the most probable opening is the true one: 1 or 0 for each tested game. */
export function rightOf(
  { truth, classes }: OpeningGames,
  { tested }: Repetition,
  p: Float64Array,
): Int8Array {
  return Int8Array.from(mostProbable(p, classes.length), (c, i) => Number(c === truth[tested[i]!]!));
}

/** Learns from more and more games by every method, and tests each time on the same ones. */
export async function learningCurves(
  games: OpeningGames,
  settings: CurveSettings,
  { seed, quick, device, signal, onEvent }: RecipeContext,
): Promise<Curves> {
  const most = randomSplit(games.ids.length, { test: settings.test, seed }).train.length;
  const sizes = sizesFor(settings.smallest, most, quick ? 4 : 2);
  const seeds = Array.from(
    { length: quick ? Math.min(2, settings.seeds) : settings.seeds },
    (_, s) => seed + s,
  );
  const repetitions: Repetition[] = [];
  let kept: Kept | undefined;
  for (const [s, own] of seeds.entries()) {
    const { test, train } = randomSplit(games.ids.length, { test: settings.test, seed: own });
    const order = randomStream(own, 'openings').shuffle(Int32Array.from(train));
    const predicted: Record<Method, Float64Array[]> = { generative: [], logistic: [], network: [] };
    const orders: number[] = [];
    const names = vocabularyOf(games, order);
    const tested = Array.from(test, (g) => numbersOf(games.moves[g]!, names));
    for (const [z, size] of sizes.entries()) {
      onEvent?.({
        kind: 'progress',
        text: `${size} games, ${s + 1} of ${seeds.length}`,
        done: 0.95 * ((s + z / sizes.length) / seeds.length),
      });
      const learned = numbered(games, order.subarray(0, size), names);
      const shape = { vocabulary: names.size, classes: games.classes.length };
      const back = chosenOrder(learned, { ...shape, orders: settings.orders, seed: own });
      orders.push(back);
      predicted.generative.push(generativePosterior(learned, tested, { ...shape, order: back }));
      predicted.logistic.push(
        await logisticPosterior(learned, tested, {
          classes: games.classes,
          order: back,
          seed: own,
          device,
        }),
      );
      const full = { ...shape, ...settings };
      const fit = await fitClassifier(
        full,
        learned,
        { ...settings.training, seed: own },
        { device, ...(signal && { signal }) },
      );
      predicted.network.push(await networkPosterior(full, fit.weights, tested, { device }));
      if (s === 0 && z === sizes.length - 1) kept = { shape: full, fit, moves: [...names.keys()] };
    }
    repetitions.push({ tested: test, predicted, orders, repeated: repeatedShare(games, order, test) });
  }
  return { sizes, repetitions, kept: kept! };
}

/** All moves of the games that may be learned from; no label is looked at. */
function vocabularyOf({ moves }: OpeningGames, order: Int32Array): Map<string, number> {
  const names = new Map<string, number>();
  for (const g of order.slice().sort())
    for (const move of moves[g]!) if (!names.has(move)) names.set(move, names.size);
  return names;
}

/** −1 for a move that no such game has. */
const numbersOf = (moves: readonly string[], names: ReadonlyMap<string, number>): Int32Array =>
  Int32Array.from(moves, (move) => names.get(move) ?? -1);

const numbered = (
  { moves, truth }: OpeningGames,
  chosen: Int32Array,
  names: ReadonlyMap<string, number>,
): Numbered => ({
  tokens: Array.from(chosen, (g) => numbersOf(moves[g]!, names)),
  truth: Int32Array.from(chosen, (g) => truth[g]!),
});

function repeatedShare({ moves }: OpeningGames, learned: Int32Array, tested: Int32Array): number {
  const known = new Set(Array.from(learned, (g) => moves[g]!.join(' ')));
  return tested.filter((g) => known.has(moves[g]!.join(' '))).length / tested.length;
}
