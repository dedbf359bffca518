import { type Automaton, automaton, dead } from './automaton.ts';

/**
 * The automaton over CTC frames that accepts an alignment where `labels` accepts what it says: blanks say nothing,
 * and a class that goes on from one frame to the next is said once (Graves et al. 2006).
 */
export function overFrames(labels: Automaton, blank: number): Automaton {
  const classes = labels.symbols;
  const { accepts, hopeless, load = () => 0 } = labels;
  const labelsOf = (pair: number) => Math.floor(pair / classes);
  // A state of the labels, and the class of the last frame.
  const frames = automaton<number>(classes, {
    start: labels.start * classes + blank,
    next(pair, heard) {
      const state = labelsOf(pair);
      if (heard === blank || heard === pair % classes) return state * classes + heard;
      const after = labels.next(state, heard);
      return after === dead ? undefined : after * classes + heard;
    },
    accepts: (pair) => accepts(labelsOf(pair)),
    ...(hopeless && {
      hopeless: (pair: number, remaining: number) => hopeless(labelsOf(pair), remaining, false),
    }),
  });
  const own = frames.load!;
  return { ...frames, load: () => Math.max(own(), load()) };
}
