import { randomStream } from '../../../core/random.ts';
import * as g from '../../../graph/library.ts';
import type { Value } from '../../../graph/value.ts';
import { answerLogits, maskedNetwork } from '../../../models/masked/network.ts';
import type { MaskedSpec } from '../../../models/masked/spec.ts';
import { maskedVocabulary } from '../../../models/masked/vocabulary.ts';
import { crossEntropy } from '../../../nn/losses.ts';
import { bind } from '../../../nn/module.ts';
import type { HostTensor } from '../../../runtime/backend.ts';
import type { LossDefinition } from '../../step-program.ts';
import type { LanguageBatch, Piece } from '../language/plan.ts';
import { type MaskedSequence, maskedSequence, nothing, type Replacement } from './masking.ts';

/** Mean −ln P over the places where something was hidden: logits[batch, time, tokens], int32 targets[batch, time], −100 elsewhere. */
export const maskedCriterion = (logits: Value, targets: Value, { smoothing = 0 } = {}): Value =>
  crossEntropy(logits, targets, { smoothing, ignored: nothing });

/** Learning to tell what was hidden. */
export function maskedLoss(spec: MaskedSpec, { smoothing = 0 }: { smoothing?: number } = {}): LossDefinition {
  const network = maskedNetwork(spec);
  const { writes } = maskedVocabulary(spec);
  const tokens = g.input('tokens', ['batch', 'time'], 'int32');
  const lengths = g.input('lengths', ['batch'], 'int32');
  const targets = g.input('targets', ['batch', 'time'], 'int32');
  return {
    inputs: { tokens, lengths, targets },
    loss(values, context) {
      const { logits } = bind(network, values, context)(tokens, lengths);
      return maskedCriterion(answerLogits(logits, writes), targets, { smoothing });
    },
  };
}

/** Pieces of sequences with what is hidden of each; the same seed, purpose and piece hide the same. */
export function maskedRows(
  spec: MaskedSpec,
  sequences: readonly Int32Array[],
  pieces: readonly Piece[],
  {
    seed,
    purpose,
    replacement,
  }: { readonly seed: number; readonly purpose: string | number; readonly replacement?: Replacement },
): MaskedSequence[] {
  const vocabulary = maskedVocabulary(spec);
  return pieces.map(({ sequence, from, count }) => {
    const stream = randomStream(seed, 'mask', purpose, sequence, from);
    const tokens = sequences[sequence]!.slice(from, from + count);
    return maskedSequence(tokens, spec.masking, vocabulary, stream, replacement);
  });
}

/** The pieces of a batch of windows, none of whose rows is empty. */
export const piecesOf = ({ rows }: LanguageBatch): Piece[] => rows.filter((piece) => piece !== undefined);

/** The inputs that carry a batch. */
export function maskedFeed(
  rows: readonly MaskedSequence[],
  padding: number,
): Record<'tokens' | 'lengths' | 'targets', HostTensor> {
  const time = rows.reduce((longest, { inputs }) => Math.max(longest, inputs.length), 1);
  const shape = [rows.length, time];
  const tokens = new Int32Array(rows.length * time).fill(padding);
  const targets = new Int32Array(rows.length * time).fill(nothing);
  rows.forEach((row, r) => {
    tokens.set(row.inputs, r * time);
    targets.set(row.targets, r * time);
  });
  const lengths = Int32Array.from(rows, ({ inputs }) => inputs.length);
  return {
    tokens: { dtype: 'int32', shape, data: tokens },
    lengths: { dtype: 'int32', shape: [rows.length], data: lengths },
    targets: { dtype: 'int32', shape, data: targets },
  };
}

/** How many places are asked. */
export const askedOf = (rows: readonly MaskedSequence[]): number =>
  rows.reduce((sum, { runs }) => sum + runs.reduce((own, { from, to }) => own + to - from, 0), 0);
