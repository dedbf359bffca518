import { compiled } from './compiled.ts';
import { forwardBackward, type PassOptions } from './forward-backward.ts';
import type { Hmm } from './model.ts';

/**
 * Calls `visit` with the posterior probabilities of the states at each position, last position first, in
 * √n memory. `row` [states] is used again; it is in the model's order, with silent states at the expected
 * number of visits between this emission and the next. Returns ln P(observations). Throws a data error
 * for a sequence of probability zero.
 */
export function visitPosteriors<O>(
  model: Hmm<O>,
  observations: O,
  visit: (position: number, row: Float64Array) => void,
  options: PassOptions = {},
): number {
  const c = compiled(model);
  const n = c.states;
  const row = new Float64Array(n);
  const { logLikelihood } = forwardBackward(
    model,
    observations,
    {
      stretch({ from, length, gamma }) {
        for (let r = length - 1; r >= 0; r--) {
          for (let s = 0; s < n; s++) row[c.user[s]!] = gamma[r * n + s]!;
          visit(from + r, row);
        }
      },
    },
    { ...options, c },
  );
  return logLikelihood;
}

/**
 * P(state at position | all observations), [length, states]: Forward and Backward. Emitting states sum to
 * one in each row. For sequences too long to hold that, use `visitPosteriors`.
 * @example posteriors(model, dna.encode('ACGTTTACGA')).probabilities // 10 rows
 */
export function posteriors<O>(model: Hmm<O>, observations: O, options: PassOptions = {}) {
  const n = model.states.length;
  const probabilities = new Float64Array(model.emissions.length(observations) * n);
  const logLikelihood = visitPosteriors(
    model,
    observations,
    (t, row) => probabilities.set(row, t * n),
    options,
  );
  return { logLikelihood, probabilities };
}

/**
 * The most probable state of each position by itself. The states need not form a possible path; for one that
 * does, use `meaPath`. `probability` is the posterior of the chosen state.
 */
export function posteriorStates<O>(model: Hmm<O>, observations: O, options: PassOptions = {}) {
  const length = model.emissions.length(observations);
  const states = new Int32Array(length);
  const probability = new Float64Array(length);
  const emits = model.states.map(({ emission }) => emission !== null);
  const logLikelihood = visitPosteriors(
    model,
    observations,
    (t, row) => {
      for (let s = 0; s < row.length; s++)
        if (emits[s] && row[s]! > probability[t]!) {
          probability[t] = row[s]!;
          states[t] = s;
        }
    },
    options,
  );
  return { logLikelihood, states, probability };
}
