import { failure } from '../../core/errors.ts';
import type { RecipeContext } from '../recipe.ts';
import { everSince, letterOf, type Pattern } from './pattern.ts';
import { openRecogniser, type Recogniser } from './recogniser.ts';

/** Network and plain search, letter by letter. */
export interface Comparison {
  readonly positions: number;
  readonly disagreements: number;
  /** Letters at which the search says yes. */
  readonly positives: number;
  /** Sequences in which it does so at some letter. */
  readonly bound: number;
  readonly sequences: number;
  /** Right answers of the best rule that looks at the last letter alone. */
  readonly lastLetter: number;
  /** By place in the sequence: how many sequences reach so far, and in how many of them the network says yes. */
  readonly reach: Float64Array;
  readonly accepted: Float64Array;
  /** Where the network says yes, of each sequence; none unless they were to be kept. */
  readonly answers: readonly Uint8Array[];
}

/** How many sequences are read side by side, and how many letters at most. */
const [mostLanes, mostLetters] = [4096, 8e6];

/** Runs a network over sequences and compares it with the search; `lasting`: an occurrence counts for ever after. */
export async function compare(
  recogniser: Recogniser,
  sequences: readonly Uint8Array[],
  {
    pattern,
    lasting,
    context,
    keep = false,
  }: { pattern: Pattern; lasting: boolean; context: RecipeContext; keep?: boolean },
): Promise<Comparison> {
  const { device, signal } = context;
  const running = await openRecogniser(recogniser, { device });
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
  const shown = Math.min(longest, 4000);
  const tally = {
    positions: 0,
    disagreements: 0,
    positives: 0,
    bound: 0,
    reach: new Float64Array(shown),
    accepted: new Float64Array(shown),
    byLetter: new Float64Array(10),
  };
  const answers: Uint8Array[] = [];
  try {
    for (const lanes of lanesOf(sequences)) {
      if (signal?.aborted) throw failure('interrupted; nothing was saved.');
      const said = await running.accepted(lanes);
      lanes.forEach((sequence, i) => {
        const found = pattern.search(sequence);
        count(tally, sequence, { said: said[i]!, truth: lasting ? everSince(found) : found });
      });
      if (keep) answers.push(...said);
    }
  } finally {
    await running.release();
  }
  const { byLetter, ...rest } = tally;
  const lastLetter = [0, 2, 4, 6, 8].reduce((sum, a) => sum + Math.max(byLetter[a]!, byLetter[a + 1]!), 0);
  return { ...rest, sequences: sequences.length, lastLetter, answers };
}

interface Tally {
  positions: number;
  disagreements: number;
  positives: number;
  bound: number;
  readonly reach: Float64Array;
  readonly accepted: Float64Array;
  /** Letters by what they are (times 2) and whether the truth is yes. */
  readonly byLetter: Float64Array;
}

function count(tally: Tally, sequence: Uint8Array, { said, truth }: { said: Uint8Array; truth: Uint8Array }) {
  let [wrong, yes] = [0, 0];
  for (let i = 0; i < sequence.length; i++) {
    const real = truth[i]!;
    if (said[i] !== real) wrong++;
    yes += real;
    tally.byLetter[2 * letterOf[sequence[i]!]! + real]!++;
  }
  for (let i = 0, end = Math.min(sequence.length, tally.reach.length); i < end; i++) {
    tally.reach[i]!++;
    tally.accepted[i]! += said[i]!;
  }
  tally.positions += sequence.length;
  tally.disagreements += wrong;
  tally.positives += yes;
  tally.bound += +(yes > 0);
}

function* lanesOf(sequences: readonly Uint8Array[]) {
  let lanes: Uint8Array[] = [];
  let longest = 0;
  for (const sequence of sequences) {
    const next = Math.max(longest, sequence.length);
    if (lanes.length === mostLanes || (lanes.length > 0 && next * (lanes.length + 1) > mostLetters)) {
      yield lanes;
      lanes = [];
      longest = 0;
    }
    lanes.push(sequence);
    longest = Math.max(longest, sequence.length);
  }
  if (lanes.length > 0) yield lanes;
}
