import { usageError } from '../../core/errors.ts';
import { bedGraphLine, bedLine } from '../../data/bed/bed.ts';
import { conllText } from '../../data/conll/conll.ts';
import { gff3Header, gff3Line } from '../../data/gff/gff-text.ts';
import type { TaggerSpec } from '../../models/tagger/spec.ts';
import { runsOf, type Span, spansOf, writeSpans } from '../../train/metrics/spans.ts';
import type { TaggingInput } from '../../train/tasks/tagging-input.ts';
import type { TaggingResult } from '../../train/tasks/tagging-predict.ts';

/** How tags are written. */
export const tagFormats = ['conll', 'tsv', 'jsonl', 'bed', 'gff3', 'bedgraph'] as const;
export type TagFormat = (typeof tagFormats)[number];

const suffixes: Record<string, TagFormat> = {
  conll: 'conll',
  conllu: 'conll',
  tsv: 'tsv',
  jsonl: 'jsonl',
  json: 'jsonl',
  bed: 'bed',
  gff: 'gff3',
  gff3: 'gff3',
  bedgraph: 'bedgraph',
  bg: 'bedgraph',
};

/** The format that is asked for, or that the output's name says; else tables for letters and CoNLL for words. */
export function tagFormat(
  output: string,
  asked: TagFormat | undefined,
  { input, tags }: TaggerSpec,
  track: string | undefined,
): TagFormat {
  const suffix = /\.([a-z0-9]+)(\.gz)?$/i.exec(output)?.[1]?.toLowerCase() ?? '';
  const format = asked ?? suffixes[suffix] ?? (input.kind === 'letters' ? 'tsv' : 'conll');
  if (input.kind === 'words' && ['bed', 'gff3', 'bedgraph'].includes(format))
    throw usageError(
      `${format} is for letters, which have coordinates; the model tags words. Use conll, tsv or jsonl.`,
    );
  if (format !== 'bedgraph' && track !== undefined)
    throw usageError('--track names the tag of a bedGraph; it goes with --format bedgraph.');
  if (format === 'bedgraph' && (track === undefined || !tags.includes(track)))
    throw usageError(
      `bedgraph holds the probability of one tag: give --track with one of ${tags.join(', ')}.`,
    );
  return format;
}

/** A result beside the input that it came from. */
export interface TaggedLine {
  readonly input: TaggingInput;
  readonly tagged: TaggingResult;
}

/**
 * Tagged sequences as text. `conll`: the columns of the input and the tags after them; `tsv`: one row a token with the probability of every
 * tag; `jsonl`: one object a sequence; `bed` and `gff3`: spans, or runs of one tag other than O, with the mean probability of their tags;
 * `bedgraph`: the probability of the tag `track` along each sequence.
 */
export async function* tagLines(
  { tags }: Pick<TaggerSpec, 'tags'>,
  results: AsyncIterable<TaggedLine>,
  { format, track }: { format: TagFormat; track?: string | undefined },
): AsyncGenerator<string> {
  if (format === 'gff3') yield gff3Header;
  if (format === 'tsv')
    yield row(['id', 'position', 'token', 'tag', 'probability', ...tags.map((tag) => `p(${tag})`)]);
  for await (const result of results) yield writers[format](result, tags, track);
}

type Writer = (result: TaggedLine, tags: readonly string[], track: string | undefined) => string;

const writers: Record<TagFormat, Writer> = {
  conll: ({ input, tagged }) =>
    conllText({
      ...(input.columns ? {} : { id: tagged.id }),
      comments: [...(input.comments ?? [])],
      columns: [...(input.columns ?? [tagged.tokens]).map((column) => Array.from(column)), [...tagged.tags]],
    }),
  tsv: ({ tagged }, tags) =>
    Array.from(tagged.tokens, (token, t) => {
      const values = probabilitiesOf(tagged, t, tags.length);
      const own = values[tags.indexOf(tagged.tags[t]!)]!;
      return row([tagged.id, t + 1, token, tagged.tags[t]!, ...[own, ...values].map(sixDigits)]);
    }).join(''),
  jsonl: ({ tagged }, tags) => `${JSON.stringify(jsonOf(tagged, tags))}\n`,
  bed: ({ tagged }, tags) =>
    segments(tagged, tags)
      .map(({ start, end, kind, probability }) =>
        bedLine({
          chrom: tagged.id,
          start,
          end,
          strand: '.',
          name: kind,
          score: Math.round(1000 * probability),
        }),
      )
      .join(''),
  gff3: ({ tagged }, tags) =>
    segments(tagged, tags)
      .map(({ start, end, kind, probability }) =>
        gff3Line({
          ...{
            chrom: tagged.id,
            source: 'seqwright',
            type: 'region',
            start,
            end,
            strand: '.',
            name: kind,
            parents: [],
          },
          score: sixDigits(probability),
        }),
      )
      .join(''),
  bedgraph: ({ tagged }, tags, track) => {
    const at = tags.indexOf(track!);
    const values = Array.from(tagged.tags, (_, t) => sixDigits(probabilitiesOf(tagged, t, tags.length)[at]!));
    const lines: string[] = [];
    let start = 0;
    for (let t = 1; t <= values.length; t++) {
      if (values[t] === values[start]) continue;
      lines.push(bedGraphLine({ chrom: tagged.id, start, end: t, value: values[start]! }));
      start = t;
    }
    return lines.join('');
  },
};

const probabilitiesOf = ({ probabilities }: TaggingResult, t: number, k: number) =>
  probabilities.subarray(t * k, (t + 1) * k);

/** Spans where the tags write them, else runs of one tag; with the mean probability of their tags. */
function segments(tagged: TaggingResult, tags: readonly string[]): (Span & { probability: number })[] {
  const found = writeSpans(tags)
    ? spansOf(tagged.tags)
    : runsOf(tagged.tags).filter(({ kind }) => kind !== 'O');
  return found.map((span) => {
    let sum = 0;
    for (let t = span.start; t < span.end; t++)
      sum += probabilitiesOf(tagged, t, tags.length)[tags.indexOf(tagged.tags[t]!)]!;
    return { ...span, probability: sum / (span.end - span.start) };
  });
}

function jsonOf(
  { id, tokens, tags: found, logProbability, probabilities, best }: TaggingResult,
  tags: readonly string[],
) {
  const columns = tags.map((tag, k) => [
    tag,
    found.map((_, t) => sixDigits(probabilities[t * tags.length + k]!)),
  ]);
  return {
    id,
    tokens: typeof tokens === 'string' ? tokens : [...tokens],
    tags: found,
    logProbability: sixDigits(logProbability),
    ...(best && {
      best: best.map((path) => ({ tags: path.tags, logProbability: sixDigits(path.logProbability) })),
    }),
    probabilities: Object.fromEntries(columns),
  };
}

const sixDigits = (value: number) => Number(value.toPrecision(6));

const row = (cells: readonly (string | number)[]) =>
  `${cells.map((cell) => tableCell(String(cell))).join('\t')}\n`;

/** Cells that would break the table are quoted, as table readers expect (RFC 4180). */
const tableCell = (text: string) => (/[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
