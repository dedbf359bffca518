import { initialize } from '../../nn/module.ts';
import type { Model } from '../model.ts';
import { forecasterNetwork } from './graph.ts';
import { forecasterConfig } from './network.ts';
import type { ForecasterSpec } from './spec.ts';

/** Small configurations, one of each architecture. */
export const smallForecasters: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  lstm: { hidden: 5, layers: 2 },
  gru: { hidden: 5 },
  transformer: { size: 8, heads: 2, layers: 1 },
};

/** An untrained forecaster of two columns, three steps ahead of seven, with weights large enough for its answers to differ. */
export function exampleForecaster(given: Partial<ForecasterSpec> = {}): Model<ForecasterSpec> {
  const architecture = given.architecture ?? 'lstm';
  const bare: ForecasterSpec = {
    kind: 'forecaster',
    ...{ architecture, config: smallForecasters[architecture]! },
    ...{ targets: ['heat', 'load'], horizon: 3, context: 7, season: 2 },
    output: { kind: 'quantiles', levels: [0.1, 0.3, 0.5, 0.9] },
    ...{ mean: [20, -300], deviation: [4, 50] },
    columns: { time: 'hour', group: null },
    ...given,
  };
  const spec = { ...bare, config: forecasterConfig(bare) };
  const weights = initialize(forecasterNetwork(spec), 3);
  for (const [path, numbers] of weights)
    weights.set(
      path,
      numbers.map((x, i) => 1.5 * x + 0.2 * Math.sin(7.3 * i + path.length)),
    );
  return { spec, weights, training: {} };
}
