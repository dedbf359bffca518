import type { AlignedRead } from './bam.ts';

const int32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];
const text = (value: string) => [...Buffer.from(value), 0];
const letters = '=ACMGRSVTWYHKDBN';
const operations = 'MIDNSHP=X';

/** Unpacked BAM, written from the SAM specification (section 4.2). */
export function bamBytes(
  reads: readonly AlignedRead[],
  references: readonly { name: string; length: number }[],
  header = '@HD\tVN:1.6\n',
): Uint8Array {
  const head = [
    ...Buffer.from('BAM\u0001'),
    ...int32(header.length),
    ...Buffer.from(header),
    ...int32(references.length),
  ];
  for (const { name, length } of references)
    head.push(...int32(name.length + 1), ...text(name), ...int32(length));
  return Uint8Array.from([
    ...head,
    ...reads.flatMap((read) =>
      blockOf(
        read,
        references.map(({ name }) => name),
      ),
    ),
  ]);
}

function blockOf(read: AlignedRead, names: string[]): number[] {
  const { id, sequence, quality, flag, reference, start = -1, mappingQuality, cigar = '*' } = read;
  const steps = [...cigar.matchAll(/(\d+)([MIDNSHP=X])/g)];
  const packed: number[] = [];
  for (let i = 0; i < sequence.length; i += 2)
    packed.push(16 * letters.indexOf(sequence[i]!) + Math.max(0, letters.indexOf(sequence[i + 1] ?? '=')));
  const block = [
    ...int32(reference === undefined ? -1 : names.indexOf(reference)),
    ...int32(start),
    id.length + 1,
    mappingQuality,
    ...[0, 0],
    ...int32(steps.length).slice(0, 2),
    ...int32(flag).slice(0, 2),
    ...int32(sequence.length),
    ...int32(-1),
    ...int32(-1),
    ...int32(0),
    ...text(id),
    ...steps.flatMap(([, count, operation]) => int32(Number(count) * 16 + operations.indexOf(operation!))),
    ...packed,
    ...(quality === undefined
      ? sequence.split('').map(() => 255)
      : [...quality].map((one) => one.charCodeAt(0) - 33)),
  ];
  return [...int32(block.length), ...block];
}
