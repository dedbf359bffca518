import { type Command, Option } from 'commander';
import type { FitOptions } from '../../train/options.ts';
import { ctcOptions } from '../ctc-options.ts';
import { forecasterNames, forecastOptions } from '../forecast-options.ts';
import { marksOptions } from '../marks-options.ts';
import { maskingOptions } from '../masked-options.ts';
import { languageModelNames, markovModelNames, modelNames } from '../model-names.ts';
import {
  alphabetOption,
  type CorpusArguments,
  corpusOption,
  type DataArguments,
  labelOptions,
  letterOptions,
  type RunArguments,
  runOptions,
  seedOption,
  subgroupOption,
  trainTaskOption,
} from '../options.ts';
import { negativesOption, regionOptions, shareFileOrChromosome } from '../region-options.ts';
import { spanModelNames, spanOptions } from '../span-options.ts';
import { taggerNames, taggingOptions } from '../tagging-options.ts';
import { translationOptions } from '../translation-options.ts';
import { collect, named, number, size, whole } from '../values.ts';

const optimizerNames = { adamW: [], adam: [], sgd: [], rmsprop: [] };

/** Options of fitting that the command line calls as the library does. */
type Fitting = Omit<FitOptions, 'optimizerOptions'>;

/** What `train` is told, complete. */
export interface TrainArguments extends DataArguments, CorpusArguments, RunArguments, Fitting {
  output: string;
  report?: string | false;
  json?: boolean;
  config?: string;
  model: string;
  set?: string[];
  reverseComplement?: string;
  tokenizer?: string;
  test: number | string | false;
  /** Also `chromosome`, of regions: see `isByChromosome`. */
  split?: 'random' | 'stratified' | 'group' | 'homology';
  threshold?: number;
  validation: number | string | false;
  maxMemory?: number;
  decay?: number;
  resume?: boolean;
  checkpointEvery: number;
}

const examples = `
Examples:
  seqwright train mine.fa --labels mine.tsv -o mine.model
  seqwright train mine.fa --labels mine.tsv --id name --label expressed --model cnn -o mine.model
  seqwright train mine.fa --label-from 'class=(\\S+)' --split homology -o mine.model
  seqwright train peaks.narrowPeak --negatives background.bed --genome hg38.fa --width 200 --around summit --split chromosome --test chr8,chr9 -o peaks.model
  seqwright train patients.csv --label relapse --feature age --feature stage --category site -o fused.model   # sequence and table
  seqwright train train.csv --test test.csv --validation dev.csv -o tf.model     # columns sequence,label
  seqwright train mine.fa --labels mine.tsv --label heat --label cold -o two.model   # several labels or values
  seqwright train birds.csv --label class --subgroup place --subgroup class --group-dro --l2 0.01 -o fair.model   # for the worst subgroup
  seqwright train mine.fa --labels mine.tsv --set hidden=128 --set dropout=0.5 -o wide.model
  seqwright train novel.txt --task language --model lstm --set hidden=256 -o novel.model  # then: seqwright generate novel.model
  seqwright train genes.fa --task language --tokenizer codons -o genes.model
  seqwright train genes.fa --task language --model ngram --set order=5 -o genes.ngram.json   # counts: one file, at once
  seqwright train promoters.fa --task masked --masking span --set kernel=9 -o bert.model  # then: seqwright predict bert.model new.fa --positions
  seqwright train genome.fa --task marks --mark H3K4me3=k4.narrowPeak --mark H3K27ac=k27.bw --cut H3K27ac=2 --track atac=atac.bw --test chr8 -o histone.model
  seqwright train ner.conll --task tagging --label ner -o ner.model   # then: seqwright tag ner.model new.conll
  seqwright train proteins.fa --task tagging --labels folds.tsv --model cnn-bilstm -o fold.model   # a tag for each letter
  seqwright train mrna.fa --task spans --spans cds.bed -o cds.model   # where each coding sequence begins and ends
  seqwright train train-v2.0.json --task spans -o qa.model   # SQuAD, or a table: question, passage, answer, start
  seqwright train sales.csv --task forecast --target units --time day --group shop --horizon 14 --season 7 -o sales.model
  seqwright train roads.csv --task forecast --target speed --time minute --group sensor --graph edges.csv --horizon 12 -o roads.model   # sensors that hear of one another
  seqwright train pairs.tsv --task translation --source english --target french -o fr.model   # then: seqwright predict fr.model new.txt
  seqwright train squiggles.jsonl --task ctc -o basecaller.model   # {"id": …, "signal": [80.1, 82.4, …], "text": "GATTACA"} a line
  seqwright train pen.csv --task ctc --labels words.tsv --time t --track x --track y -o pen.model   # a row a frame

Sequences are FASTA or a table with a sequence column, plain, gzip or bgzip; - is standard input. The task is inferred
from the labels and said aloud. A model folder holds model.json, weights.safetensors and model.onnx.

--task ctc reads JSON Lines (id; signal, frames or sequence; text), a table with the same columns, where numbers are divided by blanks and frames by
semicolons, or a table with a row a frame (--id, --time, --track for each column of numbers) and --labels. --source and --target name other columns,
--tokenizer words writes words, --group keeps a speaker on one side of the split.

Ctrl-C (or SIGTERM) saves where training stands in <output>.checkpoint and ends with exit code 130 (143); the same command
with --resume continues and gives the same weights, to the bit, as a run that nobody stopped. The same seed, data, options
and device give the same weights; the number of threads made no difference wherever it was tried.`;

