import { type Command, Option } from 'commander';
import { number } from './values.ts';

/** What `train --task masked` is told beside what every training is told. */
export interface MaskingArguments {
  masking?: 'base' | 'span' | 'kmer';
  maskShare?: number;
  maskLength?: number;
}

/** The names of the options that only `--task masked` reads. */
export const maskingOptionNames = ['masking', 'maskShare', 'maskLength'] as const;

/** The options of `train --task masked`. */
export const maskingOptions = (command: Command): Command =>
  command
    .optionsGroup('Masked models:')
    .addOption(
      new Option(
        '--masking <how>',
        'base: single tokens are hidden; span: runs of random length; kmer: whole words of letters (default: base)',
      ).choices(['base', 'span', 'kmer']),
    )
    .option('--mask-share <share>', 'the share of tokens that is hidden (default: 0.15)', number(0))
    .option(
      '--mask-length <n>',
      'span: the mean length of a run in tokens (default: 5); kmer: letters of a word (default: 6, or those of a token)',
      number(1),
    );
