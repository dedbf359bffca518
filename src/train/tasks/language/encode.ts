import { dataError, SeqwrightError } from '../../../core/errors.ts';
import { languageSizes } from '../../../models/language/network.ts';
import { type LanguageSpec, tokenizerOf } from '../../../models/language/spec.ts';
import type { Corpus } from './corpus.ts';

/** A corpus as a model reads it. */
export interface EncodedCorpus {
  /** What is foretold of each text: its tokens and, where its end is foretold, the boundary. */
  readonly sequences: readonly Int32Array[];
  /** Characters of each text. */
  readonly symbols: readonly number[];
  /** Tokens together. */
  readonly tokens: number;
  readonly ends: boolean;
}

/** Reads a corpus with a model's tokenizer. Throws a data error that names the text for one that it cannot read. */
export function encodeCorpus(spec: Pick<LanguageSpec, 'tokenizer' | 'ends'>, corpus: Corpus): EncodedCorpus {
  const tokenizer = tokenizerOf(spec);
  const boundary = languageSizes(spec).reads - 1;
  const ends = spec.ends && corpus.ends;
  const sequences = corpus.texts.map((text, i) => {
    const tokens = encodedText(() => tokenizer.encode(text), corpus.ids[i]!);
    if (!ends) return tokens;
    const ended = new Int32Array(tokens.length + 1).fill(boundary);
    ended.set(tokens);
    return ended;
  });
  return {
    sequences,
    symbols: corpus.texts.map(characterCount),
    tokens: sequences.reduce((sum, { length }) => sum + length, 0),
    ends,
  };
}

/** Reads a text; a data error about it names it. */
export function encodedText(read: () => Int32Array, id: string): Int32Array {
  try {
    return read();
  } catch (error) {
    if (error instanceof SeqwrightError && error.kind === 'data')
      throw dataError(`${JSON.stringify(id)}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Code points. */
function characterCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--;
  return count;
}
