import { type Command, Option } from 'commander';
import { type Ambiguity, letterOptions, type RunArguments, runOptions } from '../options.ts';
import { whole } from '../values.ts';

/** What `tag` is told. */
export interface TagArguments extends RunArguments {
  output: string;
  format?: 'conll' | 'tsv' | 'jsonl' | 'bed' | 'gff3' | 'bedgraph';
  json?: boolean;
  track?: string;
  best: number;
  inputFormat?: 'conll' | 'text';
  word?: string;
  id?: string;
  sequence?: string;
  ambiguous: Ambiguity;
  batchSize: number;
}

const examples = `
Examples:
  seqwright tag ner.model new.conll -o tagged.conll      # its columns, and the tags after them
  echo 'Ann Lee lives in Oslo.' | seqwright tag ner.model -
  seqwright tag fold.model new.fa -o fold.tsv            # the probability of every tag at every letter
  seqwright tag fold.model new.fa -o segments.bed        # or .gff3: runs of one tag, spans
  seqwright tag fold.model new.fa --track H -o helix.bedgraph
  seqwright tag ner.model new.conll --json --best 3      # the 3 best ways to tag each sentence

The tags of a sequence are the most probable ones together (Viterbi); probabilities are those of each tag at its place, all else
summed over (forward-backward). BED and bedGraph count from 0, half-open; GFF3 from 1. Memory does not grow with the input.`;

/** Declares `seqwright tag`. */
export function define(command: Command): void {
  command
    .argument('<model>', 'the folder of a tagger')
    .argument(
      '<input>',
      'letters: FASTA or a table; words: CoNLL columns or text, a sentence a line; - is standard input',
    )
    .option('-o, --output <file>', 'where the tags go; a name in .gz is compressed', '-')
    .addOption(
      new Option(
        '--format <name>',
        'how they are written (default: by the name of the output, else tsv for letters, conll for words)',
      ).choices(['conll', 'tsv', 'jsonl', 'bed', 'gff3', 'bedgraph']),
    )
    .option('--json', 'one JSON object a sequence, as --format jsonl')
    .option('--track <tag>', 'bedgraph: the tag whose probability is written')
    .option('--best <n>', 'jsonl: the n best ways to tag each sequence', whole(1), 1)
    .addOption(
      new Option(
        '--input-format <name>',
        'words: how they stand in the file (default: told by its lines)',
      ).choices(['conll', 'text']),
    )
    .option('--word <column>', 'CoNLL: the column of words, a number from 1 or a usual name')
    .option('--id <column>', 'the column of ids, where sequences are a table (default: id)')
    .option(
      '--sequence <column>',
      'the column of sequences, where sequences are a table (default: sequence)',
    );
  letterOptions(command);
  runOptions(command).option('--batch-size <n>', 'sequences in a batch at most', whole(1), 64);
  command.addHelpText('after', examples).action(async (model: string, input: string) => {
    const { tag } = await import('../actions/tag.ts');
    await tag(model, input, command.opts<TagArguments>());
  });
}
