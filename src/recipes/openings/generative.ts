import { kFold } from '../../data/split/random.ts';
import { ngramCounts } from '../../markov/ngram/counts.ts';
import { ngramModel } from '../../markov/ngram/model.ts';
import { mostProbable } from '../../train/metrics/index.ts';

/** Games as numbers of moves, with the number of their opening. */
export interface Numbered {
  readonly tokens: readonly Int32Array[];
  readonly truth: Int32Array;
}

/**
 * One n-gram model (Witten and Bell 1991) of the moves for each opening, and Bayes' rule: P(opening | moves) ∝ P(opening) · Π P(move | the
 * `order` moves before it, opening). The probability of an opening is its share of what was learned from, with one game added to each.
 * Moves that were not seen say as much against every opening. Returns games × classes.
 */
export function generativePosterior(
  learned: Numbered,
  tested: readonly Int32Array[],
  { classes, vocabulary, order }: { classes: number; vocabulary: number; order: number },
): Float64Array {
  const counts = Array.from({ length: classes }, () => ngramCounts({ vocabulary, order, begin: true }));
  const games = new Float64Array(classes).fill(1);
  learned.tokens.forEach((tokens, g) => {
    counts[learned.truth[g]!]!.add(tokens);
    games[learned.truth[g]!]!++;
  });
  const models = counts.map((own) => ngramModel(own));
  const total = learned.tokens.length + classes;
  const out = new Float64Array(tested.length * classes);
  tested.forEach((tokens, g) => {
    const joint = models.map((model, c) =>
      model.logs(tokens).reduce((sum, log) => sum + log, Math.log(games[c]! / total)),
    );
    const top = Math.max(...joint);
    const sum = joint.reduce((s, z) => s + Math.exp(z - top), 0);
    joint.forEach((z, c) => {
      out[g * classes + c] = Math.exp(z - top) / sum;
    });
  });
  return out;
}

/** Games at most that an order is chosen on: more would not change it. */
const enough = 1000;

/**
 * How many moves the n-gram models should look back: by cross-validation within what was learned, the shortest of `orders` whose accuracy is
 * within one standard error of the best.
 */
export function chosenOrder(
  learned: Numbered,
  {
    classes,
    vocabulary,
    orders,
    seed,
  }: { classes: number; vocabulary: number; orders: readonly number[]; seed: number },
): number {
  const n = learned.tokens.length;
  if (orders.length === 1 || n < 2) return orders[0]!;
  const folds = kFold(n, { folds: Math.min(5, n), seed });
  const right = orders.map((order) => {
    let [asked, correct] = [0, 0];
    for (const { train, test } of folds) {
      if (asked >= enough) break;
      const part = some(learned, train);
      const held = some(learned, test);
      const p = generativePosterior(part, held.tokens, { classes, vocabulary, order });
      mostProbable(p, classes).forEach((c, i) => {
        correct += Number(c === held.truth[i]);
      });
      asked += test.length;
    }
    return { share: correct / asked, asked };
  });
  const best = right.reduce((a, b) => (b.share > a.share ? b : a));
  const error = Math.sqrt((best.share * (1 - best.share)) / best.asked);
  return orders[right.findIndex(({ share }) => share >= best.share - error)]!;
}

const some = ({ tokens, truth }: Numbered, chosen: Int32Array): Numbered => ({
  tokens: Array.from(chosen, (g) => tokens[g]!),
  truth: Int32Array.from(chosen, (g) => truth[g]!),
});
