import { compiled } from './compiled.ts';
import { forwardBackward, type PassOptions } from './forward-backward.ts';
import type { Hmm } from './model.ts';
import { reachableFrom } from './topology.ts';

/**
 * Maximum expected accuracy: the possible path with the largest sum of posterior probabilities, so the one
 * with the most positions expected right (Käll, Krogh and Sonnhammer 2005). Every step follows a transition
 * of the model, or a way through silent states. The recursion goes with the backward pass, so that posteriors
 * are never stored; one back pointer per state and position is (a byte for up to 255 states).
 * `accuracy` is the expected share of positions that are right.
 */
export function meaPath<O>(model: Hmm<O>, observations: O, options: PassOptions = {}) {
  const c = compiled(model);
  const { states: n, emitting, user } = c;
  const length = model.emissions.length(observations);
  const follows = followers(model).map((list) => list.map((s) => c.internal[s]!));
  const next = pointerArray(n, length * emitting);
  let score = new Float64Array(emitting);
  let later = new Float64Array(emitting);
  const { logLikelihood } = forwardBackward(
    model,
    observations,
    {
      stretch({ from, length: count, gamma }) {
        for (let r = count - 1; r >= 0; r--) {
          const t = from + r;
          [score, later] = [later, score];
          for (let s = 0; s < emitting; s++) {
            let best = Number.NEGATIVE_INFINITY;
            for (const u of follows[user[s]!]!)
              if (later[u]! > best) {
                best = later[u]!;
                next[t * emitting + s] = u;
              }
            const own = gamma[r * n + s]!;
            // A state of posterior zero is on no path that fits the observations.
            const onward = t === length - 1 ? 0 : best;
            score[s] = own > 0 ? own + onward : Number.NEGATIVE_INFINITY;
          }
        }
      },
    },
    { ...options, c },
  );
  const states = new Int32Array(length);
  if (length === 0) return { logLikelihood, states, accuracy: 1 };
  let state = score.indexOf(Math.max(...score));
  const accuracy = score[state]! / length;
  for (let t = 0; t < length; t++) {
    states[t] = user[state]!;
    state = next[t * emitting + state]!;
  }
  return { logLikelihood, states, accuracy };
}

/** For each state, the emitting states that can come next, directly or by way of silent ones. */
function followers({ states, edges }: Pick<Hmm<unknown>, 'states' | 'edges'>): number[][] {
  const silent = states.map(({ emission }) => emission === null);
  const inner = edges.probability.map((p, e) => (p > 0 && silent[edges.from[e]!] ? 1 : 0));
  return states.map((_, s) => {
    const first = [...edges.to].filter((_, e) => edges.from[e] === s && edges.probability[e]! > 0);
    const reached = reachableFrom(first, edges.from, edges.to, inner, states.length);
    return [...states.keys()].filter((u) => reached[u] && !silent[u]);
  });
}

/** An array for state numbers below n. */
const pointerArray = (n: number, length: number): Uint8Array | Uint16Array | Int32Array =>
  n <= 256 ? new Uint8Array(length) : n <= 65536 ? new Uint16Array(length) : new Int32Array(length);
