import { initialize } from '../../nn/module.ts';
import { characters } from '../../tokenize/characters.ts';
import type { Model } from '../model.ts';
import { languageNetwork } from './network.ts';
import type { LanguageSpec } from './spec.ts';

/** Small configurations, one for each architecture; the transformer sees less than the tests read. */
export const smallConfigs: Readonly<Record<string, Record<string, unknown>>> = {
  lstm: { hidden: 6, layers: 2, embedding: 5 },
  gru: { hidden: 6, tied: true, embedding: 4 },
  elman: { hidden: 6, tied: true },
  transformer: { size: 8, layers: 2, heads: 2, context: 8 },
  'min-gru': { size: 6, layers: 2 },
  'min-lstm': { size: 6, layers: 1 },
  diagonal: { size: 6, layers: 2 },
  selective: { size: 4, layers: 2, states: 3, kernel: 3 },
  'feed-forward': { order: 3, embedding: 4, hidden: 6 },
  topics: { topics: 3, hidden: 4, embedding: 4, layers: 2, cell: 'lstm', chain: true },
};

/** A small untrained model of five letters, far enough from even that every weight shows. */
export function exampleLanguage({
  architecture = 'lstm',
  config = smallConfigs[architecture]!,
  ends = false,
}: Partial<Pick<LanguageSpec, 'architecture' | 'config' | 'ends'>> = {}): Model<LanguageSpec> {
  const tokenizer = characters([...'abcd ']).toJSON();
  const asked: LanguageSpec = { kind: 'language', architecture, config, tokenizer, ends };
  const network = languageNetwork(asked);
  const spec = { ...asked, config: network.config };
  const weights = initialize(network, 7);
  let drawn = 0;
  for (const data of weights.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.4 * Math.sin(12.9898 * drawn++);
  return { spec, weights, training: {} };
}

/** Tokens of the example model, repeatable and without pattern. */
export const exampleTokens = (length: number, vocabulary = 5): Int32Array =>
  Int32Array.from({ length }, (_, i) =>
    Math.floor((vocabulary * (((Math.sin(78.233 * (i + 1)) * 43758.5453) % 1) + 1)) / 2),
  );
