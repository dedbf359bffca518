import { dataError } from '../../core/errors.ts';
import { joined, peek } from '../../data/opening.ts';
import { openSource, type SourceDigest } from '../../data/source.ts';
import { repeatedKey } from '../json.ts';
import { type HmmFile, hmmFormat, hmmVersion } from './hmm-file.ts';
import { type NgramFile, ngramFormat, ngramVersion, readNgramFile } from './ngram-file.ts';
import { readHmmFile } from './read-hmm-file.ts';

/** A Markov model as one file of JSON holds it. */
export type MarkovFile = HmmFile | NgramFile;

const versions: Readonly<Record<string, number>> = { [hmmFormat]: hmmVersion, [ngramFormat]: ngramVersion };

/** More than this is not read as text. */
const mostBytes = 2 ** 29 - 25;

/**
 * Reads an HMM (`readHmmFile`) or an n-gram model (`readNgramFile`) from a file, or standard input for `-`; gzip is unpacked.
 * Throws a data error that names the file for one that is missing, truncated, of another format or version, or not sound.
 * @example const file = await readMarkovFile('islands.hmm.json');
 */
export async function readMarkovFile(path: string): Promise<MarkovFile & { source: SourceDigest }> {
  const source = openSource(path);
  const file = markovFileFrom(await wholeText(source.chunks, source.name), source.name);
  return { ...file, source: source.digest() };
}

/** `readMarkovFile` for an HMM. Throws a data error for an n-gram model, too. */
export async function readHmm(path: string): Promise<HmmFile & { source: SourceDigest }> {
  const file = await readMarkovFile(path);
  if (file.kind === 'hmm') return file;
  throw dataError(
    `${path} is an n-gram model; expected a hidden Markov model (format "${hmmFormat}"). It is for seqwright generate and seqwright evaluate.`,
  );
}

/** Reads the text of a file, which `name` names in messages. */
export function markovFileFrom(text: string, name: string): MarkovFile {
  const value = parsed(text, name);
  const record = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const { format, version } = record;
  const known = typeof format === 'string' && Object.hasOwn(versions, format) ? versions[format] : undefined;
  if (known === undefined)
    throw dataError(
      `${name} is no Markov model: its format is ${format === undefined ? 'not given' : JSON.stringify(format).slice(0, 60)}; expected "format": "${hmmFormat}" or "${ngramFormat}".`,
    );
  if (version !== known)
    throw dataError(
      `${name} is of version ${JSON.stringify(version) ?? 'unknown'} of the format "${format}"; this Seqwright reads version ${known}. ${typeof version === 'number' && version > known ? 'Update Seqwright.' : 'Write "version": 1.'}`,
    );
  const twice = format === hmmFormat ? repeatedKey(text) : undefined;
  if (twice !== undefined)
    throw dataError(
      `${name}: the key ${JSON.stringify(twice)} stands twice in one object. Keep one of them.`,
    );
  return format === hmmFormat ? readHmmFile(value, name) : readNgramFile(value, name);
}

/** Whether a file begins as JSON does, and the bytes to read it by. */
export async function tellJson(chunks: AsyncIterable<Uint8Array>) {
  const { opening, chunks: all } = await peek(chunks);
  return { isJson: opening.find((byte) => byte > 32) === 123, chunks: all };
}

export async function wholeText(chunks: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length > mostBytes) throw dataError(`${name} is too large to be read as one text of JSON.`);
  }
  return length === 0 ? '' : new TextDecoder().decode(joined(parts, length));
}

function parsed(text: string, name: string): unknown {
  const start = text.trimStart();
  if (start === '') throw dataError(`${name} is empty; expected a Markov model as JSON.`);
  if (!start.startsWith('{'))
    throw dataError(
      `${name} is no Markov model: it begins with ${JSON.stringify(start.slice(0, 20))}; expected JSON, "{". Is it the file that was meant?`,
    );
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const [, place] = /position (\d+)/.exec(message) ?? [];
    if (/end of JSON|Unterminated/.test(message) || Number(place) >= text.trimEnd().length)
      throw dataError(`${name} is truncated: its JSON ends too early. Copy it again, or close what is open.`);
    const line = place === undefined ? '' : `:${text.slice(0, Number(place)).split('\n').length}`;
    throw dataError(`${name}${line}: not JSON: ${message.slice(0, 120)}. Correct it there.`);
  }
}
