import { dna } from '../../data/alphabet.ts';
import { initialize } from '../../nn/module.ts';
import { letters } from '../../tokenize/letters.ts';
import { words } from '../../tokenize/words.ts';
import type { Model } from '../model.ts';
import { spanNetwork } from './network.ts';
import type { SpanSpec } from './spec.ts';

/** Small configurations, one of each architecture. */
export const smallSpanModels: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  bilstm: { hidden: 3 },
  bigru: { hidden: 3 },
  cnn: { width: 4, kernel: 3, dilations: [1, 2] },
  'cnn-bilstm': { filters: 4, kernel: 3, hidden: 3 },
  bidaf: { hidden: 2 },
  transformer: { width: 8, heads: 2, layers: 1 },
  window: { kernel: 3 },
};

/** An untrained span model of DNA, or with `question` of a few words, with weights large enough for its answers to differ. */
export function exampleSpanModel(given: Partial<SpanSpec> = {}): Model<SpanSpec> {
  const { architecture = given.question ? 'bidaf' : 'cnn-bilstm', question = false } = given;
  const text = words(['ann', 'ben', 'in', 'rome', 'oslo', 'who', 'where', '?', '.'], {
    lowercase: true,
    special: ['unknown'],
  });
  const bare: SpanSpec = {
    ...{ kind: 'span', architecture, question, optional: true, longest: 4 },
    config: { ...smallSpanModels[architecture], ...(question && { embedding: 4 }) },
    tokenizer: (question ? text : letters(dna)).toJSON(),
    ...given,
  };
  const spec = { ...bare, config: spanNetwork(bare).config };
  const weights = initialize(spanNetwork(spec), 3);
  for (const [path, numbers] of weights)
    weights.set(
      path,
      numbers.map((x, i) => 1.5 * x + 0.2 * Math.sin(7.3 * i + path.length)),
    );
  return { spec, weights, training: {} };
}
