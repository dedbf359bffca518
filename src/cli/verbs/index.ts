import type { Command } from 'commander';

/** A verb's own module: its arguments, options, help and examples. What it does is loaded when it runs. */
export interface VerbModule {
  define(command: Command): void;
}

interface Verb {
  readonly summary: string;
  readonly load: () => Promise<VerbModule>;
}

/** All verbs in the order of the help. */
export const verbs = {
  train: {
    summary: 'train a model on labelled sequences and evaluate it on held-out ones',
    load: () => import('./train.ts'),
  },
  evaluate: { summary: 'evaluate a model on labelled sequences', load: () => import('./evaluate.ts') },
  predict: { summary: 'predict for sequences, as a stream', load: () => import('./predict.ts') },
  tag: { summary: 'tag every letter or word, as a stream', load: () => import('./tag.ts') },
  scan: {
    summary: 'slide a model along a genome: a track of what it says',
    load: () => import('./scan.ts'),
  },
  generate: {
    summary: 'write new sequences or text with a language model',
    load: () => import('./generate.ts'),
  },
  hmm: {
    summary:
      'HMMs: profiles of sequence families (build, search, scan, align), any topology (train, decode, score); sample',
    load: () => import('./hmm.ts'),
  },
  convert: {
    summary: 'turn one file format into another, or cut sequences out of a genome',
    load: () => import('./convert.ts'),
  },
  tokenize: {
    summary: 'text and sequences to numbers and back: train, encode, decode',
    load: () => import('./tokenize.ts'),
  },
  export: { summary: 'write a model for other programs', load: () => import('./export.ts') },
  run: { summary: 'run a recipe: data, model, evaluation and report in one', load: () => import('./run.ts') },
  init: { summary: "write a recipe's complete configuration, to edit", load: () => import('./init.ts') },
  list: { summary: 'list models and recipes', load: () => import('./list.ts') },
  doctor: { summary: 'check that this installation works', load: () => import('./doctor.ts') },
} satisfies Record<string, Verb>;
export type VerbName = keyof typeof verbs;
