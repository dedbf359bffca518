import { randomStream } from '../../core/random.ts';
import { initialize } from '../../nn/module.ts';
import { characters } from '../../tokenize/characters.ts';
import { transcriberNetwork } from './network.ts';
import type { Encoded } from './runner.ts';
import type { TranscriberInput, TranscriberSpec } from './spec.ts';

const frames: TranscriberInput = {
  ...{ kind: 'frames', channels: ['x', 'y'] },
  ...{ mean: [3, -20], deviation: [2, 10] },
};
const symbols: TranscriberInput = { kind: 'symbols', tokens: characters('abcd').toJSON() };

/** One small network of every kind that behaves in a way of its own. */
export const variants: Record<string, Pick<TranscriberSpec, 'architecture' | 'config' | 'input'>> = {
  'cnn-bilstm with strides': {
    architecture: 'cnn-bilstm',
    config: { filters: [5, 6], kernels: [3, 4], strides: [2, 3], hidden: 5 },
    input: frames,
  },
  'bilstm of symbols': { architecture: 'bilstm', config: { hidden: 5, embedding: 4 }, input: symbols },
  'lstm of records in their own units': {
    architecture: 'lstm',
    config: { hidden: 6, normalise: 'record' },
    input: frames,
  },
  gru: { architecture: 'gru', config: { hidden: 6, layers: 2 }, input: frames },
  bigru: { architecture: 'bigru', config: { hidden: 5 }, input: frames },
  cnn: {
    architecture: 'cnn',
    config: { filters: [6], kernels: [5], strides: [2], width: 6, dilations: [1, 2] },
    input: frames,
  },
  transformer: {
    architecture: 'transformer',
    config: { filters: [6], kernels: [3], strides: [2], width: 8, heads: 2, layers: 1 },
    input: frames,
  },
};

/** A transcriber into three letters, with weights large enough for its answers to differ. */
export function toyTranscriber(name: string, seed = 3) {
  const bare: TranscriberSpec = {
    kind: 'transcriber',
    ...variants[name]!,
    target: characters('ABC').toJSON(),
  };
  const spec = { ...bare, config: transcriberNetwork(bare).config };
  const weights = initialize(transcriberNetwork(spec).network, seed);
  for (const [path, numbers] of weights)
    weights.set(
      path,
      numbers.map((x, i) => 2 * x + 0.1 * Math.sin(7.3 * i + path.length)),
    );
  return { spec, weights, training: {} };
}

/** Something of so many places for a toy to read. */
export function toyInput({ input }: TranscriberSpec, places: number, seed: number): Encoded {
  const random = randomStream(seed, 'places');
  return input.kind === 'frames'
    ? Float32Array.from({ length: places * input.channels.length }, () => random.normal())
    : Int32Array.from({ length: places }, () => random.below(4));
}
