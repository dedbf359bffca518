import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeqwrightError } from '../core/errors.ts';
import { repeatedKey } from './json.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

const tensorArbitrary: fc.Arbitrary<StoredTensor> = fc
  .tuple(fc.array(fc.nat(4), { maxLength: 4 }), fc.boolean(), fc.nat())
  .map(([shape, float, seed]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const bits = Int32Array.from({ length: size }, (_, i) => Math.imul(seed + i, 0x9e3779b1));
    return { shape, data: float ? new Float32Array(bits.buffer) : bits };
  });
const nameArbitrary = fc
  .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
  .filter((name) => !/\p{Cc}|\.\.|^[\\/]|^[A-Za-z]:|^__metadata__$/u.test(name));
const fileArbitrary = fc.tuple(
  fc.array(fc.tuple(nameArbitrary, tensorArbitrary), { maxLength: 5 }).map((list) => new Map(list)),
  fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), { maxKeys: 3 }),
);

const bitsOf = ({ data }: StoredTensor) => [...new Uint32Array(data.buffer, data.byteOffset, data.length)];

/** A file with this header text and so many bytes of data, the declared header length being `declared`. */
function fileOf(header: string, { data = 0, declared = -1 } = {}): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(declared < 0 ? text.length : declared), true);
  bytes.set(text, 8);
  return bytes;
}
const entry = (begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype: unknown = 'F32') =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });

