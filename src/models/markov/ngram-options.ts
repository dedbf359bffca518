import type { Smoothing } from '../../markov/ngram/smoothing.ts';
import { choice, type Option, whole, wholeOrNull } from '../architectures/options.ts';
import { mostOrder } from './ngram-file.ts';

const positive = (value: number | null, summary: string, least: number): Option<number | null> => ({
  default: value,
  expected: least > 0 ? 'a number above 0' : 'a number from 0',
  summary,
  accepts: (x) => typeof x === 'number' && Number.isFinite(x) && (least > 0 ? x > 0 : x >= 0),
});

/** What can be set of an n-gram model. */
export const ngramOptions = {
  order: wholeOrNull('Tokens looked back (null: 6 for up to 6 tokens, 4 for up to 300, else 2).', {
    min: 0,
    max: mostOrder,
  }),
  smoothing: {
    ...choice(
      'auto',
      ['auto', 'witten-bell', 'kneser-ney', 'additive'],
      'Witten–Bell, modified Kneser–Ney or additive (auto: Witten–Bell for up to 16 tokens, else Kneser–Ney).',
    ),
  } as Option<'auto' | Smoothing['kind']>,
  alpha: positive(1, 'What additive smoothing adds to each count (1: Laplace).', 1),
  discounts: {
    ...whole(3, 'Discounts of Kneser–Ney: 1, or 3 (modified).', { min: 1, max: 3 }),
    expected: '1 or 3',
    accepts: (x: unknown) => x === 1 || x === 3,
  },
  prune: positive(
    0,
    'Contexts that say less than so many nats beyond a shorter one are dropped: variable order.',
    0,
  ),
  period: whole(1, 'Length of the cycle of an inhomogeneous chain: 3 for codon positions.', { max: 1000 }),
};

/** The name under which `train --task language --model` takes it, and what it is. */
export const ngramSummary =
  'n-gram (variable-order Markov) model: counts, smoothed; for small data, baselines, and sampling at once.';

/** The settings of an n-gram model of so many tokens, complete. */
export interface NgramSettings {
  readonly order: number;
  readonly smoothing: Smoothing;
  readonly prune: number;
  readonly period: number;
}

/** Fills in what depends on how many tokens there are. */
export function ngramSettings(
  given: Partial<Record<keyof typeof ngramOptions, unknown>>,
  tokens: number,
): NgramSettings {
  const of = <T>(name: keyof typeof ngramOptions) => (given[name] ?? ngramOptions[name].default) as T;
  const asked = of<'auto' | Smoothing['kind']>('smoothing');
  const kind = asked === 'auto' ? (tokens <= 16 ? 'witten-bell' : 'kneser-ney') : asked;
  const smoothing: Smoothing =
    kind === 'additive'
      ? { kind, alpha: of<number>('alpha') }
      : kind === 'kneser-ney'
        ? { kind, discounts: of<1 | 3>('discounts') }
        : { kind };
  return {
    order: of<number | null>('order') ?? (tokens <= 6 ? 6 : tokens <= 300 ? 4 : 2),
    ...{ smoothing, prune: of<number>('prune'), period: of<number>('period') },
  };
}
