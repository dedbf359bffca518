import type { NgramModel } from '../../../markov/ngram/model.ts';

/**
 * P(token | all others) under a Markov chain of order k, for every token that may stand in place `at`: in proportion to the product of P of the
 * token and of the k that follow it, each given the k before. It is what such a chain can say of a hidden token at best, and so what a masked
 * model is to be held against; the chain read from the left alone knows less. Tokens outside the vocabulary are passed over, as in
 * counting. The first token has phase `phase` where the chain is periodic. Writes into `out` [vocabulary].
 * @example twoSided(chain, [0, 1, 2, 1], 2) // what stands between 0 1 and 1
 */
export function twoSided(
  chain: NgramModel,
  tokens: ArrayLike<number>,
  at: number,
  { phase = 0, out = new Float64Array(chain.vocabulary) }: { phase?: number; out?: Float64Array } = {},
): Float64Array {
  const { order, vocabulary } = chain;
  const from = Math.max(0, at - order);
  const to = Math.min(tokens.length, at + order + 1);
  const near = Array.from({ length: to - from }, (_, i) => tokens[from + i]!);
  // What stands before `previous` begins was never needed, but a beginning is one only where it is the sequence's.
  let highest = Number.NEGATIVE_INFINITY;
  for (let token = 0; token < vocabulary; token++) {
    near[at - from] = token;
    let log = 0;
    for (let i = at - from; i < near.length; i++) {
      if (!(near[i]! >= 0 && near[i]! < vocabulary)) continue;
      const previous = near.slice(Math.max(0, i - order), i);
      const fromBegin = from === 0 && previous.length === i;
      log += Math.log(chain.probability({ previous, fromBegin, phase: phase + from + i }, near[i]!));
    }
    out[token] = log;
    highest = Math.max(highest, log);
  }
  let sum = 0;
  for (let token = 0; token < vocabulary; token++) {
    out[token] = Math.exp(out[token]! - highest);
    sum += out[token]!;
  }
  for (let token = 0; token < vocabulary; token++) out[token]! /= sum;
  return out;
}
