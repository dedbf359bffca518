import { dataError } from '../../core/errors.ts';
import type { Chromosome, Genome } from '../genome/genome.ts';
import type { RandomAccess } from '../random-access.ts';

/** The first bytes of a 2bit file, in either byte order. */
export const isTwoBit = (opening: Uint8Array): boolean => byteOrder(opening) !== undefined;

const MAGIC = 0x1a412743;

function byteOrder(opening: Uint8Array): { little: boolean } | undefined {
  if (opening.length < 4) return undefined;
  const view = new DataView(opening.buffer, opening.byteOffset, 4);
  if (view.getUint32(0, true) === MAGIC) return { little: true };
  return view.getUint32(0, false) === MAGIC ? { little: false } : undefined;
}

/** Stretches of N or of lower case, sorted, 0-based. */
interface Blocks {
  starts: number[];
  sizes: number[];
}

interface TwoBitRecord {
  length: number;
  unknown: Blocks;
  masked: Blocks;
  /** Byte of the first four bases. */
  packed: number;
}

/**
 * A genome in a 2bit file (UCSC's description of the format, versions 0 and 1), read by position; lower case and N are kept. The records of a
 * sequence (blocks of N and of lower case) are read when it is first asked for.
 *
 * Throws a data error that names the file where it is no 2bit file, of another version, or truncated.
 */
export async function twoBitGenome(
  file: RandomAccess,
  { name = 'input', circular = [] }: { name?: string; circular?: readonly string[] } = {},
): Promise<Genome> {
  const { offsets, chromosomes, numbers } = await readIndex(file, name, circular);
  const records = new Map<string, Promise<TwoBitRecord>>();
  const recordOf = (chrom: string) => {
    const before = records.get(chrom);
    if (before) return before;
    const fresh = readRecord(numbers, offsets.get(chrom)!);
    records.set(chrom, fresh);
    return fresh;
  };
  return {
    name,
    chromosomes,
    async letters(chrom, start, end) {
      if (start >= end) return '';
      const { packed, unknown, masked } = await recordOf(chrom);
      const first = start >> 2;
      const bytes = await numbers.bytes(((end - 1) >> 2) - first + 1, packed + first);
      const letters = unpacked(bytes, start - 4 * first, end - start);
      for (const [from, to] of within(unknown, start, end)) letters.fill(78, from - start, to - start);
      for (const [from, to] of within(masked, start, end))
        for (let i = from - start; i < to - start; i++) letters[i]! |= 32;
      return ascii.decode(letters);
    },
    close: () => file.close(),
  };
}

const ascii = new TextDecoder();
const bases = Uint8Array.from('TCAG', (base) => base.charCodeAt(0));

function unpacked(bytes: Uint8Array, skip: number, length: number): Uint8Array {
  const letters = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const at = skip + i;
    letters[i] = bases[(bytes[at >> 2]! >> (6 - 2 * (at & 3))) & 3]!;
  }
  return letters;
}

/** The parts of blocks between `start` and `end`. */
function* within({ starts, sizes }: Blocks, start: number, end: number): Generator<[number, number]> {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! + sizes[middle]! <= start) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i < starts.length && starts[i]! < end; i++)
    yield [Math.max(start, starts[i]!), Math.min(end, starts[i]! + sizes[i]!)];
}

type Numbers = ReturnType<typeof numberReader>;

/** Reads numbers in the file's byte order; throws where the file ends too early. */
function numberReader(file: RandomAccess, name: string, little: boolean) {
  const bytes = async (length: number, position: number) => {
    const found = await file.read(length, position);
    if (found.length === length) return found;
    throw dataError(`${name} is truncated: its 2bit data ends too early. Copy or download it again.`);
  };
  return {
    bytes,
    async uint32s(count: number, position: number): Promise<number[]> {
      const found = await bytes(4 * count, position);
      const view = new DataView(found.buffer, found.byteOffset, found.byteLength);
      return Array.from({ length: count }, (_, i) => view.getUint32(4 * i, little));
    },
    async uint64(position: number): Promise<number> {
      const found = await bytes(8, position);
      return Number(new DataView(found.buffer, found.byteOffset, 8).getBigUint64(0, little));
    },
  };
}

async function readIndex(file: RandomAccess, name: string, circular: readonly string[]) {
  const order = byteOrder(await file.read(4, 0));
  if (!order) throw dataError(`${name} is no 2bit file; its first bytes are others.`);
  const numbers = numberReader(file, name, order.little);
  const [version, count] = (await numbers.uint32s(2, 4)) as [number, number];
  if (version > 1) throw dataError(`${name} is 2bit of version ${version}; expected version 0 or 1.`);
  const offsets = new Map<string, number>();
  const chromosomes = new Map<string, Chromosome>();
  const wide = version === 1;
  let at = 16;
  for (let i = 0; i < count; i++) {
    const [size] = (await numbers.bytes(1, at)) as unknown as [number];
    const id = ascii.decode(await numbers.bytes(size, at + 1));
    at += 1 + size;
    const offset = wide ? await numbers.uint64(at) : (await numbers.uint32s(1, at))[0]!;
    at += wide ? 8 : 4;
    const [length] = (await numbers.uint32s(1, offset)) as [number];
    offsets.set(id, offset);
    chromosomes.set(id, { name: id, length, ...(circular.includes(id) && { circular: true }) });
  }
  return { offsets, chromosomes, numbers };
}

async function readRecord(numbers: Numbers, offset: number): Promise<TwoBitRecord> {
  const [length] = (await numbers.uint32s(1, offset)) as [number];
  let at = offset + 4;
  const blocks = async (): Promise<Blocks> => {
    const [count] = (await numbers.uint32s(1, at)) as [number];
    const both = await numbers.uint32s(2 * count, at + 4);
    at += 4 + 8 * count;
    return { starts: both.slice(0, count), sizes: both.slice(count) };
  };
  const unknown = await blocks();
  const masked = await blocks();
  return { length, unknown, masked, packed: at + 4 };
}
