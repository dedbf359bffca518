import { dataError, usageError } from '../core/errors.ts';
import type { Dataset } from './dataset.ts';

/** Records in the named groups, and all others, by index. */
export interface NamedGroups {
  readonly inside: Int32Array;
  readonly outside: Int32Array;
}

/**
 * Tells the records of some groups, such as chromosomes, from all others. Throws a usage error where records have no groups, a data error for
 * a name that no record has, and where nothing is left on the other side.
 * @example subset(peaks, namedGroups(peaks, ['chr8', 'chr9']).inside)
 */
export function namedGroups({ records }: Dataset, names: readonly string[], what = 'group'): NamedGroups {
  const bare = records.find(({ group }) => group === undefined);
  if (bare)
    throw usageError(`record "${bare.id}" has no ${what}; a split by ${what} needs one for every record.`);
  const known = [...new Set(records.map(({ group }) => group!))];
  for (const name of names) {
    if (known.includes(name)) continue;
    const other = name.startsWith('chr') ? name.slice(3) : `chr${name}`;
    const listed = `${known.slice(0, 8).join(', ')}${known.length > 8 ? ', …' : ''}`;
    const hint = known.includes(other) ? `There is "${other}".` : `There are: ${listed}.`;
    throw dataError(`no record is of the ${what} "${name}". ${hint}`);
  }
  const of = (wanted: boolean) =>
    Int32Array.from(records, (_, i) => i).filter((i) => names.includes(records[i]!.group!) === wanted);
  const sides = { inside: of(true), outside: of(false) };
  if (sides.outside.length === 0)
    throw dataError(
      `all ${records.length} records are of the ${what} ${names.join(', ')}; nothing is left beside them.`,
    );
  return sides;
}
