import { dataError } from '../../core/errors.ts';
import { applyMerges, type MergeTable } from '../apply-merges.ts';
import { hexSpelling, utf8 } from '../bytes.ts';
import {
  at,
  choiceAt,
  flagAt,
  has,
  listAt,
  mostTokens,
  numberAt,
  type Place,
  recordAt,
  refusal,
  textAt,
  wholeAt,
} from '../checks.ts';
import { bestSegmentation, trie } from '../lattice.ts';
import { pairKey } from '../learn-merges.ts';

/** Words to ids. */
export interface WordModel {
  readonly ids: ReadonlyMap<string, number>;
  readonly unknown: number | undefined;
  read(word: string): number[];
}

const models = { WordLevel: wordLevel, WordPiece: wordPiece, BPE: bytePairs, Unigram: unigramModel };

/** The model that a file describes. Throws a data error that names one that is not supported. */
export function modelAt(place: Place): WordModel {
  // Older files do not name the type; what they hold says it.
  const guessed = has(place, 'merges')
    ? 'BPE'
    : Array.isArray(at(place, 'vocab').value)
      ? 'Unigram'
      : 'WordPiece';
  const field = at(place, 'type');
  const type =
    field.value === undefined ? guessed : choiceAt(field, Object.keys(models) as (keyof typeof models)[]);
  return models[type](place);
}

/** The most letters of one token. */
const longest = 1000;

const codePoints = (text: string): number[] => Array.from(text, (letter) => letter.codePointAt(0)!);

function vocabularyAt(place: Place): Map<string, number> {
  const field = at(place, 'vocab');
  const entries = Object.entries(recordAt(field));
  if (entries.length === 0 || entries.length > mostTokens) throw refusal(field, `1 to ${mostTokens} tokens`);
  const ids = new Map<string, number>();
  for (const [token, id] of entries) {
    if (token.length > longest)
      throw refusal({ value: token, where: field.where }, `tokens of at most ${longest} letters`);
    ids.set(
      token,
      wholeAt(
        { value: id, where: `${field.where}[${JSON.stringify(token.slice(0, 40))}]` },
        { max: mostTokens - 1 },
      ),
    );
  }
  if (new Set(ids.values()).size < ids.size)
    throw dataError(`${field.where} gives the same id to two tokens.`);
  return ids;
}

function unknownAt(place: Place, ids: ReadonlyMap<string, number>): number | undefined {
  const field = at(place, 'unk_token');
  return (field.value ?? null) === null ? undefined : ids.get(textAt(field, { max: 1000 }));
}

const noUnknown = (word: string) =>
  dataError(
    `${JSON.stringify(word.slice(0, 40))} is none of the tokens of this tokenizer, and it has no unknown token.`,
  );

function wordLevel(place: Place): WordModel {
  const ids = vocabularyAt(place);
  const unknown = unknownAt(place, ids);
  return {
    ids,
    unknown,
    read: (word) => {
      const id = ids.get(word) ?? unknown;
      if (id === undefined) throw noUnknown(word);
      return [id];
    },
  };
}

/** The longest known beginning again and again (Schuster & Nakajima 2012; BERT). */
function wordPiece(place: Place): WordModel {
  const ids = vocabularyAt(place);
  const unknown = unknownAt(place, ids);
  const prefix = textAt(at(place, 'continuing_subword_prefix'), { max: 100, empty: true });
  const most = wholeAt(at(place, 'max_input_chars_per_word'), { max: 100_000 });
  const tokens = [...ids];
  const later = tokens.filter(([token]) => token.startsWith(prefix));
  const tree = trie(tokens.map(([token]) => codePoints(token)));
  const laterTree = trie(later.map(([token]) => codePoints(token.slice(prefix.length))));
  const pieces = (symbols: readonly number[]): number[] | undefined => {
    const found: number[] = [];
    for (let from = 0; from < symbols.length; ) {
      let id = -1;
      const start = from;
      (start > 0 ? laterTree : tree).visit(symbols, start, (piece, end) => {
        id = (start > 0 ? later : tokens)[piece]![1];
        from = end;
      });
      if (id < 0) return undefined;
      found.push(id);
    }
    return found;
  };
  return {
    ids,
    unknown,
    read: (word) => {
      const symbols = codePoints(word);
      const found = symbols.length > most ? undefined : pieces(symbols);
      if (found) return found;
      if (unknown === undefined) throw noUnknown(word);
      return [unknown];
    },
  };
}

