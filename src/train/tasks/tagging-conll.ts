import { dataError, usageError } from '../../core/errors.ts';
import { type ConllSentence, conllSentences } from '../../data/conll/conll.ts';
import type { Source } from '../../data/source.ts';
import type { RawTagged } from './tagging-data.ts';

/** Words and tags of CoNLL columns; each document a group where there are several. */
export async function taggedConll(
  { name, chunks }: Pick<Source, 'name' | 'chunks'>,
  { label, word }: { label?: string | undefined; word?: string | undefined } = {},
): Promise<(RawTagged & { readonly line: number })[]> {
  const sentences: ConllSentence[] = [];
  for await (const sentence of conllSentences(chunks, { name })) sentences.push(sentence);
  const width = sentences[0]!.columns.length;
  const words = conllColumn(word, width, name) ?? defaultWord(sentences[0]!);
  const tags = conllColumn(label, width, name) ?? width - 1;
  if (tags === words)
    throw dataError(`${name} has no column of tags beside its words; expected two columns or more.`);
  const documents = conllDocuments(sentences);
  return sentences.map(({ id, columns, line }, s) => ({
    id,
    tokens: columns[words]!,
    labels: columns[tags]!,
    line,
    place: `${name}:${line}`,
    ...(documents && { group: documents[s]! }),
  }));
}

/** The document of each sentence where a file has more than one: `-DOCSTART-` lines, or `newdoc` comments of CoNLL-U. */
export function conllDocuments(sentences: readonly ConllSentence[]): string[] | undefined {
  let begun = 0;
  const documents = sentences.map(({ document, comments }) => {
    if (comments.some((comment) => /^newdoc\b/.test(comment))) begun++;
    return `document ${document + begun}`;
  });
  return new Set(documents).size > 1 ? documents : undefined;
}

const conllUColumns = ['id', 'form', 'lemma', 'upos', 'xpos', 'feats', 'head', 'deprel', 'deps', 'misc'];
const conll2003Columns = ['word', 'pos', 'chunk', 'ner'];

const isConllU = (width: number) => width === 10;

/** Words stand first, or second after the numbers of CoNLL-U. */
export const defaultWord = ({ columns }: ConllSentence) =>
  isConllU(columns.length) && columns[0]![0] === '1' ? 1 : 0;

/** The column that a number (from 1) or a usual name means; `ner` is the last. */
export function conllColumn(asked: string | undefined, width: number, name: string): number | undefined {
  if (asked === undefined) return undefined;
  if (/^\d+$/.test(asked)) {
    if (Number(asked) >= 1 && Number(asked) <= width) return Number(asked) - 1;
    throw dataError(`${name} has ${width} columns; there is no column ${asked}.`);
  }
  const names = isConllU(width) ? conllUColumns : conll2003Columns.slice(0, width);
  const at =
    asked.toLowerCase() === 'ner' && !isConllU(width) ? width - 1 : names.indexOf(asked.toLowerCase());
  if (at >= 0) return at;
  throw usageError(
    `${name}: CoNLL columns have no names; there is no "${asked}". Give a number from 1 to ${width}, or one of ${names.join(', ')}${isConllU(width) ? '' : ', ner (the last)'}.`,
  );
}
