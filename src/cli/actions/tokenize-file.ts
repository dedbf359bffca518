import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataError } from '../../core/errors.ts';
import { openSource } from '../../data/source.ts';
import { tokenizerFrom } from '../../tokenize/description.ts';
import { huggingface } from '../../tokenize/huggingface/huggingface.ts';
import type { Tokenizer } from '../../tokenize/tokenizer.ts';

/** The most bytes of a tokenizer file; those of the largest vocabularies in use are a tenth of it. */
const most = 2 ** 28;

/** Reads a tokenizer: a file of `tokenize train`, a `tokenizer.json`, or the folder of a model that has one tokenizer. */
export async function readTokenizer(path: string): Promise<Tokenizer> {
  const folder = path !== '-' && existsSync(join(path, 'model.json'));
  const file = folder ? join(path, 'model.json') : path;
  const source = openSource(file);
  const pieces: Uint8Array[] = [];
  let held = 0;
  for await (const piece of source.chunks) {
    pieces.push(piece);
    held += piece.length;
    if (held > most) throw dataError(`${source.name} is larger than ${most} bytes; expected a tokenizer.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw dataError(
      `${source.name} is not JSON; expected a tokenizer of seqwright tokenize train, or a tokenizer.json.`,
    );
  }
  if (folder) return tokenizerFrom(within(within(value, 'spec'), 'tokenizer'), `${file}: spec.tokenizer`);
  if (within(value, 'kind') !== undefined) return tokenizerFrom(value, source.name);
  return huggingface(value, source.name);
}

const within = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