function bytePairs(place: Place): WordModel {
  if (has(place, 'dropout') && at(place, 'dropout').value !== 0)
    throw refusal(at(place, 'dropout'), 'null: merges that are left out at random are not supported');
  const ids = vocabularyAt(place);
  const unknown = unknownAt(place, ids);
  const affix = (name: string) =>
    has(place, name) ? textAt(at(place, name), { max: 100, empty: true }) : '';
  const [prefix, suffix] = [affix('continuing_subword_prefix'), affix('end_of_word_suffix')];
  const fuse = flagAt(at(place, 'fuse_unk'), false);
  const byteIds = flagAt(at(place, 'byte_fallback'), false) ? bytesAmong(ids) : undefined;
  const asWhole = flagAt(at(place, 'ignore_merges'), false);
  const table = mergesAt(place, ids, prefix);
  const symbolsOf = (word: string): number[] => {
    const letters = [...word];
    const symbols: number[] = [];
    letters.forEach((letter, i) => {
      const spelled = (i > 0 ? prefix : '') + letter + (i === letters.length - 1 ? suffix : '');
      const id = ids.get(spelled);
      const bytes = id === undefined ? byteIds?.(spelled) : undefined;
      if (id !== undefined) symbols.push(id);
      else if (bytes) symbols.push(...bytes);
      else if (unknown === undefined) throw noUnknown(letter);
      else if (!(fuse && symbols.at(-1) === unknown)) symbols.push(unknown);
    });
    return symbols;
  };
  return {
    ids,
    unknown,
    read: (word) => {
      const known = asWhole ? ids.get(word) : undefined;
      if (known !== undefined) return [known];
      const found: number[] = [];
      applyMerges(symbolsOf(word), table, (id) => found.push(id));
      return found;
    },
  };
}

/** Pairs of tokens, as lists of two or divided by a space; of repeated ones the last counts. */
function mergesAt(place: Place, ids: ReadonlyMap<string, number>, prefix: string): MergeTable {
  const ranks = new Map<number, number>();
  const made = listAt(at(place, 'merges'), (item) => {
    const pair = typeof item.value === 'string' ? item.value.split(' ') : item.value;
    const [left, right] = listAt({ ...item, value: pair }, (part) => textAt(part, { max: longest }), {
      min: 2,
      max: 2,
    });
    const joined =
      left! + (prefix !== '' && right!.startsWith(prefix) ? right!.slice(prefix.length) : right!);
    const [a, b, c] = [ids.get(left!), ids.get(right!), ids.get(joined)];
    if (a === undefined || b === undefined || c === undefined)
      throw refusal(item, 'two tokens of the vocabulary that make a third');
    return [a, b, c] as const;
  });
  made.forEach(([left, right], rank) => {
    ranks.set(pairKey(left, right), rank);
  });
  return { ranks, made: made.map(([, , id]) => id) };
}

/** The ids of a text's bytes, where all of them are tokens such as `<0x0A>`. */
const bytesAmong =
  (ids: ReadonlyMap<string, number>) =>
  (text: string): number[] | undefined => {
    const found = Array.from(utf8(text), (byte) => ids.get(hexSpelling(byte)));
    return found.includes(undefined) ? undefined : (found as number[]);
  };

/** Kudo (2018); unknown letters that follow one another are one unknown token. */
function unigramModel(place: Place): WordModel {
  const pieces = listAt(
    at(place, 'vocab'),
    (item): [string, number] => {
      listAt(item, () => undefined, { min: 2, max: 2 });
      const [text, score] = item.value as unknown[];
      return [
        textAt({ value: text, where: `${item.where}[0]` }, { max: longest, empty: true }),
        numberAt({ value: score, where: `${item.where}[1]` }),
      ];
    },
    { min: 1 },
  );
  const ids = new Map(pieces.map(([text], id) => [text, id]));
  const unknown = has(place, 'unk_id') ? wholeAt(at(place, 'unk_id'), { max: pieces.length - 1 }) : undefined;
  const byteIds = flagAt(at(place, 'byte_fallback'), false) ? bytesAmong(ids) : undefined;
  const scores = Float64Array.from(pieces, ([, score]) => score);
  const least = scores.reduce((min, score) => Math.min(min, score), Number.POSITIVE_INFINITY) - 10;
  const tree = trie(pieces.map(([text]) => codePoints(text)));
  return {
    ids,
    unknown,
    read: (word) => {
      const symbols = codePoints(word);
      const { pieces: found, ends } = bestSegmentation(symbols, tree, scores, least);
      const read: number[] = [];
      let strange = '';
      const flush = () => {
        if (strange === '') return;
        const spelled = byteIds?.(strange) ?? (unknown === undefined ? undefined : [unknown]);
        if (!spelled) throw noUnknown(strange);
        read.push(...spelled);
        strange = '';
      };
      found.forEach((piece, i) => {
        if (piece < 0 || piece === unknown) {
          strange += String.fromCodePoint(...symbols.slice(i === 0 ? 0 : ends[i - 1]!, ends[i]!));
          return;
        }
        flush();
        read.push(piece);
      });
      flush();
      return read;
    },
  };
}
