import { usageError } from '../core/errors.ts';
import type { Scorer } from '../core/scorer.ts';

export type Logs = Float64Array | Float32Array;

/** What a decoder steps with: a scorer or two, what they say and what the decoder goes by. */
export interface Stepper<State, Context> {
  readonly vocabulary: number;
  readonly end: number | null;
  /** The state behind the prompt. */
  start(context: Context, prompt: ArrayLike<number>): State;
  next(states: readonly State[]): Promise<StepScores>;
  advance(state: State, token: number): State;
}

export interface StepScores {
  /** ln P(token | prefix) of the scorer, [n, vocabulary]. */
  readonly logs: Logs;
  /** What tokens are chosen by; the same array unless there is a contrast. */
  readonly values: Logs;
}

/**
 * Maximum mutual information (Li et al. 2016, MMI-antiLM): tokens are valued by
 * ln P(y | x) − weight · ln P(y), so that what is likely whatever the input, the generic reply, loses.
 */
export interface Contrast {
  /** Gives ln P(y), over the same vocabulary. */
  marginal: Scorer<unknown, unknown>;
  /** What the marginal is conditioned on, if on anything. */
  context?: unknown;
  /** λ, 0.5 if not given; 0 is no contrast. */
  weight?: number;
  /** Only the first tokens are contrasted, as in the paper, where the later ones would lose their grammar. */
  first?: number;
}

/** One scorer alone: values are log-probabilities. */
export function plainStepper<State, Context>(scorer: Scorer<State, Context>): Stepper<State, Context> {
  const { vocabulary, end } = scorer;
  return {
    vocabulary,
    end,
    start(context, prompt) {
      let state = scorer.start(context);
      for (let i = 0; i < prompt.length; i++) state = scorer.advance(state, prompt[i]!);
      return state;
    },
    async next(states) {
      const logs = await scorer.next(states);
      return { logs, values: logs };
    },
    advance: (state, token) => scorer.advance(state, token),
  };
}

interface Pair<State> {
  readonly state: State;
  readonly other: unknown;
  /** How many tokens were written behind the prompt. */
  readonly written: number;
}

/** ln of what the marginal gives at least: without it one impossible token would outweigh everything. */
export const marginalFloor = Math.log(1e-30);

/** A scorer and its marginal side by side. */
export function contrastStepper<State, Context>(
  scorer: Scorer<State, Context>,
  { marginal, context: other, weight = 0.5, first = Number.POSITIVE_INFINITY }: Contrast,
): Stepper<Pair<State>, Context> {
  const { vocabulary, end } = scorer;
  if (marginal.vocabulary !== vocabulary || marginal.end !== end)
    throw usageError(
      `The marginal has ${marginal.vocabulary} tokens and ends with ${marginal.end}, the model ${vocabulary} and ${end}; both must speak of the same tokens.`,
    );
  const [conditional, prior] = [plainStepper(scorer), plainStepper(marginal)];
  return {
    vocabulary,
    end,
    start: (context, prompt) => ({
      state: conditional.start(context, prompt),
      other: prior.start(other, prompt),
      written: 0,
    }),
    async next(pairs) {
      const { logs } = await conditional.next(pairs.map(({ state }) => state));
      const against = await prior.next(pairs.map(({ other }) => other));
      const values = Float64Array.from(logs);
      pairs.forEach(({ written }, row) => {
        if (written >= first) return;
        for (let i = row * vocabulary; i < (row + 1) * vocabulary; i++)
          values[i]! -= weight * Math.max(marginalFloor, against.logs[i]!);
      });
      return { logs, values };
    },
    advance: ({ state, other, written }, token) => ({
      state: conditional.advance(state, token),
      other: prior.advance(other, token),
      written: written + 1,
    }),
  };
}
