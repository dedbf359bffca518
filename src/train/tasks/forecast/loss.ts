import * as g from '../../../graph/library.ts';
import { covariateInput } from '../../../models/forecaster/graph.ts';
import { frameNetwork, windowNetwork } from '../../../models/forecaster/network.ts';
import type { ForecasterSpec } from '../../../models/forecaster/spec.ts';
import { binaryCrossEntropy, gaussianNegativeLogLikelihood, pinball } from '../../../nn/losses.ts';
import { bind } from '../../../nn/module.ts';
import type { HostTensor } from '../../../runtime/backend.ts';
import type { LossDefinition } from '../../step-program.ts';
import { covariatesAround, type Origin, windowBefore } from './windows.ts';

/**
 * Learning to forecast real values: pinball loss of all quantiles, or the negative log-likelihood of a normal distribution, as the mean over
 * the values that are known; in units of the training data.
 */
export function windowLoss(spec: ForecasterSpec): LossDefinition {
  const width = spec.targets.length;
  const values = g.input('values', ['batch', spec.context, width]);
  const seen = g.input('seen', ['batch', spec.context, width]);
  const truth = g.input('truth', ['batch', spec.horizon, width]);
  const known = g.input('known', ['batch', spec.horizon, width]);
  const covariates = covariateInput(spec);
  return {
    inputs: { values, seen, truth, known, ...(covariates && { covariates }) },
    loss(bound, context) {
      const forecast = bind(windowNetwork(spec), bound, context)(values, seen, covariates);
      const how = { sampleWeights: known };
      if ('mean' in forecast)
        return gaussianNegativeLogLikelihood(forecast.mean, forecast.deviation, truth, how);
      const levels = spec.output.kind === 'quantiles' ? spec.output.levels : [0.5];
      return pinball(forecast.quantiles, truth, levels, how);
    },
  };
}

/** The inputs that carry a batch of windows; `scaled` holds the values of each series in units of the training data, `beside` its covariates. */
export function windowFeed(
  scaled: readonly Float64Array[],
  origins: readonly Origin[],
  { context, horizon, targets, covariates }: ForecasterSpec,
  beside: readonly Float64Array[] = [],
): Record<string, HostTensor> {
  const width = targets.length;
  const count = covariates?.names.length ?? 0;
  const around = new Float32Array(origins.length * (context + horizon) * count);
  const tensor = (steps: number): HostTensor & { data: Float32Array } => ({
    dtype: 'float32',
    shape: [origins.length, steps, width],
    data: new Float32Array(origins.length * steps * width),
  });
  const [values, seen, truth, known] = [tensor(context), tensor(context), tensor(horizon), tensor(horizon)];
  origins.forEach(({ series, origin }, b) => {
    const window = windowBefore(scaled[series]!, origin, { context, width });
    values.data.set(window.values, b * context * width);
    seen.data.set(window.seen, b * context * width);
    if (count > 0) {
      const own = covariatesAround(beside[series]!, origin, { context, horizon, known: count });
      around.set(own, b * own.length);
    }
    for (let i = 0; i < horizon * width; i++) {
      const x = scaled[series]![origin * width + i]!;
      if (Number.isNaN(x)) continue;
      truth.data[b * horizon * width + i] = x;
      known.data[b * horizon * width + i] = 1;
    }
  });
  const shape = [origins.length, context + horizon, count];
  return {
    ...{ values, seen, truth, known },
    ...(count > 0 && { covariates: { dtype: 'float32' as const, shape, data: around } }),
  };
}

/** Values that are known among those that are to be forecast. */
export function knownCount(
  scaled: readonly Float64Array[],
  origins: readonly Origin[],
  spec: ForecasterSpec,
) {
  const width = spec.targets.length;
  let count = 0;
  for (const { series, origin } of origins)
    for (let i = 0; i < spec.horizon * width; i++)
      if (!Number.isNaN(scaled[series]![origin * width + i]!)) count++;
  return count;
}

/** Learning to foretell the next frame of binary targets: negative log-likelihood in nats per frame, the sum over its targets. */
export function frameLoss(spec: ForecasterSpec): LossDefinition {
  const width = spec.targets.length;
  const frames = g.input('frames', ['batch', 'time', width]);
  const next = g.input('next', ['batch', 'time', width]);
  const known = g.input('known', ['batch', 'time', 1]);
  return {
    inputs: { frames, next, known },
    loss(bound, context) {
      const logits = bind(frameNetwork(spec), bound, context)(frames);
      return g.mul(binaryCrossEntropy(logits, next, { sampleWeights: known }), width);
    },
  };
}

/** Frames [from, to) of a series that are foretold, read from `start` on with nothing carried over. */
export interface FramePiece {
  readonly series: number;
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** The inputs that carry a batch of pieces; `values` holds each series row-major [length, targets]. */
export function frameFeed(
  values: readonly Float64Array[],
  pieces: readonly FramePiece[],
  width: number,
): Record<string, HostTensor> {
  const time = Math.max(...pieces.map(({ start, to }) => to - start));
  const tensor = (last: number): HostTensor & { data: Float32Array } => ({
    dtype: 'float32',
    shape: [pieces.length, time, last],
    data: new Float32Array(pieces.length * time * last),
  });
  const [frames, next, known] = [tensor(width), tensor(width), tensor(1)];
  pieces.forEach((piece, b) => {
    const { series, start, from, to } = piece;
    const at = b * time * width;
    frames.data.set(framesBefore(values[series]!, piece, width), at);
    next.data.set(values[series]!.subarray(start * width, to * width), at);
    known.data.fill(1, b * time + from - start, b * time + to - start);
  });
  return { frames, next, known };
}

/** What a piece reads: the frame before each of its own, zeros before the first of the series. */
export function framesBefore(
  values: Float64Array,
  { start, to }: Pick<FramePiece, 'start' | 'to'>,
  width: number,
): Float32Array {
  const read = new Float32Array((to - start) * width);
  read.set(values.subarray(Math.max(0, start - 1) * width, (to - 1) * width), start === 0 ? width : 0);
  return read;
}
