import { usageError } from '../core/errors.ts';
import type { Scorer } from '../core/scorer.ts';
import type { Coverage } from './beam-score.ts';
import { type BeamSettings, beamSearch } from './beam-search.ts';
import { type Decoded, type DecodingOptions, prepare } from './decoding.ts';
import { stepperOf } from './greedy.ts';
import { nothingLeft } from './rows.ts';
import type { Contrast } from './stepper.ts';

export interface BeamOptions<State, Context> extends DecodingOptions {
  context?: Context;
  contrast?: Contrast;
  /** How many hypotheses go on at each step. One that has ended leaves its place for that step. */
  width?: number;
  /** How many hypotheses are returned at most; `width` if not given. */
  count?: number;
  /** α of Wu et al. 2016; 0 ranks by log-probability. */
  lengthPenalty?: number;
  coverage?: Coverage<State>;
  /** The greedy path always keeps a place, so that the best score is never below that of `greedy`. */
  keepGreedy?: boolean;
  /**
   * `bound`: once no hypothesis on its way can come to a better score than the `count` that are complete; it loses
   * nothing. `count`: as soon as so many are complete, as many programs do; quicker, may miss better ones.
   */
  stop?: 'bound' | 'count';
}

/** A sequence that beam search found. */
export interface Hypothesis extends Decoded {
  /** What hypotheses are ranked by: log-probability (or the contrast) over the length factor, plus coverage. */
  readonly score: number;
}

/**
 * Beam search: the best hypotheses, the best first, fewer than asked where there are fewer. With a width of one it
 * is greedy search; with a width no less than the number of prefixes it is exhaustive.
 *
 * Complete is what ended by the scorer's end token or was cut at `length`. Length penalty and coverage penalty as
 * in Wu et al. 2016; the number of tokens includes the end, not the prompt.
 *
 * Throws a usage error for impossible options, a failure where every allowed token has probability zero.
 * @example
 * const [best, second] = await beam(scorer, { spelling: 'ACGT', length: 10, width: 8, where: [avoid('AA')] });
 */
export async function beam<State, Context = void>(
  scorer: Scorer<State, Context>,
  { context, ...options }: BeamOptions<State, Context>,
): Promise<Hypothesis[]> {
  return (await beamEach(scorer, [context as Context], options))[0]!;
}

/** `beam` for many contexts, which are asked of the scorer together: the same results as one by one. */
export async function beamEach<State, Context>(
  scorer: Scorer<State, Context>,
  contexts: readonly Context[],
  options: Omit<BeamOptions<State, Context>, 'context'>,
): Promise<Hypothesis[][]> {
  const { contrast } = options;
  const settings = beamSettings(options);
  const stepper = stepperOf(scorer, contrast);
  const preparation = prepare(scorer, options);
  const searches = contexts.map((context) =>
    beamSearch(stepper, stepper.start(context, preparation.prompt), preparation, settings),
  );
  const open = () => searches.filter((search) => !search.isOver());
  for (let live = open(); live.length > 0; live = open()) {
    const states = live.flatMap((search) => search.states());
    const scores = await stepper.next(states);
    let row = 0;
    for (const search of live) {
      const rows = search.states().length;
      search.step(scores, row);
      row += rows;
    }
  }
  return searches.map((search) => {
    const found = search.hypotheses();
    if (found.length === 0) throw nothingLeft({ written: [], guide: options.where?.length }, preparation);
    return found;
  });
}

function beamSettings<State, Context>({
  contrast,
  width = 4,
  count = width,
  lengthPenalty = 0,
  coverage,
  keepGreedy = true,
  stop = 'bound',
}: Omit<BeamOptions<State, Context>, 'context'>): BeamSettings {
  for (const [name, value] of Object.entries({ width, count }))
    if (!Number.isInteger(value) || value < 1)
      throw usageError(`Beam search: ${name} is ${value}; expected a whole number from 1.`);
  if (!Number.isFinite(lengthPenalty) || !((coverage?.weight ?? 0) >= 0))
    throw usageError(
      `Beam search: lengthPenalty is ${lengthPenalty}, coverage.weight ${coverage?.weight ?? 0}; expected numbers, the second not negative.`,
    );
  // With a contrast the states are pairs; the scorer's own is in `state`.
  const attention = coverage && {
    weight: coverage.weight ?? 0.2,
    attention: (state: unknown) =>
      coverage.attention((contrast ? (state as { state: State }).state : state) as State),
  };
  return { width, count, lengthPenalty, coverage: attention, keepGreedy, stop, bounded: !contrast };
}
