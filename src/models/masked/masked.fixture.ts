import { dna } from '../../data/alphabet.ts';
import { initialize } from '../../nn/module.ts';
import { codons } from '../../tokenize/codons.ts';
import { kmers } from '../../tokenize/kmers.ts';
import { letters } from '../../tokenize/letters.ts';
import type { Tokenizer } from '../../tokenize/tokenizer.ts';
import { words } from '../../tokenize/words.ts';
import type { Model } from '../model.ts';
import { maskedNetwork } from './network.ts';
import type { MaskedSpec } from './spec.ts';

/** Small configurations, one for each architecture and each of its shapes. */
export const smallMasked: Readonly<Record<string, readonly [architecture: string, config: object]>> = {
  transformer: ['transformer', { size: 8, layers: 2, heads: 2, context: 12 }],
  'transformer behind a convolution': [
    'transformer',
    { size: 8, layers: 1, heads: 2, kernel: 4, positions: 'alibi', context: 12 },
  ],
  cnn: ['cnn', { size: 6, layers: 2, kernel: 3, context: 12 }],
};

export const tokenizers = {
  letters: letters(dna),
  codons: codons(),
  'k-mers side by side': kmers({ k: 3, stride: 3 }),
  'k-mers at each letter': kmers({ k: 3, stride: 1 }),
  'k-mers at every other letter': kmers({ k: 3, stride: 2, special: ['unknown', 'mask'] }),
  words: words(['a', 'the', 'hen', 'sat'], { special: ['unknown'] }),
} satisfies Record<string, Tokenizer>;

/** A small untrained model, far enough from even that every weight shows. */
export function exampleMasked({
  tokenizer = tokenizers.letters,
  of = 'transformer',
  masking = { how: 'base', share: 0.15, length: 1 },
}: {
  tokenizer?: Tokenizer;
  of?: string;
  masking?: MaskedSpec['masking'];
} = {}): Model<MaskedSpec> {
  const [architecture, config] = smallMasked[of]!;
  const asked: MaskedSpec = {
    ...{ kind: 'masked', architecture, masking },
    config: { ...config, dropout: 0 },
    tokenizer: tokenizer.toJSON(),
  };
  const network = maskedNetwork(asked);
  const weights = initialize(network, 7);
  let drawn = 0;
  for (const data of weights.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.4 * Math.sin(12.9898 * drawn++);
  return { spec: { ...asked, config: network.config }, weights, training: {} };
}

/** Letters without pattern. */
export const exampleDna = (length: number, seed = 1): string =>
  Array.from(
    { length },
    (_, i) => 'ACGT'[Math.floor(4 * Math.abs(Math.sin(78.233 * (i + 1) + seed) * 43758.5453)) % 4],
  ).join('');
