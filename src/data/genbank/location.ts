import { dataError } from '../../core/errors.ts';
import type { Interval, Strand } from '../interval.ts';

/** What a location of the INSDC feature table says. */
export interface Location {
  /** 5′ to 3′, each with its strand; 0-based and half-open. A site between two bases is an empty one. */
  segments: Interval[];
  /** Whether an end lies beyond the record (`<`, `>`). */
  partial: boolean;
}

/**
 * Reads a location (INSDC feature table definition, section 3.4): `12..78`, `complement(join(4..9,20..30))`, `<1..>9`, `5^6`,
 * `(3.5)..9`, `J00194.1:100..202`. `order` is read as `join`. A range that runs over the origin of a circular record (`5000..12`)
 * becomes two segments.
 *
 * Throws a data error with `place` for what is no location and for ranges outside the record.
 * @example parseLocation('complement(join(1..2,5..9))', { chrom: 'x', place: 'x.gb:3' }).segments
 * // [{ chrom: 'x', start: 4, end: 9, strand: '-' }, { chrom: 'x', start: 0, end: 2, strand: '-' }]
 */
export function parseLocation(
  text: string,
  { chrom, place, length = Number.POSITIVE_INFINITY, circular = false }: LocationContext,
): Location {
  const wrong = (why = 'is no location, such as 5..9 or join(1..2,5..9)') =>
    dataError(`${place}: ${JSON.stringify(text.slice(0, 60))} ${why}.`);
  const parse = (part: string, depth: number): Interval[] => {
    if (depth > 50) throw wrong('is nested too deeply');
    const [, operator, inside] = /^(complement|join|order|bond)\((.*)\)$/s.exec(part) ?? [];
    if (operator === 'complement')
      return parse(inside!, depth + 1)
        .reverse()
        .map(flipped);
    if (operator !== undefined) return topLevelParts(inside!).flatMap((one) => parse(one, depth + 1));
    return range(part);
  };
  const range = (part: string): Interval[] => {
    const found = rangePattern.exec(part);
    if (!found) throw wrong();
    const [, elsewhere, first, between, last] = found as unknown as (string | undefined)[];
    const start = outermost(first!, Math.min);
    const end = last === undefined ? start : outermost(last, Math.max);
    const where = { chrom: elsewhere ?? chrom, strand: '+' as Strand };
    if (start < 1) throw wrong('counts from 0; positions begin at 1');
    const longest = elsewhere === undefined ? length : Number.POSITIVE_INFINITY;
    if (Math.max(start, end) > longest) throw wrong(`lies outside the record of ${length} letters`);
    if (between === '^') return [{ ...where, start: start, end: start }];
    if (end >= start) return [{ ...where, start: start - 1, end }];
    if (circular && Number.isFinite(longest))
      return [
        { ...where, start: start - 1, end: longest },
        { ...where, start: 0, end },
      ];
    throw wrong('ends before it starts, and the record is not circular');
  };
  return { segments: parse(text, 0), partial: /[<>]/.test(text) };
}

/** What a location is read in: its record and, for messages, its place. */
export interface LocationContext {
  chrom: string;
  place: string;
  length?: number;
  circular?: boolean;
}

const position = String.raw`[<>]?\d+|\([<>]?\d+\.[<>]?\d+\)|one-of\([\d,]+\)`;
const rangePattern = new RegExp(String.raw`^(?:([^\s:()]+):)?(${position})(?:(\.\.|\^)(${position}))?$`);
const outermost = (text: string, choose: (...all: number[]) => number) =>
  choose(...[...text.matchAll(/\d+/g)].map(([digits]) => Number(digits)));

const flipped = (segment: Interval): Interval => ({ ...segment, strand: segment.strand === '-' ? '+' : '-' });

function topLevelParts(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
