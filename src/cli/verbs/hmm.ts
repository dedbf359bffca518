import { type Command, Option } from 'commander';
import { seedOption } from '../options.ts';
import { number, whole } from '../values.ts';
import { defineDecode, defineScore, defineTrain } from './hmm-models.ts';

/** What `hmm build` is told. */
export interface HmmBuildArguments {
  output: string;
  name?: string;
  alphabet?: 'amino' | 'dna' | 'rna';
  letters?: string;
  hand?: boolean;
  symfrac: number;
  fragthresh: number;
  weights: 'position' | 'none' | 'given';
  effective: 'entropy' | 'rows' | number;
  bits?: number;
  priors: 'published' | 'laplace';
  seed: number;
  quiet?: boolean;
}

/** What `hmm search` and `hmm scan` are told. */
export interface HmmSearchArguments {
  output: string;
  tblout?: string;
  domtblout?: string;
  json?: boolean;
  alignments: boolean;
  evalue: number;
  score?: number;
  domainEvalue: number;
  domainScore?: number;
  includeEvalue: number;
  includeDomainEvalue: number;
  cutoff?: 'GA' | 'TC' | 'NC';
  max?: boolean;
  strand: 'both' | 'plus' | 'minus';
  whole?: boolean;
  bias: boolean;
  null2: boolean;
  targets?: number;
  domainTargets?: number;
  sequence?: string;
  id?: string;
  seed: number;
  quiet?: boolean;
}

/** What `hmm sample` is told. */
export interface HmmSampleArguments {
  output: string;
  count: number;
  length?: number;
  format?: 'fasta' | 'tsv' | 'jsonl';
  seed: number;
}

/** What `hmm align` is told. */
export interface HmmAlignArguments {
  output: string;
  format?: 'stockholm' | 'a2m' | 'afa';
  trim?: boolean;
  glocal?: boolean;
  quiet?: boolean;
}

const strandOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--strand <name>', 'of DNA and RNA: both, plus or minus')
        .choices(['both', 'plus', 'minus'])
        .default('both'),
    )
    .option('--whole', 'DNA and RNA as proteins: one score a sequence, its plus strand only');

/** A score may be negative. */
const score = number(Number.NEGATIVE_INFINITY);

const examples = `
Examples:
  seqwright hmm build globins.sto -o globins.hmm
  seqwright hmm search globins.hmm proteins.fa --tblout hits.tbl
  seqwright hmm scan Pfam-A.hmm one-protein.fa --cutoff GA
  seqwright hmm align globins.hmm new.fa -o aligned.sto
  seqwright hmm sample globins.hmm --count 10
  seqwright hmm search transposon.hmm chromosome.fa.gz
  seqwright hmm train islands.json genome.fa -o islands.hmm.json
  seqwright hmm decode islands.hmm.json genome.fa --only island -o islands.bed
  seqwright hmm train prices.csv --states 2 --emissions gaussian --column return -o regimes.hmm.json

DNA and RNA are searched as long sequences, on both strands, each match for itself (as nhmmer does); proteins and letters of
your own as whole sequences (as hmmsearch does), and so is everything in hmm scan.

Profiles are HMMER3/f files, as HMMER 3.1 to 3.4 reads and writes them. train, decode and score are for HMMs of any topology, over
letters, named events or numbers, which are JSON; "seqwright hmm train -h" shows one. sample takes both. "seqwright hmm <action> -h" explains an action.`;

/** Declares `seqwright hmm` and its actions. */
export function define(command: Command): void {
  command.usage('<action> [options]').addHelpText('after', examples);
  command.action(() => command.help());
  const action = (name: string, summary: string) =>
    command.command(name).description(summary).helpOption('-h, --help', 'this text');
  defineBuild(action('build', 'build a profile from each alignment of a file'));
  defineSearch(action('search', 'find sequences that match a profile'), 'search');
  defineSearch(action('scan', 'find which profiles of a library sequences match'), 'scan');
  defineAlign(action('align', 'align sequences to a profile'));
  defineTrain(action('train', 'train an HMM of any topology, over letters, events or numbers'));
  defineDecode(action('decode', 'the states behind sequences: Viterbi, posterior, the k best paths'));
  defineScore(action('score', 'how probable sequences are under an HMM'));
  defineSample(action('sample', 'draw sequences from a profile or an HMM'));
}

const output = (command: Command, what: string): Command =>
  command.option('-o, --output <file>', `where ${what} go; a name in .gz is compressed`, '-');

