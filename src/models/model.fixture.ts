import { initialize } from '../nn/module.ts';
import type { Model } from './model.ts';
import { completeSpec, network } from './network.ts';
import type { ModelSpec, OutputSpec } from './spec.ts';

export const yesNo: OutputSpec = { kind: 'classes', classes: ['no', 'yes'] };

/** A small untrained model, biases included in what is drawn, so that every weight shows in its predictions. */
export function exampleModel({
  architecture = 'cnn',
  config = { filters: [6, 5], kernels: [5, 3], pools: [2, 1], dense: [4] },
  alphabet = { name: 'dna', letters: 'ACGT' },
  tracks = [],
  output = yesNo,
}: Partial<ModelSpec> = {}): Model {
  const spec = completeSpec({ architecture, config, alphabet, tracks, output });
  const weights = initialize(network(spec), 7);
  let drawn = 0;
  for (const data of weights.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.3 * Math.sin(12.9898 * drawn++);
  return { spec, weights, training: { seed: 7, history: [{ epoch: 1, loss: 0.5 }] } };
}
