import { dataError } from '../../core/errors.ts';
import type { VcfRecord } from './vcf.ts';

/** A field of INFO, as the header declares it. */
export interface InfoField {
  id: string;
  /** How many values: a number, one an alternative allele (`A`), one an allele (`R`), any (`.`). Flags have 0. */
  number: number | 'A' | 'R' | 'G' | '.';
  type: 'Integer' | 'Float' | 'Flag' | 'Character' | 'String';
  description: string;
}

/**
 * The header of a VCF file without samples: INFO fields declared, chromosomes with their lengths.
 * @example vcfHeader({ info: [{ id: 'SCORE', number: 'A', type: 'Float', description: 'Effect' }] })
 */
export function vcfHeader({
  info = [],
  chromosomes = [],
  source,
  reference,
}: {
  info?: readonly InfoField[];
  chromosomes?: Iterable<{ name: string; length: number }>;
  source?: string;
  reference?: string;
} = {}): string {
  const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const lines = [
    '##fileformat=VCFv4.3',
    ...(source === undefined ? [] : [`##source=${source}`]),
    ...(reference === undefined ? [] : [`##reference=${reference}`]),
    ...Array.from(chromosomes, ({ name, length }) => `##contig=<ID=${name},length=${length}>`),
    ...info.map(({ id, number, type, description }) => {
      if (!/^[A-Za-z_][\w.]*$/.test(id))
        throw dataError(`INFO field ${JSON.stringify(id)} is no name that VCF allows.`);
      return `##INFO=<ID=${id},Number=${number},Type=${type},Description=${quoted(description)}>`;
    }),
    '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO',
  ];
  const broken = lines.find((line) => /[\r\n]/.test(line));
  if (broken !== undefined)
    throw dataError(`${JSON.stringify(broken)} cannot stand in a VCF header: it has a line break.`);
  return `${lines.join('\n')}\n`;
}

/** What `vcfLine` writes; all but chromosome, position and REF may be left out. */
export type VcfVariant = Pick<VcfRecord, 'chrom' | 'start' | 'ref'> &
  Partial<Pick<VcfRecord, 'ids' | 'alts' | 'quality' | 'filters' | 'info'>>;

/**
 * Writes a variant without samples as a VCF line; INFO values are escaped as VCF 4.3 has it. Throws a data error for what could not be read back.
 * @example vcfLine({ chrom: '1', start: 9, ref: 'A', alts: ['T'], info: { SCORE: [0.5] } }) // '1\t10\t.\tA\tT\t.\t.\tSCORE=0.5\n'
 */
export function vcfLine({
  chrom,
  start,
  ref,
  ids = [],
  alts = [],
  quality,
  filters = [],
  info = {},
}: VcfVariant): string {
  const refuse = (why: string) =>
    dataError(`The variant at ${chrom}:${start + 1} cannot be written as VCF: ${why}.`);
  if (!/^[!-~]+$/.test(chrom)) throw refuse('a chromosome has no blanks');
  if (!Number.isSafeInteger(start) || start < 0) throw refuse(`its position is ${start + 1}`);
  if (!/^[ACGTN]+$/i.test(ref)) throw refuse(`REF is ${JSON.stringify(ref)}; it takes bases`);
  if (!alts.every((alt) => /^[!-+\--~]+$/.test(alt))) throw refuse('an allele has a blank or a comma');
  if (![...ids, ...filters].every((text) => /^[!-:<-~]+$/.test(text)))
    throw refuse('an id or filter has a blank or ";"');
  const cells = [
    chrom,
    start + 1,
    ids.join(';') || '.',
    ref,
    alts.join(',') || '.',
    quality ?? '.',
    filters.join(';') || '.',
    Object.entries(info).map(infoText).join(';') || '.',
  ];
  return `${cells.join('\t')}\n`;
}

function infoText([key, value]: [string, VcfRecord['info'][string]]): string {
  if (!/^[A-Za-z_][\w.]*$/.test(key))
    throw dataError(`INFO field ${JSON.stringify(key)} is no name that VCF allows.`);
  if (value === true) return key;
  return `${key}=${value.map((one) => (one === undefined || one === '' ? '.' : escaped(String(one)))).join(',')}`;
}

const escaped = (text: string) =>
  text.replace(
    /[:;=%,\r\n\t ]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
