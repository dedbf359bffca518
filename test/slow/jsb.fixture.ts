import { inflateSync } from 'node:zlib';

/** A numeric array of a MAT-file, row-major. */
export interface MatArray {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

interface Element {
  readonly type: number;
  readonly bytes: Buffer;
}

const types = { matrix: 14, compressed: 15 };
const cellClass = 1;
const readers: Record<number, { size: number; at: (bytes: Buffer, at: number) => number }> = {
  1: { size: 1, at: (b, i) => b.readInt8(i) },
  2: { size: 1, at: (b, i) => b.readUInt8(i) },
  3: { size: 2, at: (b, i) => b.readInt16LE(i) },
  4: { size: 2, at: (b, i) => b.readUInt16LE(i) },
  5: { size: 4, at: (b, i) => b.readInt32LE(i) },
  6: { size: 4, at: (b, i) => b.readUInt32LE(i) },
  7: { size: 4, at: (b, i) => b.readFloatLE(i) },
  9: { size: 8, at: (b, i) => b.readDoubleLE(i) },
};

/** Data elements one after the other, each with its tag, short or long (MAT-File Level 5 format, MathWorks). */
function* elements(bytes: Buffer): Generator<Element> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const tag = bytes.readUInt32LE(at);
    const short = tag >>> 16;
    const type = tag & 0xffff;
    const length = short || bytes.readUInt32LE(at + 4);
    const start = at + (short ? 4 : 8);
    yield { type, bytes: bytes.subarray(start, start + length) };
    at = short ? at + 8 : start + (type === types.compressed ? length : Math.ceil(length / 8) * 8);
  }
}

const numbers = ({ type, bytes }: Element): Float64Array => {
  const { size, at } = readers[type]!;
  return Float64Array.from({ length: bytes.length / size }, (_, i) => at(bytes, i * size));
};

function matrix(bytes: Buffer): { name: string; cells: MatArray[] } {
  const [flags, dimensions, name, ...rest] = [...elements(bytes)];
  const title = name!.bytes.toString('latin1');
  if ((flags!.bytes[0]! & 0xff) === cellClass)
    return { name: title, cells: rest.flatMap((element) => matrix(element.bytes).cells) };
  const [rows, columns] = numbers(dimensions!) as unknown as [number, number];
  const stored = numbers(rest[0]!);
  // Stored column by column.
  const data = Float64Array.from(stored, (_, i) => stored[(i % columns) * rows + Math.floor(i / columns)]!);
  return { name: title, cells: [{ rows, columns, data }] };
}

/** The arrays of each variable of a MAT-file of level 5; a cell array has several. */
export function matVariables(file: Buffer): Map<string, MatArray[]> {
  const found = new Map<string, MatArray[]>();
  for (const { type, bytes } of elements(file.subarray(128))) {
    const inner = type === types.compressed ? [...elements(inflateSync(bytes))][0]! : { type, bytes };
    if (inner.type !== types.matrix) continue;
    const { name, cells } = matrix(inner.bytes);
    found.set(name, cells);
  }
  return found;
}
