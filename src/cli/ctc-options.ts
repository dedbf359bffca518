import { type Command, Option } from 'commander';
import { number, whole } from './values.ts';

/** How a transcriber's text is looked for, beside `--beam`. */
export interface TranscriptionSearchArguments {
  pattern?: string;
  language?: string;
  languageWeight?: number;
  tokenBonus?: number;
}

/** What `train --task ctc` is told beside what every training is told. */
export interface CtcArguments {
  unalignable?: 'error' | 'skip';
}

/** What `predict` is told of transcribers. */
export interface TranscriptionArguments extends TranscriptionSearchArguments {
  best?: number;
}

/** The options of `train --task ctc`. */
export const ctcOptions = (command: Command): Command =>
  command
    .optionsGroup('Transcription (CTC):')
    .addOption(
      new Option(
        '--unalignable <policy>',
        'records whose transcription is longer than their steps: error refuses them, skip leaves them out (default: error)',
      ).choices(['error', 'skip']),
    );

/** How a transcriber writes, for `predict` and `evaluate`. */
export const transcriptionSearchOptions = (command: Command): Command =>
  command
    .optionsGroup('Transcribers:')
    .option(
      '--pattern <regex>',
      'with --beam: what every transcription must match; after each word stands a blank',
    )
    .option('--language <model>', 'with --beam: a language model of the same tokens that has a say')
    .option('--language-weight <x>', 'how much it has to say (default: 0.5)', number(0))
    .option(
      '--token-bonus <x>',
      'what every token is worth, against its liking for short texts (default: 0)',
      number(0),
    );

/** The same, and how many transcriptions `predict` writes. */
export const transcriptionOptions = (command: Command): Command =>
  transcriptionSearchOptions(command).option(
    '--best <n>',
    'with --beam: the n best transcriptions of each record',
    whole(1),
  );
