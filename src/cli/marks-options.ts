import { type Command, InvalidArgumentError } from 'commander';
import { usageError } from '../core/errors.ts';
import { collect, whole } from './values.ts';

/** A file that a name is given to: `H3K4me3=k4.bed`. */
export interface NamedFile {
  readonly name: string;
  readonly path: string;
}

/** Where marks stand along a genome, and what is read beside its letters. */
export interface MarkReadingArguments {
  mark?: NamedFile[];
  cut?: { name: string; value: number }[];
  /** Also of columns: see `verbs/train.ts`. */
  track?: string[];
  regions?: string;
}

/** What `train --task marks` is told beside what every training is told. */
export interface MarksArguments extends MarkReadingArguments {
  bin?: number;
  window?: number;
  windowFlank?: number;
}

/** The names of the models of marks, as `--model` takes them; a test holds them to their registry. */
export const marksModelNames = ['bilstm', 'bigru', 'cnn', 'transformer', 'window'];

/** Options of marks that other tasks and models would ignore in silence. */
export const marksOptionNames = ['mark', 'cut', 'regions', 'bin', 'window', 'windowFlank'] as const;

/** Throws a usage error for an option of marks beside a model of another kind. */
export function refuseMarkOptions(directory: string, args: MarkReadingArguments): void {
  const stray = (['mark', 'cut', 'track', 'regions'] as const).find((name) => args[name] !== undefined);
  if (stray) throw usageError(`${directory} is no model of marks along a genome. Leave --${stray} out.`);
}

const namedFile = (text: string): NamedFile | undefined => {
  const at = text.indexOf('=');
  return at > 0 && at < text.length - 1 && !/[\s/\\]/.test(text.slice(0, at))
    ? { name: text.slice(0, at), path: text.slice(at + 1) }
    : undefined;
};

function markFile(text: string, before: NamedFile[] = []): NamedFile[] {
  const file = namedFile(text);
  if (!file) throw new InvalidArgumentError('Expected <name>=<file>, such as H3K4me3=k4.bed.');
  return [...before, file];
}

function cutValue(text: string, before: { name: string; value: number }[] = []) {
  const { name = '', path = '' } = namedFile(text) ?? {};
  const value = Number(path);
  if (path.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError('Expected <name>=<value>, such as H3K27ac=2.5.');
  return [...before, { name, value }];
}

/** Files of tracks; throws a usage error for a track without a name of its own. */
export const trackFiles = (tracks: readonly string[] = []): NamedFile[] =>
  tracks.map((text) => {
    const file = namedFile(text);
    if (file) return file;
    throw usageError(`--track ${text}: expected <name>=<file>, such as --track atac=atac.bw.`);
  });

const regionsOption = (command: Command): Command =>
  command.option(
    '--regions <bed|names>',
    'marks: read these alone: a BED file, or names of sequences divided by commas',
  );

/** The options that say what is read beside a genome's letters, where no other `--track` is declared. */
export const trackOptions = (command: Command): Command =>
  regionsOption(
    command
      .optionsGroup('Marks:')
      .option(
        '--track <name=file>',
        'what is read beside the letters: bigWig, bedGraph or BED; repeat it for several',
        collect,
      ),
  );

/** The options that say where marks stand. */
export const markFileOptions = (command: Command): Command =>
  command
    .optionsGroup('Marks:')
    .option(
      '--mark <name=file>',
      'what is told of every bin: BED or narrowPeak (there or not), bedGraph or bigWig (values); repeat it for several',
      markFile,
    )
    .option(
      '--cut <name=value>',
      'a mark of values is there from this value on; repeat it for several',
      cutValue,
    );

/** The options of `train --task marks`. */
export const marksOptions = (command: Command): Command =>
  regionsOption(markFileOptions(command))
    .option('--bin <n>', 'letters of a bin, which has one answer a mark (default: 32)', whole(1))
    .option('--window <n>', 'letters of a window, context included (default: 128 bins)', whole(1))
    .option(
      '--window-flank <n>',
      'letters at either side of it that are context only (default: an eighth)',
      whole(0),
    );
