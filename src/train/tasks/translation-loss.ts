import { planBatches } from '../../data/batch.ts';
import { input } from '../../graph/library.ts';
import type { OwnTokens } from '../../models/translator/architecture.ts';
import { noLabel, openForced, shiftedTargets, type TokenPair } from '../../models/translator/forced.ts';
import {
  sourceInputs,
  targetInput,
  translatorNetwork,
  translatorSizes,
} from '../../models/translator/network.ts';
import { paddedSources } from '../../models/translator/runner.ts';
import type { TranslatorSpec } from '../../models/translator/spec.ts';
import { crossEntropy } from '../../nn/losses.ts';
import { bind } from '../../nn/module.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import type { Weights } from '../start.ts';
import type { LossDefinition } from '../step-program.ts';

/** How a translator is taught. */
export interface TranslationLossOptions {
  /** This share of each target is spread over all tokens. */
  readonly smoothing?: number;
  /** The decoder reads some tokens of its own; the input `share` says how many. */
  readonly pick?: OwnTokens['pick'] | undefined;
  readonly passes?: number | undefined;
}

/**
 * −ln P of each target token given the source and the tokens before it (teacher forcing), the mean over all tokens of the batch, ends included. With
 * `pick` a share of the tokens before it are the decoder's own (scheduled sampling).
 */
export function translationLoss(
  spec: TranslatorSpec,
  { smoothing = 0, pick, passes = 1 }: TranslationLossOptions = {},
): LossDefinition {
  const inputs = {
    ...sourceInputs(),
    target: targetInput(),
    labels: input('labels', ['batch', 'time'], 'int32'),
    ...(pick && { share: input('share', []) }),
  };
  return {
    inputs,
    loss(values, context) {
      const { encode, decode } = bind(translatorNetwork(spec), values, context)();
      const own = pick && { share: inputs.share!, pick, passes };
      const { logits } = decode(encode(inputs.source, inputs.sourceLengths), inputs.target, { own });
      return crossEntropy(logits, inputs.labels, { smoothing, ignored: noLabel });
    },
  };
}

/** Batches of pairs, by length. */
export function translationFeeder(pairs: readonly TokenPair[], spec: TranslatorSpec) {
  const { reads, writes } = translatorSizes(spec);
  const lengths = Int32Array.from(pairs, ({ source, target }) => source.length + target.length);
  return {
    plan: (options: { batchSize: number; maxTokens: number; seed: number; epoch: number }) =>
      planBatches(lengths, options),
    feed(indices: Int32Array): Record<string, HostTensor> {
      const batch = Array.from(indices, (i) => pairs[i]!);
      return {
        ...paddedSources(
          batch.map(({ source }) => source),
          reads - 1,
        ),
        ...shiftedTargets(batch, writes),
      };
    },
    /** Tokens to be foretold. */
    count: (indices: Int32Array) => indices.reduce((sum, i) => sum + pairs[i]!.target.length, 0),
  };
}

/** The mean −ln P of the tokens of known targets, with whatever weights are at hand. */
export async function openTranslationJudge(
  spec: TranslatorSpec,
  pairs: readonly TokenPair[],
  weights: Weights,
  where: CompileOptions,
): Promise<{ loss(weights: Weights): Promise<number>; release(): Promise<void> }> {
  const forced = await openForced(spec, weights, where);
  return {
    async loss(next) {
      await forced.load(next);
      const logs = await forced.score(pairs);
      const tokens = pairs.reduce((sum, { target }) => sum + target.length, 0);
      return -logs.reduce((sum, own) => sum + own.reduce((a, b) => a + b, 0), 0) / tokens;
    },
    release: () => forced.close(),
  };
}
