import { usageError } from '../../core/errors.ts';
import {
  add,
  concat,
  constant,
  expandDims,
  matmul,
  mul,
  relu,
  reshape,
  slice,
  softplus,
  transpose,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { heUniform, zeros } from '../../nn/initializers.ts';
import { linear } from '../../nn/linear.ts';
import { type Module, module, parameter } from '../../nn/module.ts';
import { buildForecaster, forecasterArchitectures } from './architectures.ts';
import { checkGraph, edgeMatrix } from './node-graph.ts';
import { risingQuantiles, withoutLast } from './quantiles.ts';
import { type ForecasterSpec, medianOf, outputWidth } from './spec.ts';
import { readWindow } from './window.ts';

/** What is forecast, in units of the training data's deviation from its mean. */
export type Forecast =
  /** float32 [batch, horizon, targets, levels] */
  | { readonly quantiles: Value }
  /** float32 [batch, horizon, targets] each */
  | { readonly mean: Value; readonly deviation: Value };

/**
 * values and seen [batch, context, targets], and covariates [batch, context + horizon, covariates] where there are any → the next `horizon`
 * steps, all at once.
 */
export type WindowNetwork = Module<[values: Value, seen: Value, covariates?: Value], Forecast>;

/** No deviation is smaller, in units of the training data, so that no likelihood is without bound. */
const leastDeviation = 1e-3;

/** Units that read the covariates of a step to come. */
const aheadWidth = 32;

/** The complete configuration of a forecaster. Throws a usage error for an architecture or an option that there is not. */
export function forecasterConfig({
  architecture,
  config,
  targets,
  graph,
  covariates,
  output,
}: ForecasterSpec) {
  const built = buildForecaster(architecture, config, targets.length);
  checkGraph(architecture, forecasterArchitectures[architecture]!.graph, graph);
  if (graph && output.kind === 'binary')
    throw usageError('forecasters on a graph are for real values; binary targets are forecast without one.');
  if (covariates && (graph || output.kind === 'binary'))
    throw usageError(
      'covariates go with forecasts of real values without a graph; leave --covariate out, or the other.',
    );
  return built.config;
}

/**
 * A forecaster of real values: the body reads the window and which of its values were seen, a head on its last place answers for all steps
 * ahead at once (direct multi-horizon forecast), and a linear highway from the window may stand beside it. The highway begins with 0, so that
 * an untrained network forecasts about the last value.
 */
export function windowNetwork(spec: ForecasterSpec): WindowNetwork {
  const { horizon, context, targets, output } = spec;
  const answers = outputWidth(output);
  const nodes = spec.graph?.nodes.length ?? 1;
  const each = targets.length / nodes;
  const known = spec.covariates?.names.length ?? 0;
  const { body, width, config } = buildForecaster(spec.architecture, spec.config, 2 * each + known);
  const hops = spec.graph ? (config.hops ?? 0) : 0;
  return module({
    params: {
      body,
      head: linear({ in: width * (1 + hops), out: horizon * each * answers }),
      // What covariates say of a step to come is the same for all of them.
      ahead:
        known > 0
          ? {
              in: linear({ in: known, out: aheadWidth, initial: heUniform }),
              out: linear({ in: aheadWidth, out: targets.length * answers }),
            }
          : undefined,
      highway: config.highway ? parameter([context, horizon], { initial: zeros, decay: true }) : undefined,
    },
    apply: (own, values: Value, seen: Value, covariates?: Value): Forecast => {
      const { x, anchor, scale } = readWindow(values, seen, config.window);
      const batch = values.shape[0]!;
      const ofNodes = (v: Value) => reshape(v, [batch, context, nodes, each]);
      const edges = spec.graph && constant(edgeMatrix(spec.graph), [nodes, nodes]);
      const read = edges
        ? own.body(concat([ofNodes(x), ofNodes(seen)], 3), edges)
        : own.body(concat(covariates ? [x, seen, slice(covariates, 1, 0, context)] : [x, seen], 2));
      const last = reshape(slice(read, 1, context - 1, context), [batch, nodes, width]);
      // In the loop a node hears of others one step late; here of what they hold now.
      const near = [last];
      for (let hop = 0; hop < hops; hop++) near.push(matmul(edges!, near[hop]!));
      const byNode = reshape(own.head(concat(near, 2)), [batch, nodes, horizon, each, answers]);
      const shape = [batch, horizon, targets.length, answers];
      const told = reshape(transpose(byNode, [0, 2, 1, 3, 4]), shape);
      const raw =
        own.ahead && covariates
          ? add(
              told,
              reshape(
                own.ahead.out(relu(own.ahead.in(slice(covariates, 1, context, context + horizon)))),
                shape,
              ),
            )
          : told;
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
