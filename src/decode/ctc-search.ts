import { bestCandidates } from './candidates.ts';
import type { Guide } from './constraints/guide.ts';
import type { CtcHypothesis, CtcLanguage, CtcShape } from './ctc.ts';
import { type Logs, plainStepper } from './stepper.ts';

const none = Number.NEGATIVE_INFINITY;

/** ln(e^a + e^b). */
function logAdd(a: number, b: number): number {
  if (a === none) return b;
  if (b === none) return a;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

/**
 * A prefix of labels. There is one node for a prefix however often it leaves the beam and comes back, so that
 * alignments that meet are added.
 */
interface Prefix {
  readonly before: Prefix | undefined;
  readonly label: number;
  readonly children: Map<number, Prefix>;
  /** Its place in the beam, −1 outside. */
  place: number;
  /** ln P of all alignments so far that end with a blank, and with the last label. */
  blank: number;
  repeat: number;
  /** Where the constraints stand behind a blank, and behind the last label. */
  readonly places: Ends;
  /** What the language model and the bonus say. */
  readonly bonus: number;
  readonly state: unknown;
  /** ln P of the language model's next token, once asked for. */
  next?: Logs;
}

export interface CtcSearch {
  /** Takes the log-probabilities of one more frame, [classes]. */
  step(logs: Logs): Promise<void>;
  /** All of the beam, the best first. */
  hypotheses(): Promise<CtcHypothesis[]>;
}

export interface CtcSearchOptions extends Required<CtcShape> {
  readonly width: number;
  readonly frames: number;
  /** Constraints over frames. */
  readonly guide: Guide | undefined;
}

export function ctcSearch(
  { classes, blank, width, frames, guide }: CtcSearchOptions,
  language: CtcLanguage | undefined,
): CtcSearch {
  const voice = language && languageVoice(language, blank);
  let beam: Prefix[] = [
    {
      before: undefined,
      label: -1,
      children: new Map(),
      place: 0,
      blank: 0,
      repeat: none,
      bonus: 0,
      places: { blank: guide?.start ?? 0, repeat: -1 },
      state: voice?.start,
    },
  ];
  const child = (before: Prefix, label: number): Prefix => {
    const known = before.children.get(label);
    if (known) return known;
    const bonus = before.bonus + (voice?.gain(before, label) ?? 0);
    const state = voice?.advance(before.state, label);
    const repeat = guide?.next(before.places.blank, label) ?? 0;
    const places = { blank: guide?.next(repeat, blank) ?? 0, repeat };
    const made = {
      before,
      label,
      children: new Map(),
      place: -1,
      blank: none,
      repeat: none,
      places,
      bonus,
      state,
    };
    before.children.set(label, made);
    return made;
  };
  let left = frames;
  /** Whether the constraints can still be met from a place in the frames that are left. */
  const isOpen = (place: number) => !guide || (place >= 0 && guide.reachable(place, left));
  const ifOpen = ({ blank, repeat }: Ends, { places }: Prefix): Ends => ({
    blank: isOpen(places.blank) ? blank : none,
    repeat: isOpen(places.repeat) ? repeat : none,
  });

  return {
    async step(logs) {
      await voice?.ask(beam);
      left--;
      // The beam's own prefixes stand in the column of the blank: what stays, and what comes from a prefix one shorter.
      const stays = beam.map((prefix) => ifOpen(stayed(prefix, logs, blank), prefix));
      const best = bestCandidates(Math.min(width, beam.length * classes));
      beam.forEach((prefix, i) => {
        const total = logAdd(stays[i]!.blank, stays[i]!.repeat) + prefix.bonus;
        if (total > none) best.add(i, blank, total);
        for (let label = 0; label < classes; label++) {
          if (label === blank || logs[label] === none) continue;
          const inBeam = prefix.children.get(label);
          if (inBeam && inBeam.place >= 0) continue;
          const gain = voice?.gain(prefix, label) ?? 0;
          const value = extended(prefix, label, logs) + prefix.bonus + gain;
          if (value === none || !best.fits(i, label, value)) continue;
          if (guide && !isOpen(guide.next(prefix.places.blank, label))) continue;
          best.add(i, label, value);
        }
      });
      const next = best.sorted().map(({ row, token }) => {
        const prefix = beam[row]!;
        if (token === blank) return { prefix, ...stays[row]! };
        return { prefix: child(prefix, token), blank: none, repeat: extended(prefix, token, logs) };
      });
      for (const prefix of beam) prefix.place = -1;
      beam = next.map(({ prefix, blank, repeat }, place) => Object.assign(prefix, { place, blank, repeat }));
    },
    async hypotheses() {
      await voice?.ask(beam);
      const found = beam.map((prefix) => {
        const logProbability = logAdd(prefix.blank, prefix.repeat);
        const score = logProbability + prefix.bonus + (voice?.end(prefix) ?? 0);
        return { labels: labelsOf(prefix), logProbability, score };
      });
      return found.filter(({ score }) => score > none).sort((a, b) => b.score - a.score);
    },
  };
}

/** Something for the alignments of a prefix that end with a blank, and for those that end with its last label. */
interface Ends {
  readonly blank: number;
  readonly repeat: number;
}

/** ln P of the alignments that reach a prefix by one more frame without a new prefix in the beam. */
function stayed(prefix: Prefix, logs: Logs, blank: number): Ends {
  const all = logAdd(prefix.blank, prefix.repeat);
  const { before, label } = prefix;
  if (!before) return { blank: all + logs[blank]!, repeat: none };
  const repeated = prefix.repeat + logs[label]!;
  const fresh = before.place >= 0 ? extended(before, label, logs) : none;
  return { blank: all + logs[blank]!, repeat: logAdd(repeated, fresh) };
}

/** ln P of the alignments that go from a prefix to the one with one more label: a repeat needs a blank between. */
function extended(prefix: Prefix, label: number, logs: Logs): number {
  const from = label === prefix.label ? prefix.blank : logAdd(prefix.blank, prefix.repeat);
  return from + logs[label]!;
}

function labelsOf(prefix: Prefix): number[] {
  const labels: number[] = [];
  for (let one = prefix; one.before; one = one.before) labels.push(one.label);
  return labels.reverse();
}

/** What a language model says to labels; it is asked once for each prefix, many at a time. */
function languageVoice({ scorer, context, weight = 1, bonus = 0, token }: CtcLanguage, blank: number) {
  const stepper = plainStepper(scorer);
  const tokenOf = token ?? ((label: number) => (label > blank ? label - 1 : label));
  const weighed = (log: number) => (weight === 0 ? 0 : weight * log);
  return {
    start: stepper.start(context, []),
    advance: (state: unknown, label: number) => stepper.advance(state, tokenOf(label)),
    async ask(prefixes: readonly Prefix[]): Promise<void> {
      const unasked = prefixes.filter(({ next }) => !next);
      if (unasked.length === 0) return;
      const { logs } = await stepper.next(unasked.map(({ state }) => state));
      unasked.forEach((prefix, i) => {
        prefix.next = logs.slice(i * stepper.vocabulary, (i + 1) * stepper.vocabulary);
      });
    },
    gain: ({ next }: Prefix, label: number) => weighed(next![tokenOf(label)]!) + bonus,
    end: ({ next }: Prefix) => (stepper.end === null ? 0 : weighed(next![stepper.end]!)),
  };
}
