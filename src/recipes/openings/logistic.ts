import type { OutputSpec } from '../../models/spec.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import { type Features, linearBaseline } from '../../train/linear-baseline.ts';
import type { Numbered } from './generative.ts';

/** Columns at most: the grams of most games. */
const widest = 2000;

/** The grams of a game of up to `order` + 1 moves, each by a name of its own; the beginning counts as a move. */
function* gramsOf(tokens: Int32Array, order: number): Generator<string> {
  for (let t = 0; t < tokens.length; t++) {
    let name = '';
    for (let back = 0; back <= order && back <= t + 1; back++) {
      name = back > t ? `^ ${name}` : `${tokens[t - back]} ${name}`;
      yield name;
      if (back > t) break;
    }
  }
}

/**
 * Logistic regression on how often each gram occurs: the very counts that n-gram models with Bayes' rule multiply (a discriminative
 * partner in the sense of Ng and Jordan 2002), weighted to tell openings apart. The L2 penalty is chosen on a fifth of what is learned
 * from. Returns games × classes.
 */
export function logisticPosterior(
  learned: Numbered,
  tested: readonly Int32Array[],
  {
    classes,
    order,
    seed,
    ...where
  }: { classes: readonly string[]; order: number; seed: number } & CompileOptions,
): Promise<Float64Array> {
  const seen = new Map<string, number>();
  for (const tokens of learned.tokens)
    for (const name of new Set(gramsOf(tokens, order))) seen.set(name, (seen.get(name) ?? 0) + 1);
  const columns = new Map(
    [...seen]
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, widest)
      .map(([name], i) => [name, i]),
  );
  const featuresOf = (games: readonly Int32Array[]): Features => {
    const width = columns.size;
    const rows = new Float32Array(games.length * width);
    games.forEach((tokens, g) => {
      for (const name of gramsOf(tokens, order)) {
        const column = columns.get(name);
        if (column !== undefined) rows[g * width + column]!++;
      }
    });
    return { width, rows };
  };
  const output: OutputSpec = { kind: 'classes', classes: [...classes] };
  return linearBaseline(
    output,
    {
      features: featuresOf(learned.tokens),
      target: { kind: 'classes', classes: [...classes], truth: learned.truth },
    },
    { features: featuresOf(tested) },
    { seed, ...where },
  );
}