function defineBuild(command: Command): void {
  output(command.argument('<alignments>', 'Stockholm, A2M or aligned FASTA; - is standard input'), 'profiles')
    .option('--name <name>', "the profile's name (default: the alignment's, or the file's)")
    .addOption(
      new Option('--alphabet <name>', 'what the letters are (default: told by the letters)').choices([
        'amino',
        'dna',
        'rna',
      ]),
    )
    .option('--letters <letters>', 'letters of your own: events, structure, steps of a series')
    .optionsGroup('Columns:')
    .option('--hand', 'the columns that the reference line (Stockholm RF) marks')
    .option('--symfrac <share>', 'columns where this share of rows, weighted, has a letter', number(0), 0.5)
    .option('--fragthresh <share>', 'rows with at most this share of letters are fragments', number(0), 0.5)
    .optionsGroup('Estimation:')
    .addOption(
      new Option('--weights <scheme>', 'of rows: position-based, none, or those given (Stockholm WT)')
        .choices(['position', 'none', 'given'])
        .default('position'),
    )
    .addOption(
      new Option('--effective <number>', 'of sequences: by entropy, as many as rows, or a number')
        .argParser((text) => (text === 'entropy' || text === 'rows' ? text : number(0)(text)))
        .default('entropy'),
    )
    .option(
      '--bits <bits>',
      'information of a match state, by entropy (default: 0.59 amino, 0.62 dna)',
      number(0),
    )
    .addOption(
      new Option('--priors <name>', 'published Dirichlet mixtures, or one of each (Laplace)')
        .choices(['published', 'laplace'])
        .default('published'),
    )
    .optionsGroup('Running:')
    .option('--quiet', 'no messages but errors');
  seedOption(command).action(async (alignments: string) => {
    const { hmmBuild } = await import('../actions/hmm-build.ts');
    await hmmBuild(alignments, command.opts<HmmBuildArguments>());
  });
}

function defineSearch(command: Command, kind: 'search' | 'scan'): void {
  command
    .argument('<profiles>', 'HMMER3/f profiles, one or more')
    .argument('<sequences>', 'FASTA, or a table with a sequence column; - is standard input');
  output(command, 'hits')
    .option('--tblout <file>', "a table of hits, one line a target, HMMER's columns")
    .option('--domtblout <file>', "a table of domains, one line a domain, HMMER's columns")
    .option('--json', 'hits as JSON lines instead of text')
    .option('--no-alignments', 'text without alignments')
    .optionsGroup('Thresholds:')
    .option('-E, --evalue <x>', 'report targets up to this E-value', number(0), 10)
    .option('-T, --score <bits>', 'report targets from this score on, instead', score)
    .option('--domain-evalue <x>', 'report domains up to this E-value', number(0), 10)
    .option('--domain-score <bits>', 'report domains from this score on, instead', score)
    .option('--include-evalue <x>', 'believe targets up to this E-value', number(0), 0.01)
    .option('--include-domain-evalue <x>', 'believe domains up to this E-value', number(0), 0.01)
    .addOption(
      new Option('--cutoff <name>', "the profile's own thresholds: gathering, trusted, noise").choices([
        'GA',
        'TC',
        'NC',
      ]),
    )
    .option('-Z, --targets <n>', 'targets that E-values are of (default: those compared)', number(0))
    .option('--domain-targets <n>', 'the same of domains (default: targets reported)', number(0))
    .optionsGroup('Comparison:')
    .option('--max', 'no filters: slower, and nothing is lost to them')
    .option('--no-bias', 'no filter for biased composition')
    .option('--no-null2', 'no correction of scores for biased composition')
    .optionsGroup('Sequences:')
    .option('--id <column>', 'the column of ids, where sequences are a table (default: id)')
    .option('--sequence <column>', 'the column of sequences, where they are a table (default: sequence)');
  if (kind === 'search') strandOptions(command);
  command.optionsGroup('Running:').option('--quiet', 'no messages but errors');
  seedOption(command).action(async (profiles: string, sequences: string) => {
    const { hmmSearch } = await import('../actions/hmm-search.ts');
    await hmmSearch(kind, profiles, sequences, command.opts<HmmSearchArguments>());
  });
}

function defineSample(command: Command): void {
  output(command.argument('<model>', 'HMMER3/f profiles, or an HMM (JSON)'), 'sequences')
    .option('-n, --count <n>', 'sequences, of each profile', whole(1), 1)
    .option(
      '--length <n>',
      'positions, from an HMM (default: 200; at most 1000 where it models ends)',
      whole(1),
    )
    .addOption(
      new Option(
        '--format <name>',
        'fasta; from an HMM tsv or jsonl, too, which tell the states (default: by the name of the output, else fasta for letters and tsv for the rest)',
      ).choices(['fasta', 'tsv', 'jsonl']),
    );
  seedOption(command).action(async (model: string) => {
    const { hmmSample } = await import('../actions/hmm-sample.ts');
    await hmmSample(model, command.opts<HmmSampleArguments>());
  });
}

function defineAlign(command: Command): void {
  output(
    command
      .argument('<profile>', 'one HMMER3/f profile')
      .argument('<sequences>', 'FASTA, or a table with a sequence column; - is standard input'),
    'aligned sequences',
  )
    .addOption(
      new Option('--format <name>', 'stockholm, a2m or afa (default: by the name of the output)').choices([
        'stockholm',
        'a2m',
        'afa',
      ]),
    )
    .option('--trim', 'leave out letters outside of the domain')
    .option('--glocal', 'the whole profile, not its best part')
    .option('--quiet', 'no messages but errors')
    .action(async (profile: string, sequences: string) => {
      const { hmmAlign } = await import('../actions/hmm-align.ts');
      await hmmAlign(profile, sequences, command.opts<HmmAlignArguments>());
    });
}
