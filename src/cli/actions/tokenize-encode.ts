import { dataError, SeqwrightError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { fastaRecords } from '../../data/fasta/fasta-records.ts';
import { lineBatches } from '../../data/lines.ts';
import { peek } from '../../data/opening.ts';
import { openSource } from '../../data/source.ts';
import type { Tokenizer } from '../../tokenize/tokenizer.ts';
import type { TokenizeEncodeArguments } from '../verbs/tokenize.ts';
import { readTokenizer } from './tokenize-file.ts';

interface Text {
  readonly id: string;
  readonly text: string;
  /** Where it stands, for messages. */
  readonly where: string;
}

/** Writes the ids of every record or line as they are read. */
export async function tokenizeEncode(
  path: string,
  corpus: string,
  args: TokenizeEncodeArguments,
): Promise<void> {
  const tokenizer = await readTokenizer(path);
  await atomicWrite(args.output, encodedLines(tokenizer, textsOf(corpus, args.corpus), args));
}

/** One text a record of FASTA, else one a line; `text` makes one of all lines. */
async function* textsOf(
  path: string,
  corpus: TokenizeEncodeArguments['corpus'] = 'auto',
): AsyncGenerator<Text> {
  const { name, chunks: unread } = openSource(path);
  const { opening, chunks } = await peek(unread);
  const isFasta = corpus === 'fasta' || (corpus === 'auto' && opening.find((byte) => byte > 32) === 62);
  if (isFasta) {
    for await (const { id, sequence } of fastaRecords(chunks, { name, foldCase: true }))
      yield { id, text: sequence, where: `${name}: record "${id}"` };
    return;
  }
  const all: string[] = [];
  for await (const { lines, first } of lineBatches(chunks, { name })) {
    if (corpus === 'text') all.push(...lines);
    else
      for (const [i, text] of lines.entries())
        yield { id: String(first + i), text, where: `${name}:${first + i}` };
  }
  if (corpus === 'text') yield { id: '1', text: all.join('\n'), where: name };
}

async function* encodedLines(
  tokenizer: Tokenizer,
  texts: AsyncIterable<Text>,
  { format, spelled = false, frame = false }: TokenizeEncodeArguments,
): AsyncGenerator<string> {
  if (format === 'tsv') yield `id\tids${spelled ? '\ttokens' : ''}\n`;
  for await (const { id, text, where } of texts) {
    const ids = [...encoded(tokenizer, text, frame, where)];
    const tokens = spelled ? ids.map(tokenizer.token) : [];
    if (format === 'jsonl') yield `${JSON.stringify({ id, ids, ...(spelled && { tokens }) })}\n`;
    else yield `${id}\t${ids.join(' ')}${spelled ? `\t${tokens.map(visible).join(' ')}` : ''}\n`;
  }
}

/** White space within a token would divide it, or the line. */
const visible = (token: string) => (/\s/.test(token) ? JSON.stringify(token) : token);

function encoded(tokenizer: Tokenizer, text: string, special: boolean, where: string): Int32Array {
  try {
    return tokenizer.encode(text, { special });
  } catch (error) {
    if (error instanceof SeqwrightError) throw dataError(`${where}: ${error.message}`);
    throw error;
  }
}
