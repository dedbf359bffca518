import { dataError } from '../../../core/errors.ts';
import { randomStream } from '../../../core/random.ts';
import { fastaRecords } from '../../../data/fasta/fasta-records.ts';
import { peek } from '../../../data/opening.ts';
import { openSource, type SourceDigest } from '../../../data/source.ts';

/** What a language model learns from: texts, or sequences of letters. */
export interface Corpus {
  readonly texts: readonly string[];
  /** Names of the texts, as many. */
  readonly ids: readonly string[];
  /** Whether each text is a whole whose end is to be foretold; false: pieces cut out of something longer. */
  readonly ends: boolean;
  /** Letters of an alphabet, as in FASTA, or text. */
  readonly kind: 'letters' | 'text';
  readonly sources: readonly SourceDigest[];
}

/** `text`: one stream; `lines`: one text a line; `fasta`: one a record; `auto`: FASTA where the first letter is `>`, else what `plain` says. */
export type CorpusFormat = 'auto' | 'text' | 'lines' | 'fasta';

/**
 * Reads a corpus from a file, or standard input for `-`; gzip is unpacked on the way. Text is UTF-8, its lines end in LF, CRLF or CR and
 * are read as ending in LF. FASTA is read as upper case, unless `keepCase`.
 *
 * Throws a data error that names the file, and the record where there is one, for a file without any letter, text that is not UTF-8, and
 * whatever `fastaRecords` refuses.
 * @example await readCorpus('genes.fa') // one text a gene, each with its end
 */
export async function readCorpus(
  path: string,
  {
    format = 'auto',
    plain = 'text',
    keepCase = false,
  }: { format?: CorpusFormat; plain?: 'text' | 'lines'; keepCase?: boolean } = {},
): Promise<Corpus> {
  const source = openSource(path);
  const { opening, chunks } = await peek(source.chunks);
  const { name } = source;
  const isFasta = format === 'fasta' || (format === 'auto' && opening.find((byte) => byte > 32) === 62);
  const found = isFasta
    ? await fastaTexts(fastaRecords(chunks, { name, foldCase: !keepCase }))
    : textsOf(await wholeText(chunks, name), format === 'auto' ? plain : format);
  if (!found.texts.some((text) => text.length > 0))
    throw dataError(`${name} is empty; expected text or sequences to learn from.`);
  return { ...found, sources: [source.digest()] };
}

type Texts = Omit<Corpus, 'sources'>;

async function fastaTexts(records: ReturnType<typeof fastaRecords>): Promise<Texts> {
  const texts: string[] = [];
  const ids: string[] = [];
  for await (const { id, sequence } of records) {
    ids.push(id);
    texts.push(sequence);
  }
  return { texts, ids, ends: true, kind: 'letters' };
}

function textsOf(text: string, format: CorpusFormat): Texts {
  const plain = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  if (format !== 'lines') return { texts: [plain], ids: ['text'], ends: false, kind: 'text' };
  const lines = plain.split('\n').map((line, i) => ({ line, id: `${i + 1}` }));
  const kept = lines.filter(({ line }) => line !== '');
  const texts = kept.map(({ line }) => line);
  return { texts, ids: kept.map(({ id }) => id), ends: true, kind: 'text' };
}

async function wholeText(chunks: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const parts: string[] = [];
  try {
    for await (const chunk of chunks) parts.push(utf8.decode(chunk, { stream: true }));
    parts.push(utf8.decode());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw dataError(`${name} is not UTF-8 text. Convert it, for example with iconv -f latin1 -t utf-8.`);
  }
  return parts.join('');
}

/** Some of the texts of a corpus. */
export const corpusOf = (corpus: Corpus, indices: readonly number[]): Corpus => ({
  ...corpus,
  texts: indices.map((i) => corpus.texts[i]!),
  ids: indices.map((i) => corpus.ids[i]!),
});

/**
 * Holds a share of a corpus back: of whole texts a random choice, of a single one (or of pieces) the last part of each, which no
 * text that is learned from reaches into.
 * @example splitCorpus(corpus, { share: 0.1, seed: 1 }).held
 */
export function splitCorpus(
  corpus: Corpus,
  { share, seed }: { share: number; seed: number },
): { rest: Corpus; held: Corpus } {
  const { texts, ends } = corpus;
  if (ends && texts.length > 1) {
    const order = randomStream(seed, 'corpus').shuffle(texts.map((_, i) => i));
    const count = Math.min(texts.length - 1, Math.max(1, Math.round(share * texts.length)));
    const sorted = (indices: number[]) => indices.sort((a, b) => a - b);
    return {
      held: corpusOf(corpus, sorted(order.slice(0, count))),
      rest: corpusOf(corpus, sorted(order.slice(count))),
    };
  }
  const cuts = texts.map((text) => cutBefore(text, Math.floor((1 - share) * text.length)));
  return {
    rest: { ...corpus, texts: texts.map((text, i) => text.slice(0, cuts[i])) },
    held: { ...corpus, texts: texts.map((text, i) => text.slice(cuts[i])) },
  };
}

/** The same place, or the one before where it would part a pair of surrogates. */
const cutBefore = (text: string, at: number): number =>
  at > 0 && /[\ud800-\udbff]/.test(text[at - 1]!) ? at - 1 : at;
