import { randomStream } from '../../core/random.ts';
import { dna } from '../../data/alphabet.ts';
import { type AnyModule, initialize } from '../../nn/module.ts';
import type { Model } from '../model.ts';
import { marksNetwork } from './network.ts';
import type { MarksSpec } from './spec.ts';
import type { MarksStretch } from './stretch.ts';

/** Small configurations, one of each body. */
export const smallMarks: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  bilstm: { hidden: 3, motifs: 4, motifWidth: 3 },
  bigru: { hidden: 3, motifs: 0 },
  cnn: {
    width: 4,
    kernel: 3,
    dilations: [1, 2],
    motifs: 3,
    motifWidth: 2,
    pool: 'mean',
    motifActivation: 'tanh',
  },
  transformer: { width: 8, heads: 2, layers: 1, reach: 2, motifs: 4, motifWidth: 4, motifActivation: 'gelu' },
  window: { kernel: 3, motifs: 2, motifWidth: 3, motifActivation: 'tanh' },
};

/** An untrained model of two marks and values, read from letters and a track, with weights large enough for its answers to differ. */
export function exampleMarks(given: Partial<MarksSpec> = {}): Model<MarksSpec> {
  const architecture = given.architecture ?? 'bilstm';
  const bare: MarksSpec = {
    kind: 'marks',
    ...{ architecture, config: smallMarks[architecture]! },
    alphabet: { name: 'dna', letters: 'ACGT' },
    tracks: [{ name: 'atac', log: true, mean: 0.7, deviation: 0.4 }],
    marks: [
      { name: 'K4', kind: 'binary', share: 0.2, weight: 1 },
      { name: 'K27', kind: 'signal', mean: 3 },
      { name: 'K9', kind: 'binary', share: 0.05, weight: 19 },
    ],
    ...{ bin: 4, core: 6, flank: 2 },
    ...given,
  };
  const spec = { ...bare, config: marksNetwork(bare).config };
  const weights = initialize(marksNetwork(spec) as unknown as AnyModule, 3);
  for (const [path, numbers] of weights)
    weights.set(
      path,
      numbers.map((x, i) => 1.5 * x + 0.2 * Math.sin(7.3 * i + path.length)),
    );
  return { spec, weights, training: {} };
}

/** Random letters and a track. */
export function exampleStretch(bins: number, { bin = 4, seed = 1 } = {}): MarksStretch {
  const random = randomStream(seed, 'stretch');
  return {
    ...{ chrom: `c${seed}`, start: 100, length: bins * bin, bins },
    tokens: Uint8Array.from({ length: bins * bin }, () => random.below(dna.size)),
    tracks: Float32Array.from({ length: bins }, () => 3 * random.uniform()),
  };
}
