/** A state of a path: N, J and C are outside of domains, B and E begin and end one. */
export type TraceState = 'N' | 'B' | 'M' | 'I' | 'D' | 'E' | 'J' | 'C';

/** A path through a profile, state by state. Positions and nodes count from 1; 0 where there is none. */
export interface ProfileTrace {
  readonly states: readonly TraceState[];
  readonly nodes: readonly number[];
  readonly positions: readonly number[];
  /** Posterior probability of each emitting state, 0 for the others. */
  readonly posteriors?: readonly number[];
}

/** One domain of a path: first and last position and node that are matched. */
export interface TraceDomain {
  readonly from: number;
  readonly to: number;
  readonly nodeFrom: number;
  readonly nodeTo: number;
  /** Where the domain's states stand in the trace, from its B to its E. */
  readonly start: number;
  readonly end: number;
}

/** The domains of a path in order; one without a match state is left out. */
export function traceDomains({ states, nodes, positions }: ProfileTrace): TraceDomain[] {
  const domains: TraceDomain[] = [];
  let [start, first, last] = [-1, -1, -1];
  states.forEach((state, at) => {
    if (state === 'B') [start, first] = [at, -1];
    if (state === 'M' && start >= 0) {
      if (first < 0) first = at;
      last = at;
    }
    if (state === 'E' && first >= 0) {
      domains.push({
        from: positions[first]!,
        to: positions[last]!,
        nodeFrom: nodes[first]!,
        nodeTo: nodes[last]!,
        start,
        end: at,
      });
      [start, first] = [-1, -1];
    }
  });
  return domains;
}

/** Gathers a path from its end to its beginning. */
export function backwardTrace() {
  const states: TraceState[] = [];
  const nodes: number[] = [];
  const positions: number[] = [];
  const posteriors: number[] = [];
  return {
    add(state: TraceState, node = 0, position = 0, posterior = 0) {
      states.push(state);
      nodes.push(node);
      positions.push(position);
      posteriors.push(posterior);
    },
    finish: (): Required<ProfileTrace> => ({
      states: states.reverse(),
      nodes: nodes.reverse(),
      positions: positions.reverse(),
      posteriors: posteriors.reverse(),
    }),
  };
}
