import { type Command, Option } from 'commander';
import { number, whole } from './values.ts';

/** The names of the taggers, as `--model` takes them; a test holds them to their registry. */
export const taggerNames = ['bilstm', 'bigru', 'cnn', 'cnn-bilstm', 'transformer', 'window'];

/** How tagged sequences are read. */
export interface TagReadingArguments {
  word?: string;
  unknown?: string;
}

/** What `train --task tagging` is told beside what every training is told. */
export interface TaggingArguments extends TagReadingArguments {
  scheme?: 'auto' | 'none' | 'bio' | 'bioes';
  transitions?: string;
  minCount?: number;
  keepCase?: boolean;
  wordDropout?: number;
}

/** The options that say where tags are. */
export const tagReadingOptions = (command: Command): Command =>
  command
    .optionsGroup('Tagging:')
    .option(
      '--word <column>',
      'CoNLL: the column of words, a number from 1 or a usual name (default: the first)',
    )
    .option(
      '--unknown <tag>',
      'stands where the truth is not known; such tokens count for nothing (default: ?)',
    );

/** The options of `train --task tagging`. */
export const taggingOptions = (command: Command): Command =>
  tagReadingOptions(command)
    .addOption(
      new Option(
        '--scheme <name>',
        'how tags write spans, whose rules are kept (default: told by the tags)',
      ).choices(['auto', 'none', 'bio', 'bioes']),
    )
    .option(
      '--transitions <file>',
      'the only pairs of tags that may stand side by side, two a line; START and END are edges',
    )
    .option('--min-count <n>', 'words that occur less often are unknown (default: 2)', whole(1))
    .option('--keep-case', 'look words up as they are written, not in lower case')
    .option(
      '--word-dropout <x>',
      'words become unknown in training with probability x / (x + how often they occur) (default: 0.25)',
      number(0),
    );
