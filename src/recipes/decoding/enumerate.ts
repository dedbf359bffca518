import { usageError } from '../../core/errors.ts';
import type { Scorer } from '../../core/scorer.ts';

/** The most probable sequence, and how many there were to compare. */
export interface Enumerated {
  readonly tokens: Int32Array;
  readonly ended: boolean;
  readonly logProbability: number;
  readonly sequences: number;
}

/** More prefixes than these are not enumerated. */
const mostPrefixes = 20_000;

/**
 * The most probable sequence of at most `length` tokens by looking at all of them: those that end, and those that are cut there. For small
 * spaces only; throws a usage error for larger ones. Of equals the first in the order of tokens.
 */
export async function exhaustive<State, Context>(
  scorer: Scorer<State, Context>,
  context: Context,
  length: number,
): Promise<Enumerated> {
  const { vocabulary, end } = scorer;
  const letters = vocabulary - (end === null ? 0 : 1);
  if (letters ** (length - 1) > mostPrefixes)
    throw usageError(
      `exhaustive: ${letters} tokens make more than ${mostPrefixes} prefixes of ${length - 1}; choose a smaller length.`,
    );
  let best = { tokens: new Int32Array(0), ended: false, logProbability: Number.NEGATIVE_INFINITY };
  let sequences = 0;
  let layer = [{ state: scorer.start(context), tokens: [] as number[], log: 0 }];
  for (let depth = 0; depth <= length && layer.length > 0; depth++) {
    const cut = depth === length;
    if (cut) {
      for (const { tokens, log } of layer) consider(tokens, log, false);
      break;
    }
    const rows = await scorer.next(layer.map(({ state }) => state));
    const next: typeof layer = [];
    layer.forEach(({ state, tokens, log }, i) => {
      for (let token = 0; token < vocabulary; token++) {
        const after = log + rows[i * vocabulary + token]!;
        if (token === end) consider(tokens, after, true);
        else if (depth + 1 === length) consider([...tokens, token], after, false);
        else next.push({ state: scorer.advance(state, token), tokens: [...tokens, token], log: after });
      }
    });
    layer = next;
  }
  return { ...best, sequences };

  function consider(tokens: readonly number[], log: number, ended: boolean): void {
    sequences++;
    if (log > best.logProbability) best = { tokens: Int32Array.from(tokens), ended, logProbability: log };
  }
}
