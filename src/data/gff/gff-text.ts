import { dataError } from '../../core/errors.ts';
import { escapedChrom, escapedColumn, escapedValue } from './attributes.ts';
import type { Feature } from './feature.ts';

/** The line that a GFF3 file begins with. */
export const gff3Header = '##gff-version 3\n';

/**
 * Writes a feature as a GFF3 line, 1-based and closed. `id`, `parents` and `name` stand for `ID`, `Parent` and `Name`, whatever
 * the attributes say. Throws a data error for coordinates that no GFF3 has (an empty stretch), and a CDS without phase.
 * @example gff3Line({ chrom: 'c', start: 0, end: 9, strand: '+', type: 'CDS', phase: 0, parents: ['t1'] })
 * // 'c\t.\tCDS\t1\t9\t.\t+\t0\tParent=t1\n'
 */
export function gff3Line(
  feature: Omit<Feature, 'attributes'> & Partial<Pick<Feature, 'attributes'>>,
): string {
  const { chrom, source, type, start, end, score, strand, phase } = feature;
  const place = `${type} at ${chrom}:${start}-${end} cannot be written as GFF3`;
  if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start < end))
    throw dataError(`${place}: it takes whole numbers, at least one base, the start first.`);
  if (type === 'CDS' && phase === undefined) throw dataError(`${place}: a CDS has a phase.`);
  if (chrom === '' || type === '') throw dataError(`${place}: chromosome and type are not empty.`);
  const cells = [
    escapedChrom(chrom),
    escapedColumn(source ?? '.'),
    escapedColumn(type),
    start + 1,
    end,
    score ?? '.',
    strand,
    phase ?? '.',
    ninthColumn(feature),
  ];
  return `${cells.join('\t')}\n`;
}

function ninthColumn({
  id,
  name,
  parents,
  attributes = {},
}: Pick<Feature, 'id' | 'name' | 'parents'> & Partial<Pick<Feature, 'attributes'>>): string {
  const { ID: _, Parent: __, Name: ___, ...others } = attributes;
  const all: [string, readonly string[]][] = [
    ...(id === undefined ? [] : ([['ID', [id]]] as [string, string[]][])),
    ...(name === undefined ? [] : ([['Name', [name]]] as [string, string[]][])),
    ...(parents.length === 0 ? [] : ([['Parent', parents]] as [string, string[]][])),
    ...Object.entries(others),
  ];
  const parts = all.map(([tag, values]) =>
    values.length === 0 ? escapedValue(tag) : `${escapedValue(tag)}=${values.map(escapedValue).join(',')}`,
  );
  return parts.join(';') || '.';
}
