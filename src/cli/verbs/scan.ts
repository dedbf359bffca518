import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Ambiguity, DeviceName } from '../options.ts';
import { collect, named, number, whole } from '../values.ts';

/** What `scan` is told. */
export interface ScanArguments {
  output: string;
  format?: 'bedgraph' | 'bed' | 'gff3';
  track?: string[];
  width?: number;
  step?: number;
  flank?: number;
  strand?: 'both' | '+' | '-';
  combine?: 'max' | 'mean' | 'apart';
  threshold?: number;
  mergeGap: number;
  ambiguous: Ambiguity;
  regions?: string;
  shard?: { part: number; of: number };
  resume?: boolean;
  checkpointEvery: number;
  json?: boolean;
  device: DeviceName;
  threads?: number;
  quiet?: boolean;
}

const examples = `
Examples:
  seqwright scan promoters.model genome.fa.gz --track yes -o promoters.bed
  seqwright scan promoters.model genome.fa --track yes --width 200 --step 20 -o promoters.bedgraph.gz
  seqwright scan splice.model genome.2bit --track donor --track acceptor --threshold 0.9 -o sites.gff3
  seqwright scan genes.model genome.fa --strand both -o genes.gff3            # a tagger: one tag a letter
  seqwright scan promoters.model genome.fa --track yes -o promoters.bed --resume
  for i in 1 2 3; do seqwright scan … --shard $i/3 -o part$i.bed; done; cat part1.bed part2.bed part3.bed > all.bed

A model with one answer a sequence is slid in windows of --width letters every --step letters. Its answer counts for the step letters in
the middle of the window (at the ends of a sequence, up to the end), so that every letter has one value. A tagger reads
windows that overlap; what is within --flank letters of a window's edge is context only. bedGraph has the values; BED and GFF3 have
segments: neighbouring windows from --threshold on with the highest of their values, or spans of tags with the mean of theirs.

Sequences shorter than a window, and windows that are mostly unknown letters, have no value; how many is said in the end. BED and bedGraph
count from 0, half-open; GFF3 from 1. Memory does not grow with the input. The output is the same, byte for byte, for any number of
--threads and shards, and after --resume. Compressed shards are the same once unpacked.`;

/** A part of several: `2/5`. */
function shard(text: string): { part: number; of: number } {
  const [, part, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const [i, n] = [Number(part), Number(of)];
  if (i >= 1 && i <= n) return { part: i, of: n };
  throw new InvalidArgumentError('Expected a part of several, such as 2/5.');
}

/** Declares `seqwright scan`. */
export function define(command: Command): void {
  command
    .argument('<model>', 'a model folder: one answer a sequence, or a tagger of letters')
    .argument('<genome>', 'FASTA (plain, gzip, bgzip), 2bit, GenBank or EMBL; - is FASTA from standard input')
    .option('-o, --output <file>', 'where the track goes; a name in .gz is compressed', '-')
    .addOption(
      new Option(
        '--format <name>',
        'how it is written (default: by the name of the output, else bedgraph)',
      ).choices(['bedgraph', 'bed', 'gff3']),
    )
    .option(
      '--track <name>',
      'the class, label or value that is scanned for; BED and GFF3 take several',
      collect,
    )
    .optionsGroup('Windows:')
    .option('--width <n>', 'letters in a window (default: what the model says; taggers: 2048)', whole(1))
    .option('--step <n>', 'letters from one window to the next (default: a quarter of the width)', whole(1))
    .option('--flank <n>', 'taggers: context at either edge of a window (default: an eighth of it)', whole(0))
    .addOption(
      new Option(
        '--strand <name>',
        'both, + or - (default: both for classes and labels, unless the model sees both itself; else +)',
      ).argParser(named({ both: [], '+': ['plus', 'forward'], '-': ['minus', 'reverse'] })),
    )
    .addOption(
      new Option(
        '--ambiguous <policy>',
        'letters such as N: error refuses them, mask keeps them as unknown but leaves windows out that are mostly so, skip leaves out every window with one',
      )
        .choices(['error', 'mask', 'skip'])
        .default('mask'),
    )
    .option('--regions <bed>', 'scan these regions only; windows lie within them')
    .optionsGroup('Segments and strands:')
    .option(
      '--threshold <x>',
      'BED and GFF3: windows from this value on (default: 0.5 for probabilities)',
      number(Number.NEGATIVE_INFINITY),
    )
    .option('--merge-gap <n>', 'BED and GFF3: join segments at most n letters apart', whole(0), 0)
    .addOption(
      new Option(
        '--combine <rule>',
        'of two strands the higher value, their mean, or each apart (default: max; mean for values; tags are apart)',
      ).choices(['max', 'mean', 'apart']),
    )
    .optionsGroup('Running:')
    .option('--resume', 'go on where an interrupted scan of the same command stopped')
    .option('--checkpoint-every <seconds>', 'how often the progress is kept', number(0), 10)
    .addOption(
      new Option(
        '--shard <i/n>',
        'the i-th of n parts; their outputs, one after the other, are the whole',
      ).argParser(shard),
    )
    .addOption(
      new Option(
        '--device <name>',
        'cpu runs natively, wasm everywhere, more slowly; auto is cpu where there is a binary for it',
      )
        .choices(['auto', 'cpu', 'wasm'])
        .default('auto'),
    )
    .option('--threads <n>', 'windows are run by so many threads (default: one a core, up to 4)', whole(1))
    .option('--json', 'what was scanned as JSON on standard output (with -o)')
    .option('--quiet', 'no messages but errors')
    .addHelpText('after', examples)
    .action(async (model: string, genome: string) => {
      const { scan } = await import('../actions/scan.ts');
      await scan(model, genome, command.opts<ScanArguments>());
    });
}
