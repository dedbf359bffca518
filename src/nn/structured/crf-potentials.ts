import { usageError } from '../../core/errors.ts';
import { constant, where } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { uniform } from '../initializers.ts';
import { module, parameter } from '../module.ts';

/** All scores of a linear-chain CRF. */
export interface CrfPotentials {
  /** [batch, time, tags] */
  readonly emissions: Value;
  /** From row to column, [tags, tags]. */
  readonly transitions: Value;
  /** [tags] */
  readonly start: Value;
  /** [tags] */
  readonly end: Value;
}

/** Which tags may begin, follow one another, and end; what is left out is free. */
export interface CrfConstraints {
  /** Row-major [tags, tags]: whether the tag of the column may follow that of the row. */
  readonly transitions?: readonly (readonly boolean[])[];
  readonly start?: readonly boolean[];
  readonly end?: readonly boolean[];
}

/** What a forbidden step scores: no softmax gives it any probability, yet sums of it stay finite. */
export const forbiddenScore = -1e4;

/**
 * The parameters of a linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): scores for beginning with a tag, for
 * following one by another and for ending with one. Maps emissions[batch, time, tags] to potentials for `crfLoss`, `crfDecode` and
 * `crfMarginals`. Constraints take away what may not happen; a set of them that no sequence satisfies is refused.
 * @example crf({ tags: 3, constraints: bioConstraints(['O', 'B-gene', 'I-gene']) })
 */
export function crf({ tags, constraints = {} }: { tags: number; constraints?: CrfConstraints }) {
  checkPossible(tags, constraints);
  return module({
    params: {
      transitions: parameter([tags, tags], { initial: uniform(0.1), decay: false }),
      start: parameter([tags], { initial: uniform(0.1) }),
      end: parameter([tags], { initial: uniform(0.1) }),
    },
    apply: ({ transitions, start, end }, emissions: Value): CrfPotentials => ({
      emissions,
      transitions: allowing(transitions, constraints.transitions?.flat(), [tags, tags]),
      start: allowing(start, constraints.start, [tags]),
      end: allowing(end, constraints.end, [tags]),
    }),
  });
}

const allowing = (scores: Value, allowed: readonly boolean[] | undefined, shape: number[]): Value =>
  allowed ? where(constant(allowed.map(Number), shape, 'bool'), scores, forbiddenScore) : scores;

/** Throws where no sequence of any length satisfies the constraints, or where their sizes are not those of the tags. */
function checkPossible(tags: number, { transitions, start, end }: CrfConstraints): void {
  const sizes = [
    start?.length,
    end?.length,
    transitions?.length,
    ...(transitions ?? []).map((r) => r.length),
  ];
  const odd = sizes.find((size) => size !== undefined && size !== tags);
  if (odd !== undefined) throw usageError(`crf: expected constraints on ${tags} tags, received ${odd}.`);
  const all = Array.from({ length: tags }, (_, i) => i);
  const reached = new Set(all.filter((i) => start?.[i] ?? true));
  for (const i of reached) for (const j of all) if (transitions?.[i]?.[j] ?? true) reached.add(j);
  if (![...reached].some((i) => end?.[i] ?? true))
    throw usageError(
      'crf: the constraints allow no sequence at all: no tag that may end one can be reached from a tag that may begin one.',
    );
}

/**
 * The constraints of BIO labels such as `O`, `B-gene`, `I-gene`: an I continues a B or I of its own kind and begins nothing.
 * @throws where a label has none of these forms
 */
export function bioConstraints(labels: readonly string[]): Required<CrfConstraints> {
  const kinds = labels.map((label) => {
    const found = /^(?:O|([BI])-(.+))$/.exec(label);
    if (!found) throw usageError(`bioConstraints: expected labels O, B-… and I-…, received "${label}".`);
    return { inside: found[1] === 'I', kind: found[2] };
  });
  return {
    transitions: kinds.map((from) => kinds.map((to) => !to.inside || from.kind === to.kind)),
    start: kinds.map(({ inside }) => !inside),
    end: kinds.map(() => true),
  };
}
