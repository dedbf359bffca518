import { usageError } from './errors.ts';

/**
 * Anything that gives the log-probability of the next token: an n-gram model, an HMM, a network.
 * Decoders, constraints and anomaly scores take one and need not know which.
 *
 * Tokens are the integers 0 … `vocabulary` − 1; logarithms are natural. A state stands for a prefix
 * (and for the `Context` it is conditioned on, if any). States are never changed once made, so that the
 * hypotheses of a beam may share one; a scorer may keep in a state what it computed for it, unseen.
 * `start` and `advance` are cheap and synchronous, whatever costs time happens in `next`, which takes many
 * states at once, so that a network runs once for a whole beam, even over prefixes of different contexts.
 *
 * @example
 * let state = scorer.start();                       // the empty prefix
 * const first = await scorer.next([state]);         // first[t] = ln P(t)
 * state = scorer.advance(state, 2);                 // the prefix [2]
 * const second = await scorer.next([state]);        // second[t] = ln P(t | 2)
 */
export interface Scorer<State = unknown, Context = void> {
  /** How many tokens there are, `end` included where there is one. */
  readonly vocabulary: number;
  /**
   * The token that ends a sequence, one of the vocabulary: P(end | prefix) is the probability that nothing
   * follows, and the sequences that end have a total probability of one. Null: sequences never end by
   * themselves, their length is given from outside, and the sequences of each length have a total of one.
   */
  readonly end: number | null;
  /** The state of the empty prefix. No token for the beginning is needed: the scorer knows its own. */
  start(context: Context): State;
  /**
   * ln P(token | prefix) for `n` states, row-major [n, vocabulary], a new array that the caller may keep
   * and change. −Infinity means impossible; never NaN. The probabilities of a row sum to one, except for a
   * prefix that is impossible itself (or has ended), whose row is −Infinity throughout.
   */
  next(states: readonly State[]): Promise<Float64Array | Float32Array>;
  /** The state of the prefix followed by `token`; the given state stays valid. */
  advance(state: State, token: number): State;
  /**
   * ln P(tokenᵢ | tokens before i) for every token, in one pass, where the scorer has a faster way than
   * `next` and `advance` (a network reads a known sequence at once). Called through `tokenLogProbabilities`.
   */
  tokens?(tokens: ArrayLike<number>, context: Context): Promise<Float64Array>;
}

/**
 * ln P(tokenᵢ | tokens before i) for every token of a sequence, of length `tokens.length`. For a sequence
 * that ends there, let its last token be `scorer.end`. After a token of probability zero (−Infinity), all
 * that follow are −Infinity too. Throws a usage error for a token outside the vocabulary.
 */
export async function tokenLogProbabilities<State, Context = void>(
  scorer: Scorer<State, Context>,
  tokens: ArrayLike<number>,
  context: Context,
): Promise<Float64Array> {
  for (let i = 0; i < tokens.length; i++) checkToken(scorer.vocabulary, tokens[i]!, i);
  if (scorer.tokens) return scorer.tokens(tokens, context);
  const logs = new Float64Array(tokens.length).fill(Number.NEGATIVE_INFINITY);
  let state = scorer.start(context);
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    logs[i] = (await scorer.next([state]))[token]!;
    if (logs[i] === Number.NEGATIVE_INFINITY) break;
    state = scorer.advance(state, token);
  }
  return logs;
}

/** ln P of a whole sequence: the sum of its `tokenLogProbabilities`; 0 for an empty one. */
export async function sequenceLogProbability<State, Context = void>(
  scorer: Scorer<State, Context>,
  tokens: ArrayLike<number>,
  context: Context,
): Promise<number> {
  return (await tokenLogProbabilities(scorer, tokens, context)).reduce((sum, log) => sum + log, 0);
}

function checkToken(vocabulary: number, token: number, at: number): void {
  if (Number.isInteger(token) && token >= 0 && token < vocabulary) return;
  throw usageError(
    `Token ${token} at position ${at + 1} is outside the vocabulary of ${vocabulary}; expected an integer from 0 to ${vocabulary - 1}.`,
  );
}
