import { dataError, SeqwrightError, usageError } from '../../core/errors.ts';
import { type RandomStream, randomStream } from '../../core/random.ts';
import { compiled } from './compiled.ts';
import { addExpected, addPath, type HmmCounts, zeroCounts } from './counts.ts';
import { estimated, logPrior, type Pseudocounts, type Trained } from './estimate.ts';
import type { Labels } from './labels.ts';
import { assembled, type Hmm } from './model.ts';
import { viterbi } from './viterbi.ts';

export interface TrainingOptions {
  /** At most this many rounds. */
  iterations?: number;
  /** Stop when a round adds less than this to the objective. */
  tolerance?: number;
  pseudocounts?: Pseudocounts;
  /** What may change; everything by default. */
  trained?: Trained;
  /** What is known of the states behind each sequence; null where nothing is. */
  labels?: readonly (Labels | null)[];
  /** Further runs from random parameters; the best of all runs is returned. */
  restarts?: number;
  seed?: number;
  /** Called after each round. Returning true stops that run. */
  onIteration?: (round: { run: number; iteration: number; objective: number }) => boolean | undefined;
}

export interface TrainingResult<O> {
  model: Hmm<O>;
  /**
   * After each round, before its re-estimation: ln P(all sequences) plus the log-prior of the pseudo-counts.
   * Baum and Welch's never falls; Viterbi's, which is that of the best paths, does not either.
   */
  objectives: number[];
  /** Whether the last round added less than the tolerance. */
  converged: boolean;
  /** Which run was the best: 0 is the one from the given model. */
  run: number;
  /** Names of states that took part with an expected count below 1e-6: their parameters are what they were. */
  unused: readonly string[];
}

/**
 * Baum and Welch's algorithm (expectation maximisation) over any number of sequences, in √n memory for each.
 * Labels make it semi-supervised: paths that contradict them have no part. Throws a data error that names
 * the sequence and position if one has probability zero.
 * @example baumWelch(model, [dna.encode('ACGTTTACGA')], { pseudocounts: { emissions: 1 } }).model
 */
export const baumWelch = <O>(
  model: Hmm<O>,
  sequences: readonly O[],
  options: TrainingOptions = {},
): TrainingResult<O> =>
  train(model, sequences, options, (m, sequence, counts, labels) =>
    addExpected(m, sequence, counts, { c: compiled(m), ...(labels ? { labels } : {}) }),
  );

/**
 * Viterbi training (segmental k-means; Juang and Rabiner 1990): as Baum and Welch's, with the counts of the
 * single best path in place of the expected ones. Faster and greedier.
 */
export const viterbiTraining = <O>(
  model: Hmm<O>,
  sequences: readonly O[],
  options: TrainingOptions = {},
): TrainingResult<O> =>
  train(model, sequences, options, (m, sequence, counts, labels) => {
    const path = viterbi(m, sequence, labels ? { labels } : {});
    addPath(m, sequence, path, counts);
    return path.logProbability;
  });

/**
 * One round of counting from sequences whose states are known, wholly or in part, and the model of those
 * counts (supervised training). Where every position is labelled, the given model's probabilities
 * do not matter, only its topology; elsewhere the paths are weighed by them.
 */
export function countLabelled<O>(
  model: Hmm<O>,
  sequences: readonly O[],
  labels: readonly (Labels | null)[],
  options: Pick<TrainingOptions, 'pseudocounts' | 'trained'> = {},
): Hmm<O> {
  return baumWelch(model, sequences, { ...options, labels, iterations: 1 }).model;
}

type Count<O> = (model: Hmm<O>, sequence: O, counts: HmmCounts<O>, labels: Labels | null) => number;

function train<O>(
  model: Hmm<O>,
  sequences: readonly O[],
  options: TrainingOptions,
  count: Count<O>,
): TrainingResult<O> {
  const { restarts = 0, seed = 42, labels } = options;
  if (sequences.length === 0) throw usageError('No sequences to train on; expected at least one.');
  if (labels && labels.length !== sequences.length)
    throw usageError(
      `${labels.length} sets of labels for ${sequences.length} sequences; expected one each, null where nothing is known.`,
    );
  let best: TrainingResult<O> | undefined;
  for (let run = 0; run <= restarts; run++) {
    const first =
      run === 0
        ? model
        : randomizedHmm(model, randomStream(seed, 'baum-welch', run), sequences, options.trained);
    const result = trainOnce(first, sequences, options, count, run);
    if (!best || result.objectives.at(-1)! > best.objectives.at(-1)!) best = result;
  }
  return best!;
}

function trainOnce<O>(
  first: Hmm<O>,
  sequences: readonly O[],
  {
    iterations = 100,
    tolerance = 1e-4,
    pseudocounts = {},
    trained = {},
    labels,
    onIteration,
  }: TrainingOptions,
  count: Count<O>,
  run: number,
): TrainingResult<O> {
  const objectives: number[] = [];
  let model = first;
  let [converged, unused] = [false, [] as string[]];
  for (let iteration = 1; iteration <= iterations && !converged; iteration++) {
    const counts = zeroCounts(model);
    let objective = logPrior(model, pseudocounts);
    sequences.forEach((sequence, i) => {
      objective += named(i, sequences.length, () => count(model, sequence, counts, labels?.[i] ?? null));
    });
    converged = objectives.length > 0 && objective - objectives.at(-1)! < tolerance;
    objectives.push(objective);
    unused = unusedStates(model, counts);
    model = estimated(model, counts, { pseudocounts, trained });
    if (onIteration?.({ run, iteration, objective })) break;
  }
  return { model, objectives, converged, run, unused };
}

/** Says which of several sequences an error is about. */
function named<T>(index: number, total: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SeqwrightError) || total === 1) throw error;
    throw new SeqwrightError(error.kind, `Sequence ${index + 1} of ${total}: ${error.message}`, {
      cause: error,
    });
  }
}

function unusedStates<O>({ states, edges }: Hmm<O>, counts: HmmCounts<O>): string[] {
  const visits = counts.start.slice();
  edges.to.forEach((to, e) => {
    visits[to]! += counts.edges[e]!;
  });
  return states.filter((_, s) => visits[s]! < 1e-6).map(({ name }) => name);
}

/** The same topology with random parameters: start and transitions uniform over what is possible, emissions by their family. */
export function randomizedHmm<O>(
  model: Hmm<O>,
  stream: RandomStream,
  sequences: readonly O[],
  { start = true, transitions = true, emissions = true }: Trained = {},
): Hmm<O> {
  if (sequences.length === 0) throw dataError('Random parameters need sequences to draw from.');
  const draw = (possible: ArrayLike<number>) =>
    Float64Array.from(possible, (p) => (p > 0 ? 1e-3 - Math.log(1 - stream.uniform()) : 0));
  const random: HmmCounts<O> = {
    start: draw(model.start),
    edges: draw(model.edges.probability),
    end: draw(model.end ?? new Float64Array(model.states.length)),
    emissions: model.emissions.statistics(),
  };
  const moved = estimated(model, random, { trained: { start, transitions, emissions: false } });
  return emissions
    ? assembled({ ...moved, emissions: model.emissions.randomized(stream, sequences) })
    : moved;
}
