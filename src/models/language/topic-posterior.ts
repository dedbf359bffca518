import { usageError } from '../../core/errors.ts';
import { add, logSoftmax, softmax } from '../../graph/library.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { Model } from '../model.ts';
import { languageGraph, languageSizes } from './network.ts';
import type { LanguageSpec } from './spec.ts';

/**
 * P(topic | text) of a model of the architecture `topics`, once all of each sequence is read (with a chain: of the topic at its end); numbers that
 * sum to one. Throws a usage error for a model without topics.
 * @example
 * const tokenizer = tokenizerOf(model.spec);
 * const [shares] = await topicPosteriors(model, [tokenizer.encode('Whales sing.')]);
 */
export async function topicPosteriors(
  { spec, weights }: Pick<Model<LanguageSpec>, 'spec' | 'weights'>,
  sequences: readonly Int32Array[],
  where: CompileOptions = {},
): Promise<Float64Array[]> {
  if (spec.architecture !== 'topics')
    throw usageError(`a language model "${spec.architecture}" has no topics; train one with --model topics.`);
  const { tokens, after, weights: values } = languageGraph(spec, { continues: false });
  // The last state is what was learned of the topic, less what is held of it before anything is read.
  const shares = softmax(add(after.at(-1)!, logSoftmax(values.get('prior')!)));
  const constants = new Map([...values].map(([path, value]) => [value, weights.get(path)!]));
  const program = await compile({ inputs: { tokens }, outputs: { shares }, constants }, where);
  const boundary = languageSizes(spec).reads - 1;
  try {
    const found: Float64Array[] = [];
    for (const sequence of sequences) {
      const data = Int32Array.of(boundary, ...sequence);
      const result = await program.run({ tokens: { dtype: 'int32', shape: [1, data.length], data } });
      found.push(Float64Array.from(result.shares!.data));
    }
    return found;
  } finally {
    await program.release();
  }
}
