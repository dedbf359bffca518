import { usageError } from '../../core/errors.ts';
import { type HmmFile, hmmFormat, hmmVersion, type Observed } from './hmm-file.ts';
import { readHmmFile } from './read-hmm-file.ts';

/** How the states of an HMM without a drawn topology lead to one another. */
export type SimpleTopology = 'ergodic' | 'left-right';

export interface SimpleHmmOptions {
  states: number;
  /**
   * `ergodic`: every state leads to every one, staying is likelier; `left-right` (Bakis): each to itself and the next, from the
   * first on.
   */
  topology?: SimpleTopology;
  observes: Observed;
  emissions: 'categorical' | 'gaussian' | 'poisson';
  /** Letters before the present one that an emission depends on. */
  order?: number;
  /** Length of the cycle of inhomogeneous emissions. */
  period?: number;
  /** Components of each Gaussian mixture. */
  components?: number;
  /** Whether sequences end by themselves: in every state, or in the last one of a left-right model. */
  ends?: boolean;
}

/** P(staying in a state) before training. */
const stay = 0.9;

/** An HMM of so many states `state1`, `state2` …, whose emissions are left to training. */
export function simpleHmm({
  states,
  topology = 'ergodic',
  observes,
  emissions,
  order = 0,
  period = 1,
  components = 1,
  ends = false,
}: SimpleHmmOptions): HmmFile {
  if (!(Number.isInteger(states) && states >= 1 && states <= 1000))
    throw usageError(`${states} states: expected a whole number from 1 to 1000.`);
  const names = Array.from({ length: states }, (_, s) => `state${s + 1}`);
  const end = ends ? 0.01 : 0;
  const to = (s: number): Record<string, number> => {
    const targets = topology === 'ergodic' ? names.filter((_, u) => u !== s) : names.slice(s + 1, s + 2);
    const ending = topology === 'ergodic' || targets.length === 0 ? end : 0;
    const own = targets.length === 0 ? 1 - ending : stay;
    const each = (1 - own - ending) / Math.max(1, targets.length);
    return { [names[s]!]: own, ...Object.fromEntries(targets.map((name) => [name, each])) };
  };
  const ending = (s: number) => ends && (topology === 'ergodic' || s === states - 1);
  return readHmmFile(
    {
      ...{ format: hmmFormat, version: hmmVersion, ...observedFields(observes) },
      states: names.map((name, s) => ({
        ...{ name, letter: letterOf(s), to: to(s) },
        start: topology === 'ergodic' ? 1 / states : s === 0 ? 1 : undefined,
        end: ending(s) ? end : undefined,
      })),
      emissions: {
        kind: emissions,
        ...(emissions === 'categorical' && { order, period }),
        ...(emissions === 'gaussian' && { components }),
      },
    },
    'The model',
  );
}

/** 1 … 9, then letters, for printed paths. */
const letterOf = (s: number) => '123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'[s] ?? '*';

function observedFields(observes: Observed): Record<string, unknown> {
  if (observes.kind === 'letters') return { letters: observes.letters.join('') };
  return observes.kind === 'symbols' ? { symbols: observes.symbols } : { columns: observes.columns };
}
