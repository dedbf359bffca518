import { dataError } from '../../core/errors.ts';
import { type FastaRecord, fastaRecords } from '../fasta/fasta-records.ts';
import { describeOpening } from '../fasta/not-fasta.ts';
import { finiteNumber, type Strand, wholeNumber } from '../interval.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';
import { gff3Attributes, gtfAttributes, unescaped } from './attributes.ts';
import type { Feature, Phase } from './feature.ts';

/** GFF3 and GTF (GFF 2.5 too) differ in the ninth column. */
export type GffFormat = 'gff3' | 'gtf';

/**
 * Reads GFF3 or GTF as a stream, up to `##FASTA` where there is one (see `gffSequences`). GTF is told by `name`'s suffix (`.gtf`,
 * `.gff2`), else by the first feature's ninth column. Coordinates come out 0-based and half-open. Of GTF the ids and parents are
 * `gene_id` and `transcript_id`: exons and CDS are parts of their transcript, transcripts of their gene.
 *
 * Throws a data error with `name`, line and column for: another format, other than nine columns, coordinates that are no whole
 * numbers from 1, an end before the start, a strand, phase or score that is none, a CDS of GFF3 without phase.
 * @example
 * for await (const { type, chrom, start, end, parents } of gffFeatures([bytes], { name: 'x.gff3' })) …
 */
export async function* gffFeatures(
  chunks: ByteChunks,
  { name = 'input', format }: { name?: string; format?: GffFormat } = {},
): AsyncGenerator<Feature, void, undefined> {
  let kind = format ?? (/\.(gtf|gff2)(\.b?gz)?$/i.test(name) ? 'gtf' : undefined);
  for await (const { lines, first } of lineBatches(chunks, { name })) {
    for (const [i, text] of lines.entries()) {
      if (text === '' || text.startsWith('#') || text.trim() === '') {
        if (text.startsWith('##FASTA')) return;
        continue;
      }
      // Some writers leave out the directive.
      if (text.startsWith('>')) return;
      const cells = text.split('\t');
      if (cells.length < 8 || cells.length > 9)
        throw wrongColumns(`${name}:${first + i}`, text, cells.length);
      kind ??= /^\s*\w+ "?/.test(cells[8] ?? '') && !/^[^"]*=/.test(cells[8] ?? '') ? 'gtf' : 'gff3';
      yield feature(cells, kind, `${name}:${first + i}`, first + i);
    }
  }
}

function wrongColumns(place: string, text: string, found: number) {
  if (found > 1 || /\s/.test(text))
    return dataError(`${place}: ${found} columns; expected 9 of GFF3 or GTF, divided by tabs.`);
  return dataError(
    `${place}: expected GFF3 or GTF; this looks like ${describeOpening(new TextEncoder().encode(text))}.`,
  );
}

function feature(cells: string[], format: GffFormat, place: string, line: number): Feature {
  const [chrom, source, type, from, to, score, strand, phase, ninth = '.'] = cells as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string?,
  ];
  const start = wholeNumber(from, `${place}: start`) - 1;
  const end = wholeNumber(to, `${place}: end`);
  if (start < 0) throw dataError(`${place}: start is 0; positions count from 1.`);
  if (end <= start) throw dataError(`${place}: end ${end} lies before start ${start + 1}. Exchange them.`);
  const attributes = format === 'gff3' ? gff3Attributes(ninth, place) : gtfAttributes(ninth, place);
  const found: Feature = {
    chrom: decoded(chrom, format),
    start,
    end,
    strand: strandCell(strand, place),
    type: decoded(type, format),
    parents: [],
    attributes,
    line,
  };
  if (source !== '.') found.source = decoded(source, format);
  if (score !== '.') found.score = finiteNumber(score, `${place}: score`);
  if (phase !== '.') found.phase = phaseCell(phase, place);
  else if (type === 'CDS' && format === 'gff3')
    throw dataError(`${place}: a CDS has the phase 0, 1 or 2 in column 8; this one has ".".`);
  return format === 'gff3' ? withIds(found) : withGtfIds(found);
}

const decoded = (text: string, format: GffFormat) =>
  format === 'gff3' && text.includes('%') ? unescaped(text) : text;

function strandCell(text: string, place: string): Strand {
  // GFF3's "?" is a strand that matters and is not known.
  if (text === '?') return '.';
  if (text === '+' || text === '-' || text === '.') return text;
  throw dataError(`${place}: strand is ${JSON.stringify(text)}; expected "+", "-", "." or "?".`);
}

function phaseCell(text: string, place: string): Phase {
  if (text === '0' || text === '1' || text === '2') return Number(text) as Phase;
  throw dataError(`${place}: phase is ${JSON.stringify(text)}; expected 0, 1, 2 or ".".`);
}

function withIds(found: Feature): Feature {
  const { ID, Parent, Name } = found.attributes;
  if (ID?.[0] !== undefined) found.id = ID[0];
  if (Name?.[0] !== undefined) found.name = Name[0];
  if (Parent) found.parents = [...Parent];
  return found;
}

function withGtfIds(found: Feature): Feature {
  const { gene_id, transcript_id, gene_name } = found.attributes;
  const [gene, transcript] = [gene_id?.[0] || undefined, transcript_id?.[0] || undefined];
  const name = gene_name?.[0];
  if (name !== undefined) found.name = name;
  if (found.type === 'gene') {
    if (gene !== undefined) found.id = gene;
  } else if (found.type === 'transcript' || found.type === 'mRNA') {
    if (transcript !== undefined) found.id = transcript;
    if (gene !== undefined) found.parents = [gene];
  } else if (transcript !== undefined) found.parents = [transcript];
  else if (gene !== undefined) found.parents = [gene];
  return found;
}

/** The sequences that a GFF3 file carries after `##FASTA`; none where it has no such part. */
export async function* gffSequences(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): AsyncGenerator<FastaRecord, void, undefined> {
  const utf8 = new TextEncoder();
  let offset = 0;
  async function* fasta(): AsyncGenerator<Uint8Array> {
    let inside = false;
    for await (const { lines, first } of lineBatches(chunks, { name })) {
      let from = 0;
      if (!inside) {
        from = lines.findIndex((line) => line.startsWith('##FASTA') || line.startsWith('>'));
        if (from < 0) continue;
        if (lines[from]!.startsWith('##')) from++;
        inside = true;
        offset = first + from - 1;
      }
      if (from < lines.length) yield utf8.encode(`${lines.slice(from).join('\n')}\n`);
    }
  }
  const parts = fasta();
  const first = await parts.next();
  if (first.done) return;
  async function* all() {
    yield first.value as Uint8Array;
    yield* parts;
  }
  for await (const record of fastaRecords(all(), { name })) yield { ...record, line: record.line + offset };
}
