import { usageError } from '../../core/errors.ts';
import { closest } from '../closest.ts';

/** Formats that `convert` knows, with the suffixes that tell them. */
const suffixes = {
  fasta: ['fa', 'fasta', 'fna', 'ffn', 'faa', 'frn', 'fas'],
  fastq: ['fq', 'fastq'],
  genbank: ['gb', 'gbk', 'gbff', 'genbank', 'gpff'],
  embl: ['embl'],
  '2bit': ['2bit'],
  bam: ['bam'],
  cram: ['cram'],
  bed: ['bed'],
  narrowpeak: ['narrowpeak'],
  gff3: ['gff', 'gff3'],
  gtf: ['gtf', 'gff2'],
  vcf: ['vcf'],
  stockholm: ['sto', 'stk', 'stockholm'],
  a2m: ['a2m', 'a3m'],
  afa: ['afa'],
  meme: ['meme'],
  newick: ['nwk', 'newick', 'tree', 'tre'],
  conll: ['conll', 'conllu', 'conllx'],
  tsv: ['tsv', 'tab'],
  csv: ['csv'],
  jsonl: ['jsonl', 'ndjson'],
  parquet: ['parquet'],
  bigwig: ['bw', 'bigwig'],
  bedgraph: ['bedgraph', 'bdg'],
} as const;
export type FormatName = keyof typeof suffixes;

const names = Object.keys(suffixes) as FormatName[];

/** The format that `--from` or `--to` names, or else the file's suffix. Throws a usage error where neither does. */
export function formatOf(path: string, named: string | undefined, option: '--from' | '--to'): FormatName {
  if (named !== undefined) {
    const asked = named.toLowerCase();
    const found = names.find(
      (name) => name === asked || (suffixes[name] as readonly string[]).includes(asked),
    );
    if (found) return found;
    const guess = closest(asked, names);
    throw usageError(
      `${option} ${named}: there is no such format. ${guess ? `Did you mean ${guess}?` : `The formats are ${names.join(', ')}.`}`,
    );
  }
  const suffix = /\.([^./]+)(?:\.b?gz)?$/i.exec(path)?.[1]?.toLowerCase();
  const found = names.find((name) => (suffixes[name] as readonly (string | undefined)[]).includes(suffix));
  if (found) return found;
  const what = path === '-' ? (option === '--from' ? 'Standard input' : 'Standard output') : path;
  throw usageError(`${what} does not say its format. Name it with ${option}: ${names.join(', ')}.`);
}
