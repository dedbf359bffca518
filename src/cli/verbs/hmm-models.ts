import { type Command, InvalidArgumentError, Option } from 'commander';
import { seedOption } from '../options.ts';
import { collect, number, whole } from '../values.ts';

/** Where the observations of an HMM stand, and what is known of their states. */
export interface ObservationArguments {
  id?: string;
  sequence?: string;
  ambiguous?: 'error' | 'mask' | 'skip';
  column?: string[];
  group?: string;
  labels?: string;
  label?: string;
  elsewhere?: string;
}

/** The parts of a model that training may be told of one by one. */
export type HmmPart = 'start' | 'transitions' | 'emissions';

/** What `hmm train` is told. */
export interface HmmTrainArguments extends ObservationArguments {
  output: string;
  states?: number;
  topology?: 'ergodic' | 'left-right';
  emissions?: 'categorical' | 'gaussian' | 'poisson';
  letters?: string;
  order?: number;
  period?: number;
  components?: number;
  ends?: boolean;
  method?: 'baum-welch' | 'viterbi' | 'supervised';
  iterations: number;
  tolerance: number;
  restarts?: number;
  prior?: Partial<Record<HmmPart, number>>;
  fix?: HmmPart[];
  json?: boolean;
  seed: number;
  quiet?: boolean;
}

export const decodeFormats = ['fasta', 'bed', 'tsv', 'jsonl'] as const;

/** What `hmm decode` is told. */
export interface HmmDecodeArguments extends ObservationArguments {
  output: string;
  method: 'viterbi' | 'posterior' | 'mea';
  best: number;
  format?: (typeof decodeFormats)[number];
  json?: boolean;
  by: 'label' | 'state';
  only?: string[];
  posterior?: boolean;
  quiet?: boolean;
}

/** What `hmm score` is told. */
export interface HmmScoreArguments extends ObservationArguments {
  output: string;
  null?: string;
  positions?: boolean;
  quiet?: boolean;
}

const parts: readonly HmmPart[] = ['start', 'transitions', 'emissions'];

function partName(text: string): HmmPart {
  if ((parts as readonly string[]).includes(text)) return text as HmmPart;
  throw new InvalidArgumentError(`Expected one of ${parts.join(', ')}.`);
}

/** `emissions=1`, or a number for everything. */
function priorCount(text: string, before: Partial<Record<HmmPart, number>> = {}) {
  const [name = '', value] = text.includes('=') ? text.split('=', 2) : [undefined, text];
  const count = number(0)(value ?? '');
  if (text.includes('=')) return { ...before, [partName(name)]: count };
  return { start: count, transitions: count, emissions: count };
}

const readingOptions = (command: Command): Command =>
  command
    .optionsGroup('Observations:')
    .option(
      '--column <name>',
      'a column of numbers or symbols, where each row of a table is a step; repeat it',
      collect,
    )
    .option('--group <column>', 'the column that tells which series a row belongs to')
    .option('--id <column>', 'the column of ids, where sequences are a table (default: id)')
    .option('--sequence <column>', 'the column of sequences, where they are a table (default: sequence)')
    .addOption(
      new Option(
        '--ambiguous <policy>',
        'letters such as N: error refuses them, mask leaves them unobserved, skip leaves the record out',
      )
        .choices(['error', 'mask', 'skip'])
        .default('mask'),
    );

const output = (command: Command, what: string): Command =>
  command.option('-o, --output <file>', `where ${what} goes; a name in .gz is compressed`, '-');

const trainExamples = `
Examples:
  seqwright hmm train islands.json genome.fa -o islands.hmm.json          # Baum and Welch from a topology
  seqwright hmm train islands.json genome.fa --labels known.bed --elsewhere sea -o islands.hmm.json   # supervised
  seqwright hmm train prices.csv --states 2 --emissions gaussian --column return -o regimes.hmm.json
  seqwright hmm train spikes.csv --states 3 --emissions poisson --column count --group trial -o spikes.hmm.json
  seqwright hmm train words.fa --states 4 --letters abcdefghijklmnopqrstuvwxyz -o words.hmm.json

A topology is JSON; what it leaves out of "distributions" is learned:
  { "format": "seqwright hmm", "version": 1, "letters": "ACGT",
    "states": [ { "name": "sea", "to": { "sea": 0.999, "island": 0.001 } },
                { "name": "island", "to": { "sea": 0.005, "island": 0.995 } } ],
    "emissions": { "kind": "categorical", "distributions": { "sea": [0.3, 0.2, 0.2, 0.3] } } }
A state may also have "start", "end", "silent", "emits" (a distribution that others share), "tie" (shared transitions), "label",
"letter" and "duration". Probabilities of zero stay zero. In place of "letters", "symbols" names events and "columns" numbers.`;

