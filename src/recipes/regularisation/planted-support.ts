import { usageError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { dna } from '../../data/alphabet.ts';
import type { Dataset } from '../../data/dataset.ts';

/** What is planted. */
export interface PlantedOptions {
  /** Letters of a sequence. */
  readonly length: number;
  /** How many of its positions matter. */
  readonly support: number;
  /** Root mean square of what the four letters at such a position add to the logit; their mean is zero. */
  readonly effect: number;
  readonly records: number;
  readonly seed: number;
}

/** Sequences of which a few positions decide, with those positions, counted from 0. */
export interface Planted {
  readonly dataset: Dataset;
  readonly support: readonly number[];
  /** Accuracy and mean log loss (nats) of the probabilities that drew the labels: what no model can beat but by luck. */
  readonly best: { readonly accuracy: number; readonly logLoss: number };
}

/**
 * Random DNA whose class is drawn with probability σ(Σ effects of the letters at `support` positions): everything else is noise, and
 * so is part of the label.
 * @example plantedSupport({ length: 10, support: 2, effect: 2, records: 100, seed: 1 }).support // [3, 8], say
 */
export function plantedSupport({ length, support, effect, records: n, seed }: PlantedOptions): Planted {
  if (support > length)
    throw usageError(
      `support: expected at most the ${length} positions that there are, received ${support}.`,
    );
  const random = randomStream(seed, 'planted support');
  const places = random
    .shuffle(Array.from({ length }, (_, i) => i))
    .slice(0, support)
    .sort((a, b) => a - b);
  const effects = places.map(() =>
    contrast(
      [0, 1, 2, 3].map(() => random.normal()),
      effect,
    ),
  );
  const truth = new Int32Array(n);
  let [right, loss] = [0, 0];
  const records = Array.from({ length: n }, (_, i) => {
    const letters = Array.from({ length }, () => random.below(4));
    const logit = places.reduce((sum, place, s) => sum + effects[s]![letters[place]!]!, 0);
    const p = 1 / (1 + Math.exp(-logit));
    truth[i] = Number(random.uniform() < p);
    right += Number(p > 0.5 === (truth[i] === 1)) / n;
    loss -= Math.log(truth[i] === 1 ? p : 1 - p) / n;
    return { id: `s${i + 1}`, sequence: letters.map((letter) => dna.letters[letter]).join('') };
  });
  const dataset: Dataset = {
    records,
    alphabet: dna,
    target: { kind: 'classes', classes: ['no', 'yes'], truth },
    tracks: [],
    sources: [],
    skipped: [],
    notes: [`Task: a class drawn from the letters at ${support} of ${length} positions.`],
  };
  return { dataset, support: places, best: { accuracy: right, logLoss: loss } };
}

/** The same numbers moved to mean 0 and scaled to a root mean square of `size`. */
function contrast(values: number[], size: number): number[] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const square = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return values.map((v) => (size * (v - mean)) / Math.sqrt(square));
}
