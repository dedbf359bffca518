import { type Command, Option } from 'commander';
import { corpusOption } from '../options.ts';
import { whole } from '../values.ts';

/** How the texts of a file are told apart. */
type CorpusName = 'auto' | 'text' | 'lines' | 'fasta';

/** What `tokenize train` is told. */
export interface TokenizeTrainArguments {
  output: string;
  kind: string;
  size?: number;
  minCount?: number;
  longest?: number;
  split?: 'none' | 'spaces';
  bytes: boolean;
  lowercase?: boolean;
  special?: string;
  corpus?: CorpusName;
  quiet?: boolean;
}

/** What `tokenize encode` is told. */
export interface TokenizeEncodeArguments {
  output: string;
  format: 'tsv' | 'jsonl';
  spelled?: boolean;
  frame?: boolean;
  corpus?: CorpusName;
}

/** What `tokenize decode` is told. */
export interface TokenizeDecodeArguments {
  output: string;
  format: 'text' | 'fasta' | 'tsv';
  frame?: boolean;
}

const examples = `
Examples:
  seqwright tokenize train genes.fa --kind bpe --size 4096 -o genes.tokenizer.json
  seqwright tokenize encode genes.tokenizer.json new.fa > ids.tsv
  seqwright tokenize decode genes.tokenizer.json ids.tsv --format fasta
  seqwright tokenize encode esm/tokenizer.json proteins.fa --frame --format jsonl

A tokenizer is a JSON file of tokenize train, a tokenizer.json of Hugging Face (models WordLevel, WordPiece, BPE, Unigram), or the
folder of a model of language, whose own it then is. "seqwright tokenize <action> -h" explains an action.`;

/** Declares `seqwright tokenize` and its actions. */
export function define(command: Command): void {
  command.usage('<action> [options]').addHelpText('after', examples);
  command.action(() => command.help());
  const action = (name: string, summary: string) =>
    command.command(name).description(summary).helpOption('-h, --help', 'this text');
  defineTrain(action('train', 'learn a tokenizer from texts or sequences'));
  defineEncode(action('encode', 'texts or sequences to ids, as a stream'));
  defineDecode(action('decode', 'ids to texts or sequences, as a stream'));
}

function defineTrain(command: Command): void {
  command
    .argument('<corpus>', 'text or FASTA; - is standard input')
    .option('-o, --output <file>', 'where the tokenizer goes (JSON)', '-')
    .option(
      '--kind <name>',
      'bpe, unigram, words, characters, bytes, letters (of the alphabet found), dna, rna, protein, codons or kmers:6',
      'bpe',
    )
    .option('--size <n>', 'tokens at most, of bpe, unigram and words (default: 4096)', whole(1))
    .option('--min-count <n>', 'what occurs less often is no token (default: 2)', whole(1))
    .option('--longest <n>', 'characters of a subword at most (default: 128 of bpe, 16 of unigram)', whole(1))
    .addOption(
      new Option(
        '--split <where>',
        'where subwords may not cross: none, or spaces (default: none for FASTA, spaces for text)',
      ).choices(['none', 'spaces']),
    )
    .option('--no-bytes', 'subwords without the 256 bytes that spell what was never seen')
    .option('--lowercase', 'read words in lower case')
    .option(
      '--special <names>',
      'special tokens: pad,unknown,begin,end,mask,separator,class (bpe, unigram, words, characters)',
    )
    .addOption(corpusOption())
    .option('--quiet', 'no messages but errors')
    .action(async (corpus: string) => {
      const { tokenizeTrain } = await import('../actions/tokenize-train.ts');
      await tokenizeTrain(corpus, command.opts<TokenizeTrainArguments>());
    });
}

function defineEncode(command: Command): void {
  command
    .argument('<tokenizer>', 'a tokenizer file, or the folder of a model of language')
    .argument('<corpus>', 'FASTA, or text with one text a line; - is standard input')
    .option('-o, --output <file>', 'where ids go; a name in .gz is compressed', '-')
    .addOption(
      new Option('--format <name>', 'tsv: id and ids; jsonl: the same')
        .choices(['tsv', 'jsonl'])
        .default('tsv'),
    )
    .option('--spelled', 'tokens as they are spelled beside their ids')
    .option('--frame', "the tokenizer's special tokens around each text")
    .addOption(corpusOption())
    .action(async (tokenizer: string, corpus: string) => {
      const { tokenizeEncode } = await import('../actions/tokenize-encode.ts');
      await tokenizeEncode(tokenizer, corpus, command.opts<TokenizeEncodeArguments>());
    });
}

function defineDecode(command: Command): void {
  command
    .argument('<tokenizer>', 'a tokenizer file, or the folder of a model of language')
    .argument('<ids>', 'what tokenize encode writes, or lines of ids; - is standard input')
    .option('-o, --output <file>', 'where texts go; a name in .gz is compressed', '-')
    .addOption(
      new Option('--format <name>', 'text: one a line; fasta; tsv: id and text')
        .choices(['text', 'fasta', 'tsv'])
        .default('text'),
    )
    .option('--frame', 'special tokens spelled out')
    .action(async (tokenizer: string, ids: string) => {
      const { tokenizeDecode } = await import('../actions/tokenize-decode.ts');
      await tokenizeDecode(tokenizer, ids, command.opts<TokenizeDecodeArguments>());
    });
}
