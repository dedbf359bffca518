import { initialize } from '../../nn/module.ts';
import { words } from '../../tokenize/words.ts';
import { translatorNetwork } from './network.ts';
import type { TrainedTranslator } from './scorer.ts';
import type { TranslatorSpec } from './spec.ts';

/** One small network of every kind that behaves in a way of its own. */
export const variants: Record<string, Pick<TranslatorSpec, 'architecture' | 'config'>> = {
  transformer: { architecture: 'transformer', config: { size: 16, layers: 2, heads: 2 } },
  'rotary transformer': {
    architecture: 'transformer',
    config: { size: 16, layers: 1, heads: 2, positions: 'rotary', activation: 'swiglu' },
  },
  'relative transformer': {
    architecture: 'transformer',
    config: { size: 16, layers: 2, heads: 2, positions: 'relative', reach: 3, pace: 1.5 },
  },
  lstm: { architecture: 'lstm', config: { size: 8, hidden: 10, layers: 2 } },
  'lstm that feeds what it saw': {
    architecture: 'lstm',
    config: { size: 8, hidden: 10, layers: 2, attention: 'dot', inputFeeding: true },
  },
  'gru without attention': {
    architecture: 'gru',
    config: { size: 8, hidden: 10, attention: 'none', bidirectional: false },
  },
};

const names = (count: number) => Array.from({ length: count }, (_, i) => `t${i}`);

/** A translator from 6 words to 5, with random weights large enough for its answers to differ. */
export function toyTranslator(
  variant: Pick<TranslatorSpec, 'architecture' | 'config'>,
  seed = 1,
): TrainedTranslator {
  const spec: TranslatorSpec = {
    kind: 'translator',
    ...variant,
    source: words(names(6)).toJSON(),
    target: words(names(5)).toJSON(),
  };
  const weights = initialize(translatorNetwork(spec), seed);
  for (const [path, numbers] of weights)
    weights.set(
      path,
      numbers.map((x, i) => (path.includes('distances') ? Math.sin(i * 7.1 + seed) : 2 * x)),
    );
  return { spec, weights };
}