/** Declares `hmm train`. */
export function defineTrain(command: Command): void {
  command
    .usage('[options] [model] <sequences>')
    .argument('<files...>', 'a topology or model as JSON, unless --states makes one; then FASTA, or a table');
  output(command, 'the model')
    .optionsGroup('Model without a topology:')
    .option('--states <n>', 'so many states', whole(1))
    .addOption(
      new Option(
        '--topology <name>',
        'ergodic: every state leads to every one; left-right: to itself and the next (default: ergodic)',
      ).choices(['ergodic', 'left-right']),
    )
    .addOption(
      new Option('--emissions <family>', 'categorical, gaussian or poisson (default: categorical)').choices([
        'categorical',
        'gaussian',
        'poisson',
      ]),
    )
    .option(
      '--letters <letters>',
      'the letters of sequences (default: ACGT, ACGU or the amino acids, told by the first record)',
    )
    .option('--order <n>', 'letters before the present one that an emission depends on', whole(0))
    .option(
      '--period <n>',
      'length of the cycle of emissions that depend on the position, such as 3',
      whole(1),
    )
    .option('--components <n>', 'Gaussians in each mixture', whole(1))
    .option('--ends', 'model where sequences end, too')
    .optionsGroup('Labels:')
    .option(
      '--labels <file>',
      'labels of states: BED (by name), or a letter for each position as hmm decode writes it',
    )
    .option('--elsewhere <label>', 'the label of what no BED interval covers (default: not known)')
    .option('--label <column>', 'the column of labels, where each row of a table is a step')
    .optionsGroup('Estimation:')
    .addOption(
      new Option(
        '--method <name>',
        'baum-welch, viterbi, or supervised: counts of labels (default: supervised where labels say every state, else baum-welch)',
      ).choices(['baum-welch', 'viterbi', 'supervised']),
    )
    .option('--iterations <n>', 'rounds at most', whole(1), 200)
    .option('--tolerance <nats>', 'stop when a round gains less', number(0), 0.01)
    .option(
      '--restarts <n>',
      'further runs from random parameters; the best is kept (default: 0; 4 with --states)',
      whole(0),
    )
    .option(
      '--prior <count>',
      'pseudo-count of everything that is possible, or transitions=10 of a part; repeat it',
      priorCount,
    )
    .option(
      '--fix <part>',
      'start, transitions or emissions stay as they are; repeat it',
      (text, before: HmmPart[] = []) => [...before, partName(text)],
    );
  readingOptions(command)
    .optionsGroup('Running:')
    .option('--json', 'print how training went as JSON (give the model a file with -o)')
    .option('--quiet', 'no messages but errors');
  seedOption(command).addHelpText('after', trainExamples);
  command.action(async (files: string[]) => {
    const { hmmTrain } = await import('../actions/markov-train-hmm.ts');
    await hmmTrain(files, command.opts<HmmTrainArguments>());
  });
}

const decodeExamples = `
Examples:
  seqwright hmm decode islands.hmm.json genome.fa --only island -o islands.bed
  seqwright hmm decode islands.hmm.json genome.fa --method mea --posterior --format tsv
  seqwright hmm decode regimes.hmm.json prices.csv -o states.tsv
  seqwright hmm decode islands.hmm.json one.fa --best 3        # the three most probable paths, a letter for each position

viterbi is the most probable path; posterior the most probable state of each position by itself; mea the path with the most
positions expected right. Labels that several states share are one in the output (--by state tells them apart).`;

/** Declares `hmm decode`. */
export function defineDecode(command: Command): void {
  command
    .argument('<model>', 'an HMM (JSON)')
    .argument('<sequences>', 'FASTA, or a table; - is standard input');
  output(command, 'paths')
    .addOption(
      new Option('--method <name>', 'viterbi, posterior or mea')
        .choices(['viterbi', 'posterior', 'mea'])
        .default('viterbi'),
    )
    .option('--best <k>', 'the k most probable paths (viterbi)', whole(1), 1)
    .addOption(
      new Option(
        '--format <name>',
        'fasta: a letter for each position; bed: runs; tsv: a row for each position; jsonl (default: by the name of the output, else fasta for letters and tsv for tables)',
      ).choices([...decodeFormats]),
    )
    .option('--json', 'the same as --format jsonl')
    .addOption(new Option('--by <what>', 'label or state').choices(['label', 'state']).default('label'))
    .option('--only <label>', 'BED: only runs of this label; repeat it', collect)
    .option(
      '--posterior',
      'posterior probabilities, too: of each run in BED (score, per mille) and JSON, of every state in TSV',
    );
  readingOptions(command).optionsGroup('Running:').option('--quiet', 'no messages but errors');
  command.addHelpText('after', decodeExamples).action(async (model: string, sequences: string) => {
    const { hmmDecode } = await import('../actions/markov-decode-hmm.ts');
    await hmmDecode(model, sequences, command.opts<HmmDecodeArguments>());
  });
}

/** Declares `hmm score`. */
export function defineScore(command: Command): void {
  command
    .argument('<model>', 'an HMM (JSON)')
    .argument('<sequences>', 'FASTA, or a table; - is standard input');
  output(command, 'the table of scores')
    .option('--null <model>', 'another HMM to be held against: log-odds in bits')
    .option('--positions', 'a row for each position: how surprising it is, in bits, after those before it');
  readingOptions(command)
    .optionsGroup('Running:')
    .option('--quiet', 'no messages but errors')
    .action(async (model: string, sequences: string) => {
      const { hmmScore } = await import('../actions/markov-score-hmm.ts');
      await hmmScore(model, sequences, command.opts<HmmScoreArguments>());
    });
}
