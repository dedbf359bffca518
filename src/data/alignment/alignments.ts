import { dataError } from '../../core/errors.ts';
import { describeOpening } from '../fasta/not-fasta.ts';
import { type ByteChunks, peek } from '../opening.ts';
import { a2mAlignment } from './a2m.ts';
import { alignedFasta } from './aligned-fasta.ts';
import type { Alignment } from './alignment.ts';
import { stockholmAlignments } from './stockholm.ts';

/** Formats of alignments: Stockholm, A2M (A3M too), aligned FASTA. */
export type AlignmentFormat = 'stockholm' | 'a2m' | 'afa';

/**
 * Reads all alignments of a file: Stockholm is told by its first line; what begins with `>` is A2M where `name` ends in
 * `.a2m` or `.a3m`, else aligned FASTA. Only Stockholm holds more than one. Throws as the readers of the formats do.
 * @example
 * for await (const { rows } of alignments(chunks, { name: 'globins4.sto' })) console.log(rows.length);
 */
export async function* alignments(
  chunks: ByteChunks,
  { name = 'input', format }: { name?: string; format?: AlignmentFormat } = {},
): AsyncGenerator<Alignment, void, undefined> {
  const { opening, chunks: all } = await peek(chunks);
  const found = format ?? tellFormat(opening, name);
  if (found === 'stockholm') yield* stockholmAlignments(all, { name });
  else yield await (found === 'a2m' ? a2mAlignment : alignedFasta)(all, { name });
}

function tellFormat(opening: Uint8Array, name: string): AlignmentFormat {
  const text = new TextDecoder().decode(opening).trimStart();
  if (text === '') throw dataError(`${name} is empty; expected an alignment.`);
  if (text.startsWith('# STOCKHOLM')) return 'stockholm';
  if (/^[>;]/.test(text)) return /\.a[23]m(\.b?gz)?$/i.test(name) ? 'a2m' : 'afa';
  throw dataError(
    `${name}: expected an alignment in Stockholm, A2M or aligned FASTA; this looks like ${describeOpening(opening)}.`,
  );
}