describe('safetensors', () => {
  it('come back to the bit, with names, shapes, types and metadata', () => {
    fc.assert(
      fc.property(fileArbitrary, ([tensors, metadata]) => {
        const read = decodeSafetensors(encodeSafetensors(tensors, metadata));
        expect(read.metadata).toEqual(metadata);
        expect(new Set(read.tensors.keys())).toEqual(new Set(tensors.keys()));
        for (const [name, tensor] of tensors) {
          const back = read.tensors.get(name)!;
          expect(back.shape).toEqual(tensor.shape);
          expect(back.data.constructor).toBe(tensor.data.constructor);
          expect(bitsOf(back)).toEqual(bitsOf(tensor));
        }
      }),
    );
  });

  it('are laid out as the specification says', () => {
    const bytes = encodeSafetensors(new Map([['a', { shape: [1, 2], data: Float32Array.of(1, 2) }]]));
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    expect(JSON.parse(header)).toEqual({ a: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] } });
    expect((8 + length) % 8).toBe(0);
    expect([...new Float32Array(bytes.buffer, 8 + length)]).toEqual([1, 2]);
  });

  it('that are damaged anywhere are read as sound tensors or refused, never anything else', () => {
    const damage = fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)),
      { minLength: 1, maxLength: 4 },
    );
    let refused = 0;
    fc.assert(
      fc.property(fileArbitrary, damage, fc.option(fc.nat(200)), ([tensors, metadata], changes, cut) => {
        const bytes = encodeSafetensors(tensors, metadata);
        for (const [place, byte] of changes) bytes[Math.floor(place * bytes.length)] = byte;
        try {
          const read = decodeSafetensors(cut === null ? bytes : bytes.subarray(0, cut));
          for (const { shape, data } of read.tensors.values())
            expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(SeqwrightError);
          expect((error as SeqwrightError).kind).toBe('data');
          refused++;
        }
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  const cases: [string, Uint8Array, string][] = [
    ['an empty file', new Uint8Array(), 'it has 0 bytes, fewer than the shortest header needs'],
    [
      'a huge declared header',
      fileOf('{}', { declared: 2 ** 52 }),
      'its header claims 4503599627370496 bytes; the most that is read is 100000000',
    ],
    [
      'a header longer than the file',
      fileOf('{}', { declared: 50 }),
      'its header claims 50 bytes, but the file ends after 2',
    ],
    ['a header that is no object', fileOf('[]'), 'its header does not begin with "{"'],
    ['a cut header', fileOf('{"a": '), 'its header is not valid JSON'],
    [
      'a repeated name',
      fileOf(`{"a": ${entry(0, 4)}, "a": ${entry(4, 8)}}`, { data: 8 }),
      'its header names "a" twice',
    ],
    [
      'a path as a name',
      fileOf(`{"../../etc/passwd": ${entry(0, 4)}}`, { data: 4 }),
      'the tensor name "../../etc/passwd" is refused: it looks like a path out of the folder',
    ],
    [
      'a NUL in a name',
      fileOf(`{"a\\u0000": ${entry(0, 4)}}`, { data: 4 }),
      'the tensor name "a\\u0000" is refused: it holds control characters',
    ],
    [
      'an empty name',
      fileOf(`{"": ${entry(0, 4)}}`, { data: 4 }),
      'the tensor name "" is refused: a name has 1 to 512 letters',
    ],
    ['an entry that is null', fileOf('{"a": null}'), 'tensor "a" is not described by an object'],
    [
      'an unknown element type',
      fileOf(`{"a": ${entry(0, 8, [1], 'F64')}}`, { data: 8 }),
      'tensor "a" has the element type "F64"; expected F32 or I32',
    ],
    [
      'a negative size',
      fileOf(`{"a": ${entry(0, 4, [-1])}}`, { data: 4 }),
      'tensor "a" has the shape [-1]; expected a list of whole numbers',
    ],
    [
      'offsets that are no pair',
      fileOf('{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0]}}', { data: 4 }),
      'tensor "a" has the offsets [0]; expected two whole numbers',
    ],
    [
      'a range past the end',
      fileOf(`{"a": ${entry(0, 4_000_000_000)}}`, { data: 4 }),
      'tensor "a" lies at bytes 0 to 4000000000, outside the 4 bytes of data',
    ],
    [
      'a range that runs backwards',
      fileOf(`{"a": ${entry(4, 0, [1])}}`, { data: 4 }),
      'tensor "a" lies at bytes 4 to 0, outside the 4 bytes of data',
    ],
    [
      'a shape whose product overflows to the right size',
      fileOf(`{"a": ${entry(0, 4, [4294967297])}}`, { data: 4 }),
      'tensor "a" has 4 bytes, which is not what its shape [4294967297] takes',
    ],
    [
      'half a number',
      fileOf(`{"a": ${entry(0, 6, [1])}}`, { data: 6 }),
      'tensor "a" has 6 bytes, which is not what its shape [1] takes',
    ],
    [
      'an overlap',
      fileOf(`{"a": ${entry(0, 8)}, "b": ${entry(4, 12)}}`, { data: 12 }),
      'tensor "b" overlaps another',
    ],
    [
      'a hole',
      fileOf(`{"a": ${entry(0, 4)}, "b": ${entry(8, 12)}}`, { data: 12 }),
      '4 bytes before tensor "b" belong to no tensor',
    ],
    [
      'bytes left over',
      fileOf(`{"a": ${entry(0, 4)}}`, { data: 9 }),
      '5 bytes at its end belong to no tensor',
    ],
    [
      'metadata that is no text',
      fileOf('{"__metadata__": {"a": 1}}'),
      '__metadata__ is not a record of texts',
    ],
  ];
  it.each(cases)('with %s are refused', (_, bytes, what) => {
    expect(() => decodeSafetensors(bytes, { name: 'w.safetensors' })).toThrow(
      expect.objectContaining({
        kind: 'data',
        message: `w.safetensors is not a sound safetensors file: ${what}.`,
      }),
    );
  });

  it('are not written under a name, or with a shape, that would be refused', () => {
    const one = { shape: [1], data: Float32Array.of(1) };
    expect(() => encodeSafetensors(new Map([['../a', one]]))).toThrow(
      'tensor "../a" cannot be stored: it looks like a path out of the folder.',
    );
    expect(() => encodeSafetensors(new Map([['a', { ...one, shape: [2] }]]))).toThrow(
      'tensor "a" cannot be stored: shape [2] does not hold 1 numbers.',
    );
  });
});

describe('repeatedKey', () => {
  it('finds no repetition in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(repeatedKey(JSON.stringify(value, null, 1))).toBeUndefined();
      }),
    );
  });

  it('finds a key that is repeated at any depth, however it is spelt', () => {
    expect(repeatedKey('{"x": [{"a\\"": "a", "b": ":"}, {"a": 1, "\\u0061" : 2}]}')).toBe('a');
  });
});
