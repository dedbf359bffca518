import { dataError } from '../../core/errors.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';

/** What JSON can say. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** One object of a JSON Lines file and the line it stands on, counted from 1. */
export interface JsonlRecord {
  value: { [key: string]: Json };
  line: number;
}

/**
 * Reads JSON Lines: one object a line; blank lines are passed over. Throws a data error with `name` and line for what is
 * not JSON, not an object, or a file without objects.
 * @example for await (const { value } of jsonlRecords([bytes('{"id":"x"}\n')])) console.log(value.id);
 */
export async function* jsonlRecords(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): AsyncGenerator<JsonlRecord, void, undefined> {
  let any = false;
  for await (const { lines, first } of lineBatches(chunks, { name })) {
    for (const [i, text] of lines.entries()) {
      if (text.trim() === '') continue;
      any = true;
      yield { value: parsed(text, `${name}:${first + i}`), line: first + i };
    }
  }
  if (!any) throw dataError(`${name} is empty; expected JSON Lines, one object a line.`);
}

function parsed(text: string, place: string): JsonlRecord['value'] {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    const why = (error as Error).message.replace(/\.?$/, '.');
    throw dataError(
      `${place}: expected one JSON object a line; ${why} Write each object on a line of its own.`,
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  throw dataError(`${place}: expected a JSON object, such as {"id": "x"}; this is ${found}.`);
}

/** Writes an object as a line of JSON Lines. */
export const jsonLine = (value: { readonly [key: string]: unknown }): string => `${JSON.stringify(value)}\n`;
