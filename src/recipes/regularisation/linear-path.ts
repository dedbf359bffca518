import { randomStream } from '../../core/random.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { CustomNetwork } from '../../models/custom-network.ts';
import { outputCount } from '../../models/spec.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import { type Features, kmerFeatures, positionFeatures } from '../../train/linear-baseline.ts';
import { logLosses } from '../../train/metrics/probability.ts';
import { openScorer } from '../../train/score-dataset.ts';
import { train } from '../../train/train-model.ts';
import { type FeatureMask, positionNetwork, weightPath, wordNetwork } from './linear-network.ts';

/** Linear features of a dataset: what the network computes, as a table, and what each feature belongs to. */
export interface LinearForm {
  /** The model; with a mask only some features have a weight. */
  readonly network: (mask?: FeatureMask) => CustomNetwork;
  readonly features: Features;
  /** Features that stand or fall together: the letters of a position; a word is alone. */
  readonly groupOf: (feature: number) => number;
  readonly groups: number;
  /** What a group is: `position` or `3-mer`. */
  readonly unit: string;
}

const scale = 100;

/** Positions and letters where sequences have one length, else k-mers (3 of nucleotides, 2 of proteins). */
export function linearForm(dataset: Dataset): LinearForm {
  const { size } = dataset.alphabet;
  const aligned = positionFeatures(dataset);
  if (aligned) {
    const length = aligned.width / size;
    const groupOf = (feature: number) => Math.floor(feature / size);
    const network = (mask?: FeatureMask) => positionNetwork(length, mask);
    return { network, features: aligned, groupOf, groups: length, unit: 'position' };
  }
  const k = size <= 5 ? 3 : 2;
  const words = kmerFeatures(dataset, k);
  const features = { ...words, rows: words.rows.map((share) => share * scale) };
  const groupOf = (feature: number) => feature;
  const network = (mask?: FeatureMask) => wordNetwork(k, scale, mask);
  return { network, features, groupOf, groups: words.width, unit: `${k}-mer` };
}

/** A model of the path. */
export interface PathPoint {
  readonly penalty: number;
  /** Mean log loss on the records held back, in nats, and its standard error. */
  readonly loss: number;
  readonly error: number;
  /** Groups with a weight that is not zero, in order. */
  readonly kept: readonly number[];
  /** Weights that are exactly zero, as a share of all. */
  readonly zeros: number;
}

/** What a path is made with. */
export interface PathOptions extends CompileOptions {
  readonly kind: 'l1' | 'l2';
  /** From strong to weak: each model begins where the former ended. */
  readonly penalties: readonly number[];
  /** Full-batch gradient steps for each penalty. */
  readonly steps: number;
  /** Only these groups have weights. */
  readonly among?: readonly number[];
  readonly signal?: AbortSignal;
}

/**
 * Logistic regression under each penalty, by gradient steps over all records at once of the size that the curvature allows, so that L1's
 * proximal steps end in the minimum of loss + penalty · Σ|w| (iterative soft thresholding; Beck and Teboulle 2009).
 */
export async function linearPath(
  form: LinearForm,
  fit: Dataset,
  held: Dataset,
  { kind, penalties, steps, among, signal, ...where }: PathOptions,
): Promise<PathPoint[]> {
  const points: PathPoint[] = [];
  const network = form.network(among && maskOf(form, among));
  let weights: ReadonlyMap<string, Float32Array> | undefined;
  for (const penalty of penalties) {
    const former = weights;
    const { model } = await train({ network }, fit, {
      ...where,
      ...(signal && { signal }),
      ...(former && { start: () => former }),
      [kind]: penalty,
      epochs: steps,
      batchSize: fit.records.length,
      maxTokens: 1e9,
      optimizer: 'sgd',
      optimizerOptions: { momentum: 0 },
      schedule: 'constant',
      rate: 1 / (curvature(form.features) / 2 + (kind === 'l2' ? penalty : 0)),
      clip: 0,
      validation: 0,
    });
    weights = model.weights;
    const scorer = await openScorer(model.spec, held, weights, where);
    const predicted = await scorer.predict().finally(() => scorer.release());
    const truth = held.target!.truth as Int32Array;
    points.push({
      penalty,
      ...meanAndError(logLosses(predicted, truth, outputCount(model.spec.output))),
      ...sparsity(weights.get(weightPath)!, form, outputCount(model.spec.output)),
    });
  }
  return points;
}

/** Rows of the weights beyond the features, such as that of unknown words, count as no feature. */
function maskOf({ groupOf, features, unit }: LinearForm, among: readonly number[]): FeatureMask {
  const wanted = new Set(among);
  const mask = new Float32Array(features.width + (unit === 'position' ? 0 : 1));
  for (let feature = 0; feature < features.width; feature++)
    mask[feature] = Number(wanted.has(groupOf(feature)));
  return mask;
}

/**
 * Each set of groups along a path, fitted again without the L1 penalty, which shrinks what it keeps: the strongest penalty whose set does as
 * well as the best of them is then not punished for shrinking (relaxed lasso; Meinshausen 2007). `ridge`: a little L2, so that a minimum exists.
 */
