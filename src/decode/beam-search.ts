import type { Hypothesis } from './beam.ts';
import { type BeamScore, type Coverage, coverageBonus, lengthFactor, scoreBound } from './beam-score.ts';
import { bestCandidates, type Candidate } from './candidates.ts';
import type { Preparation } from './decoding.ts';
import { isAllowed } from './rows.ts';
import type { Stepper, StepScores } from './stepper.ts';

export interface BeamSettings extends BeamScore<unknown> {
  readonly width: number;
  readonly count: number;
  readonly coverage: (Coverage<unknown> & { weight: number }) | undefined;
  readonly keepGreedy: boolean;
  readonly stop: 'bound' | 'count';
  /** Whether values can only fall, as log-probabilities do, so that a search can know that it is over. */
  readonly bounded: boolean;
}

/** One search on its way, of one context. */
export interface BeamSearch {
  isOver(): boolean;
  /** The states whose next tokens are to be scored. */
  states(): readonly unknown[];
  /** Takes the scores of these states, from the given row on, and goes one token further. */
  step(scores: StepScores, row: number): void;
  /** The best complete ones, the best first. */
  hypotheses(): Hypothesis[];
}

/** A hypothesis on its way: the last link of its chain of tokens. */
interface Live {
  readonly state: unknown;
  readonly link: Link | undefined;
  readonly value: number;
  readonly logProbability: number;
  /** Where the constraints stand. */
  readonly place: number;
  /** The attention that each source position has had. */
  readonly attended: Float64Array | undefined;
  /** Whether greedy search would have come here. */
  readonly isGreedy: boolean;
}

/** Hypotheses share their beginnings. */
interface Link {
  readonly before: Link | undefined;
  readonly token: number;
}

export function beamSearch<State, Context>(
  stepper: Stepper<State, Context>,
  start: State,
  preparation: Preparation,
  settings: BeamSettings,
): BeamSearch {
  const { vocabulary, end } = stepper;
  const { width, coverage } = settings;
  const guide = preparation.guide();
  let live: Live[] = [
    {
      state: start,
      link: undefined,
      value: 0,
      logProbability: 0,
      place: guide?.start ?? 0,
      attended: undefined,
      isGreedy: settings.keepGreedy,
    },
  ];
  let written = 0;
  const complete = completeHypotheses(preparation, settings);

  /** The best continuations of all live hypotheses, that of the greedy path among them. */
  const choose = ({ values }: StepScores, row: number) => {
    const best = bestCandidates(Math.min(width, live.length * vocabulary));
    let greedy: Candidate | undefined;
    let greedyValue = Number.NEGATIVE_INFINITY;
    const left = preparation.remaining - written - 1;
    live.forEach(({ value, place, isGreedy }, i) => {
      const offset = (row + i) * vocabulary;
      for (let token = 0; token < vocabulary; token++) {
        const own = values[offset + token]!;
        if (own === Number.NEGATIVE_INFINITY) continue;
        const isGreedyBest = isGreedy && own > greedyValue;
        if (!isGreedyBest && !best.fits(i, token, value + own)) continue;
        if (guide && !isAllowed(guide, token, { place, left, end })) continue;
        best.add(i, token, value + own);
        if (!isGreedyBest) continue;
        greedyValue = own;
        greedy = { row: i, token, value: value + own };
      }
    });
    return withGreedy(best.sorted(), greedy, width);
  };
  const advance = ({ row: i, token, value, isGreedy }: Chosen, { logs }: StepScores, row: number): Live => {
    const { state, link, logProbability, place, attended } = live[i]!;
    const isOver = token === end || written + 1 === preparation.remaining;
    return {
      state: isOver ? undefined : stepper.advance(state as State, token),
      link: token === end ? link : { before: link, token },
      value,
      logProbability: logProbability + logs[(row + i) * vocabulary + token]!,
      place: guide && token !== end ? guide.next(place, token) : place,
      attended: coverage && addAttention(attended, coverage.attention(state)),
      isGreedy,
    };
  };

  // The most tokens that a hypothesis can have, its end included.
  const most = preparation.remaining + (end === null ? 0 : 1);
  if (preparation.remaining === 0) {
    complete.add(live[0]!, { written, ended: false });
    live = [];
  }
  return {
    isOver: () => live.length === 0 || complete.isSettled(live, { written, most }),
    states: () => live.map(({ state }) => state),
    step(scores, row) {
      const chosen = choose(scores, row).map((one) => ({
        token: one.token,
        after: advance(one, scores, row),
      }));
      for (const { token, after } of chosen) if (token === end) complete.add(after, { written, ended: true });
      written++;
      const others = chosen.filter(({ token }) => token !== end).map(({ after }) => after);
      const isCut = written === preparation.remaining;
      if (isCut) for (const after of others) complete.add(after, { written, ended: false });
      live = isCut ? [] : others;
    },
    hypotheses: () => complete.ranked,
  };
}

/** The best of what is complete, ranked by score. */
function completeHypotheses(
  { prompt, spell }: Preparation,
  { count, lengthPenalty, coverage, stop, bounded }: BeamSettings,
) {
  const ranked: Hypothesis[] = [];
  return {
    ranked,
    add(
      { link, value, logProbability, attended }: Live,
      { written, ended }: { written: number; ended: boolean },
    ) {
      const tokens = Int32Array.from([...prompt, ...chain(link, written)]);
      const bonus = attended && coverage ? coverageBonus(attended, coverage.weight) : 0;
      const score = value / lengthFactor(written + (ended ? 1 : 0), lengthPenalty) + bonus;
      const at = ranked.findIndex((other) => other.score < score);
      ranked.splice(at < 0 ? ranked.length : at, 0, {
        tokens,
        sequence: spell(tokens),
        logProbability,
        ended,
        score,
      });
      if (ranked.length > count) ranked.pop();
    },
    /** Whether what is on its way need not be followed, by the rule of `stop`. */
    isSettled(live: readonly Live[], { written, most }: { written: number; most: number }): boolean {
      if (ranked.length < count) return false;
      if (stop === 'count') return true;
      const worst = ranked.at(-1)!.score;
      return (
        bounded &&
        live.every(({ value }) => scoreBound(value, lengthPenalty, { tokens: written, most }) <= worst)
      );
    },
  };
}

interface Chosen extends Candidate {
  readonly isGreedy: boolean;
}

/** Marks the greedy path's candidate; it takes the last place where it has none of its own. */
function withGreedy(sorted: readonly Candidate[], greedy: Candidate | undefined, width: number): Chosen[] {
  const isGreedy = ({ row, token }: Candidate) => row === greedy?.row && token === greedy.token;
  const marked = sorted.map((one) => ({ ...one, isGreedy: isGreedy(one) }));
  if (!greedy || marked.some((one) => one.isGreedy)) return marked;
  return [...marked.slice(0, width - 1), { ...greedy, isGreedy: true }];
}

function chain(link: Link | undefined, length: number): Int32Array {
  const tokens = new Int32Array(length);
  let at = length;
  for (let one = link; one; one = one.before) tokens[--at] = one.token;
  return tokens;
}

function addAttention(attended: Float64Array | undefined, more: ArrayLike<number>): Float64Array {
  const sum = attended ? attended.slice() : new Float64Array(more.length);
  for (let i = 0; i < sum.length; i++) sum[i]! += more[i]!;
  return sum;
}
