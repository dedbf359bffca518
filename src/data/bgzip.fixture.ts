import { deflateRawSync, gzipSync } from 'node:zlib';

/** A BGZF block as the SAM specification has it (section 4.1): a gzip member that knows its size. */
export function bgzfBlock(bytes: Uint8Array): Buffer {
  const gzip = gzipSync(bytes);
  const body = deflateRawSync(bytes);
  const size = 18 + body.length + 8 - 1;
  const head = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0, size & 255, size >> 8];
  return Buffer.concat([Buffer.from(head), body, gzip.subarray(-8)]);
}

/** The empty block that ends every BGZF file. */
export const bgzfEnd = Buffer.from('1f8b08040000000000ff0600424302001b0003000000000000000000', 'hex');

/** Bytes in BGZF with blocks of `size`, and their `.gzi` index: pairs of offsets, packed and unpacked. */
export function bgzipped(content: string | Uint8Array, size = 60_000): { bytes: Buffer; gzi: Buffer } {
  const all = Buffer.from(content);
  const blocks: Buffer[] = [];
  const pairs: bigint[] = [];
  let packed = 0;
  for (let at = 0; at < all.length; at += size) {
    if (at > 0) pairs.push(BigInt(packed), BigInt(at));
    const block = bgzfBlock(all.subarray(at, at + size));
    blocks.push(block);
    packed += block.length;
  }
  const gzi = Buffer.alloc(8 + 8 * pairs.length);
  gzi.writeBigUInt64LE(BigInt(pairs.length / 2), 0);
  for (const [i, value] of pairs.entries()) gzi.writeBigUInt64LE(value, 8 + 8 * i);
  return { bytes: Buffer.concat([...blocks, bgzfEnd]), gzi };
}
