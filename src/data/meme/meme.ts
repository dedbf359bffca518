import { dataError } from '../../core/errors.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';

/** A motif as probabilities: one row a position, one column a letter. */
export interface Motif {
  id: string;
  /** A second name, after the id. */
  name?: string;
  matrix: number[][];
  /** How many sites it was made from. */
  sites?: number;
  eValue?: number;
  url?: string;
}

/** The motifs of a file and what they share. */
export interface MotifFile {
  /** Letters in the order of the columns. */
  alphabet: string;
  /** Frequency of each letter outside the motifs. */
  background?: number[];
  strands?: '+' | '+ -';
  motifs: Motif[];
}

/**
 * Reads motifs in MEME format, version 4 (Bailey et al. 2015): minimal files, and the text output of MEME itself, of which the
 * letter-probability matrices are read.
 *
 * Throws a data error with `name` and line for: another format or version, a matrix whose rows are too few, too short or do not sum to 1, a
 * motif that comes twice, a file without motifs.
 * @example (await memeMotifs(chunks, { name: 'tata.meme' })).motifs[0].matrix.length // the width
 */
export async function memeMotifs(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): Promise<MotifFile> {
  const reader = motifReader(name);
  for await (const { lines, first } of lineBatches(chunks, { name }))
    for (const [i, text] of lines.entries()) reader.line(text, first + i);
  return reader.end();
}

function motifReader(name: string) {
  const file: MotifFile = { alphabet: 'ACGT', motifs: [] };
  const seen = new Map<string, number>();
  let version: string | undefined;
  let title: Pick<Motif, 'id' | 'name'> | undefined;
  let open: { motif: Motif; width: number; line: number } | undefined;
  let background: number[] | undefined;

  const matrixHead = (text: string, line: number) => {
    if (!title) throw dataError(`${name}:${line}: a matrix without the line "MOTIF name" before it.`);
    const field = (key: string) => new RegExp(`\\b${key}=\\s*(\\S+)`).exec(text)?.[1];
    const length = Number(field('alength') ?? file.alphabet.length);
    if (length !== file.alphabet.length)
      throw dataError(
        `${name}:${line}: the matrix of "${title.id}" is for ${length} letters; the alphabet ${file.alphabet} has ${file.alphabet.length}.`,
      );
    const [sites, eValue] = [field('nsites'), field('E')].map(Number) as [number, number];
    const motif: Motif = {
      ...title,
      matrix: [],
      ...(Number.isFinite(sites) && { sites }),
      ...(Number.isFinite(eValue) && { eValue }),
    };
    open = { motif, width: Number(field('w') ?? Number.NaN), line };
    file.motifs.push(motif);
  };
  const closed = () => {
    if (!open) return;
    const { motif, width, line } = open;
    if (motif.matrix.length === 0 || (Number.isFinite(width) && motif.matrix.length !== width))
      throw dataError(
        `${name}:${line}: the matrix of "${motif.id}" has ${motif.matrix.length} rows; expected ${Number.isFinite(width) ? width : 'at least one'}.`,
      );
    open = undefined;
  };
  const row = (text: string, line: number) => {
    const values = text.trim().split(/\s+/).map(Number);
    const sum = values.reduce((all, value) => all + value, 0);
    const what = `row ${open!.motif.matrix.length + 1} of the matrix of "${open!.motif.id}"`;
    if (values.length !== file.alphabet.length)
      throw dataError(
        `${name}:${line}: ${what} has ${values.length} numbers; expected ${file.alphabet.length}.`,
      );
    if (!values.every((value) => value >= 0) || Math.abs(sum - 1) > 0.02)
      throw dataError(
        `${name}:${line}: ${what} is no distribution; its numbers sum to ${Number(sum.toFixed(4))}.`,
      );
    open!.motif.matrix.push(values);
  };
  const header = (text: string, line: number): boolean => {
    const alphabet = /^ALPHABET=\s*(\S+)/.exec(text)?.[1];
    if (alphabet !== undefined) file.alphabet = alphabet;
    else if (/^ALPHABET\b/.test(text))
      throw dataError(
        `${name}:${line}: an alphabet of the user's own is not read; expected "ALPHABET= ACGT" or such.`,
      );
    else if (/^strands:/.test(text)) file.strands = text.includes('-') ? '+ -' : '+';
    else if (/^Background letter frequencies/.test(text)) background = [];
    else return false;
    return true;
  };

  return {
    line(text: string, line: number) {
      version ??= memeVersion(text, name, line);
      const heading = /^MOTIF\s+(\S+)(?:\s+(\S+))?/.exec(text);
      if (heading) {
        closed();
        background = undefined;
        const [, id, second] = heading as unknown as [string, string, string?];
        const before = seen.get(id);
        // MEME's own output names a motif again above each of its parts.
        title = { id, ...(second && !/^MEME/.test(second) && { name: second }) };
        if (before !== undefined && !/^MOTIF\s+\S+\s+MEME/.test(text))
          throw dataError(
            `${name}:${line}: motif "${id}" is already there, on line ${before}; ids must be unique.`,
          );
        seen.set(id, line);
      } else if (/^\s*letter-probability matrix:/.test(text)) {
        closed();
        matrixHead(text, line);
      } else if (open && /^\s*[\d.]/.test(text)) row(text, line);
      else if (open && text.trim() !== '') {
        const url = /^URL\s+(\S+)/.exec(text)?.[1];
        const { motif } = open;
        closed();
        if (url !== undefined) motif.url = url;
      } else if (!open && !header(text, line) && background) {
        const pairs = [...text.matchAll(/(\S)\s+([\d.]+(?:e[-+]?\d+)?)/g)];
        background.push(...pairs.map(([, , value]) => Number(value)));
        if (background.length >= file.alphabet.length) {
          file.background = background;
          background = undefined;
        }
      }
    },
    end(): MotifFile {
      closed();
      if (version === undefined) throw dataError(`${name} is empty; expected motifs in MEME format.`);
      if (file.motifs.length === 0) throw dataError(`${name} holds no letter-probability matrix.`);
      return file;
    },
  };
}

