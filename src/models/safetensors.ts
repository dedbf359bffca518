import { dataError, type SeqwrightError, usageError } from '../core/errors.ts';
import { repeatedKey, shown } from './json.ts';

/** Numbers with a shape, row-major: `F32` or `I32` in the file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: Map<string, StoredTensor>;
  /** Free text by key, the `__metadata__` of the format. */
  readonly metadata: Record<string, string>;
}

const METADATA = '__metadata__';
const arrayOf = { F32: Float32Array, I32: Int32Array } as const;
type FileType = keyof typeof arrayOf;
const ITEM = 4;

/**
 * The bytes of a safetensors file (Hugging Face, "safetensors", format section of the README): the header's
 * length as u64, a JSON header, then the tensors one after another, little-endian. The same tensors in the same order give the same bytes.
 * Throws a usage error for a name that the format or `decodeSafetensors` would refuse, and where shape and data disagree.
 * @example encodeSafetensors(new Map([['head.bias', { shape: [2], data: Float32Array.of(0, 1) }]]))
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  let end = 0;
  const entries = [...tensors].map(([name, { shape, data }]): [string, unknown] => {
    const wrong = nameProblem(name) ?? shapeProblem(shape, data.length);
    if (wrong) throw usageError(`tensor ${shown(name)} cannot be stored: ${wrong}.`);
    const dtype: FileType = data instanceof Float32Array ? 'F32' : 'I32';
    return [name, { dtype, shape, data_offsets: [end, (end += data.byteLength)] }];
  });
  if (Object.keys(metadata).length > 0) entries.unshift([METADATA, metadata]);
  const text = JSON.stringify(Object.fromEntries(entries));
  const header = new TextEncoder().encode(text);
  // Padded with spaces, as the format allows, so that the numbers lie at a multiple of their own size.
  const start = 8 + Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(32, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(header, 8);
  let at = start;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file. Sizes are checked before anything of that size is made: the header against the file
 * and `maxHeader`, every range against the data, every shape against its range; tensors must fill the data without hole or overlap.
 * Throws a data error that begins with `name` for all of these, for a header that is not JSON, repeated or
 * unsafe names (empty, over 512 letters, control characters, `..` or absolute paths) and element types other than F32 and I32.
 * @example decodeSafetensors(bytes, { name: 'my.model/weights.safetensors' }).tensors.get('head.bias')
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  { name = 'input', maxHeader = 100_000_000 } = {},
): Safetensors {
  const wrong: Refusal = (what) => dataError(`${name} is not a sound safetensors file: ${what}.`);
  const length = headerLength(bytes, maxHeader, wrong);
  const header = parseHeader(bytes.subarray(8, 8 + length), wrong);
  const data = bytes.subarray(8 + length);
  const { [METADATA]: metadata, ...entries } = header;
  const found = Object.entries(entries).map(([key, entry]) => checkedEntry(key, entry, data.length, wrong));
  refuseGaps(found, data.length, wrong);
  return {
    tensors: new Map(found.map((entry) => [entry.key, stored(entry, data)])),
    metadata: checkedMetadata(metadata, wrong),
  };
}

type Refusal = (what: string) => SeqwrightError;
interface Entry {
  readonly key: string;
  readonly dtype: FileType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function headerLength(bytes: Uint8Array, maxHeader: number, wrong: Refusal): number {
  if (bytes.length < 10) throw wrong(`it has ${bytes.length} bytes, fewer than the shortest header needs`);
  const declared = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(maxHeader))
    throw wrong(`its header claims ${declared} bytes; the most that is read is ${maxHeader}`);
  if (declared > BigInt(bytes.length - 8))
    throw wrong(`its header claims ${declared} bytes, but the file ends after ${bytes.length - 8}`);
  return Number(declared);
}

function parseHeader(bytes: Uint8Array, wrong: Refusal): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw wrong('its header does not begin with "{"');
  let header: Record<string, unknown>;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    throw wrong('its header is not valid JSON');
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) throw wrong(`its header names ${shown(twice)} twice`);
  return header;
}

function checkedEntry(key: string, entry: unknown, available: number, wrong: Refusal): Entry {
  const problem = nameProblem(key);
  if (problem) throw wrong(`the tensor name ${shown(key)} is refused: ${problem}`);
  const what = `tensor ${shown(key)}`;
  if (typeof entry !== 'object' || entry === null) throw wrong(`${what} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  if (dtype !== 'F32' && dtype !== 'I32')
    throw wrong(`${what} has the element type ${shown(dtype)}; expected F32 or I32`);
  if (!isSizes(shape)) throw wrong(`${what} has the shape ${shown(shape)}; expected a list of whole numbers`);
  if (!isSizes(offsets) || offsets.length !== 2)
    throw wrong(`${what} has the offsets ${shown(offsets)}; expected two whole numbers`);
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > available)
    throw wrong(`${what} lies at bytes ${begin} to ${end}, outside the ${available} bytes of data`);
  if (shapeProblem(shape, (end - begin) / ITEM))
    throw wrong(`${what} has ${end - begin} bytes, which is not what its shape ${shown(shape)} takes`);
  return { key, dtype, shape, begin, end };
}

function refuseGaps(entries: readonly Entry[], available: number, wrong: Refusal): void {
  const inOrder = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { key, begin, end } of inOrder) {
    if (begin < at) throw wrong(`tensor ${shown(key)} overlaps another`);
    if (begin > at) throw wrong(`${begin - at} bytes before tensor ${shown(key)} belong to no tensor`);
    at = end;
  }
  if (at < available) throw wrong(`${available - at} bytes at its end belong to no tensor`);
}

/** Copied out, because the data may begin at any byte. */
function stored({ dtype, shape, begin, end }: Entry, data: Uint8Array): StoredTensor {
  const copy = new Uint8Array(end - begin);
  copy.set(data.subarray(begin, end));
  return { shape, data: new arrayOf[dtype](copy.buffer) };
}

function checkedMetadata(metadata: unknown, wrong: Refusal): Record<string, string> {
  if (metadata === undefined) return {};
  const fits = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  if (!fits || !Object.values(metadata).every((value) => typeof value === 'string'))
    throw wrong(`${METADATA} is not a record of texts`);
  return metadata as Record<string, string>;
}

const isSizes = (x: unknown): x is number[] =>
  Array.isArray(x) && x.every((n) => Number.isSafeInteger(n) && n >= 0);

/** Why a shape does not hold `count` numbers; the product stops growing once it is past any file's size. */
function shapeProblem(shape: readonly number[], count: number): string | undefined {
  const empty = shape.includes(0);
  const product = empty ? 0 : shape.reduce((a, b) => (a > count ? a : a * b), 1);
  return product === count ? undefined : `shape [${shape.join(', ')}] does not hold ${count} numbers`;
}

/** Names may end up as paths or in messages, so that none may look like another place or move a terminal's cursor. */
function nameProblem(name: string): string | undefined {
  if (name === '' || name.length > 512) return 'a name has 1 to 512 letters';
  if (name === METADATA) return 'the format keeps this name for itself';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) return 'it holds control characters';
  if (/^([\\/]|[A-Za-z]:)/.test(name) || name.split(/[\\/]/).includes('..'))
    return 'it looks like a path out of the folder';
  return undefined;
}
