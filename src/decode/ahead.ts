import type { RandomStream } from '../core/random.ts';
import type { DrawRule } from '../graph/ops/draw-rules.ts';
import type { DrawsAhead } from '../models/language/scorer.ts';
import type { Preparation } from './decoding.ts';
import { nothingLeft, type Row } from './rows.ts';
import type { Reshape } from './sampling.ts';

/** A sequence that is being drawn. */
export interface Drawn {
  readonly row: Row<unknown>;
  readonly random: RandomStream;
  readonly index: number;
  /** ln of the probability with which its tokens were drawn. */
  drawn: number;
}

export interface AheadOptions {
  readonly rules: readonly DrawRule[];
  readonly end: number | null;
  readonly preparation: Preparation;
  readonly onToken: ((token: number, sequence: number) => void) | undefined;
}

/** Few enough to be quick to be seen, and, where sequences end by themselves, not to draw long beyond the end. */
const most = { open: 64, ending: 32 };

/** What changes the distribution as data; undefined where one of them is a function of the user's. */
export function rulesOf(reshapes: readonly Reshape[]): DrawRule[] | undefined {
  const rules = reshapes.map(({ rule }) => rule);
  return rules.every((rule) => rule !== undefined) ? (rules as DrawRule[]) : undefined;
}

/** Writes several more tokens of every row, drawn in one run; each of them can go ahead. The tokens are those that `stepRows` would write. */
export async function drawRows(
  scorer: DrawsAhead<unknown>,
  sequences: readonly Drawn[],
  { rules, end, preparation, onToken }: AheadOptions,
): Promise<void> {
  const { remaining } = preparation;
  const left = Math.max(...sequences.map(({ row }) => remaining - row.written.length));
  const possible = Math.min(...sequences.map(({ row }) => scorer.ahead(row.state)));
  const steps = Math.min(left, possible, end === null ? most.open : most.ending);
  const found = await scorer.drawAhead({
    ...{ rules, excluded: [] },
    states: sequences.map(({ row }) => row.state),
    uniforms: sequences.map(({ random }) => Float64Array.from({ length: steps }, () => random.uniform())),
  });
  for (let step = 0; step < steps; step++)
    sequences.forEach((sequence, i) => {
      const { row, index } = sequence;
      if (row.ended || row.written.length === remaining) return;
      const { tokens, logs, drawn } = found[i]!;
      // A distribution without any token has no largest: −∞ − (−∞).
      if (Number.isNaN(drawn[step])) throw nothingLeft(row, preparation);
      const token = tokens[step]!;
      row.logProbability += logs[step]!;
      sequence.drawn += drawn[step]!;
      if (token === end) row.ended = true;
      else row.written.push(token);
      onToken?.(token, index);
    });
  sequences.forEach(({ row }, i) => {
    row.state = found[i]!.state;
  });
}