/** Declares `seqwright train`. */
export function define(command: Command): void {
  command
    .argument('<sequences>', 'FASTA, or a table with a sequence column; with --genome, regions of it')
    .option('-o, --output <folder>', 'where the model goes (required)')
    .option('--report <folder>', 'where the report goes (default: <output without .model>.report)')
    .option('--no-report', 'no report')
    .option('--json', 'print results.json instead of the summary')
    .option(
      '--config <file>',
      'options as JSON, {"model": "cnn", "epochs": 20}; the command line goes first',
    );
  labelOptions(command)
    .option('--weight <column>', 'how much each record counts in training')
    .option(
      '--track <column>',
      'numbers beside the letters, one a letter; of marks name=file, bigWig, bedGraph or BED; repeat it for several',
      collect,
    )
    .option(
      '--feature <column>',
      'a column that is read beside the sequence, numbers or categories as its cells say; cells may be missing; repeat it for several',
      collect,
    )
    .option('--category <column>', 'the same for categories whose names look like numbers', collect)
    .addOption(subgroupOption())
    .addOption(trainTaskOption())
    .addOption(alphabetOption());
  letterOptions(command);
  regionOptions(command).addOption(negativesOption());
  modelOptions(command);
  languageOptions(command);
  maskingOptions(command);
  marksOptions(command);
  taggingOptions(command);
  spanOptions(command);
  translationOptions(command);
  forecastOptions(command);
  ctcOptions(command);
  splitOptions(command);
  fitOptions(command);
  seedOption(runOptions(command))
    .option('--resume', 'continue from <output>.checkpoint, which an interrupted run left')
    .option('--checkpoint-every <seconds>', 'how often progress is saved', number(0), 30);
  command.addHelpText('after', examples).action(async (sequences: string) => {
    const { runTraining } = await import('../actions/training.ts');
    await runTraining(sequences, command);
  });
}

function modelOptions(command: Command): void {
  command
    .optionsGroup('Model:')
    .addOption(
      new Option('--model <name>', 'the architecture; "seqwright list <name>" explains one')
        .choices([
          ...new Set([
            ...modelNames,
            ...languageModelNames,
            ...markovModelNames,
            ...taggerNames,
            ...forecasterNames,
            ...spanModelNames,
          ]),
        ])
        .default(
          'cnn-bilstm',
          'cnn-bilstm; for --task spans with questions bidaf, language and forecast lstm, tagging and marks bilstm, translation and masked transformer',
        ),
    )
    .option('--set <key=value>', 'an option of the model, such as hidden=128; repeat it for several', collect)
    .addOption(
      new Option(
        '--reverse-complement <how>',
        'augment: random strands in training; average: mean of both strands; shared: both strands read by the same layers',
      ).choices(['none', 'augment', 'average', 'shared']),
    );
}

