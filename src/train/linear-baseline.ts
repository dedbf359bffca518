import { failure } from '../core/errors.ts';
import type { Alphabet } from '../data/alphabet.ts';
import type { Dataset, SequenceRecord } from '../data/dataset.ts';
import { randomSplit, stratifiedSplit } from '../data/split/random.ts';
import { strataOf, type Target } from '../data/target.ts';
import { grad } from '../graph/grad.ts';
import * as g from '../graph/library.ts';
import { encodeFeatures, type FeatureSpec, featureWidth } from '../models/features.ts';
import type { OutputSpec } from '../models/spec.ts';
import type { HostTensor } from '../runtime/backend.ts';
import { type CompileOptions, compile } from '../runtime/compile.ts';
import { adam } from './optimizers.ts';
import { validationLoss } from './score-dataset.ts';
import { taskLoss } from './supervised.ts';

/** Rows of numbers, one per record: n×width, row-major. */
export interface Features {
  readonly width: number;
  readonly rows: Float32Array;
}

/** The largest k whose k-mers number at most `limit`. */
export const kmerSize = ({ size }: Pick<Alphabet, 'size'>, limit = 1024): number =>
  Math.max(1, Math.floor(Math.log(limit + 0.5) / Math.log(size)));

/** Relative frequencies of all k-mers of canonical letters, one row per sequence; windows with other letters are passed over. */
export function kmerFeatures({ records, alphabet }: Dataset, k = kmerSize(alphabet)): Features {
  const { size } = alphabet;
  const width = size ** k;
  const rows = new Float32Array(records.length * width);
  records.forEach(({ sequence }, r) => {
    const tokens = alphabet.encode(sequence);
    const row = rows.subarray(r * width, (r + 1) * width);
    let index = 0;
    let run = 0;
    let count = 0;
    for (const token of tokens) {
      run = token < size ? run + 1 : 0;
      index = token < size ? (index * size + token) % width : 0;
      if (run < k) continue;
      row[index]!++;
      count++;
    }
    if (count > 0) for (let i = 0; i < width; i++) row[i]! /= count;
  });
  return { width, rows };
}

/** Each position's letter as one-hot columns; only for sequences of one length. */
export function positionFeatures({ records, alphabet }: Dataset): Features | undefined {
  const length = records[0]!.sequence.length;
  const width = length * alphabet.size;
  if (width > 4096 || records.some((r) => r.sequence.length !== length)) return undefined;
  const table = alphabet.table();
  const rows = new Float32Array(records.length * width);
  records.forEach(({ sequence }, r) => {
    alphabet.encode(sequence).forEach((token, t) => {
      const letter = table.subarray(token * alphabet.size, (token + 1) * alphabet.size);
      rows.set(letter, r * width + t * alphabet.size);
    });
  });
  return { width, rows };
}

/** The columns of a table that go beside the sequences, as the model reads them. */
export function tableFeatures(columns: readonly FeatureSpec[], records: readonly SequenceRecord[]): Features {
  const width = featureWidth(columns);
  const rows = new Float32Array(records.length * width);
  records.forEach((record, i) => {
    rows.set(encodeFeatures(columns, record.features!), i * width);
  });
  return { width, rows };
}

/** Where a baseline is fitted, from which seed, and what ends it early. */
export interface BaselineFit extends CompileOptions {
  seed?: number;
  signal?: AbortSignal | undefined;
}

const penalties = [1e-4, 1e-3, 1e-2, 1e-1];
const steps = 300;

/**
 * Logistic (classes, labels) or ridge (values) regression on fixed features, trained by the engine itself: standardised
 * columns, an L2 penalty chosen on a fifth of the training data, full-batch Adam. Returns predictions for `test`, n×k. Throws where it is interrupted by `signal`.
 */
export async function linearBaseline(
  output: OutputSpec,
  train: { features: Features; target: Target },
  test: { features: Features },
  { seed = 42, ...where }: BaselineFit = {},
): Promise<Float64Array> {
  const n = train.features.rows.length / train.features.width;
  const scaling = standardisation(train.features);
  const all = { x: standardised(train.features, scaling), y: truthOf(train.target, output) };
  const strata = strataOf(train.target);
  const shares = { test: 0.2, seed };
  const inner = n < 10 ? undefined : strata ? stratifiedSplit(strata, shares) : randomSplit(n, shares);
  let best = penalties[1]!;
  if (inner) {
    let least = Number.POSITIVE_INFINITY;
    const part = (indices: Int32Array) => ({
      x: pickRows(all.x, train.features.width, indices),
      y: pickRows(all.y, all.y.length / n, indices),
    });
    const [fitted, held] = [part(inner.train), part(inner.test)];
    const heldTarget = {
      ...train.target,
      truth: pickRows(train.target.truth, train.target.truth.length / n, inner.test),
    } as Target;
    for (const penalty of penalties) {
      const predicted = await fitAndPredict(output, fitted, held.x, train.features.width, penalty, where);
      const loss = validationLoss(output, heldTarget, predicted);
      if (loss < least) {
        least = loss;
        best = penalty;
      }
    }
  }
  return fitAndPredict(output, all, standardised(test.features, scaling), train.features.width, best, where);
}

interface Labelled {
  readonly x: Float32Array;
  readonly y: Float32Array | Int32Array;
}

