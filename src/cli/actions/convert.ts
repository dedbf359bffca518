import { dataError, usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { type Skipped, skippedSentence } from '../../data/dataset.ts';
import { openMessages } from '../messages.ts';
import type { ConvertArguments } from '../verbs/convert.ts';
import { type FormatName, formatOf } from './convert-formats.ts';

/** One conversion: what is read and how, and where what is left out is counted. */
export interface Conversion {
  path: string;
  from: FormatName;
  to: FormatName;
  args: ConvertArguments;
  /** Gathers what is left out, to be told in the end. */
  skipped: Skipped[];
  /** Says a sentence in the end. */
  notes: string[];
}

/** Reads one kind of content and writes it in a format; the pieces of text come as they are made. */
export type Converter = (conversion: Conversion) => AsyncIterable<string>;

/** What a kind of content can be written as. */
export type Writers = Partial<Record<FormatName, Converter>>;

/** The kinds of content that a format holds; the first that can be written as asked is taken. */
const kinds: Record<FormatName, (() => Promise<Writers>)[]> = (() => {
  const sequences = async () => (await import('./convert-sequences.ts')).sequenceWriters;
  const features = async () => (await import('./convert-features.ts')).featureWriters;
  const alignment = async () => (await import('./convert-others.ts')).alignmentWriters;
  const rows = async () => (await import('./convert-others.ts')).rowWriters;
  return {
    fasta: [sequences],
    fastq: [sequences],
    genbank: [sequences, features],
    embl: [sequences, features],
    '2bit': [sequences],
    bam: [sequences],
    cram: [sequences],
    bed: [features],
    narrowpeak: [features],
    gff3: [features],
    gtf: [features],
    vcf: [async () => (await import('./convert-variants.ts')).variantWriters],
    stockholm: [alignment],
    a2m: [alignment],
    afa: [alignment],
    meme: [async () => (await import('./convert-others.ts')).motifWriters],
    newick: [async () => (await import('./convert-others.ts')).treeWriters],
    conll: [async () => (await import('./convert-others.ts')).sentenceWriters],
    tsv: [rows, sequences],
    csv: [rows, sequences],
    jsonl: [rows, sequences],
    parquet: [rows],
    bigwig: [async () => (await import('./convert-others.ts')).signalWriters],
    bedgraph: [],
  };
})();

/** Converts a file; what is left out is counted on standard error. */
export async function convert(path: string, output: string, args: ConvertArguments): Promise<void> {
  const messages = openMessages(args);
  const from = formatOf(path, args.from, '--from');
  const to = formatOf(output, args.to, '--to');
  const conversion: Conversion = { path, from, to, args, skipped: [], notes: [] };
  const converter = await converterOf(conversion);
  await atomicWrite(output, something(converter(conversion), conversion));
  for (const skipped of conversion.skipped) {
    const sentence = skippedSentence(skipped);
    if (sentence) messages.say(sentence);
  }
  for (const note of conversion.notes) messages.say(note);
}

async function converterOf({ from, to, args }: Conversion): Promise<Converter> {
  const all = await Promise.all(kinds[from].map((load) => load()));
  // A feature of a GenBank record is asked for, not the record.
  const asked = args.feature !== undefined ? all.toReversed() : all;
  const found = asked.map((writers) => writers[to]).find((converter) => converter !== undefined);
  if (found) return found;
  const possible = [...new Set(all.flatMap((writers) => Object.keys(writers)))];
  throw usageError(
    possible.length === 0
      ? `${from} is written, not read.`
      : `${from} cannot become ${to}. It can become ${possible.join(', ')}.`,
  );
}

/** Passes on the text; nothing at all where everything was left out is an error, not an empty file. */
async function* something(pieces: AsyncIterable<string>, { path, skipped }: Conversion) {
  let any = false;
  for await (const piece of pieces) {
    any = true;
    yield piece;
  }
  const left = skipped.filter(({ count }) => count > 0);
  if (any || left.length === 0) return;
  throw dataError(`${path}: nothing is left to write. ${left.map(skippedSentence).join(' ')}`);
}
