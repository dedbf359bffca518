import { randomStream } from '../core/random.ts';
import type { Scorer } from '../core/scorer.ts';

export interface ToyOptions {
  vocabulary?: number;
  end?: number | null;
  seed?: number;
  /** The share of tokens with probability zero. */
  zeros?: number;
  /** How far apart the probabilities lie. */
  spread?: number;
  /** How many states each call of `next` was given. */
  calls?: number[];
}

/** A scorer whose distribution depends on the context and on every token of the prefix, in no simple way. */
export function toyScorer({
  vocabulary = 3,
  end = null,
  seed = 1,
  zeros = 0,
  spread = 1.5,
  calls = [],
}: ToyOptions = {}): Scorer<readonly number[], number | undefined> {
  const row = (prefix: readonly number[]) => {
    const random = randomStream(seed, 'toy', ...prefix);
    const weights = Array.from({ length: vocabulary }, () => Math.exp(spread * random.normal()));
    // One token always stays possible.
    const kept = random.below(vocabulary);
    const some = weights.map((weight, i) => (random.uniform() < zeros && i !== kept ? 0 : weight));
    const total = some.reduce((a, b) => a + b);
    return some.map((weight) => Math.log(weight / total));
  };
  return {
    vocabulary,
    end,
    // The context stands first, so that no two prefixes of different contexts are alike.
    start: (context) => [context ?? -1],
    advance: (prefix, token) => [...prefix, token],
    async next(prefixes) {
      calls.push(prefixes.length);
      return Float64Array.from(prefixes.flatMap(row));
    },
  };
}

/** A complete sequence and its log-probability. */
export interface Enumerated {
  readonly tokens: number[];
  readonly logProbability: number;
  readonly ended: boolean;
}

/** Every sequence that ends, or has `length` tokens, with its probability (those of zero too), in no special order. */
export async function enumerate<State>(
  scorer: Scorer<State, number | undefined>,
  length: number,
  { context }: { context?: number } = {},
): Promise<Enumerated[]> {
  const found: Enumerated[] = [];
  const visit = async (state: State, tokens: number[], logProbability: number): Promise<void> => {
    if (tokens.length === length) {
      found.push({ tokens, logProbability, ended: false });
      return;
    }
    const logs = await scorer.next([state]);
    for (let token = 0; token < scorer.vocabulary; token++) {
      const log = logProbability + logs[token]!;
      if (token === scorer.end) found.push({ tokens, logProbability: log, ended: true });
      else await visit(scorer.advance(state, token), [...tokens, token], log);
    }
  };
  await visit(scorer.start(context), [], 0);
  return found;
}
