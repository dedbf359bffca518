import type { InfoValue } from './vcf.ts';

/** What the header says of INFO keys: the types of their values. */
export type InfoTypes = ReadonlyMap<string, string>;

/** The types that `##INFO` lines declare. */
export function infoTypes(header: readonly string[]): InfoTypes {
  const types = new Map<string, string>();
  for (const line of header) {
    const [, id, type] = /^##INFO=<ID=([^,>]+),.*?\bType=(\w+)/.exec(line) ?? [];
    if (id !== undefined) types.set(id, type!);
  }
  return types;
}

/**
 * Reads the INFO column by the declared types: numbers for Integer and Float, `true` for flags, text (`%XX` decoded) for all else.
 * Throws what `wrong` gives for a number that is none.
 */
export function infoOf(
  text: string,
  types: InfoTypes,
  wrong: (key: string, value: string) => Error,
): Record<string, InfoValue> {
  const info: Record<string, InfoValue> = {};
  if (text === '.' || text === '') return info;
  for (const pair of text.split(';')) {
    const equals = pair.indexOf('=');
    const key = equals < 0 ? pair : pair.slice(0, equals);
    // The one name that an object does not take as a key.
    if (key === '' || key === '__proto__') continue;
    const type = types.get(key);
    const given = equals < 0 ? '' : pair.slice(equals + 1);
    if (type === 'Flag' || given === '') info[key] = true;
    else {
      const numeric = type === 'Integer' || type === 'Float';
      const value = (one: string) =>
        one === '.' ? undefined : numeric ? numberOf(one, key, wrong) : decoded(one);
      info[key] = given.includes(',') ? given.split(',').map(value) : [value(given)];
    }
  }
  return info;
}

function numberOf(text: string, key: string, wrong: (key: string, value: string) => Error): number {
  const value = Number(text);
  if (!Number.isNaN(value) && text !== '') return value;
  // VCF writes what JavaScript calls NaN and Infinity in any case.
  if (/^[-+]?nan$/i.test(text)) return Number.NaN;
  const [, sign] = /^([-+]?)inf(?:inity)?$/i.exec(text) ?? [];
  if (sign === undefined) throw wrong(key, text);
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
