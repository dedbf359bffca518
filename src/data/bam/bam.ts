import { dataError } from '../../core/errors.ts';
import { describeOpening } from '../fasta/not-fasta.ts';
import { type ByteChunks, joined } from '../opening.ts';

/** A read of a BAM or CRAM file. Sequence and qualities stand as in the file: reverse complemented where the strand is `-`. */
export interface AlignedRead {
  id: string;
  sequence: string;
  /** As in FASTQ; absent where the file has none. */
  quality?: string;
  /** SAM's flags (SAM specification, section 1.4). */
  flag: number;
  strand: '+' | '-';
  /** Where it is aligned; absent where it is not. */
  reference?: string;
  /** 0-based. */
  start?: number;
  mappingQuality: number;
  /** Absent in CRAM, which does not keep it. */
  cigar?: string;
}

/** A BAM file whose header has been read and whose reads are still to come. */
export interface Bam {
  name: string;
  /** The text of the header, as in SAM. */
  header: string;
  references: { name: string; length: number }[];
  reads: AsyncGenerator<AlignedRead, void, undefined>;
}

/** SAM flags: aligned in another place too, or a part of such an alignment. */
export const isSecondary = ({ flag }: Pick<AlignedRead, 'flag'>): boolean => (flag & 0x900) !== 0;

/**
 * Opens BAM (SAM specification, section 4.2) as a stream of unpacked bytes, as `openSource` gives them; reads come in the order of the file.
 * Optional fields are not read.
 *
 * Throws a data error with `name` and the number of the read for: another format, an end within header or read, lengths that contradict
 * one another, a reference that is not in the header.
 * @example
 * const { reads } = await openBam(openSource('x.bam').chunks, { name: 'x.bam' });
 * for await (const { id, reference, start, sequence } of reads) …
 */
export async function openBam(chunks: ByteChunks, { name = 'input' }: { name?: string } = {}): Promise<Bam> {
  const buffer = byteBuffer(chunks);
  const cutOff = (where: string) =>
    dataError(`${name} is truncated: it ends within ${where}. Copy or download it again.`);
  const damaged = (what: string) => dataError(`${name} is damaged: ${what}. Copy or download it again.`);
  const bytes = async (length: number) => {
    if (length < 0 || length > MOST) throw damaged('a length in its header is wrong');
    return (await buffer.take(length)) ?? fail(cutOff('its header'));
  };
  const int32 = async () => viewOf(await bytes(4)).getInt32(0, true);

  const magic = await buffer.take(4);
  if (!magic || utf8.decode(magic) !== 'BAM\u0001') {
    await buffer.close();
    if (!magic) throw dataError(`${name} is empty; expected BAM.`);
    throw dataError(`${name}: expected BAM; this looks like ${describeOpening(magic)}.`);
  }
  const header = utf8.decode(await bytes(await int32())).replace(/\0+$/, '');
  const references: Bam['references'] = [];
  for (let count = await int32(); count > 0; count--) {
    const id = utf8.decode(await bytes(await int32())).replace(/\0$/, '');
    references.push({ name: id, length: await int32() });
  }
  async function* reads(): AsyncGenerator<AlignedRead, void, undefined> {
    try {
      for (let number = 1; ; number++) {
        const size = await buffer.take(4);
        if (!size) {
          if (buffer.held() > 0) throw cutOff(`read ${number}`);
          return;
        }
        const length = viewOf(size).getInt32(0, true);
        if (length < 32 || length > MOST) throw damaged(`read ${number} has the length ${length}`);
        const block = (await buffer.take(length)) ?? fail(cutOff(`read ${number}`));
        yield readOf(block, references, () =>
          damaged(`the lengths or references in read ${number} are wrong`),
        );
      }
    } finally {
      await buffer.close();
    }
  }
  return { name, header, references, reads: reads() };
}

const MOST = 1 << 29;
const utf8 = new TextDecoder();
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const fail = (error: Error): never => {
  throw error;
};

/** Bytes to be taken from a stream in given lengths. What is there is given without a promise of its own. */
function byteBuffer(chunks: ByteChunks) {
  const iterator =
    Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  let bytes: Uint8Array = new Uint8Array();
  let at = 0;
  const more = async (length: number): Promise<Uint8Array | undefined> => {
    const parts = [bytes.subarray(at)];
    let held = parts[0]!.length;
    while (held < length) {
      const next = await iterator.next();
      if (next.done) break;
      parts.push(next.value);
      held += next.value.length;
    }
    bytes = joined(parts, held);
    at = 0;
    return held < length ? undefined : taken(length);
  };
  const taken = (length: number) => bytes.subarray(at, (at += length));
  return {
    take: (length: number) => (bytes.length - at >= length ? taken(length) : more(length)),
    held: () => bytes.length - at,
    close: async () => {
      await iterator.return?.();
    },
  };
}

const letters = '=ACMGRSVTWYHKDBN';
/** Two letters for every byte. */
const pairs = Array.from({ length: 256 }, (_, byte) => `${letters[byte >> 4]}${letters[byte & 15]}`);
const operations = 'MIDNSHP=X';

function readOf(block: Uint8Array, references: Bam['references'], damaged: () => Error): AlignedRead {
  const view = viewOf(block);
  const reference = view.getInt32(0, true);
  const start = view.getInt32(4, true);
  const nameLength = block[8]!;
  const cigarLength = view.getUint16(12, true);
  const flag = view.getUint16(14, true);
  const length = view.getInt32(16, true);
  const cigarAt = 32 + nameLength;
  const sequenceAt = cigarAt + 4 * cigarLength;
  const qualityAt = sequenceAt + ((length + 1) >> 1);
  if (length < 0 || nameLength < 1 || qualityAt + length > block.length || reference >= references.length)
    throw damaged();
  const quality = length > 0 && block[qualityAt] !== 0xff ? qualityText(block, qualityAt, length) : undefined;
  return {
    id: utf8.decode(block.subarray(32, 32 + nameLength - 1)),
    sequence: sequenceText(block, sequenceAt, length),
    ...(quality !== undefined && { quality }),
    flag,
    strand: flag & 16 ? '-' : '+',
    ...(reference >= 0 && { reference: references[reference]!.name }),
    ...(reference >= 0 && start >= 0 && { start }),
    mappingQuality: block[9]!,
    cigar: cigarText(view, cigarAt, cigarLength),
  };
}

function sequenceText(block: Uint8Array, from: number, length: number): string {
  const parts: string[] = [];
  for (let i = 0; i < length; i += 2) parts.push(pairs[block[from + (i >> 1)]!]!);
  const text = parts.join('');
  return length % 2 === 0 ? text : text.slice(0, length);
}

function qualityText(block: Uint8Array, from: number, length: number): string {
  const text = new Uint8Array(length);
  for (let i = 0; i < length; i++) text[i] = Math.min(93, block[from + i]!) + 33;
  return utf8.decode(text);
}

function cigarText(view: DataView, from: number, count: number): string {
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    const code = view.getUint32(from + 4 * i, true);
    parts.push(`${code >>> 4}${operations[code & 15] ?? '?'}`);
  }
  return parts.join('') || '*';
}