function languageOptions(command: Command): void {
  command
    .optionsGroup('Language and masked models:')
    .option(
      '--tokenizer <name>',
      'characters, bytes, letters, dna, rna, protein, kmers:6, codons, words:20000, bpe:1000 or unigram:1000 (default: letters for FASTA, else characters)',
    )
    .addOption(corpusOption());
}

function splitOptions(command: Command): void {
  command
    .optionsGroup('Split:')
    .addOption(
      new Option(
        '--test <share|file>',
        'held out for the evaluation: a share, a file of its own, or with --split chromosome names such as chr8,chr9',
      )
        .argParser(shareFileOrChromosome)
        .default(0.2),
    )
    .option('--no-test', 'hold nothing out: train on everything, without an evaluation')
    .addOption(
      new Option(
        '--split <method>',
        'how records are held out (default: stratified for classes and labels, else random; forecasts: the end of the series, or group for whole series); chromosome: regions of one chromosome stay together',
      ).choices(['random', 'stratified', 'group', 'homology', 'chromosome']),
    )
    .option(
      '--threshold <share>',
      'homology: from which share of common k-mers on sequences stay together',
      number(0),
    )
    .addOption(
      new Option(
        '--validation <share|file>',
        'chooses the epoch that is kept: a share of the rest, a file of its own, or chromosomes',
      )
        .argParser(shareFileOrChromosome)
        .default(0.1),
    )
    .option('--no-validation', 'keep the last epoch');
}

/** Defaults are those of the library; a test holds them to it. */
function fitOptions(command: Command): void {
  command
    .optionsGroup('Training:')
    .option('--epochs <n>', 'passes over the data at most', whole(1), 40)
    .option(
      '--patience <n>',
      'epochs without improvement on validation data before it stops; 0: never',
      whole(0),
      8,
    )
    .option('--batch-size <n>', 'records in a batch', whole(1), 32)
    .option('--max-tokens <n>', 'letters in a batch at most, padding included', whole(1), 262_144)
    .option(
      '--max-memory <size>',
      'such as 4G: smaller batches, so that training stays within it by an upper estimate; told before the start where that cannot be',
      size,
    )
    .option('--accumulate <n>', 'batches whose gradients make one update', whole(1), 1)
    .addOption(
      new Option('--optimizer <name>', `one of ${Object.keys(optimizerNames).join(', ')}`)
        .argParser(named(optimizerNames))
        .default('adamW'),
    )
    .option('--rate <x>', 'learning rate', number(0), 2e-3)
    .addOption(
      new Option('--schedule <name>', 'course of the learning rate')
        .choices(['constant', 'cosine', 'linear', 'step'])
        .default('cosine'),
    )
    .option('--clip <x>', "limit of the gradients' norm; 0: none", number(0), 1)
    .option('--decay <x>', "weight decay (default: the optimiser's; 0.01 for adamW, else 0)", number(0))
    .option('--l1 <x>', 'L1 penalty; unneeded weights become exactly zero', number(0), 0)
    .option('--l2 <x>', 'L2 penalty', number(0), 0)
    .option('--smoothing <x>', 'label smoothing', number(0), 0)
    .addOption(
      new Option('--class-weights <how>', 'balanced: classes count inversely to their frequency')
        .choices(['none', 'balanced'])
        .default('none'),
    )
    .addOption(
      new Option(
        '--group-dro [step]',
        'learn for the worst --subgroup instead of the mean over records (Sagawa et al. 2020); how fast weight moves to those with the largest loss (0.01 where no number is given)',
      )
        .argParser(number(0))
        .preset('0.01')
        .default(0, 'off'),
    )
    .option(
      '--group-adjustment <C>',
      'group-DRO: C / √n is added to the loss of a subgroup of n records',
      number(0),
      0,
    )
    .option(
      '--average <x>',
      'decay of a running average of the weights that is kept instead; 0: none',
      number(0),
      0,
    );
}
