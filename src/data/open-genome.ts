import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dataError } from '../core/errors.ts';
import { buildFaidx, indexedFasta, readFaidx } from './fasta/faidx.ts';
import { fastaRecords } from './fasta/fasta-records.ts';
import { annotatedRecords } from './genbank/genbank.ts';
import { chromosomeOf, type Genome, genomeOf } from './genome/genome.ts';
import { openFile } from './open-file.ts';
import { peek } from './opening.ts';
import type { RandomAccess } from './random-access.ts';
import { openSource } from './source.ts';
import { isTwoBit, twoBitGenome } from './twobit/twobit.ts';

/** Which sequences of the genome are circular, where its file cannot say. */
export interface GenomeOptions {
  circular?: readonly string[];
}

/**
 * Opens a genome to fetch parts of: 2bit, FASTA, GenBank or EMBL, told by the first bytes; close it in the end. FASTA is read by its `.fai`
 * index, or by one made on the way (in memory, the folder is left alone); in bgzip it needs `.fai` and `.gzi` for that. What cannot be read by
 * position (plain gzip, standard input, lines of unequal length, GenBank) is held in memory.
 *
 * Throws a data error that names the file for other formats, and for an index that does not match or is older than its file.
 */
export async function openGenome(path: string, { circular = [] }: GenomeOptions = {}): Promise<Genome> {
  const genome = await opened(path, circular);
  try {
    for (const chrom of circular) chromosomeOf(genome, chrom);
    return genome;
  } catch (error) {
    await genome.close();
    throw error;
  }
}

async function opened(path: string, circular: readonly string[]): Promise<Genome> {
  if (path === '-') return readWhole(path, circular);
  const file = await openFile(path);
  let found: Genome | undefined;
  try {
    const opening = await file.read(4, 0);
    if (isTwoBit(opening)) found = await twoBitGenome(file, { name: path, circular });
    else found = await byIndex(path, file, opening, circular);
  } finally {
    if (!found) await file.close();
  }
  return found ?? readWhole(path, circular);
}

async function byIndex(
  path: string,
  file: RandomAccess,
  opening: Uint8Array,
  circular: readonly string[],
): Promise<Genome | undefined> {
  const packed = opening[0] === 0x1f && opening[1] === 0x8b;
  const [fai, gzi] = [`${path}.fai`, `${path}.gzi`];
  if (!packed && opening[0] !== 0x3e) return undefined;
  if (existsSync(fai) && (!packed || existsSync(gzi))) {
    await refuseOlder(path, fai);
    const index = await readFaidx(openSource(fai).chunks, { name: fai });
    const unpacked = packed ? await throughBgzip(path, file, gzi) : file;
    return indexedFasta(unpacked, index, { name: path, indexName: fai, circular });
  }
  if (packed) return undefined;
  const index = await buildFaidx(openSource(path).chunks, { name: path });
  return index && indexedFasta(file, index, { name: path, indexName: `The index of ${path}`, circular });
}

/** An index made before its file was changed would give other bases without a word. */
async function refuseOlder(path: string, index: string) {
  const [of, own] = [await stat(path), await stat(index)];
  // Copies and unpacked archives may be a little out of order.
  if (of.mtimeMs - own.mtimeMs < 60_000) return;
  const entries = await readFaidx(openSource(index).chunks, { name: index });
  const fresh = await buildFaidx(openSource(path).chunks, { name: path });
  if (JSON.stringify(entries) !== JSON.stringify(fresh))
    throw dataError(
      `${index} is older than ${path} and does not match it. Remove it, or make it again (samtools faidx ${path}).`,
    );
}

/** Uncompressed bytes by position: bgzip's blocks are found by the `.gzi` index. */
async function throughBgzip(path: string, file: RandomAccess, gzi: string) {
  const { BgzfFilehandle } = await import('@gmod/bgzf-filehandle');
  const index = await openFile(gzi);
  const bgzip = new BgzfFilehandle({ filehandle: file, gziFilehandle: index });
  return {
    read: (length: number, position: number) =>
      bgzip.read(length, position).catch((error: Error) => {
        throw dataError(
          `${path} cannot be read by ${gzi}: ${error.message.replace(/\.?$/, '.')} Copy both again, or make the index again (bgzip -r ${path}).`,
          { cause: error },
        );
      }),
    close: async () => {
      await index.close();
      await file.close();
    },
  };
}

async function readWhole(path: string, circular: readonly string[]): Promise<Genome> {
  const { name, chunks } = openSource(path);
  const { opening, chunks: all } = await peek(chunks);
  const annotated = /^\s*(LOCUS\s|ID {3})/.test(new TextDecoder().decode(opening));
  const records: Parameters<typeof genomeOf>[0] extends Iterable<infer R> ? R[] : never = [];
  const known = annotated ? annotatedRecords(all, { name }) : fastaRecords(all, { name });
  for await (const record of known)
    records.push(circular.includes(record.id) ? { ...record, circular: true } : record);
  const bare = records.find(({ sequence }) => sequence === '');
  if (bare) throw dataError(`${name}: record "${bare.id}" has no sequence; a genome needs its letters.`);
  return genomeOf(records, { name });
}
