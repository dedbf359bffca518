import { dataError } from '../../../core/errors.ts';
import type { Json } from '../../../data/jsonl/jsonl.ts';
import type { Observation } from './data.ts';

/** Whether a text begins with a number, and so is read as numbers unless symbols are asked for. */
export const looksNumeric = (text: string): boolean =>
  /^\s*(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf|infinity))(?:[\s,;]|$)/i.test(text);

/**
 * Numbers of one channel divided by blanks or commas, or frames divided by semicolons: `0.1 0.2 0.4`, `0.1 2; 0.2 3`.
 * Throws a data error that begins with `what` for anything but finite numbers, and for frames of different widths.
 */
export function framesOfText(text: string, what: string): Observation & { kind: 'frames' } {
  const parts = text.split(';').map((part) => part.trim());
  const frames = parts
    .filter((part, i) => part !== '' || i < parts.length - 1)
    .map((part) => part.split(/[\s,]+/).filter((word) => word !== ''));
  if (!text.includes(';'))
    return assembled(
      frames.flat().map((word) => [word]),
      what,
    );
  return assembled(frames, what);
}

/** The same from JSON: a list of numbers, or a list of frames, each a list of numbers. */
export function framesOfJson(list: readonly Json[], what: string): Observation & { kind: 'frames' } {
  const nested = list.some((item) => Array.isArray(item));
  if (!nested)
    return assembled(
      list.map((item) => [item]),
      what,
    );
  return assembled(
    list.map((item, t) => {
      if (Array.isArray(item)) return item;
      throw dataError(`${what}: frame ${t + 1} is ${shown(item)}; expected a list of numbers.`);
    }),
    what,
  );
}

function assembled(frames: readonly (readonly Json[])[], what: string): Observation & { kind: 'frames' } {
  const channels = frames[0]?.length ?? 0;
  if (channels === 0) throw dataError(`${what} has no frames; expected numbers. Leave the record out.`);
  const values = new Float32Array(frames.length * channels);
  frames.forEach((frame, t) => {
    if (frame.length !== channels)
      throw dataError(
        `${what}: frame ${t + 1} has ${frame.length === 1 ? '1 number' : `${frame.length} numbers`}; expected ${channels}, as in the frames before.`,
      );
    frame.forEach((item, c) => {
      values[t * channels + c] = finite(
        item,
        () => `${what}: frame ${t + 1}${channels > 1 ? `, number ${c + 1},` : ''}`,
      );
    });
  });
  return { kind: 'frames', values, channels };
}

/** A number that float32 can hold; throws a data error that begins with `where`. */
export function finite(item: Json, where: () => string): number {
  const value = typeof item === 'string' && item.trim() !== '' ? Number(item) : item;
  if (typeof value === 'number' && Number.isFinite(Math.fround(value))) return value;
  const missing =
    item === null || item === '' || (typeof item === 'string' && /^[-+]?(nan|inf|infinity|na)$/i.test(item));
  throw dataError(
    `${where()} is ${shown(item)}; expected a number. ${missing ? 'Fill the gap in, cut the record there, or leave it out.' : 'Correct it, or leave the record out.'}`,
  );
}

const shown = (item: Json): string =>
  item === '' ? 'empty' : (JSON.stringify(item) ?? String(item)).slice(0, 40);
