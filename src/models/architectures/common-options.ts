import { type ActivationName, activations } from '../../nn/activations.ts';
import { choice, type Option, probability, whole, wholeOrNull, wholes, yesNo } from './options.ts';

/** What a model needs to know of its alphabet, as plain data. */
export interface AlphabetData {
  /** Canonical letters: 4 for DNA. */
  readonly size: number;
  /** One row of `size` numbers for each token id, the last for padding; row-major. */
  readonly table: readonly number[];
  /** The token id of the complement of each token id, padding included; only for nucleic acids. */
  readonly complement?: readonly number[] | null;
}

/** How many token ids an alphabet has, padding included; padding is the last. */
export const tokenCount = ({ size, table }: AlphabetData): number => table.length / size;

function isAlphabet(value: unknown): boolean {
  const { size, table, complement } = (value ?? {}) as Partial<AlphabetData>;
  if (!Number.isSafeInteger(size) || size! < 1 || !Array.isArray(table) || table.length === 0) return false;
  const rows = table.length / size!;
  if (!Number.isSafeInteger(rows) || !table.every(Number.isFinite)) return false;
  const isToken = (id: unknown) => Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < rows;
  return (
    complement == null ||
    (Array.isArray(complement) && complement.length === rows && complement.every(isToken))
  );
}

const alphabet: Option<AlphabetData> = {
  default: undefined as unknown as AlphabetData,
  expected: '{ size, table, complement? } with a row of the table and a complement for every token',
  summary: 'The letters: how many, their one-hot table, and their complements.',
  accepts: isAlphabet,
};
const outputs: Option<number> = {
  ...whole(1, 'How many numbers the model gives: classes, labels or values.'),
  default: undefined as unknown as number,
};

/** What the data decide. */
export const dataOptions = {
  alphabet,
  outputs,
  tracks: whole(0, 'How many numeric tracks accompany the sequence, one number a position each.', { min: 0 }),
  features: whole(0, 'How many numbers of a table accompany the sequence as a whole.', { min: 0 }),
  length: wholeOrNull('The length of every sequence, where position has a meaning (aligned windows).'),
};

/** How letters become numbers. */
export const inputOptions = {
  encoding: choice(
    'oneHot',
    ['oneHot', 'embedding', 'kmer'],
    'Letters as one-hot rows, as learned vectors, or overlapping k-mers as learned vectors.',
  ),
  embedding: whole(16, 'Size of the learned vectors (embedding, kmer).'),
  k: whole(3, 'Letters in a k-mer (kmer).', { max: 11 }),
  position: choice(
    'none',
    ['none', 'learned'],
    'A learned vector for each position beside the letters; needs length.',
  ),
  positionSize: whole(8, 'Size of the vector of a position.'),
  reverseComplement: choice(
    'none',
    ['none', 'augment', 'average', 'shared'],
    'augment: a random strand in training; average: the prediction is the mean of both strands; shared: both strands are read by the same layers and the larger feature counts.',
  ),
};

/** Convolutions before anything else; lists have one entry a layer. */
export const convolutionOptions = (filters: number[], kernels: number[], pools: number[]) => ({
  filters: wholes(filters, 'Filters of each convolution.', { atLeast: 1 }),
  kernels: wholes(kernels, 'Width of each convolution, in positions.', { atLeast: 1 }),
  pools: wholes(pools, 'Positions joined by max pooling after each convolution; 1: none.', { atLeast: 1 }),
  normalization: choice('none', ['none', 'batch'], 'Normalisation after each convolution.'),
  activation: choice(
    'relu',
    Object.keys(activations) as ActivationName[],
    'What follows each convolution and dense layer.',
  ),
});

export const recurrentOptions = (hidden: number) => ({
  hidden: whole(hidden, 'Width of the recurrent state, in each direction.'),
  layers: whole(1, 'Recurrent layers.', { max: 64 }),
  bidirectional: yesNo(true, 'Read in both directions.'),
});

const initialStates = ['zero', 'learned'] as const;
export type InitialState = (typeof initialStates)[number];
export const initialOption = {
  initial: choice('zero', initialStates, 'The state before the first letter.'),
};

/** How one vector comes out of a sequence. */
export const pools = ['max', 'mean', 'max+mean', 'attention', 'flatten'] as const;
export const recurrentPools = [...pools, 'last'] as const;
export type PoolName = (typeof recurrentPools)[number];
export const poolSummary =
  'How positions become one vector; flatten keeps them apart (needs length), last takes the final states.';

export const readoutOptions = (dense: number[]) => ({
  members: whole(
    1,
    'Networks that are trained side by side, each from its own start; the prediction is their mean.',
    {
      max: 64,
    },
  ),
  tableSize: whole(32, 'Width of the layer that reads the columns of a table, beside the pooled features.'),
  dense: wholes(dense, 'Widths of dense layers between the pooled features and the outputs.'),
  dropout: probability(0.3, 'Dropout on the pooled features and after each dense layer.'),
});
