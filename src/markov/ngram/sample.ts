import { usageError } from '../../core/errors.ts';
import type { RandomStream } from '../../core/random.ts';
import { drawFrom } from '../draw.ts';
import type { NgramModel } from './model.ts';

/**
 * Draws a sequence of at most `length` tokens from the model; one that has an end may stop sooner, and the
 * end is then the last token. The same stream state gives the same sequence.
 * @example sampleNgrams(model, randomStream(7, 'sample'), { length: 10 }) // Int32Array [2, 0, 3, …]
 */
export function sampleNgrams(
  model: NgramModel,
  stream: RandomStream,
  { length, phase = 0 }: { length: number; phase?: number },
): Int32Array {
  if (!Number.isInteger(length) || length < 0)
    throw usageError(`A sample of length ${length}: expected a whole number from 0.`);
  const tokens: number[] = [];
  const row = new Float64Array(model.vocabulary);
  while (tokens.length < length) {
    const previous = tokens.slice(Math.max(0, tokens.length - model.order));
    const fromBegin = previous.length === tokens.length;
    const context = { previous, fromBegin, phase: phase + tokens.length };
    const token = drawFrom(model.distribution(context, row), stream);
    tokens.push(token);
    if (token === model.end) break;
  }
  return Int32Array.from(tokens);
}
