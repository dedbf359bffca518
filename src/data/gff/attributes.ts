import { dataError } from '../../core/errors.ts';

type Attributes = Record<string, string[]>;

/** Without a prototype, so that a tag may have any name. */
const none = (): Attributes => Object.create(null) as Attributes;

/** `%XX` decoded as UTF-8; what is no such escape stays as it stands. */
export const unescaped = (text: string): string =>
  text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });

const value = (text: string) => (text.includes('%') ? unescaped(text) : text);

/** GFF3's ninth column: `ID=x;Parent=a,b`. Throws a data error with `place` for a tag that comes twice. */
export function gff3Attributes(text: string, place: string): Attributes {
  const found = none();
  if (text === '.') return found;
  for (const part of text.split(';')) {
    const trimmed = part.trim();
    if (trimmed === '') continue;
    const equals = trimmed.indexOf('=');
    const tag = value(equals < 0 ? trimmed : trimmed.slice(0, equals));
    if (tag in found)
      throw dataError(
        `${place}: attribute "${tag}" occurs twice; several values go behind one "=", with commas.`,
      );
    const given = equals < 0 ? '' : trimmed.slice(equals + 1);
    found[tag] = given === '' ? [] : given.includes(',') ? given.split(',').map(value) : [value(given)];
  }
  return found;
}

/** GTF's ninth column: `gene_id "x"; level 2;`. A tag may come several times. */
export function gtfAttributes(text: string, place: string): Attributes {
  const found = none();
  if (text === '.') return found;
  const pattern = /\s*([^\s;"]+)(?:[ =]+(?:"([^"]*)"|([^;"]*)))?\s*(?:;|$)/y;
  for (let at = 0; at < text.trimEnd().length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const part = pattern.exec(text);
    if (!part)
      throw dataError(
        `${place}: ${JSON.stringify(text.slice(at, at + 30))} is no attribute, such as gene_id "x";.`,
      );
    const [, tag, quoted, bare] = part as unknown as [string, string, string?, string?];
    const given = quoted ?? bare?.trim();
    const values = (found[tag] ??= []);
    if (given !== undefined) values.push(given);
  }
  return found;
}

/** Control characters, `%` and what the ninth column uses itself. */
export const escapedValue = (text: string): string => escapedBy(/[\p{Cc}%;=&,]/gu, text);
/** Control characters and `%`; blanks and `>` would change the meaning of the first column. */
export const escapedColumn = (text: string): string => escapedBy(/[\p{Cc}%]/gu, text);
export const escapedChrom = (text: string): string => escapedBy(/[\p{Cc}% >#]/gu, text);

const escapedBy = (characters: RegExp, text: string) =>
  text.replace(
    characters,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
