import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { fastaRecords } from './fasta/fasta-records.ts';
import { collect, thrown } from './pieces.fixture.ts';
import { openSource } from './source.ts';

const folder = mkdtempSync(join(tmpdir(), 'seqwright-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, bytes: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const read = async (path: string) => Buffer.concat(await collect(openSource(path).chunks));
const problem = async (path: string) => {
  const { kind, message } = await thrown(() => read(path));
  return { kind, message: message.replaceAll(folder, '…') };
};

/** A BGZF block as the SAM specification has it (section 4.1): a gzip member that knows its size. */
function bgzfBlock(bytes: Uint8Array): Buffer {
  const gzip = gzipSync(bytes);
  const body = deflateRawSync(bytes);
  const size = 18 + body.length + 8 - 1;
  const head = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0, size & 255, size >> 8];
  return Buffer.concat([Buffer.from(head), body, gzip.subarray(-8)]);
}
const end = Buffer.from('1f8b08040000000000ff0600424302001b0003000000000000000000', 'hex');

const bytes = fc.uint8Array({ minLength: 1, maxLength: 3000 }).filter((b) => b[0]! < 0x1f);

describe('reading a file', () => {
  it('gives its bytes, hash and size', async () => {
    const path = file('plain.txt', 'hello');
    const source = openSource(path);
    expect(Buffer.concat(await collect(source.chunks)).toString()).toBe('hello');
    const sha256 = createHash('sha256').update('hello').digest('hex');
    expect(source.digest()).toEqual({ path, sha256, bytes: 5 });
  });

  it('unpacks gzip of any number of members, and bgzip, whatever the name', async () => {
    const members = fc.array(bytes, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(members, fc.boolean(), async (parts, bgzip) => {
        const packed = bgzip ? [...parts.map(bgzfBlock), end] : parts.map((part) => gzipSync(part));
        const path = file('packed', Buffer.concat(packed));
        expect(await read(path)).toEqual(Buffer.concat(parts));
      }),
      { numRuns: 60 },
    );
  });

  it('unpacks members that end exactly where a piece of the file ends', async () => {
    const noise = Buffer.from(Array.from({ length: 1 << 18 }, (_, i) => (i * 2654435761) >>> 24));
    const stored = gzipSync(noise.subarray(0, (1 << 18) - 60), { level: 0 });
    const padded = [stored, gzipSync(noise.subarray(0, 400)), gzipSync('tail')];
    const expected = [noise.subarray(0, (1 << 18) - 60), noise.subarray(0, 400), Buffer.from('tail')];
    for (let shift = 0; shift < 80; shift++) {
      const filler = gzipSync(noise.subarray(0, shift), { level: 0 });
      const path = file('edges.gz', Buffer.concat([filler, ...padded]));
      const all = await read(path);
      expect(all.equals(Buffer.concat([noise.subarray(0, shift), ...expected]))).toBe(true);
    }
  });

  it('hashes the file as stored', async () => {
    const packed = gzipSync('hello');
    const source = openSource(file('hello.gz', packed));
    await collect(source.chunks);
    expect(source.digest().sha256).toBe(createHash('sha256').update(packed).digest('hex'));
    expect(source.digest().bytes).toBe(packed.length);
  });

  it('refuses gzip cut anywhere, rather than losing its end', async () => {
    const text = Array.from({ length: 200 }, (_, i) => `>r${i}\nACGTACGTTTGA\n`).join('');
    const packed = gzipSync(text);
    for (let cut = 12; cut < packed.length; cut += 37) {
      expect(await problem(file('cut.gz', packed.subarray(0, cut)))).toEqual({
        kind: 'data',
        message: '…/cut.gz is truncated: its gzip data ends too early. Copy or download it again.',
      });
    }
  });

  it('refuses bgzip cut between blocks, where plain gzip readers see nothing wrong', async () => {
    const path = file(
      'blocks.gz',
      Buffer.concat([bgzfBlock(Buffer.from('>a\nAC\n')), bgzfBlock(Buffer.from('GT\n'))]),
    );
    expect(await problem(path)).toEqual({
      kind: 'data',
      message: '…/blocks.gz is truncated: its bgzip end marker is missing. Copy or download it again.',
    });
  });

  it('refuses damaged gzip', async () => {
    const packed = gzipSync('ACGT'.repeat(1000));
    packed[packed.length - 6]! ^= 255;
    const { kind, message } = await problem(file('bad.gz', packed));
    expect(kind).toBe('data');
    expect(message).toBe(
      '…/bad.gz is damaged: its gzip data is wrong (incorrect data check). Copy or download it again.',
    );
  });

  it('names other compressions and how to unpack them', async () => {
    const magics: [number[], string][] = [
      [[0x50, 0x4b, 3, 4], 'a zip archive; expected plain text, gzip or bgzip. Unpack it first: unzip -p'],
      [[0x42, 0x5a, 0x68], 'bzip2; expected plain text, gzip or bgzip. Unpack it first: bzcat'],
      [[0x28, 0xb5, 0x2f, 0xfd], 'Zstandard; expected plain text, gzip or bgzip. Unpack it first: zstdcat'],
    ];
    for (const [magic, rest] of magics) {
      expect(await problem(file('other', Uint8Array.from([...magic, 1, 2, 3])))).toEqual({
        kind: 'data',
        message: `…/other is compressed as ${rest} …/other | …`,
      });
    }
  });

  it('says what is wrong with a path', async () => {
    mkdirSync(join(folder, 'sub'));
    const plain = file('plain', 'x');
    expect(await problem(join(folder, 'none.fa'))).toEqual({
      kind: 'data',
      message: '…/none.fa: no such file. Check the path.',
    });
    expect((await problem(join(folder, 'sub'))).message).toBe('…/sub is a folder; expected a file.');
    expect((await problem(join(plain, 'x.fa'))).message).toBe(
      '…/plain/x.fa: no such file; a part of the path is not a folder. Check the path.',
    );
  });

  it.skipIf(process.getuid?.() === 0)('says when permission is missing', async () => {
    const path = file('secret.fa', '>a\nA\n');
    chmodSync(path, 0);
    expect((await problem(path)).message).toBe('…/secret.fa: permission to read it is missing.');
  });

  it('lets a reader stop early', async () => {
    const path = file('many.fa.gz', gzipSync('>a\nACGT\n'.repeat(200_000)));
    for await (const { id } of fastaRecords(openSource(path).chunks)) {
      expect(id).toBe('a');
      break;
    }
  });
});
