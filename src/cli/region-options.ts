import { type Command, InvalidArgumentError, Option } from 'commander';
import { usageError } from '../core/errors.ts';
import { collect, shareOrFile, whole } from './values.ts';

/** Where sequences are cut out of a genome, and how. */
export interface RegionArguments {
  genome?: string;
  circular?: string[];
  negatives?: string;
  featureType?: string[];
  width?: number;
  around?: 'centre' | 'summit' | 'start' | 'end';
  flank?: [upstream: number, downstream: number];
  offTheEnd?: 'error' | 'skip' | 'pad';
}

/** Flanks: one number for both sides, or upstream and downstream with a comma. */
export function flanks(text: string): [number, number] {
  const parts = text.split(',');
  const [upstream, downstream = upstream] = parts.map(Number) as [number, number?];
  if (parts.length <= 2 && parts.every((part) => /^-?\d+$/.test(part))) return [upstream, downstream!];
  throw new InvalidArgumentError(
    'Expected a number of bases, or upstream,downstream, such as 100 or 500,50.',
  );
}

/** The options that make sequences of the regions of a genome; without a default, so that a model's own can be told from what is asked. */
export const regionOptions = (command: Command): Command =>
  command
    .optionsGroup('Regions of a genome:')
    .option(
      '--genome <file>',
      'the sequences are those of regions (BED, narrowPeak, GFF3, GTF) of this genome: FASTA (with .fai or without), 2bit, GenBank',
    )
    .option('--circular <name>', 'a sequence of it that is circular; repeat it for several', collect)
    .option(
      '--feature-type <type>',
      'which features of GFF3 and GTF, such as gene; repeat it for several',
      collect,
    )
    .option('--width <n>', 'give every region this width', whole(1))
    .addOption(
      new Option(
        '--around <place>',
        'what --width keeps in place; start and end are the 5′ and 3′ ends (default: centre)',
      ).choices(['centre', 'summit', 'start', 'end']),
    )
    .option('--flank <n>', 'bases added on both sides, or upstream,downstream', flanks)
    .addOption(
      new Option(
        '--off-the-end <policy>',
        'regions that reach beyond their sequence: refuse (error), leave out (skip), fill up with N (pad) (default: error)',
      ).choices(['error', 'skip', 'pad']),
    );

/** Whether regions of one chromosome are to stay together; `--test` and `--validation` may then name chromosomes. */
export const isByChromosome = ({ split }: { split?: string }): boolean => split === 'chromosome';

/** A share, a file, or the name of a chromosome, which may be a whole number. */
export const shareFileOrChromosome = (text: string): number | string =>
  wholeNumber.test(text) ? text : shareOrFile(text);

const wholeNumber = /^[1-9]\d*$/;

/** Throws a usage error for a whole number where only a share makes sense. */
export function refuseWholeShares(args: {
  test?: number | string | false;
  validation?: number | string | false;
  split?: string;
}): void {
  if (isByChromosome(args)) return;
  for (const name of ['test', 'validation'] as const) {
    const given = args[name];
    if (typeof given === 'string' && wholeNumber.test(given))
      throw usageError(
        `option '--${name} <share|file>' argument '${given}' is invalid. Expected a share between 0 and 1, such as 0.2, or the path of a file.`,
      );
  }
}

/** The option that gives regions of the other class a file of their own. */
export const negativesOption = () =>
  new Option(
    '--negatives <file>',
    'regions of the class "negative", where those of the first file are "positive"',
  );