function memeVersion(text: string, name: string, line: number): string | undefined {
  if (text.trim() === '' || /^([*#]|MEME - )/.test(text)) return undefined;
  const version = /^MEME version (\S+)/.exec(text)?.[1];
  if (version === undefined)
    throw dataError(
      `${name}:${line}: expected MEME format, which begins with "MEME version 4"; this is ${JSON.stringify(text.slice(0, 30))}.`,
    );
  if (!/^[45]/.test(version))
    throw dataError(`${name}:${line}: MEME version ${version}; expected version 4 or 5.`);
  return version;
}

/**
 * Writes motifs in minimal MEME format, with six decimals. Throws a data error for ids with blanks and rows that are no distributions over the
 * alphabet.
 * @example memeText({ alphabet: 'ACGT', motifs: [{ id: 'TATA', matrix: [[0, 0, 0, 1], [1, 0, 0, 0]] }] })
 */
export function memeText({ alphabet, background, strands, motifs }: MotifFile): string {
  const lines = ['MEME version 4', '', `ALPHABET= ${alphabet}`, ''];
  if (strands !== undefined) lines.push(`strands: ${strands}`, '');
  if (background)
    lines.push(
      'Background letter frequencies',
      background.map((share, i) => `${alphabet[i]} ${share.toFixed(6)}`).join(' '),
      '',
    );
  const seen = new Set<string>();
  for (const { id, name, matrix, sites, eValue, url } of motifs) {
    const refuse = (why: string) => dataError(`Motif "${id}" cannot be written in MEME format: ${why}.`);
    if (!/^\S+$/.test(id) || (name !== undefined && !/^\S+$/.test(name)))
      throw refuse('a name has no blanks');
    if (seen.has(id)) throw refuse('its id is taken');
    seen.add(id);
    if (matrix.length === 0) throw refuse('it has no positions');
    for (const row of matrix) {
      const sum = row.reduce((all, value) => all + value, 0);
      if (row.length !== alphabet.length || !row.every((value) => value >= 0) || Math.abs(sum - 1) > 1e-3)
        throw refuse(
          `each of its rows is ${alphabet.length} probabilities that sum to 1, not ${row.join(' ')}`,
        );
    }
    const fields = [
      `alength= ${alphabet.length} w= ${matrix.length}`,
      ...(sites === undefined ? [] : [`nsites= ${sites}`]),
      ...(eValue === undefined ? [] : [`E= ${eValue}`]),
    ];
    lines.push(
      `MOTIF ${id}${name === undefined ? '' : ` ${name}`}`,
      '',
      `letter-probability matrix: ${fields.join(' ')}`,
    );
    for (const row of matrix) lines.push(row.map((value) => ` ${value.toFixed(6)}`).join(' '));
    if (url !== undefined) lines.push('', `URL ${url}`);
    lines.push('');
  }
  return `${lines.join('\n')}\n`;
}
