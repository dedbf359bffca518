import { dataError } from '../../core/errors.ts';
import { describeOpening } from '../fasta/not-fasta.ts';
import type { Interval } from '../interval.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';
import { featureTable } from './feature-table.ts';

/** One entry of the feature table. */
export interface AnnotatedFeature {
  /** The feature key: `gene`, `CDS`, `tRNA` … */
  type: string;
  /** 5′ to 3′, 0-based and half-open, each with its strand. */
  segments: Interval[];
  /** Whether an end lies beyond the record. */
  partial: boolean;
  /** `/gene="x"`; a qualifier without value has "". */
  qualifiers: Readonly<Record<string, readonly string[]>>;
  line: number;
}

/** A record of a GenBank or EMBL file. */
export interface AnnotatedRecord {
  /** Accession with version where there is one. */
  id: string;
  /** The name on the LOCUS or ID line. */
  name: string;
  description: string;
  organism?: string;
  /** `DNA`, `ss-RNA`, `mRNA` …; empty where the line does not say. */
  molecule: string;
  circular: boolean;
  /** In upper case, as the letters of these files have no case; empty where the record has none (CONTIG). */
  sequence: string;
  features: AnnotatedFeature[];
  /** Where the record begins. */
  line: number;
}

/**
 * Reads records of GenBank (GenPept too) and EMBL flat files, one in memory at a time; the format is told by the first line.
 *
 * Throws a data error with `name`, line and record for: another format, a location that is none or lies outside, a sequence that is
 * not as long as its first line says, a record that does not end in `//`.
 * @example
 * for await (const { id, sequence, features, circular } of annotatedRecords([bytes], { name: 'phage.gb' })) …
 */
export async function* annotatedRecords(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): AsyncGenerator<AnnotatedRecord, void, undefined> {
  let open: ReturnType<typeof recordReader> | undefined;
  let any = false;
  for await (const { lines, first } of lineBatches(chunks, { name })) {
    for (const [i, text] of lines.entries()) {
      if (text.startsWith('//')) {
        if (open) yield open.end();
        open = undefined;
      } else if (open) open.line(text, first + i);
      else if (text.trim() !== '') {
        open = recordReader(text, name, first + i);
        any = true;
      }
    }
  }
  if (open) throw open.cutOff();
  if (!any) throw dataError(`${name} is empty; expected GenBank or EMBL.`);
}

interface Head {
  name: string;
  length?: number;
  molecule: string;
  circular: boolean;
}

function headOf(text: string, place: string): Head {
  const circular = /\bcircular\b/i.test(text);
  const genBank = /^LOCUS\s+(\S+)(?:\s+(\d+)\s+(?:bp|aa|rc)\b\s*(\S*))?/.exec(text);
  if (genBank) {
    const [, name, digits, molecule = ''] = genBank as unknown as [string, string, string?, string?];
    const said = /^(linear|circular)$/i.test(molecule) ? '' : molecule;
    return { name, ...(digits && { length: Number(digits) }), molecule: said, circular };
  }
  if (!text.startsWith('ID   ')) {
    const found = describeOpening(new TextEncoder().encode(text));
    throw dataError(`${place}: expected GenBank ("LOCUS") or EMBL ("ID"); this looks like ${found}.`);
  }
  // Since 2006: ID name; SV 1; linear; mRNA; …; 1859 BP. Before: ID name standard; mRNA; PLN; 1859 BP.
  const fields = text
    .slice(5)
    .split(';')
    .map((field) => field.trim());
  const topology = fields.findIndex((field) => /^(linear|circular)$/i.test(field));
  const digits = /(\d+) (?:BP|AA)\.?$/.exec(text.trimEnd())?.[1];
  return {
    name: fields[0]!.split(/\s/, 1)[0]!,
    ...(digits && { length: Number(digits) }),
    molecule: fields[topology + 1 || 1]?.replace(/^circular /, '') ?? '',
    circular,
  };
}

/** Reads one record that begins with `first` on line `start`. */
function recordReader(first: string, file: string, start: number) {
  const head = headOf(first, `${file}:${start}`);
  const embl = first.startsWith('ID');
  const texts = new Map<string, string[]>();
  const table = featureTable();
  const letters: string[] = [];
  let section = '';

  const genBankLine = (text: string, line: number) => {
    const keyword = /^ {0,3}([A-Z]+)/.exec(text)?.[1];
    if (section === 'ORIGIN' && (keyword === undefined || /^\s*\d+ /.test(text))) return letterLine(text);
    if (section === 'FEATURES' && text.startsWith('     ')) return table.line(text.slice(5), line);
    if (keyword !== undefined && !text.startsWith('    ')) section = keyword;
    if (kept.has(section)) add(section, text.slice(12));
  };
  const emblLine = (text: string, line: number) => {
    const code = text.slice(0, 2);
    if (code === '  ') letterLine(text);
    else if (code === 'FT') table.line(text.slice(5), line);
    else if (emblKeywords[code] !== undefined) add(emblKeywords[code], text.slice(5));
  };
  const letterLine = (text: string) => {
    letters.push(text.replace(/[\s\d]+/g, ''));
  };
  const add = (keyword: string, text: string) => {
    const lines = texts.get(keyword);
    if (lines) lines.push(text.trim());
    else texts.set(keyword, [text.trim()]);
  };
  const said = (keyword: string, separator = ' ') => texts.get(keyword)?.join(separator).trim() ?? '';

  const idOf = () => {
    const version = said('VERSION').split(/\s/)[0];
    const accession = said('ACCESSION').split(/[\s;]/)[0];
    const emblVersion = /;\s*SV (\d+);/.exec(first)?.[1];
    if (version) return version;
    if (accession) return emblVersion ? `${accession}.${emblVersion}` : accession;
    return head.name;
  };

  return {
    line: embl ? emblLine : genBankLine,
    end(): AnnotatedRecord {
      const sequence = letters.join('').toUpperCase();
      const id = idOf();
      if (sequence !== '' && head.length !== undefined && sequence.length !== head.length)
        throw dataError(
          `${file}:${start}: record "${id}" has ${sequence.length} letters; its first line says ${head.length}. Copy or ` +
            'download it again.',
        );
      const length = head.length ?? (sequence.length || undefined);
      const organism = texts.get('ORGANISM')?.[0] ?? texts.get('OS')?.[0];
      return {
        id,
        name: head.name,
        description: said('DEFINITION').replace(/\.$/, ''),
        ...(organism && { organism }),
        molecule: head.molecule,
        circular: head.circular,
        sequence,
        features: table.end({
          chrom: id,
          file,
          circular: head.circular,
          ...(length !== undefined && { length }),
        }),
        line: start,
      };
    },
    cutOff: () =>
      dataError(
        `${file} is truncated: its last record "${idOf()}", from line ${start}, does not end in "//". Copy or download it again.`,
      ),
  };
}

const kept = new Set(['DEFINITION', 'ACCESSION', 'VERSION', 'ORGANISM']);
const emblKeywords: Record<string, string> = { AC: 'ACCESSION', DE: 'DEFINITION', OS: 'OS' };
