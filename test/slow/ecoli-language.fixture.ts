import { fileURLToPath } from 'node:url';
import type { LearnSettings } from '../../src/recipes/dna-language/learn.ts';
import { familyParts, type Parts } from '../../src/recipes/dna-language/parts.ts';
import { readCorpus } from '../../src/train/tasks/language/corpus.ts';

/** 999 coding sequences of E. coli. */
export const genes = fileURLToPath(new URL('../../examples/data/ecoli_cds999.fa.gz', import.meta.url));

/** Of the genes, by families of similar proteins, a tenth is tested and 8 % choose the epoch. */
export const geneParts = async (): Promise<Parts> =>
  familyParts(await readCorpus(genes), { test: 0.1, validation: 0.08, seed: 42, coding: true });

/** Chains that stand beside: every order, with and without counts of their own for each place of a codon. */
export const everyChain = { orders: [0, 1, 2, 3, 4, 5, 6, 7, 8], periods: [1, 3] };
/** Those that are best where they were tried on the genes that choose the epoch. */
const bestChains = { orders: [4, 5, 6], periods: [3] };

const defaults: LearnSettings = {
  objective: 'autoregressive',
  architecture: 'lstm',
  tokenizer: 'codons',
  masking: { how: 'base', share: 0.3, length: 1 },
  model: {},
  training: {},
  ...bestChains,
  places: 6_000,
};

const training = (epochs: number, rate: number, batchSize: number) => ({
  epochs,
  rate,
  batchSize,
  patience: 0,
});
const preset = (
  name: string,
  own: Partial<LearnSettings> & Pick<LearnSettings, 'model' | 'training'>,
): [string, LearnSettings] => [name, { ...defaults, ...own }];
const masked = { objective: 'masked' as const };

/** What is trained, each once. */
export const presets: readonly [name: string, settings: LearnSettings][] = [
  preset('LSTM over codons', {
    model: { hidden: 128, dropout: 0.2, context: 100 },
    training: training(8, 4e-3, 32),
  }),
  preset('transformer over codons', {
    architecture: 'transformer',
    model: { size: 96, layers: 2, heads: 4, dropout: 0.1, context: 128 },
    training: training(3, 3e-3, 16),
  }),
  preset('LSTM over bases', {
    tokenizer: 'dna',
    model: { hidden: 128, dropout: 0.1, context: 150 },
    training: training(3, 4e-3, 32),
  }),
  preset('LSTM over 6-mers', {
    tokenizer: 'kmers:6',
    model: { hidden: 128, embedding: 64, dropout: 0.3, context: 60 },
    training: training(3, 4e-3, 32),
  }),
  preset('masked convolutions over codons', {
    ...{ ...masked, architecture: 'cnn' },
    model: { size: 96, layers: 2, kernel: 5, reach: 2, dropout: 0.1, context: 256 },
    training: training(10, 4e-3, 16),
  }),
  preset('masked convolutions over bases', {
    ...{ ...masked, architecture: 'cnn', tokenizer: 'dna' },
    model: { size: 64, layers: 4, kernel: 9, context: 300 },
    training: training(2, 4e-3, 16),
    ...everyChain,
  }),
  preset('masked transformer over codons', {
    ...{ ...masked, architecture: 'transformer' },
    model: { size: 64, layers: 2, heads: 4, kernel: 7, dropout: 0.1, context: 128 },
    training: training(3, 4e-3, 32),
  }),
  preset('masked transformer over 6-mers', {
    ...{ ...masked, architecture: 'transformer', tokenizer: 'kmers:6' },
    model: { size: 64, layers: 2, heads: 4, kernel: 5, dropout: 0.1, context: 64 },
    training: training(3, 4e-3, 32),
  }),
  preset('masked transformer over bases', {
    ...{ ...masked, architecture: 'transformer', tokenizer: 'dna' },
    model: { size: 48, layers: 1, heads: 4, kernel: 21, dropout: 0, context: 96 },
    training: training(2, 6e-3, 32),
  }),
  preset('transformer over bases', {
    ...{ architecture: 'transformer', tokenizer: 'dna' },
    model: { size: 48, layers: 1, heads: 4, dropout: 0, context: 64 },
    training: training(2, 4e-3, 16),
  }),
];
