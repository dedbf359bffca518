import { dataError } from '../../core/errors.ts';
import { a2mText } from '../../data/alignment/a2m.ts';
import { alignedFastaText } from '../../data/alignment/aligned-fasta.ts';
import { type Alignment, isGap } from '../../data/alignment/alignment.ts';
import { type AlignmentFormat, alignments } from '../../data/alignment/alignments.ts';
import { stockholmText } from '../../data/alignment/stockholm-text.ts';
import { bedGraphLine } from '../../data/bed/bed.ts';
import { conllSentences, conllText } from '../../data/conll/conll.ts';
import { skipCounter } from '../../data/dataset.ts';
import { fastaText } from '../../data/fasta/fasta-text.ts';
import { jsonLine } from '../../data/jsonl/jsonl.ts';
import { jsonlTable } from '../../data/jsonl/jsonl-table.ts';
import { memeMotifs, memeText } from '../../data/meme/meme.ts';
import { newickText, newickTrees } from '../../data/newick/newick.ts';
import { openFile } from '../../data/open-file.ts';
import { openSource } from '../../data/source.ts';
import { openTable, type Table } from '../../data/table/table.ts';
import { tsvLine } from '../../data/table/tsv-text.ts';
import type { Conversion, Writers } from './convert.ts';

function alignmentsOf({ path, from }: Conversion) {
  const { name, chunks } = openSource(path);
  return alignments(chunks, { name, format: from as AlignmentFormat });
}

/** Formats that hold one alignment refuse a second, which would otherwise run into the first. */
async function* single(conversion: Conversion, write: (alignment: Alignment) => Iterable<string>) {
  let count = 0;
  for await (const alignment of alignmentsOf(conversion)) {
    if (++count > 1)
      throw dataError(
        `${conversion.path} holds more than one alignment; ${conversion.to} holds one. Write Stockholm, or split the file.`,
      );
    noteLost(alignment, conversion);
    yield* write(alignment);
  }
}

function noteLost({ columns, rows }: Alignment, { notes, to }: Conversion) {
  const kept = to === 'a2m' ? ['RF'] : [];
  const tags = [...Object.keys(columns), ...rows.flatMap(({ letters = {} }) => Object.keys(letters))];
  const lost = [...new Set(tags)].filter((tag) => !kept.includes(tag));
  if (lost.length > 0)
    notes.push(`${to} has no place for the annotations ${lost.join(', ')}; they were left out.`);
}

/** What alignments can be written as. */
export const alignmentWriters: Writers = {
  async *stockholm(conversion) {
    for await (const alignment of alignmentsOf(conversion)) yield* stockholmText(alignment);
  },
  a2m: (conversion) => single(conversion, a2mText),
  afa: (conversion) => single(conversion, alignedFastaText),
  async *fasta(conversion) {
    const gaps = skipCounter('nothing but gaps');
    conversion.skipped.push(gaps);
    for await (const { rows } of alignmentsOf(conversion))
      for (const { id, text, description = '' } of rows) {
        const sequence = [...text]
          .filter((letter) => !isGap(letter))
          .join('')
          .toUpperCase();
        if (sequence === '') gaps.add(id);
        else yield* fastaText([{ id, description, sequence }]);
      }
  },
};

/** What motifs can be written as. */
export const motifWriters: Writers = {
  async *meme({ path }) {
    const { name, chunks } = openSource(path);
    yield memeText(await memeMotifs(chunks, { name }));
  },
  async *jsonl({ path }) {
    const { name, chunks } = openSource(path);
    const { alphabet, motifs } = await memeMotifs(chunks, { name });
    for (const motif of motifs) yield jsonLine({ ...motif, alphabet });
  },
};

/** What trees can be written as. */
export const treeWriters: Writers = {
  async *newick({ path }) {
    const { name, chunks } = openSource(path);
    for (const tree of await newickTrees(chunks, { name })) yield newickText(tree);
  },
};

/** What sentences with tags can be written as. */
export const sentenceWriters: Writers = {
  async *conll({ path }) {
    const { name, chunks } = openSource(path);
    for await (const sentence of conllSentences(chunks, { name })) yield conllText(sentence);
  },
  async *jsonl({ path }) {
    const { name, chunks } = openSource(path);
    for await (const { id, columns, document } of conllSentences(chunks, { name }))
      yield jsonLine({ id, columns, ...(document > 0 && { document }) });
  },
};

/** What tables can be written as. */
export const rowWriters: Writers = {
  async *tsv(conversion) {
    const { columns, rows, close } = await withTable(conversion);
    try {
      yield tsvLine(columns);
      for await (const { cells } of rows) yield tsvLine(cells);
    } finally {
      await close();
    }
  },
  async *jsonl(conversion) {
    const { columns, rows, close } = await withTable(conversion);
    try {
      for await (const { cells } of rows)
        yield jsonLine(Object.fromEntries(columns.map((column, i) => [column, cells[i]])));
    } finally {
      await close();
    }
  },
};

/** A table and what to close behind it. */
async function withTable({ path, from }: Conversion): Promise<Table & { close(): Promise<void> }> {
  if (from === 'parquet') {
    const { parquetTable } = await import('../../data/parquet/parquet.ts');
    const file = await openFile(path);
    return { ...(await parquetTable(file, { name: path })), close: () => file.close() };
  }
  const { name, chunks } = openSource(path);
  const named = /\.(jsonl|ndjson)(\.b?gz)?$/i.test(name);
  const table =
    from === 'jsonl' && !named ? await jsonlTable(chunks, { name }) : await openTable(chunks, { name });
  return { ...table, close: async () => {} };
}

/** What signals can be written as: every stretch of the file. */
export const signalWriters: Writers = {
  async *bedgraph({ path }) {
    const { openSignal } = await import('../../data/bigwig/bigwig.ts');
    const file = await openFile(path);
    try {
      const signal = await openSignal(file, { name: path });
      for (const [chrom, length] of signal.chromosomes)
        for (let start = 0; start < length; start += WINDOW)
          for (const stretch of await signal.stretches(chrom, start, Math.min(length, start + WINDOW)))
            yield bedGraphLine({ ...stretch, value: shortest(stretch.value) });
    } finally {
      await file.close();
    }
  },
};

/** The number of fewest digits that is the same in 32 bits: 0.1 rather than 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}

/** Bases of a bigWig file that are read at once. */
const WINDOW = 1 << 20;
