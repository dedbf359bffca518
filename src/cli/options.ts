import { type Command, Option } from 'commander';
import type { RegionArguments } from './region-options.ts';
import { collect, named, number, whole } from './values.ts';

/** Tasks with one answer for each sequence, as the command line names them; `positive` are values that cannot be negative. */
export const answerTasks = {
  classes: ['class', 'classification', 'multiclass', 'binary'],
  labels: ['multilabel', 'multi-label'],
  values: ['value', 'regression', 'real'],
  positive: ['rates', 'rate', 'counts', 'poisson'],
} as const;
export type AnswerTask = keyof typeof answerTasks;

/** All tasks that `train` knows; what each does stands in `actions/training.ts`. */
export const taskNames = {
  ...answerTasks,
  ctc: ['transcription', 'transcribe', 'basecalling', 'speech'],
  forecast: ['forecasting', 'time-series', 'timeseries'],
  language: ['lm', 'language-model'],
  marks: ['mark', 'histone', 'epigenome'],
  masked: ['mlm', 'masked-language-model', 'bert'],
  spans: ['span', 'span-pointer', 'qa', 'question-answering', 'squad'],
  tagging: ['tag', 'tags', 'ner', 'pos', 'sequence-labelling'],
  translation: ['translate', 'seq2seq', 'sequence-to-sequence', 'pairs'],
} as const;
export type TaskName = keyof typeof taskNames;

export type AlphabetName = 'dna' | 'rna' | 'protein';
export type Ambiguity = 'error' | 'mask' | 'skip';
export type DeviceName = 'auto' | 'cpu' | 'wasm';

/** Where labels and the like are to be found. */
export interface DataArguments extends RegionArguments {
  labels?: string;
  id?: string;
  label?: string[];
  labelFrom?: string;
  sequence?: string;
  group?: string;
  subgroup?: string[];
  track?: string[];
  feature?: string[];
  category?: string[];
  weight?: string;
  ambiguous?: Ambiguity;
  alphabet?: AlphabetName;
  task?: TaskName;
}

/** How a corpus of text or sequences is read. */
export interface CorpusArguments {
  corpus?: 'auto' | 'text' | 'lines' | 'fasta';
}

/** How text is read that a language model learns from or is judged on. */
export const corpusOption = () =>
  new Option(
    '--corpus <how>',
    'text: one stream; lines: each a text of its own with an end; fasta: each record; auto: fasta or text, by the first letter',
  ).choices(['auto', 'text', 'lines', 'fasta']);

/** Where and how the work runs. */
export interface RunArguments {
  device: DeviceName;
  threads?: number;
  quiet?: boolean;
}

/** The options that say where labels are. */
export const labelOptions = (command: Command): Command =>
  command
    .optionsGroup('Labels:')
    .option('--labels <file>', 'a table of labels (TSV or CSV with a header), joined to the sequences by id')
    .option('--id <column>', 'its column of ids, or that of a table of sequences (default: id, or the first)')
    .option('--label <column>', 'the column of labels; repeat it for several', collect)
    .option('--label-from <regex>', "take labels from FASTA headers: 'class=(\\S+)'")
    .option('--sequence <column>', 'the column of sequences, where sequences are a table (default: sequence)')
    .option('--group <column>', 'the column that tells which records belong together: patient, family …');

/** Options of `train` that only models with one answer for each sequence have. */
export const answerOptionNames = [
  ...['subgroup', 'groupDro', 'groupAdjustment', 'feature', 'category'],
  ...['genome', 'circular', 'negatives', 'featureType', 'width', 'around', 'flank', 'offTheEnd'],
];

/** The option that tells subgroups apart. */
export const subgroupOption = () =>
  new Option(
    '--subgroup <column>',
    'the column that tells subgroups apart, whose metrics are given one by one; of several (repeat it) every combination',
  ).argParser(collect);

/** How letters are read. */
export const letterOptions = (command: Command): Command =>
  command.addOption(
    new Option(
      '--ambiguous <policy>',
      'letters such as N: error refuses them, mask keeps them as unknown, skip leaves the record out',
    )
      .choices(['error', 'mask', 'skip'])
      .default('mask'),
  );

/** The options that say where and how the work runs. */
export const runOptions = (command: Command): Command =>
  command
    .optionsGroup('Running:')
    .addOption(
      new Option(
        '--device <name>',
        'cpu runs natively, wasm everywhere, more slowly; auto is cpu where there is a binary for it',
      )
        .choices(['auto', 'cpu', 'wasm'])
        .default('auto'),
    )
    .option(
      '--threads <n>',
      'threads within an operation (default: 1 for small models, which gain nothing from more, else up to 4)',
      whole(1),
    )
    .option('--quiet', 'no messages but errors');

/** The seed of everything that is drawn at random. */
export const seedOption = (command: Command): Command =>
  command.option('--seed <n>', 'decides everything that is random', whole(0), 42);

const answers =
  'classes, labels (several at once), values, or positive (values of at least 0); inferred and said aloud otherwise';

/** The task, where it is not to be inferred. */
export const taskOption = () => new Option('--task <name>', answers).argParser(named(answerTasks));

/** Every task that a model can be trained for. */
export const trainTaskOption = () =>
  new Option(
    '--task <name>',
    `one answer for each sequence: ${answers}; tagging: a tag for each letter or word; spans: the one stretch that answers; translation: from text to text; ctc: from a signal, or symbols, to a shorter text, without knowing which part says what; forecast: the next steps of time series; marks: several marks or values of every bin along a genome; language: foretell the next token of texts and sequences without labels; or masked: tell what is hidden in them`,
  ).argParser(named(taskNames));

export const alphabetOption = () =>
  new Option('--alphabet <name>', 'the alphabet of the sequences (default: told by their letters)').choices([
    'dna',
    'rna',
    'protein',
  ]);

/** How many resamples the intervals are made of. */
export const resamplesOption = () =>
  new Option(
    '--resamples <n>',
    'bootstrap resamples of the intervals (default: by size, 1000 at most)',
  ).argParser(number(0));
