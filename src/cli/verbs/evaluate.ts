import type { Command } from 'commander';
import { type TranscriptionSearchArguments, transcriptionSearchOptions } from '../ctc-options.ts';
import { type SeriesArguments, timeOption } from '../forecast-options.ts';
import { type MarkReadingArguments, markFileOptions, trackOptions } from '../marks-options.ts';
import {
  type CorpusArguments,
  corpusOption,
  type DataArguments,
  labelOptions,
  letterOptions,
  type RunArguments,
  resamplesOption,
  runOptions,
  seedOption,
  subgroupOption,
} from '../options.ts';
import { negativesOption, regionOptions } from '../region-options.ts';
import { type SpanReadingArguments, spanReadingOptions } from '../span-options.ts';
import { tagReadingOptions } from '../tagging-options.ts';
import {
  type PairArguments,
  pairOptions,
  type WritingArguments,
  writingOptions,
} from '../translation-options.ts';

/** What `evaluate` is told. */
export interface EvaluateArguments
  extends DataArguments,
    CorpusArguments,
    PairArguments,
    WritingArguments,
    TranscriptionSearchArguments,
    SpanReadingArguments,
    Pick<SeriesArguments, 'time'>,
    MarkReadingArguments,
    RunArguments {
  train?: string;
  report?: string;
  json?: boolean;
  seed: number;
  resamples?: number;
}

const examples = `
Examples:
  seqwright evaluate mine.model held-out.fa --labels held-out.tsv
  seqwright evaluate mine.model held-out.csv --train train.csv --report held-out.report
  seqwright evaluate mine.model held-out.fa --label-from 'class=(\\S+)' --json > results.json
  seqwright evaluate peaks.model other.bed --negatives background.bed --genome hg38.fa     # cut out as in training
  seqwright evaluate novel.model chapter.txt --train novel.txt     # a language model: perplexity, bits per letter
  seqwright evaluate bert.model new.fa --train promoters.fa     # a masked model: pseudo-perplexity, bits per letter
  seqwright evaluate ner.model held-out.conll --label ner --train train.conll     # a tagger: accuracy, span F1
  seqwright evaluate histone.model genome.fa --mark H3K4me3=k4.bed --track atac=atac.bw --regions chr8 --train chr1,chr2     # marks: AUPRC
  seqwright evaluate fr.model held-out.tsv --source english --target french --beam 5     # a translator: exact match, BLEU, chrF
  seqwright evaluate cds.model new.fa --spans new.bed     # a model of spans: exact match, F1 of letters or words
  seqwright evaluate sales.model later.csv --train sales.csv     # a forecaster: MASE, pinball loss, coverage
  seqwright evaluate basecaller.model held-out.jsonl --train squiggles.jsonl --beam 16     # a transcriber: character and word error rate

The classes are those that the model was trained on; a forecaster looks back within the file, which must begin with the steps that it needs. With --train, what it was trained on, simple baselines stand beside
the model and the similarity of the two sets is measured.`;

/** Declares `seqwright evaluate`. */
export function define(command: Command): void {
  command
    .argument('<model>', 'a model folder, or the file of an n-gram model or HMM')
    .argument('<sequences>', 'FASTA, or a table with a sequence column; - is standard input')
    .option(
      '--train <file>',
      'what the model was trained on, read in the same way; of marks regions (BED) or names of sequences',
    )
    .option('--report <folder>', 'write a report there')
    .option('--json', 'print results.json instead of the summary')
    .addOption(subgroupOption())
    .addOption(resamplesOption())
    .addOption(corpusOption());
  letterOptions(labelOptions(command));
  regionOptions(command).addOption(negativesOption());
  tagReadingOptions(command);
  spanReadingOptions(command);
  trackOptions(markFileOptions(command));
  writingOptions(pairOptions(command));
  timeOption(command);
  transcriptionSearchOptions(command);
  seedOption(runOptions(command));
  command.addHelpText('after', examples).action(async (model: string, sequences: string) => {
    const { evaluate } = await import('../actions/evaluate.ts');
    await evaluate(model, sequences, command.opts<EvaluateArguments>());
  });
}
