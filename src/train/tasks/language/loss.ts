import * as g from '../../../graph/library.ts';
import type { Value } from '../../../graph/value.ts';
import { languageNetwork } from '../../../models/language/network.ts';
import type { LanguageSpec } from '../../../models/language/spec.ts';
import { crossEntropy } from '../../../nn/losses.ts';
import { bind } from '../../../nn/module.ts';
import type { HostTensor } from '../../../runtime/backend.ts';
import type { StateSpec } from '../../../runtime/program.ts';
import type { LossDefinition } from '../../step-program.ts';
import type { LanguageBatch } from './plan.ts';

/** What stands where nothing is to be foretold. */
const nothing = -100;

/**
 * Learning to foretell the next token: mean −ln P over the tokens of a batch. A network with states of fixed size begins each piece with
 * those that the batch before left in its row (truncated back-propagation through time, Williams and Peng 1990); `keep` is 0 for rows
 * that begin anew. These states are state of the step program, so that a run that is resumed goes on with them.
 */
export function languageLoss(
  spec: LanguageSpec,
  { rows, smoothing = 0 }: { rows: number; smoothing?: number },
): LossDefinition {
  const network = languageNetwork(spec);
  const carries = network.sees === null;
  const batch = carries ? rows : 'batch';
  const tokens = g.input('tokens', [batch, 'time'], 'int32');
  const targets = g.input('targets', [batch, 'time'], 'int32');
  const keep = g.input('keep', [rows]);
  return {
    inputs: { tokens, targets, ...(carries && { keep }) },
    loss(values, context) {
      const run = bind(network, values, context);
      const before = carries ? network.states.map((shape, i) => carried(shape, i, rows)) : undefined;
      const { logits, states } = run(
        tokens,
        before?.map((value) => kept(value, keep)),
      );
      const loss = crossEntropy(logits, targets, { smoothing, ignored: nothing });
      const state = (before ?? []).map((value, i): [string, StateSpec] => [
        nameOf(i),
        { value, next: states[i]!, initial: new Float32Array(sizeOf(value)) },
      ]);
      return { loss, state: Object.fromEntries(state) };
    },
  };
}

const nameOf = (i: number) => `carried/${i}`;
const sizeOf = ({ shape }: Value) => (shape as number[]).reduce((a, b) => a * b, 1);

const carried = (shape: readonly (string | number)[], i: number, rows: number): Value =>
  g.input(nameOf(i), [rows, ...shape.slice(1)]);

/** The state of rows that continue, 0 for those that begin. */
const kept = (value: Value, keep: Value): Value =>
  g.mul(value, g.reshape(keep, [keep.shape[0]!, ...value.shape.slice(1).map(() => 1)]));

/** The inputs that carry a batch; `sequences` hold what is foretold, `boundary` stands before their first token. */
export function languageFeed(
  sequences: readonly Int32Array[],
  { rows, time }: LanguageBatch,
  { boundary, carries }: { boundary: number; carries: boolean },
): Record<string, HostTensor> {
  const tokens = new Int32Array(rows.length * time).fill(boundary);
  const targets = new Int32Array(rows.length * time).fill(nothing);
  const keep = new Float32Array(rows.length);
  rows.forEach((piece, row) => {
    if (!piece) return;
    const { sequence, from, count, fresh, begins } = piece;
    const all = sequences[sequence]!;
    const at = row * time;
    tokens.set(all.subarray(Math.max(0, from - 1), from + count - 1), at + (from === 0 ? 1 : 0));
    if (begins) tokens[at] = boundary;
    targets.set(all.subarray(from, from + count), at);
    keep[row] = fresh ? 0 : 1;
  });
  const shape = [rows.length, time];
  return {
    tokens: { dtype: 'int32', shape, data: tokens },
    targets: { dtype: 'int32', shape, data: targets },
    ...(carries && { keep: { dtype: 'float32' as const, shape: [rows.length], data: keep } }),
  };
}

/** How many tokens a batch foretells. */
export const tokensOf = ({ rows }: LanguageBatch): number =>
  rows.reduce((sum, piece) => sum + (piece?.count ?? 0), 0);