async function fitAndPredict(
  output: OutputSpec,
  { x, y }: Labelled,
  testX: Float32Array,
  width: number,
  penalty: number,
  { signal, ...where }: BaselineFit,
): Promise<Float64Array> {
  const k = output.kind === 'values' ? output.names.length : output.classes.length;
  const optimizer = adam();
  const features = g.input('features', ['n', width]);
  const target = output.kind === 'classes' ? g.input('target', ['n'], 'int32') : g.input('target', ['n', k]);
  const parameters = { w: g.input('w', [width, k]), b: g.input('b', [k]) };
  const rate = g.input('rate', []);
  const scalars = { scale: g.input('scale', []), epsilon: g.input('epsilon', []) };
  const logits = g.add(g.matmul(features, parameters.w), parameters.b);
  const penalised = g.add(
    taskLoss(output, logits, target),
    g.mul(g.sum(g.square(parameters.w)), penalty / 2),
  );
  const gradients = grad(penalised, [parameters.w, parameters.b]);
  const state = Object.fromEntries(
    [parameters.w, parameters.b].flatMap((parameter, i) => {
      const shape = parameter.shape as number[];
      const zeros = () => new Float32Array(shape.reduce((a, b) => a * b, 1));
      const name = i === 0 ? 'w' : 'b';
      const slots = { mean: g.input(`mean ${name}`, shape), square: g.input(`square ${name}`, shape) };
      const next = optimizer.update({
        parameter,
        gradient: gradients[i]!,
        slots,
        rate,
        scalars,
        decays: false,
      });
      return [
        [name, { value: parameter, next: next.parameter, initial: zeros() }],
        [`mean ${name}`, { value: slots.mean, next: next.slots.mean!, initial: zeros() }],
        [`square ${name}`, { value: slots.square, next: next.slots.square!, initial: zeros() }],
      ];
    }),
  );
  const trainer = await compile(
    { inputs: { features, target, rate, ...scalars }, outputs: { penalised }, state },
    where,
  );
  const rows = x.length / width;
  const feeds: Record<string, HostTensor> = {
    features: { dtype: 'float32', shape: [rows, width], data: x },
    target:
      output.kind === 'classes'
        ? { dtype: 'int32', shape: [rows], data: y }
        : { dtype: 'float32', shape: [rows, k], data: y },
  };
  for (let step = 1; step <= steps; step++) {
    if (signal?.aborted) {
      await trainer.release();
      throw failure('interrupted while a simple baseline was fitted; nothing was saved.');
    }
    const progress = (step - 0.5) / steps;
    await trainer.run({
      ...feeds,
      rate: 0.05 * (1 + Math.cos(Math.PI * progress)),
      ...optimizer.scalars(step),
    });
  }
  const { w, b } = (await trainer.state()) as { w: Float32Array; b: Float32Array };
  await trainer.release();
  return applyLinear(output, { w, b, width, k }, testX);
}

/** Predictions in the user's units. */
function applyLinear(
  output: OutputSpec,
  { w, b, width, k }: { w: Float32Array; b: Float32Array; width: number; k: number },
  x: Float32Array,
): Float64Array {
  const n = x.length / width;
  const values = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const row = values.subarray(i * k, (i + 1) * k);
    row.set(b);
    for (let j = 0; j < width; j++) {
      const v = x[i * width + j]!;
      if (v !== 0) for (let c = 0; c < k; c++) row[c]! += v * w[j * k + c]!;
    }
    finish(output, row);
  }
  return values;
}

function finish(output: OutputSpec, row: Float64Array): void {
  if (output.kind === 'classes') {
    const top = Math.max(...row);
    const total = row.reduce((sum, v) => sum + Math.exp(v - top), 0);
    row.forEach((v, c) => {
      row[c] = Math.exp(v - top) / total;
    });
    return;
  }
  row.forEach((v, c) => {
    if (output.kind === 'labels') row[c] = 1 / (1 + Math.exp(-v));
    else if (output.positive)
      row[c] = (Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)))) * output.deviation[c]!;
    else row[c] = v * output.deviation[c]! + output.mean[c]!;
  });
}

function truthOf(target: Target, output: OutputSpec): Float32Array | Int32Array {
  if (target.kind === 'classes') return target.truth;
  if (output.kind !== 'values') return Float32Array.from(target.truth);
  const k = output.names.length;
  return Float32Array.from(
    target.truth,
    (y, i) => (y - (output.positive ? 0 : output.mean[i % k]!)) / output.deviation[i % k]!,
  );
}

interface Scaling {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

function standardisation({ width, rows }: Features): Scaling {
  const n = rows.length / width;
  const mean = new Float64Array(width);
  const deviation = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width]! += rows[i]! / n;
  for (let i = 0; i < rows.length; i++) deviation[i % width]! += (rows[i]! - mean[i % width]!) ** 2 / n;
  // A column that never varies carries nothing and is left at zero.
  return { mean, deviation: deviation.map((v) => Math.sqrt(v)) };
}

const standardised = ({ width, rows }: Features, { mean, deviation }: Scaling): Float32Array =>
  rows.map((v, i) => (deviation[i % width]! > 1e-12 ? (v - mean[i % width]!) / deviation[i % width]! : 0));

function pickRows<T extends Float32Array | Int32Array | Uint8Array | Float64Array>(
  table: T,
  width: number,
  indices: Int32Array,
): T {
  const picked = new (table.constructor as Float32ArrayConstructor)(indices.length * width) as unknown as T;
  indices.forEach((row, i) => {
    picked.set(table.subarray(row * width, (row + 1) * width) as never, i * width);
  });
  return picked;
}
