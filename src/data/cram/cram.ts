import type { CramFile } from '@gmod/cram';
import { dataError, usageError } from '../../core/errors.ts';
import type { AlignedRead } from '../bam/bam.ts';
import { chromosomeOf, type Genome } from '../genome/genome.ts';
import type { RandomAccess } from '../random-access.ts';

/** A CRAM file whose header has been read and whose reads are still to come. */
export interface Cram {
  name: string;
  references: { name: string; length: number }[];
  reads: AsyncGenerator<AlignedRead, void, undefined>;
}

/**
 * Opens CRAM 2 and 3, decoded by @gmod/cram; reads come in the order of the file, one slice in memory at a time. The genome is the one that
 * the reads were aligned to: most CRAM keeps only how reads differ from it.
 *
 * Throws a data error with `name` for another format, a damaged or truncated file, and a genome that is another one; a usage error where
 * there is none and reads need it.
 */
export async function openCram(
  file: RandomAccess,
  { name = 'input', genome }: { name?: string; genome?: Genome } = {},
): Promise<Cram> {
  const references: Cram['references'] = [];
  // Its codecs are large; they are loaded by need.
  const { CramFile } = await import('@gmod/cram');
  const cram = new CramFile({
    filehandle: file,
    checkSequenceMD5: true,
    cacheSize: 1,
    // Without it the library cannot say which reads need a genome.
    seqFetch: async (number, start, end) => {
      if (!genome)
        throw usageError(
          `${name} keeps only how its reads differ from their genome. Say where that is with --genome.`,
        );
      const { length } = chromosomeOf(genome, references[number]!.name);
      if (length !== references[number]!.length)
        throw dataError(
          `${name} was made with a "${references[number]!.name}" of ${references[number]!.length} bases; ${genome.name} has ${length}. Use the genome that the reads were aligned to.`,
        );
      const letters = await genome.letters(references[number]!.name, start - 1, Math.min(end, length));
      return letters.toUpperCase().padEnd(end - start + 1, 'N');
    },
  });
  const read = <T>(what: () => Promise<T>) =>
    what().catch((error: Error) => {
      if (error.name === 'SeqwrightError') throw error;
      throw dataError(
        `${name} is no whole CRAM file: ${error.message.replace(/\.?$/, '.')} Copy or download it again, and check the genome.`,
        { cause: error },
      );
    });
  const { size } = await file.stat();
  const first = await file.read(4, 0);
  if (new TextDecoder().decode(first) !== 'CRAM')
    throw dataError(`${name}: expected CRAM; its first bytes are others.`);
  await refuseCut(file, size, name);
  for (const { tag, data } of await read(() => cram.getSamHeader())) {
    if (tag !== 'SQ') continue;
    const field = (key: string) => data.find((one) => one.tag === key)?.value ?? '';
    references.push({ name: field('SN'), length: Number(field('LN')) });
  }
  return { name, references, reads: readsOf(cram, { name, size, references, read }) };
}

/** The empty containers that end every whole file of version 2.1 and of version 3 (CRAM specification, section 9). */
const ends = {
  2: '0b000000ffffffff0fe0454f460000000001000001000606010001000100',
  3: '0f000000ffffffff0fe0454f4600000000010005bdd94f0001000606010001000100ee63014b',
};

/** Truncated files are found before anything is decoded; damaged ones by the checksums of version 3. */
async function refuseCut(file: RandomAccess, size: number, name: string) {
  const tail = await file.read(38, Math.max(0, size - 38));
  const hex = [...tail].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (Object.values(ends).some((end) => hex.endsWith(end))) return;
  throw dataError(`${name} is truncated: its end marker is missing. Copy or download it again.`);
}

interface Opened {
  name: string;
  size: number;
  references: Cram['references'];
  read<T>(what: () => Promise<T>): Promise<T>;
}

/** Where the containers begin: behind magic, version and id. */
const FIRST = 26;
/** The start position that marks the last, empty container: "EOF". */
const END = 0x454f46;

async function* readsOf(
  cram: CramFile,
  { name, size, references, read }: Opened,
): AsyncGenerator<AlignedRead, void, undefined> {
  let position = FIRST;
  for (let number = 0; ; number++) {
    if (position >= size)
      throw dataError(`${name} is truncated: its end marker is missing. Copy or download it again.`);
    const container = cram.getContainerAtPosition(position);
    const header = await read(() => container.getHeader());
    if (header.refSeqStart === END && header.numRecords === 0) return;
    const end = header._endPosition + header.length;
    if (!(header.length > 0 && end <= size))
      throw dataError(`${name} is truncated or damaged at byte ${position}. Copy or download it again.`);
    // The first container holds the header text.
    if (number > 0 && header.numRecords > 0) {
      for (const [i, landmark] of header.landmarks.entries()) {
        const slice = container.getSlice(landmark, (header.landmarks[i + 1] ?? header.length) - landmark);
        for (const record of await read(() => slice.getAllRecords())) yield readOf(record, references);
      }
    }
    position = end;
  }
}

type CramRecord = Awaited<
  ReturnType<ReturnType<ReturnType<CramFile['getContainerAtPosition']>['getSlice']>['getAllRecords']>
>[number];

function readOf(record: CramRecord, references: Cram['references']): AlignedRead {
  const { readName = '', flags, sequenceId, alignmentStart, mappingQuality = 0, qualityScores } = record;
  const reference = sequenceId >= 0 ? references[sequenceId]?.name : undefined;
  const sequence = record.getReadBases() ?? '';
  const known =
    qualityScores && qualityScores.length === sequence.length && qualityScores.some((score) => score !== 255);
  return {
    id: readName,
    sequence,
    ...(known &&
      sequence !== '' && {
        quality: Array.from(qualityScores, (score) => String.fromCharCode(Math.min(93, score) + 33)).join(''),
      }),
    flag: flags,
    strand: flags & 16 ? '-' : '+',
    ...(reference !== undefined && { reference }),
    ...(reference !== undefined && alignmentStart > 0 && { start: alignmentStart - 1 }),
    mappingQuality,
  };
}
