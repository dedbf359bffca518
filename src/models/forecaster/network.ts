import {
  add,
  concat,
  expandDims,
  matmul,
  mul,
  reshape,
  slice,
  softplus,
  transpose,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { zeros } from '../../nn/initializers.ts';
import { linear } from '../../nn/linear.ts';
import { type Module, module, parameter } from '../../nn/module.ts';
import { buildForecaster } from './architectures.ts';
import { risingQuantiles, withoutLast } from './quantiles.ts';
import { type ForecasterSpec, medianOf, outputWidth } from './spec.ts';
import { readWindow } from './window.ts';

/** What is forecast, in units of the training data's deviation from its mean. */
export type Forecast =
  /** float32 [batch, horizon, targets, levels] */
  | { readonly quantiles: Value }
  /** float32 [batch, horizon, targets] each */
  | { readonly mean: Value; readonly deviation: Value };

/** values and seen [batch, context, targets] → the next `horizon` steps, all at once. */
export type WindowNetwork = Module<[values: Value, seen: Value], Forecast>;

/** No deviation is smaller, in units of the training data, so that no likelihood is without bound. */
const leastDeviation = 1e-3;

/** The complete configuration of a forecaster. Throws a usage error for an architecture or an option that there is not. */
export const forecasterConfig = ({ architecture, config, targets }: ForecasterSpec) =>
  buildForecaster(architecture, config, targets.length).config;

/**
 * A forecaster of real values: the body reads the window and which of its values were seen, a head on its last place answers for all steps
 * ahead at once (direct multi-horizon forecast), and a linear highway from the window may stand beside it. The highway begins with 0, so that
 * an untrained network forecasts about the last value.
 */
export function windowNetwork(spec: ForecasterSpec): WindowNetwork {
  const { horizon, context, targets, output } = spec;
  const answers = outputWidth(output);
  const { body, width, config } = buildForecaster(spec.architecture, spec.config, 2 * targets.length);
  return module({
    params: {
      body,
      head: linear({ in: width, out: horizon * targets.length * answers }),
      highway: config.highway ? parameter([context, horizon], { initial: zeros, decay: true }) : undefined,
    },
    apply: (own, values: Value, seen: Value): Forecast => {
      const { x, anchor, scale } = readWindow(values, seen, config.window);
      const batch = values.shape[0]!;
      const last = slice(own.body(concat([x, seen], 2)), 1, context - 1, context);
      const raw = reshape(own.head(reshape(last, [batch, width])), [
        ...[batch, horizon, targets.length, answers],
      ]);
      const straight = own.highway && transpose(matmul(transpose(x, [0, 2, 1]), own.highway), [0, 2, 1]);
      const grown = (v: Value) => (scale ? mul(v, v.shape.length === 4 ? expandDims(scale, -1) : scale) : v);
      if (output.kind === 'gaussian') {
        const centre = withoutLast(slice(raw, 3, 0, 1));
        return {
          mean: add(grown(straight ? add(centre, straight) : centre), anchor),
          deviation: grown(add(softplus(withoutLast(slice(raw, 3, 1, 2))), leastDeviation)),
        };
      }
      const levels = output.kind === 'quantiles' ? output.levels : [0.5];
      const spread = risingQuantiles(raw, levels);
      const moved = straight ? add(spread, expandDims(straight, -1)) : spread;
      return { quantiles: add(grown(moved), expandDims(anchor, -1)) };
    },
  });
}

/** Where the point forecast stands among what `windowNetwork` gives for a step. */
export const pointPlace = ({ output }: ForecasterSpec): number =>
  output.kind === 'quantiles' ? medianOf(output.levels) : 0;

/** frames [batch, time, targets] of 0 and 1, the first all 0 → logits of the same shape: place t tells of the frame after it. */
export type FrameNetwork = Module<[frames: Value], Value>;

/** A forecaster of binary targets: one step ahead, at every step. */
export function frameNetwork(spec: ForecasterSpec): FrameNetwork {
  const { body, width } = buildForecaster(spec.architecture, spec.config, spec.targets.length);
  return module({
    params: {
      body,
      head: linear({ in: width, out: spec.targets.length }),
    },
    apply: (own, frames: Value) => own.head(own.body(frames)),
  });
}
