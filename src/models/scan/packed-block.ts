import type { RunnableBlock } from './runner.ts';

/** A block as two arrays, which cross to another thread many times faster than a list of records. */
export interface PackedBlock {
  readonly letters: Uint8Array;
  /** start, end, from, to and place of each window. */
  readonly windows: Float64Array;
}

const fields = 5;

/** What a runner needs of a block, packed. */
export function packBlock({ letters, windows }: RunnableBlock): PackedBlock {
  const packed = new Float64Array(fields * windows.length);
  windows.forEach(({ start, end, from, to, place }, w) => {
    packed.set([start, end, from, to, place], fields * w);
  });
  return { letters, windows: packed };
}

/** The block that `packBlock` packed. */
export const unpackBlock = ({ letters, windows }: PackedBlock): RunnableBlock => ({
  letters,
  windows: Array.from({ length: windows.length / fields }, (_, w) => {
    const [start, end, from, to, place] = windows.subarray(fields * w, fields * (w + 1));
    return { start: start!, end: end!, from: from!, to: to!, place: place! };
  }),
});
