import { type PlacedMotifs, promoterBoxes } from './motif-start.ts';

/** The networks of the committee: the one that knows the boxes, the one that knows positions, and the one that knows neither. */
export const memberNames = ['boxes', 'aligned', 'free'] as const;
export type MemberName = (typeof memberNames)[number];

/** One network: its configuration and how it is trained. */
export interface Member {
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
}

/** What `promoters` may be told. */
export interface PromoterConfig extends Readonly<Record<MemberName, Member>> {
  /** `all`: leave one out; null: so for up to 200 records, else ten folds. */
  readonly folds: number | 'all' | null;
  /** Whole cross-validations, each with first weights of its own. */
  readonly seeds: number;
  /** The windows' length for which `motifs.expected` holds. */
  readonly length: number;
  readonly motifs: PlacedMotifs;
}

const layer = { pools: [1], dense: [] };
const decay = { optimizerOptions: { decay: 0.3 } };

/** How these were chosen, without the records that they are tested on, stands in docs/accuracy.md. */
export const promoterDefaults: PromoterConfig = {
  folds: null,
  seeds: 5,
  length: 57,
  // The second box begins 12 letters before the start, which is the 51st letter.
  motifs: { ...promoterBoxes, expected: 39, gain: 0.5, threshold: 6, strength: 1 },
  boxes: {
    model: { ...layer, filters: [16], kernels: [31], dropout: 0.5 },
    training: { epochs: 10, batchSize: 16, rate: 2e-3, ...decay },
  },
  aligned: {
    model: { ...layer, filters: [32], kernels: [3], dropout: 0.7 },
    training: { epochs: 20, batchSize: 16, rate: 1e-2, ...decay },
  },
  free: {
    model: { ...layer, filters: [64], kernels: [5], dropout: 0.3, pool: 'max+mean' },
    training: { epochs: 20, batchSize: 32, rate: 5e-2, ...decay },
  },
};
