import { addI32, type Code, get, i32, set } from '../../hmm/wasm.ts';

/**
 * The words of WebAssembly's 128-bit SIMD that the filters need beside those of `hmm/wasm.ts`: 16 bytes, 8 words or
 * 4 floats at a time. Vectors are locals; single integers too.
 */
const u32 = (value: number): number[] => {
  const bytes: number[] = [];
  for (let v = value; ; v >>>= 7) {
    bytes.push(v > 127 ? (v & 127) | 128 : v);
    if (v < 128) return bytes;
  }
};
const simd = (op: number, ...rest: number[]): Code => [0xfd, ...u32(op), ...rest];
const two =
  (op: number) =>
  (a: Code, b: Code): Code => [...a, ...b, ...simd(op)];

export const load = (address: Code, offset = 0): Code => [...address, ...simd(0, 4, ...u32(offset))];
export const store = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  ...simd(11, 4, ...u32(offset)),
];
export const splatByte = (value: Code): Code => [...value, ...simd(15)];
export const splatWord = (value: Code): Code => [...value, ...simd(16)];
export const loadSplatFloat = (address: Code, offset = 0): Code => [
  ...address,
  ...simd(9, 2, ...u32(offset)),
];
/** All 16 bytes the same. */
export const constant = (byte: number): Code => simd(12, ...new Array<number>(16).fill(byte));
/** All four floats the same. */
export const floats = (value: number): Code => {
  const bytes = [...new Uint8Array(new Float32Array([value]).buffer)];
  return simd(12, ...bytes, ...bytes, ...bytes, ...bytes);
};
/** All eight words the same. */
export const words = (value: number): Code => {
  const bytes = [value & 255, (value >> 8) & 255];
  return simd(12, ...Array.from({ length: 8 }, () => bytes).flat());
};

export const bytesAdd = two(0x70);
export const bytesSub = two(0x73);
export const bytesMax = two(0x79);
/** The same of bytes with a sign. */
export const signedSub = two(0x72);
export const signedMax = two(0x78);
export const wordsAdd = two(0x8f);
export const wordsMax = two(0x98);
export const wordsGreater = two(0x31);
export const floatsAdd = two(0xe4);
export const floatsMul = two(0xe6);
export const floatsDiv = two(0xe7);
export const floatsGreater = two(0x44);
export const anyTrue = (value: Code): Code => [...value, ...simd(0x53)];

/** Bytes of a after `by` of them, then the first ones of b. */
const shuffle = (a: Code, b: Code, lanes: readonly number[]): Code => [...a, ...b, ...simd(13, ...lanes)];
/** Every lane goes up by `bytes`; what comes in at the bottom is the top of `fill`. */
export const shiftUp = (value: Code, fill: Code, bytes: number): Code =>
  shuffle(
    fill,
    value,
    Array.from({ length: 16 }, (_, i) => 16 - bytes + i),
  );
/** Every lane goes down by `bytes`; what comes in at the top is the bottom of `fill`. */
export const shiftDown = (value: Code, fill: Code, bytes: number): Code =>
  shuffle(
    value,
    fill,
    Array.from({ length: 16 }, (_, i) => bytes + i),
  );
const rotated = (value: Code, bytes: number): Code =>
  shuffle(
    value,
    value,
    Array.from({ length: 16 }, (_, i) => (i + bytes) % 16),
  );
/** Combines all lanes of `local` in it, so that each has the result. */
const across =
  (combine: (a: Code, b: Code) => Code, steps: readonly number[]) =>
  (local: number): Code =>
    steps.flatMap((bytes) => set(local, combine(get(local), rotated(get(local), bytes))));
export const bytesMaxAcross = across(bytesMax, [8, 4, 2, 1]);
export const signedMaxAcross = across(signedMax, [8, 4, 2, 1]);
export const wordsMaxAcross = across(wordsMax, [8, 4, 2]);
export const floatsSumAcross = across(floatsAdd, [8, 4]);

export const firstByte = (value: Code): Code => [...value, ...simd(0x16, 0)];
export const firstSigned = (value: Code): Code => [...value, ...simd(0x15, 0)];
export const firstWord = (value: Code): Code => [...value, ...simd(0x18, 0)];
/** Writes one float: the first of a vector. */
export const storeFloat = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  ...simd(0x1f, 0),
  ...[0x38, 2, ...u32(offset)],
];

export const loadInt = (address: Code, offset = 0): Code => [...address, 0x28, 2, ...u32(offset)];
export const loadByte = (address: Code, offset = 0): Code => [...address, 0x2d, 0, ...u32(offset)];
export const storeInt = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  ...[0x36, 2, ...u32(offset)],
];
export const subI32 = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const equalI32 = (a: Code, b: Code): Code => [...a, ...b, 0x46];
export const mulI32 = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
export const greaterI32 = (a: Code, b: Code): Code => [...a, ...b, 0x4a];
/** The larger of two locals or constants; each is evaluated twice. */
export const maxI32 = (a: Code, b: Code): Code => [...a, ...b, ...greaterI32(a, b), 0x1b];
export const when = (condition: Code, then: Code, otherwise: Code = []): Code => [
  ...condition,
  ...[0x04, 0x40],
  ...then,
  ...(otherwise.length > 0 ? [0x05, ...otherwise] : []),
  0x0b,
];
/** Repeats the body while the condition at its end holds; at least once. */
export const repeatWhile = (body: Code, condition: Code): Code => [
  ...[0x03, 0x40],
  ...body,
  ...condition,
  ...[0x0d, 0],
  0x0b,
];
export const leave: Code = [0x0f];
export const next = (local: number, by: number): Code => set(local, addI32(get(local), i32(by)));