export async function refitted(
  form: LinearForm,
  fit: Dataset,
  held: Dataset,
  {
    points,
    ridge = 1e-3,
    ...options
  }: Omit<PathOptions, 'kind' | 'penalties' | 'among'> & {
    points: readonly PathPoint[];
    ridge?: number;
  },
): Promise<PathPoint[]> {
  const again: PathPoint[] = [];
  for (const { penalty, kept } of points) {
    const former = again.at(-1);
    if (former && former.kept.join() === kept.join()) {
      again.push({ ...former, penalty });
      continue;
    }
    const all = { ...options, kind: 'l2' as const, penalties: [ridge], among: kept };
    const [point] = await linearPath(form, fit, held, all);
    again.push({ ...point!, penalty, kept });
  }
  return again;
}

function sparsity(weight: Float32Array, { groupOf, groups, features }: LinearForm, outputs: number) {
  const used = new Uint8Array(groups);
  let zeros = 0;
  for (let i = 0; i < features.width * outputs; i++) {
    if (weight[i] === 0) zeros++;
    else used[groupOf(Math.floor(i / outputs))] = 1;
  }
  const kept = [...used.keys()].filter((group) => used[group] === 1);
  return { kept, zeros: zeros / (features.width * outputs) };
}

function meanAndError(losses: Float64Array): { loss: number; error: number } {
  const n = losses.length;
  const loss = losses.reduce((a, b) => a + b, 0) / n;
  const squares = losses.reduce((sum, x) => sum + (x - loss) ** 2, 0);
  return { loss, error: Math.sqrt(squares / (n - 1) / n) };
}

/** The largest eigenvalue of the mean of x xᵀ with 1 for the bias, by power iteration; a little more, to be safe. */
export function curvature({ width, rows }: Features): number {
  const n = rows.length / width;
  const random = randomStream(1, 'power iteration');
  let v = Float64Array.from({ length: width + 1 }, () => 1 + 0.1 * random.normal());
  let value = 0;
  for (let round = 0; round < 30; round++) {
    const next = new Float64Array(width + 1);
    for (let i = 0; i < n; i++) {
      const row = rows.subarray(i * width, (i + 1) * width);
      let along = v[width]!;
      for (let j = 0; j < width; j++) along += row[j]! * v[j]!;
      for (let j = 0; j < width; j++) next[j]! += (row[j]! * along) / n;
      next[width]! += along / n;
    }
    const norm = Math.hypot(...next);
    value = norm / Math.hypot(...v);
    v = next.map((x) => x / norm);
  }
  return 1.05 * value;
}

/** The smallest L1 penalty at which every weight is zero: the largest gradient of the loss there. */
export function largestPenalty({ width, rows }: Features, truth: Int32Array, classes: number): number {
  const n = truth.length;
  const shares = Array.from({ length: classes }, (_, c) => truth.filter((y) => y === c).length / n);
  const gradient = new Float64Array(width * classes);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < width; j++) {
      const x = rows[i * width + j]!;
      if (x !== 0)
        for (let c = 0; c < classes; c++)
          gradient[j * classes + c]! += (x * (shares[c]! - Number(truth[i] === c))) / n;
    }
  return gradient.reduce((most, d) => Math.max(most, Math.abs(d)), 0);
}

/** What both paths found on the records held back. */
export interface LinearPaths {
  readonly unit: string;
  readonly groups: number;
  readonly l1: readonly PathPoint[];
  /** The sets of the L1 path, fitted again without it. */
  readonly refitted: readonly PathPoint[];
  readonly l2: readonly PathPoint[];
  /** Of the L1 path: what is chosen after fitting again, and what would be by the loss under L1 itself. */
  readonly chosen: PathPoint;
  readonly shrunken: PathPoint;
}

/** Paths of L1 and L2 penalties of a logistic regression. */
export async function linearPaths(
  { fit, held }: { fit: Dataset; held: Dataset },
  {
    l1,
    l2,
    steps,
    ...where
  }: CompileOptions & {
    l1: { count: number; ratio: number };
    l2: readonly number[];
    steps: number;
    signal?: AbortSignal;
  },
): Promise<LinearPaths> {
  const { device, threads, signal } = where;
  const options = {
    steps,
    ...(device && { device }),
    ...(threads && { threads }),
    ...(signal && { signal }),
  };
  const form = linearForm(fit);
  const target = fit.target!;
  const classes = target.kind === 'classes' ? target.classes.length : 0;
  const most = largestPenalty(form.features, target.truth as Int32Array, classes);
  const penalties = geometric(most, l1.ratio, l1.count);
  const points = await linearPath(form, fit, held, { ...options, kind: 'l1', penalties });
  const again = await refitted(form, fit, held, { ...options, points });
  const strongFirst = [...l2].sort((a, b) => b - a);
  return {
    unit: form.unit,
    groups: form.groups,
    l1: points,
    refitted: again,
    l2: await linearPath(form, fit, held, { ...options, kind: 'l2', penalties: strongFirst }),
    chosen: points[again.indexOf(withinOneError(again))]!,
    shrunken: lowest(points),
  };
}

/** Numbers from `most` down to `most · ratio` in equal ratios. */
export const geometric = (most: number, ratio: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => most * ratio ** (count === 1 ? 0 : i / (count - 1)));

/** The strongest penalty whose loss is within one standard error of the lowest (Breiman et al. 1984; Hastie et al. 2009, 7.10). */
export function withinOneError(points: readonly PathPoint[]): PathPoint {
  const best = lowest(points);
  return points
    .filter(({ loss }) => loss <= best.loss + best.error)
    .reduce((a, b) => (b.penalty > a.penalty ? b : a));
}

export const lowest = (points: readonly PathPoint[]): PathPoint =>
  points.reduce((a, b) => (b.loss < a.loss ? b : a));
