import { type Command, Option } from 'commander';
import { usageError } from '../core/errors.ts';
import { whole } from './values.ts';

/** The names of the span models, as `--model` takes them; a test holds them to their registry. */
export const spanModelNames = ['bilstm', 'bigru', 'cnn', 'cnn-bilstm', 'bidaf', 'transformer', 'window'];

/** Where the spans of passages are. */
export interface SpanReadingArguments {
  spans?: string;
  passage?: string;
  question?: string;
  answer?: string;
  start?: string;
  end?: string;
  several?: 'error' | 'first' | 'longest';
  without?: 'none' | 'skip';
}

/** How spans are looked for. */
export interface SpanFindingArguments {
  longest?: number;
}

/** What `train --task spans` is told beside what every training is told. */
export type SpanArguments = SpanReadingArguments & SpanFindingArguments;

/** What `predict` is told of spans. */
export interface SpanPredictArguments
  extends Pick<SpanReadingArguments, 'passage' | 'question'>,
    SpanFindingArguments {
  /** Also of transcribers: see `ctc-options.ts`. */
  best?: number;
}

/** The options that say where passages and questions are. */
export const passageOptions = (command: Command): Command =>
  command
    .optionsGroup('Spans:')
    .option('--passage <column>', 'the column of passages (default: passage, context or text)')
    .option('--question <column>', 'the column of questions, where there are some (default: question)');

/** The options that say where spans are. */
export const spanReadingOptions = (command: Command): Command =>
  passageOptions(command)
    .option(
      '--spans <file>',
      'the span of each sequence: BED, or a table with id, start and end; 0-based, the end excluded',
    )
    .option(
      '--answer <column>',
      'the column of answers; an empty cell says that there is none (default: answer)',
    )
    .option('--start <column>', 'where the span begins, counted from 0 (default: start)')
    .option('--end <column>', 'where the span of a sequence ends, excluded (default: end)')
    .addOption(
      new Option(
        '--several <policy>',
        'sequences with several spans: refuse them, or keep one (default: error)',
      ).choices(['error', 'first', 'longest']),
    )
    .addOption(
      new Option(
        '--without <policy>',
        'records without a span: "none" is their answer, or they are left out (default: none)',
      ).choices(['none', 'skip']),
    );

/** The option that bounds spans. */
export const longestOption = (command: Command): Command =>
  command.option(
    '--longest <n>',
    'letters or tokens in a span at most (default: as many as the longest in training)',
    whole(1),
  );

/** The options of `train --task spans`. */
export const spanOptions = (command: Command): Command => longestOption(spanReadingOptions(command));

/** The options of `spanOptions`, as commander calls them; a test holds them to it. */
export const spanOptionNames = 'spans passage question answer start end several without longest'.split(' ');

/** Throws a usage error for what only models of spans are asked. */
export function refuseSpanArguments(
  directory: string,
  args: SpanPredictArguments & { format?: string | undefined },
): void {
  const stray = (['longest', 'passage', 'question'] as const).find((name) => args[name] !== undefined);
  if (stray) throw usageError(`${directory} is no model of spans; only these take --${stray}. Leave it out.`);
  if (args.format === 'bed')
    throw usageError(`${directory} is no model of spans; only these write BED. Use tsv or jsonl.`);
}
