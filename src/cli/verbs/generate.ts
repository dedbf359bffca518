import { type Command, Option } from 'commander';
import { type RunArguments, runOptions, seedOption } from '../options.ts';
import { collect, number, shareRange, whole } from '../values.ts';

/** What `generate` is told. */
export interface GenerateArguments extends RunArguments {
  output: string;
  format?: 'fasta' | 'text' | 'tsv' | 'jsonl';
  json?: boolean;
  prompt?: string;
  length?: number;
  count: number;
  seed: number;
  temperature?: number;
  topK?: number;
  topP?: number;
  typical?: number;
  minP?: number;
  beam?: number;
  lengthPenalty?: number;
  avoid?: string[];
  require?: string[];
  avoidSite?: string[];
  startsWith?: string[];
  endsWith?: string[];
  pattern?: string;
  gc?: { min: number; max: number };
  gcWindow?: number;
  codons?: number | boolean;
  iupac?: boolean;
  bothStrands?: boolean;
}

const examples = `
Examples:
  seqwright generate mine.model --prompt "To be" --length 400 --top-p 0.9
  seqwright generate cds.model --count 10 --length 90 --prompt ATG --ends-with TAA --gc 0.4-0.6 --avoid-site EcoRI
  seqwright generate mine.model --beam 8 --length 60 --format tsv -o likely.tsv
  seqwright generate genes.ngram.json --count 100 --length 90 --prompt ATG --codons -o made-up.fa

The length counts tokens, the prompt's included; models of whole sequences (trained on FASTA or lines) stop by themselves and
take it as the most. What cannot be met together is said before anything is drawn. Under constraints tokens that lead nowhere
are left out step by step, which is not quite the model's distribution given the constraints: see the documentation of generate.
With one text on standard output, letters are shown as they are drawn.`;

/** Declares `seqwright generate`. */
export function define(command: Command): void {
  command
    .argument('<model>', 'the folder of a language model, or the file of an n-gram model or HMM')
    .option('-o, --output <file>', 'where sequences go; a name in .gz is compressed', '-')
    .addOption(
      new Option(
        '--format <name>',
        'fasta, text, tsv or jsonl (default: by the name of the output, else fasta for letters and text for text)',
      ).choices(['fasta', 'text', 'tsv', 'jsonl']),
    )
    .option('--json', 'the same as --format jsonl')
    .option('--prompt <text>', 'what every sequence begins with')
    .option(
      '--length <tokens>',
      'how many tokens (default: 200; at most 1000 where the model knows ends)',
      whole(1),
    )
    .option('--count <n>', 'how many sequences', whole(1), 1)
    .optionsGroup('Sampling:')
    .option('--temperature <t>', 'below 1 the likely becomes likelier', number(0))
    .option('--top-k <k>', 'only the k most probable tokens', whole(1))
    .option('--top-p <p>', 'only the most probable tokens that together have this share (nucleus)', number(0))
    .option(
      '--typical <p>',
      'only tokens about as surprising as is usual, with this share (locally typical)',
      number(0),
    )
    .option('--min-p <p>', 'only tokens with at least this share of the most probable one', number(0))
    .option(
      '--beam <width>',
      'no sampling: the most probable sequences by beam search; 1 is greedy',
      whole(1),
    )
    .option(
      '--length-penalty <x>',
      'with --beam: 0 ranks by log-probability, more favours longer ones',
      number(0),
    )
    .optionsGroup('Constraints:')
    .option('--avoid <motif>', 'occurs nowhere; repeat it for several', collect)
    .option('--require <motif>', 'occurs somewhere; repeat it for several', collect)
    .option('--avoid-site <enzyme>', 'no site of this restriction enzyme, such as EcoRI; repeat it', collect)
    .option('--starts-with <text>', 'repeat it for alternatives', collect)
    .option('--ends-with <text>', 'repeat it for alternatives: --ends-with TAA --ends-with TGA', collect)
    .option('--pattern <regex>', 'the whole sequence matches it')
    .option('--gc <min-max>', 'share of G and C, such as 0.4-0.6', shareRange)
    .option('--gc-window <letters>', 'in every window of so many letters', whole(1))
    .option(
      '--codons [table]',
      'an open reading frame: ATG, whole codons, one stop, by this table of the NCBI (1)',
      whole(1),
    )
    .option('--iupac', 'motifs are read as IUPAC: N is any base')
    .option('--both-strands', 'motifs count on the other strand, too');
  seedOption(runOptions(command));
  command.addHelpText('after', examples).action(async (model: string) => {
    const { generate } = await import('../actions/generate.ts');
    await generate(model, command.opts<GenerateArguments>());
  });
}
