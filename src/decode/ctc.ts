import { usageError } from '../core/errors.ts';
import type { Scorer } from '../core/scorer.ts';
import type { Automaton } from './constraints/automaton.ts';
import type { Constraint } from './constraints/constraint.ts';
import { compileConstraints, type Guide } from './constraints/guide.ts';
import { overFrames } from './constraints/over-frames.ts';
import { ctcSearch } from './ctc-search.ts';
import type { Logs } from './stepper.ts';

export interface CtcShape {
  /** How many classes each frame has, the blank included. */
  classes: number;
  /** Which class is the blank. */
  blank?: number;
}

/** A labelling of the frames, repeats merged and blanks gone. */
export interface CtcLabelling {
  readonly labels: number[];
  /** ln P(labels | frames) as far as the search has followed its alignments; for `ctcGreedy` ln P of its one alignment. */
  readonly logProbability: number;
}

/**
 * The labels of the most probable class of every frame (best path decoding, Graves et al. 2006), and the frame at
 * which each begins. `logs` are log-probabilities, [frames, classes].
 * @example
 * // frames say: blank, 1, 1, blank, 1, 2
 * ctcGreedy(logs, { classes: 3 }).labels // [1, 1, 2]
 */
export function ctcGreedy(
  logs: Logs,
  { classes, blank = 0 }: CtcShape,
): CtcLabelling & { readonly frames: number[] } {
  const count = frameCount(logs, { classes, blank });
  const labels: number[] = [];
  const frames: number[] = [];
  let logProbability = 0;
  for (let frame = 0, before = blank; frame < count; frame++) {
    let best = 0;
    for (let c = 1; c < classes; c++)
      if (logs[frame * classes + c]! > logs[frame * classes + best]!) best = c;
    logProbability += logs[frame * classes + best]!;
    if (best !== blank && best !== before) frames[labels.push(best) - 1] = frame;
    before = best;
  }
  return { labels, logProbability, frames };
}

/** A language model over labels that helps to choose (shallow fusion). */
export interface CtcLanguage {
  scorer: Scorer<unknown, unknown>;
  context?: unknown;
  /** α: how much ln P of the language model weighs. */
  weight?: number;
  /** β: what every label is worth, against the language model's liking for short texts. */
  bonus?: number;
  /** The language model's token for a label; the label itself, minus one where it lies behind the blank. */
  token?: (label: number) => number;
}

export interface CtcBeamOptions extends CtcShape {
  /** How many prefixes go on at each frame. */
  width?: number;
  /** How many labellings are returned at most. */
  count?: number;
  language?: CtcLanguage;
  /** What each class spells, the blank left out or empty; needed for constraints. */
  spelling?: Iterable<string>;
  /** What the labelling must be. */
  where?: readonly Constraint[];
}

export interface CtcHypothesis extends CtcLabelling {
  /** logProbability + α ln P of the language model (its end included, where it has one) + β · labels. */
  readonly score: number;
}

/**
 * Prefix beam search (Graves et al. 2006; with a language model Hannun et al. 2014): the most probable labellings,
 * each summed over its alignments, the best first, fewer where there are fewer. As wide as the space it is exact.
 *
 * Constraints hold for every labelling that is returned; alignments that cannot meet them in the frames that are left
 * are dropped as soon as that is known, and no others.
 *
 * `logs` are log-probabilities, [frames, classes]. Throws a usage error for shapes that do not fit, for constraints
 * that no labelling of so many frames keeps, and where every labelling that does has probability zero.
 * @example
 * const [best] = await ctcBeam(logs, { classes: 5, width: 32, language: { scorer, weight: 0.5, bonus: 1 } });
 */
export async function ctcBeam(
  logs: Logs,
  { classes, blank = 0, width = 16, count = 1, language, ...constraints }: CtcBeamOptions,
): Promise<CtcHypothesis[]> {
  const frames = frameCount(logs, { classes, blank });
  for (const [name, value] of Object.entries({ width, count }))
    if (!Number.isInteger(value) || value < 1)
      throw usageError(`ctcBeam: ${name} is ${value}; expected a whole number from 1.`);
  const guide = frameGuide(constraints, { classes, blank, frames });
  const search = ctcSearch({ classes, blank, width, frames, guide }, language);
  for (let frame = 0; frame < frames; frame++)
    await search.step(logs.subarray(frame * classes, (frame + 1) * classes));
  const found = (await search.hypotheses()).slice(0, count);
  if (found.length === 0)
    throw usageError(
      `ctcBeam: every labelling ${guide ? 'that keeps the constraints ' : ''}has probability zero, or the beam has lost it; ` +
        'check the logs and the smoothing of the language model, or widen the beam.',
    );
  return found;
}

function frameCount(logs: Logs, { classes, blank }: Required<CtcShape>): number {
  if (
    !(Number.isInteger(classes) && classes >= 1 && Number.isInteger(blank) && blank >= 0 && blank < classes)
  )
    throw usageError(`CTC: blank is ${blank} of ${classes} classes; expected one of them.`);
  if (logs.length % classes !== 0)
    throw usageError(`CTC: ${logs.length} numbers are no whole number of frames with ${classes} classes.`);
  return logs.length / classes;
}

/** The constraints as an automaton over frames. */
function frameGuide(
  { spelling, where = [] }: Pick<CtcBeamOptions, 'spelling' | 'where'>,
  { classes, blank, frames }: Required<CtcShape> & { frames: number },
): Guide | undefined {
  if (where.length === 0) return undefined;
  if (!spelling) throw usageError('Constraints speak of letters: give spelling, what each class spells.');
  const tokens = [...spelling];
  if (tokens.length === classes - 1) tokens.splice(blank, 0, '');
  if (tokens.length !== classes)
    throw usageError(
      `The spelling has ${tokens.length} classes; expected ${classes}, or ${classes - 1} without the blank.`,
    );
  tokens[blank] = '';
  const lift = (automaton: Automaton) => overFrames(automaton, blank);
  return compileConstraints(where, { tokens, length: frames, exact: true, lift, unit: 'frames' });
}
