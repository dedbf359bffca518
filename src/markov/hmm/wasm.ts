/**
 * Just enough of WebAssembly's binary format to write a loop over two numbers at a time (128-bit SIMD), which
 * JavaScript has no words for. Instructions are arrays of bytes that are put after one another.
 */
export type Code = readonly number[];

const leb = (value: number, signed: boolean): number[] => {
  const bytes: number[] = [];
  for (let v = value; ; ) {
    const low = v & 0x7f;
    v >>= 7;
    const done = signed ? (v === 0 && low < 64) || (v === -1 && low >= 64) : v === 0;
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
};
const u32 = (value: number) => leb(value, false);
const text = (name: string) => [...u32(name.length), ...[...name].map((c) => c.charCodeAt(0))];
const simd = (op: number, ...rest: number[]) => [0xfd, ...u32(op), ...rest];
// Loads and stores carry an alignment (3: 8 bytes, 4: 16 bytes) and a constant offset.
const memory =
  (op: number, align: number) =>
  (address: Code, offset: number): Code => [...address, ...simd(op, align, ...u32(offset))];

export const get = (local: number): Code => [0x20, ...u32(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...u32(local)];
export const i32 = (value: number): Code => [0x41, ...leb(value, true)];
export const addI32 = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const mulI32 = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
export const negativeI32 = (a: Code): Code => [...i32(0), ...a, 0x6b];
export const step = (local: number, by: number): Code => set(local, addI32(get(local), i32(by)));
export const loadI32 = (address: Code, offset: number): Code => [...address, 0x28, 2, ...u32(offset)];
export const loadPair = memory(0, 4);
/** One number into both lanes. */
export const loadBoth = memory(10, 3);
export const storePair = (address: Code, value: Code, offset: number): Code => [
  ...address,
  ...value,
  ...simd(11, 4, ...u32(offset)),
];
/** Both lanes the same constant. */
export const pair = (value: number): Code => {
  const bytes = [...new Uint8Array(new Float64Array([value]).buffer)];
  return simd(12, ...bytes, ...bytes);
};
const binary =
  (op: number) =>
  (a: Code, b: Code): Code => [...a, ...b, ...simd(op)];
export const add = binary(240);
export const mul = binary(242);
/** The larger of two, a where they are equal. */
export const larger = binary(247);
/** In each lane all bits where a is greater than b, else none. */
export const greater = binary(74);
/** In each lane a where the mask has its bits, else b. */
export const chosen = (a: Code, b: Code, mask: Code): Code => [...a, ...b, ...mask, ...simd(82)];
/** Repeats the body while `local` is below `limit`; at least once. */
export const repeat = (local: number, limit: Code, body: Code): Code => [
  ...[0x03, 0x40],
  ...body,
  ...[...get(local), ...limit, 0x48, 0x0d, 0],
  0x0b,
];
/** The sum of both lanes, a single number. */
export const laneSum = (value: number): Code => [
  ...get(value),
  ...simd(33, 0),
  ...get(value),
  ...simd(33, 1),
  0xa0,
];
/** Both lanes 1 / (the sum of both lanes). */
export const inverseSum = (value: number): Code => [
  ...[0x44, ...new Uint8Array(new Float64Array([1]).buffer)],
  ...laneSum(value),
  0xa3,
  ...simd(20),
];
export const storeNumber = (address: Code, value: Code): Code => [...address, ...value, 0x39, 3, 0];

const section = (id: number, content: Code) => [id, ...u32(content.length), ...content];

/**
 * A module of one function `run` of one integer (local 0) over `numbers` float64 of memory. Null where there is
 * no WebAssembly with SIMD (or a page's policy forbids it): callers then loop in JavaScript.
 * `integers` and `pairs` count its further locals, numbered in that order from 1.
 */
export function wasmLoop(
  body: Code,
  { numbers, integers, pairs }: { numbers: number; integers: number; pairs: number },
): { memory: Float64Array; run: (argument: number) => void } | null {
  const pages = Math.ceil((numbers * 8) / 65536);
  const locals = [2, ...u32(integers), 0x7f, ...u32(pairs), 0x7b];
  const code = [...locals, ...body, 0x0b];
  const bytes = Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...u32(pages)]),
    ...section(7, [2, ...text('memory'), 2, 0, ...text('run'), 0, 0]),
    ...section(10, [1, ...u32(code.length), ...code]),
  ]);
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const memory = new Float64Array((exports.memory as WebAssembly.Memory).buffer);
    return { memory, run: exports.run as (argument: number) => void };
  } catch {
    return null;
  }
}
