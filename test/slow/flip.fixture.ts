import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** splits.zip of FLIP's secondary-structure task: sequences, three-state labels and masks; not part of this repository. */
export const archive =
  process.env.SEQWRIGHT_FLIP ?? join(root, '../shared/data/bench/flip_secondary_structure/splits.zip');

/** A file of a zip archive, found through its central directory (APPNOTE.TXT, sections 4.3.7 and 4.3.12). */
function unzipped(bytes: Buffer, name: string): string {
  const end = bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  let at = bytes.readUInt32LE(end + 16);
  while (bytes.toString('latin1', at, at + 4) === 'PK\u0001\u0002') {
    const [packed, nameLength] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28)];
    const start = bytes.readUInt32LE(at + 42);
    if (bytes.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const data = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
      return inflateRawSync(bytes.subarray(data, data + packed)).toString('utf8');
    }
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  throw new Error(`${archive} holds no ${name}`);
}

/** A protein with one of three states (C, E, H) a residue, and the side of the split that it is on. */
export interface FoldedProtein {
  readonly id: string;
  readonly sequence: string;
  readonly states: string;
  readonly part: 'train' | 'validation' | 'test';
}

/** The proteins of the archive in their order. */
export function foldedProteins(): FoldedProtein[] {
  const bytes = readFileSync(archive);
  const fasta = (name: string) =>
    unzipped(bytes, `splits/${name}.fasta`)
      .split('>')
      .slice(1)
      .map((record): [header: string, letters: string] => {
        const [header, ...lines] = record.split('\n');
        return [header!, lines.join('')];
      });
  const sequences = new Map(fasta('sequences'));
  return fasta('sampled').map(([header, states]) => {
    const id = header.split(' ')[0]!;
    const held = header.includes('VALIDATION=True') ? 'validation' : 'train';
    return { id, sequence: sequences.get(id)!, states, part: header.includes('SET=test') ? 'test' : held };
  });
}
