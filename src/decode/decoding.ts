import { usageError } from '../core/errors.ts';
import type { Scorer } from '../core/scorer.ts';
import type { Constraint } from './constraints/constraint.ts';
import { compileConstraints, type Guide } from './constraints/guide.ts';

/** What every decoder takes. */
export interface DecodingOptions {
  /**
   * The number of tokens, prompt included and end token excluded: exactly so many where the scorer has no end
   * token, at most so many where it has one (a sequence that is cut there has not `ended`).
   */
  length: number;
  /** What each token spells, such as `'ACGT'`; needed for constraints and for a prompt in letters. */
  spelling?: Iterable<string>;
  /** What the sequence begins with, in letters or in tokens. */
  prompt?: string | ArrayLike<number>;
  /** What the whole sequence, prompt included, must be. */
  where?: readonly Constraint[];
}

/** A sequence that a decoder wrote. */
export interface Decoded {
  /** Prompt included, end token excluded. */
  readonly tokens: Int32Array;
  /** What the tokens spell; their numbers where the spelling is not known. */
  readonly sequence: string;
  /** ln P of what stands behind the prompt, given the prompt, under the scorer; that of the end included where it ended. */
  readonly logProbability: number;
  /** Whether the scorer's end token came; false where the sequence was cut at its length. */
  readonly ended: boolean;
}

/** Options checked against a scorer. */
export interface Preparation {
  readonly prompt: Int32Array;
  readonly length: number;
  /** How many tokens are still to be written, at most. */
  readonly remaining: number;
  /** The constraints, compiled: anew after a compilation of earlier has grown too large. */
  guide(): Guide | undefined;
  spell(tokens: ArrayLike<number>): string;
}

/**
 * Checks the options of a decoder. Throws a usage error for a prompt with unknown letters or tokens, for
 * constraints without a spelling and for constraints that cannot be met.
 */
export function prepare(
  { vocabulary, end }: Pick<Scorer, 'vocabulary' | 'end'>,
  { length, spelling, prompt: given = [], where = [] }: DecodingOptions,
): Preparation {
  const texts = spelling === undefined ? undefined : spellingOf(spelling, { vocabulary, end });
  const prompt = Int32Array.from(typeof given === 'string' ? promptTokens(given, texts) : Array.from(given));
  const strange = prompt.find((token) => !(token >= 0 && token < vocabulary) || token === end);
  if (strange !== undefined)
    throw usageError(
      `The prompt has the token ${strange}; expected 0 to ${vocabulary - 1}${end === null ? '' : `, other than the end token ${end}`}.`,
    );
  if (!Number.isInteger(length) || length < 0)
    throw usageError(`length is ${length}; expected a whole number of tokens from 0.`);
  if (where.length > 0 && !texts)
    throw usageError('Constraints speak of letters: give spelling, what each token spells.');
  const compile = () =>
    compileConstraints(where, {
      tokens: texts ?? anonymous(vocabulary),
      prompt,
      length,
      exact: end === null,
    });
  // Compiled even without constraints, for the check of the length.
  const guide = renewed(compile);
  return {
    prompt,
    length,
    remaining: length - prompt.length,
    guide: where.length === 0 ? () => undefined : guide,
    spell: (tokens) =>
      texts ? Array.from(tokens, (token) => texts[token]).join('') : Array.from(tokens).join(' '),
  };
}

const anonymous = (vocabulary: number) => Array.from({ length: vocabulary }, (_, i) => `${i}`);

/** The same guide until its memory is half full; what it says never depends on that. */
function renewed(compile: () => Guide): () => Guide {
  let guide = compile();
  let first = guide.load();
  return () => {
    if (guide.load() > (first + 1) / 2) {
      guide = compile();
      first = guide.load();
    }
    return guide;
  };
}

function spellingOf(
  spelling: Iterable<string>,
  { vocabulary, end }: { vocabulary: number; end: number | null },
): string[] {
  const texts = [...spelling];
  // Special tokens at the end of a vocabulary spell nothing.
  while (texts.length < vocabulary) texts.push('');
  if (texts.length > vocabulary)
    throw usageError(`The spelling has ${texts.length} tokens, the model only ${vocabulary}.`);
  if (end !== null) texts[end] = '';
  return texts;
}

function promptTokens(prompt: string, texts: readonly string[] | undefined): number[] {
  if (!texts) throw usageError('A prompt in letters needs spelling, what each token spells.');
  if (texts.some((text) => [...text].length > 1))
    throw usageError('Tokens of this model spell several letters: give the prompt as tokens.');
  return Array.from(prompt, (letter, i) => {
    const token = texts.indexOf(letter);
    if (token >= 0) return token;
    const known = texts.slice(0, 60).join(' ');
    throw usageError(
      `The prompt has ${JSON.stringify(letter)} at position ${i + 1}; this model writes ${known.trim()}.`,
    );
  });
}
