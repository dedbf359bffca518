import { dataError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { fastaText } from '../../data/fasta/fasta-text.ts';
import { lineBatches } from '../../data/lines.ts';
import { openSource } from '../../data/source.ts';
import type { Tokenizer } from '../../tokenize/tokenizer.ts';
import type { TokenizeDecodeArguments } from '../verbs/tokenize.ts';
import { readTokenizer } from './tokenize-file.ts';

interface Ids {
  readonly id: string;
  readonly ids: readonly number[];
}

/** Writes the text of every line of ids as it is read. */
export async function tokenizeDecode(
  path: string,
  file: string,
  { output, format, frame = false }: TokenizeDecodeArguments,
): Promise<void> {
  const tokenizer = await readTokenizer(path);
  async function* texts() {
    if (format === 'tsv') yield 'id\ttext\n';
    for await (const { id, ids } of idsOf(file, tokenizer)) {
      const text = tokenizer.decode(ids, { special: frame });
      if (format === 'fasta') yield* fastaText([{ id, sequence: text }]);
      else yield `${format === 'tsv' ? `${id}\t${text.replaceAll(/[\t\r\n]/g, ' ')}` : text}\n`;
    }
  }
  await atomicWrite(output, texts());
}

/** What `tokenize encode` writes (TSV with its header line, or JSON lines), or ids alone, divided by spaces or commas. */
async function* idsOf(path: string, tokenizer: Tokenizer): AsyncGenerator<Ids> {
  const { name, chunks } = openSource(path);
  for await (const { lines, first } of lineBatches(chunks, { name }))
    for (const [i, line] of lines.entries()) {
      const number = first + i;
      if (number === 1 && /^id\tids(\t|$)/.test(line)) continue;
      const { id, ids } = line.startsWith('{') ? fromJson(line) : fromCells(line);
      const strange = ids.find((token) => !(Number.isInteger(token) && token >= 0 && token < tokenizer.size));
      if (strange !== undefined)
        throw dataError(
          `${name}:${number}: ${JSON.stringify(strange)} is no id of this tokenizer; expected whole numbers below ${tokenizer.size}.`,
        );
      yield { id: id ?? String(number), ids };
    }
}

interface Read {
  readonly id: string | undefined;
  readonly ids: number[];
}

function fromJson(line: string): Read {
  try {
    const { id, ids } = JSON.parse(line);
    if (Array.isArray(ids)) return { id: id === undefined ? undefined : String(id), ids };
  } catch {
    // Refused below, as what it is: no ids.
  }
  return { id: undefined, ids: [Number.NaN] };
}

function fromCells(line: string): Read {
  const cells = line.split('\t');
  const [id, text] = cells.length > 1 ? [cells[0], cells[1]!] : [undefined, cells[0]!];
  const ids = text.split(/[\s,]+/).filter(Boolean);
  return { id, ids: ids.map((token) => (/^\d+$/.test(token) ? Number(token) : Number.NaN)) };
}
