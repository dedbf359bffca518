/** What `regularisation` may be told. */
export interface RegularisationConfig {
  /** Of the planted example: letters, positions that matter, root mean square effect of their letters, records. */
  readonly length: number;
  readonly support: number;
  readonly effect: number;
  readonly records: number;
  /** Shares of the records that are tested, and that choose penalty and epoch. */
  readonly test: number;
  readonly validation: number;
  /** L1 penalties from the weakest that leaves no weight down to `ratio` of it. */
  readonly l1: { readonly count: number; readonly ratio: number };
  readonly l2: readonly number[];
  /** Full-batch steps for each linear model. */
  readonly steps: number;
  /** The dropout rate of the claim, and all that are tried. */
  readonly dropout: number;
  readonly rates: readonly number[];
  /** Passes of Monte-Carlo dropout. */
  readonly passes: number;
  /** Networks of the ensemble. */
  readonly members: number;
  /** L2 penalty of the network that has one. */
  readonly networkPenalty: number;
  /** Networks of each kind, with first weights of their own. */
  readonly seeds: number;
  readonly architecture: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
}

export const regularisationDefaults: RegularisationConfig = {
  length: 40,
  support: 6,
  effect: 1.2,
  records: 2500,
  test: 0.6,
  validation: 0.16,
  l1: { count: 12, ratio: 0.08 },
  l2: [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001],
  steps: 150,
  dropout: 0.25,
  rates: [0.25, 0.5, 0.75],
  passes: 40,
  members: 4,
  networkPenalty: 0.01,
  seeds: 3,
  architecture: 'cnn',
  model: { filters: [16], kernels: [3], pools: [1], dense: [64] },
  training: { epochs: 30, batchSize: 32, rate: 2e-3, optimizer: 'adam' },
};
