import type { Dim } from '../../graph/dims.ts';
import type { Value } from '../../graph/value.ts';
import { maskedGraph } from '../../models/masked/network.ts';
import type { MaskedSpec } from '../../models/masked/spec.ts';
import { maskedVocabulary } from '../../models/masked/vocabulary.ts';
import type { Model } from '../../models/model.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';

/** How much a head attends to places at each distance, beyond what it would if it looked everywhere alike. */
export interface HeadReach {
  readonly layer: number;
  readonly head: number;
  /** Weight × number of places, so that 1 is even; index `most` is the place itself. */
  readonly byDistance: Float64Array;
}

/**
 * Where the heads of a masked transformer look, by distance from −most to most tokens: weights times the number of places that are there
 * to look at, as the mean over `texts`. A network without attention gives none.
 */
export async function attentionByDistance(
  { spec, weights }: Model<MaskedSpec>,
  texts: readonly string[],
  most: number,
  where: CompileOptions,
): Promise<HeadReach[]> {
  const graph = maskedGraph(spec);
  if (graph.attention.length === 0) return [];
  const outputs = Object.fromEntries(
    graph.attention.map((value, l): [string, Value] => [`layer.${l}`, value]),
  );
  const program = await compile(
    {
      inputs: { tokens: graph.tokens, lengths: graph.lengths },
      outputs,
      constants: new Map([...graph.weights].map(([path, value]) => [value, weights.get(path)!])),
    },
    where,
  );
  const { tokenizer } = maskedVocabulary(spec);
  const heads = graph.attention[0]!.shape[1] as Dim as number;
  const reaches = graph.attention.flatMap((_, layer) =>
    Array.from({ length: heads }, (_unused, head) => ({
      layer,
      head,
      byDistance: new Float64Array(2 * most + 1),
    })),
  );
  const pairs = new Float64Array(2 * most + 1);
  try {
    for (const text of texts) {
      const data = tokenizer.encode(text).slice(0, graph.network.context);
      const time = data.length;
      const results = await program.run({
        tokens: { dtype: 'int32', shape: [1, time], data },
        lengths: { dtype: 'int32', shape: [1], data: Int32Array.of(time) },
      });
      for (const { layer, head, byDistance } of reaches) {
        const found = results[`layer.${layer}`]!.data;
        for (let q = 0; q < time; q++)
          for (let k = Math.max(0, q - most); k <= Math.min(time - 1, q + most); k++)
            byDistance[k - q + most]! += time * found[(head * time + q) * time + k]!;
      }
      for (let d = -most; d <= most; d++) pairs[d + most]! += Math.max(0, time - Math.abs(d));
    }
  } finally {
    await program.release();
  }
  return reaches.map((reach) => ({
    ...reach,
    byDistance: reach.byDistance.map((sum, d) => (pairs[d]! > 0 ? sum / pairs[d]! : Number.NaN)),
  }));
}
