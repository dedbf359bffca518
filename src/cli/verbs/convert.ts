import { type Command, Option } from 'commander';
import { flanks } from '../region-options.ts';
import { collect, whole } from '../values.ts';

/** What `convert` is told. */
export interface ConvertArguments {
  from?: string;
  to?: string;
  genome?: string;
  circular?: string[];
  feature?: string;
  width?: number;
  around: 'centre' | 'summit' | 'start' | 'end';
  flank?: [upstream: number, downstream: number];
  offTheEnd: 'error' | 'skip' | 'pad';
  refMismatch: 'error' | 'skip';
  id?: string;
  sequence?: string;
  quiet?: boolean;
}

const examples = `
Examples:
  seqwright convert reads.fq.gz reads.fa
  seqwright convert plasmid.gb plasmid.gff3
  seqwright convert plasmid.gb genes.fa --feature CDS
  seqwright convert genes.gff3 coding.fa --genome genome.fa --feature CDS
  seqwright convert peaks.narrowPeak peaks.fa --genome hg38.2bit --width 200 --around summit --off-the-end skip
  seqwright convert family.sto family.a2m
  seqwright convert calls.vcf.gz calls.tsv --genome genome.fa
  zcat genes.gff3.gz | seqwright convert - genes.bed --from gff3

Formats are told by the suffix, .gz aside; --from and --to name them for other files and for -.
From: fasta fastq genbank embl 2bit bam cram bed narrowpeak gff3 gtf vcf stockholm a2m afa meme newick conll tsv csv jsonl
parquet bigwig. To: fasta fastq gff3 bed bedgraph stockholm a2m afa meme newick conll tsv jsonl.
What was left out, and why, is counted on standard error.`;

/** Declares `seqwright convert`. */
export function define(command: Command): void {
  command
    .argument('<in>', 'the file to read; - is standard input')
    .argument('[out]', 'the file to write; a name in .gz is compressed; - is standard output', '-')
    .option('--from <format>', 'the format of the input (default: by its suffix)')
    .option('--to <format>', 'the format of the output (default: by its suffix)')
    .option('--id <column>', 'the column of ids, where a table becomes sequences (default: id)')
    .option(
      '--sequence <column>',
      'the column of sequences, where a table becomes sequences (default: sequence)',
    )
    .option('--quiet', 'no messages but errors')
    .optionsGroup('Parts of a genome:')
    .option('--genome <file>', 'where the bases are: FASTA (with .fai or without), 2bit, GenBank')
    .option('--circular <name>', 'a sequence of it that is circular; repeat it for several', collect)
    .option(
      '--feature <type>',
      'which features: gene, CDS (joined), exon … (default: CDS for sequences, all otherwise)',
    )
    .option('--width <n>', 'give every region this width', whole(1))
    .addOption(
      new Option('--around <place>', 'what --width keeps in place; start and end are the 5′ and 3′ ends')
        .choices(['centre', 'summit', 'start', 'end'])
        .default('centre'),
    )
    .option('--flank <n>', 'bases added on both sides, or upstream,downstream', flanks)
    .addOption(
      new Option(
        '--off-the-end <policy>',
        'regions that reach beyond their sequence: refuse, leave out, fill up with N',
      )
        .choices(['error', 'skip', 'pad'])
        .default('error'),
    )
    .addOption(
      new Option('--ref-mismatch <policy>', 'variants whose REF is not what the genome has')
        .choices(['error', 'skip'])
        .default('error'),
    );
  command.addHelpText('after', examples).action(async (input: string, output: string) => {
    const { convert } = await import('../actions/convert.ts');
    await convert(input, output, command.opts<ConvertArguments>());
  });
}
