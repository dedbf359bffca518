import { type Command, Option } from 'commander';
import { type TranscriptionArguments, transcriptionOptions } from '../ctc-options.ts';
import { type SeriesArguments, timeOption } from '../forecast-options.ts';
import { type MarkReadingArguments, trackOptions } from '../marks-options.ts';
import { type Ambiguity, letterOptions, type RunArguments, runOptions, seedOption } from '../options.ts';
import { type RegionArguments, regionOptions } from '../region-options.ts';
import { longestOption, passageOptions, type SpanPredictArguments } from '../span-options.ts';
import { type PairArguments, type WritingArguments, writingOptions } from '../translation-options.ts';
import { whole } from '../values.ts';

/** What `predict` is told. */
export interface PredictArguments
  extends Pick<PairArguments, 'source'>,
    WritingArguments,
    TranscriptionArguments,
    SeriesArguments,
    Pick<MarkReadingArguments, 'track' | 'regions'>,
    SpanPredictArguments,
    Omit<RegionArguments, 'negatives'>,
    RunArguments {
  output: string;
  format?: 'tsv' | 'jsonl';
  ambiguous: Ambiguity;
  attention?: boolean;
  dropoutPasses?: number;
  seed: number;
  positions?: boolean;
  /** Of models that read columns of a table beside the sequence. */
  table?: string;
  id?: string;
  sequence?: string;
  batchSize: number;
}

const examples = `
Examples:
  seqwright predict mine.model new.fa -o predictions.tsv
  zcat genome.fa.gz | seqwright predict mine.model - > predictions.tsv
  seqwright predict mine.model new.fa --dropout-passes 50 --seed 1 -o unsure.tsv     # and the deviation of each probability
  seqwright predict mine.model new.csv --sequence seq --id name -o predictions.jsonl
  seqwright predict peaks.model regions.bed --genome hg38.fa -o predictions.tsv     # cut out as in training
  seqwright predict fused.model new.fa --table patients.tsv -o predictions.tsv     # a model of sequence and table
  seqwright predict bert.model new.fa --positions -o letters.tsv     # a masked model
  seqwright predict fr.model new.txt --beam 5 --length-penalty 0.6 -o translations.tsv     # a translator
  seqwright predict histone.model genome.fa --track atac=atac.bw --regions chr8 -o chr8.bedgraph     # a bedGraph for each mark
  seqwright predict cds.model new.fa -o cds.bed     # a model of spans
  seqwright predict sales.model sales.csv -o next.tsv     # a forecaster: the steps after the end of every series
  seqwright predict basecaller.model new.jsonl --beam 16 --best 3 -o reads.jsonl     # a transcriber; --positions: which frames say what

One row a record, in the order of the input: id (of regions of a genome their place too), the probability of every class or label (or the values), and the
prediction: the most probable class, the labels of at least 0.5 joined by ";", or the values; of a translator the translation, its log-probability and
whether it came to an end, and with --attention the place of the source token that each token looked at most (0: the end).
Of a masked model its embedding, the mean hidden state (e1, e2 …); with --positions one row a letter: the probability of every letter in its place, and
the bits of information that they hold.
Of a transcriber the text, its log-probability (all alignments together) and the confidence in its least sure token; with --positions one row a token:
the first place of the input that it stands for, from 0, the one after the last, and its confidence; with --best the n best texts.
Of a model of marks one row a bin: chrom, start, end (0-based, half-open) and each mark, a probability or a value; or, where the output is called
.bedgraph, a bedGraph for each mark, x.<mark>.bedgraph.
Of a model of spans where the span begins and ends (0-based, the end excluded), what is written there and its probability; --best adds the next
best ones to JSON lines.
Of a forecaster one row for every series, step ahead and target: quantiles (q0.1 …) or mean and deviation, and the prediction, the median or mean; its
columns of times and series are those of the training; covariates are read from rows after the last value. Memory does not grow with the input, save for a forecaster's.`;

/** Declares `seqwright predict`. */
export function define(command: Command): void {
  command
    .argument('<model>', 'a model folder')
    .argument('<sequences>', 'FASTA, or a table with a sequence column; - is standard input')
    .option('-o, --output <file>', 'where predictions go; a name in .gz is compressed', '-')
    .addOption(
      new Option(
        '--format <name>',
        'tsv, jsonl or, of spans in sequences, bed (default: by the suffix of the output, else tsv; of marks bedGraph for those called .bedgraph)',
      ).choices(['tsv', 'jsonl', 'bed']),
    )
    .option(
      '--dropout-passes <n>',
      'predict so often with dropout left on, and write the mean and how far the passes lie apart (Monte-Carlo dropout)',
      whole(1),
    )
    .option('--attention', 'where the model looked, one weight a position (models with attention)')
    .option(
      '--positions',
      'masked models: the probability of every letter in each place, told from all others; transcribers: the places that each token stands for',
    )
    .option('--id <column>', 'the column of ids, where sequences are a table (default: id)')
    .option(
      '--sequence <column>',
      'the column of sequences, where sequences are a table (default: sequence)',
    );
  letterOptions(command);
  regionOptions(command).option(
    '--table <file>',
    'columns that the model reads beside the sequence, joined by id, where the sequences are no table that has them',
  );
  writingOptions(command).option(
    '--source <column>',
    'the column of texts, where they are a table (default: source; plain text has one a line)',
  );
  longestOption(passageOptions(command));
  timeOption(command).option('--group <column>', 'the column that tells series apart');
  transcriptionOptions(command);
  trackOptions(command);
  seedOption(runOptions(command)).option('--batch-size <n>', 'records in a batch at most', whole(1), 64);
  command.addHelpText('after', examples).action(async (model: string, sequences: string) => {
    const { predict } = await import('../actions/predict.ts');
    await predict(model, sequences, command.opts<PredictArguments>());
  });
}
