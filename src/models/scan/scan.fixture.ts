import { randomStream } from '../../core/random.ts';
import type { Stretches } from '../../data/stretches.ts';
import { initialize } from '../../nn/module.ts';
import { exampleModel } from '../model.fixture.ts';
import type { Model } from '../model.ts';
import { taggerNetwork } from '../tagger/network.ts';
import type { TaggerSpec } from '../tagger/spec.ts';

/** Sequences as what is scanned, in pieces of `size` letters; without `measured` as a stream that is read once. */
export function stretchesOf(
  sequences: Readonly<Record<string, string>>,
  { size = 37, measured = true, offset = 0 } = {},
): Stretches {
  const all = Object.entries(sequences);
  return {
    name: 'genome.fa',
    measure: async () =>
      measured ? all.map(([chrom, { length }]) => ({ chrom, start: offset, length })) : undefined,
    async *pieces({ stretch: first, at: from } = { stretch: 0, at: 0 }) {
      for (let stretch = first; stretch < all.length; stretch++) {
        const [chrom, text] = all[stretch]!;
        for (let at = stretch === first ? from : 0; ; at += size) {
          const last = at + size >= text.length;
          const letters = new TextEncoder().encode(text.slice(at, at + size));
          yield { stretch, chrom, start: offset, at, letters, last };
          if (last) break;
        }
      }
    },
    stamp: async () => 'here',
    close: async () => {},
  };
}

/** Bases drawn at random, some of them unknown. */
export function bases(length: number, seed: number, unknown = 0): string {
  const random = randomStream(seed, 'bases');
  return Array.from({ length }, () => (random.uniform() < unknown ? 'N' : 'ACGT'[random.below(4)]!)).join('');
}

/** An untrained classifier whose probabilities lie on both sides of a half. */
export const classifier = () => {
  const model = exampleModel();
  for (const [path, weights] of model.weights)
    if (path.endsWith('head.weight')) for (let i = 0; i < weights.length; i++) weights[i]! *= 6;
    else if (path.endsWith('head.bias')) weights[1]! -= 9.8;
  return model;
};

/** An untrained tagger that sees three letters to either side. */
export function exampleTagger(spec: Partial<TaggerSpec> = {}): Pick<Model<TaggerSpec>, 'spec' | 'weights'> {
  const complete: TaggerSpec = {
    kind: 'tagger',
    architecture: 'window',
    config: { kernel: 7, output: 'softmax' },
    input: { kind: 'letters', alphabet: { name: 'dna', letters: 'ACGT' } },
    tags: ['O', 'B-x', 'I-x', 'B-y', 'I-y'],
    rules: { scheme: 'none', allowed: null },
    ...spec,
  };
  const weights = initialize(taggerNetwork(complete), 5);
  let drawn = 0;
  for (const data of weights.values())
    for (let i = 0; i < data.length; i++) data[i]! += Math.sin(12.9898 * drawn++);
  return { spec: { ...complete, config: taggerNetwork(complete).config }, weights };
}
