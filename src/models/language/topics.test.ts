import { describe, expect, it } from 'vitest';
import type { Model } from '../model.ts';
import { openJudge } from './judge.ts';
import { exampleLanguage, exampleTokens } from './language.fixture.ts';
import type { LanguageSpec } from './spec.ts';
import { topicPosteriors } from './topic-posterior.ts';

const topics = 3;
const example = (chain: boolean): Model<LanguageSpec> =>
  exampleLanguage({ architecture: 'topics', config: { topics, chain, hidden: 4, embedding: 4 } });

const sum = (logs: ArrayLike<number>) => Array.from(logs).reduce((a, b) => a + b, 0);

/** ln P of each token, of the model or of one of its topics alone: then nobody doubts that it is this one, and it stays. */
async function logsOf(model: Model<LanguageSpec>, tokens: Int32Array, topic?: number): Promise<Float64Array> {
  const only = Float32Array.from({ length: topics }, (_, k) => (k === topic ? 0 : -1e4));
  const { config } = model.spec;
  const weights = new Map(model.weights);
  if (topic !== undefined) {
    weights.set('prior', only);
    weights.delete('changes');
    weights.delete('transitions');
  }
  const spec = topic === undefined ? model.spec : { ...model.spec, config: { ...config, chain: false } };
  const judge = await openJudge(spec, weights);
  const [logs] = await judge.logs([tokens], { exact: true });
  await judge.close();
  return logs!;
}

const softmaxOf = (row: ArrayLike<number>) => {
  const all = Array.from(row).reduce((s, x) => s + Math.exp(x), 0);
  return Array.from(row, (x) => Math.exp(x) / all);
};

describe('a language model with a latent topic', () => {
  it('gives a text the sum over its topics of what each gives to it', async () => {
    const model = example(false);
    const tokens = exampleTokens(40);
    const prior = softmaxOf(model.weights.get('prior')!);
    let total = 0;
    for (let k = 0; k < topics; k++) total += prior[k]! * Math.exp(sum(await logsOf(model, tokens, k)) + 60);
    expect(sum(await logsOf(model, tokens))).toBeCloseTo(Math.log(total) - 60, 3);
  });

  it('with a chain gives it the sum over all ways through the topics', async () => {
    const model = example(true);
    const tokens = exampleTokens(6);
    const each = await Promise.all([0, 1, 2].map((k) => logsOf(model, tokens, k)));
    const gates = Array.from(model.weights.get('changes')!, (x) => 1 / (1 + Math.exp(-x)));
    const flat = model.weights.get('transitions')!;
    const rows = [0, 1, 2].map((k) => softmaxOf(flat.slice(k * topics, (k + 1) * topics)));
    const step = (token: number, from: number, to: number) =>
      (from === to ? 1 - gates[token]! : 0) + gates[token]! * rows[from]![to]!;
    const boundary = 5;
    const walk = (t: number, k: number): number => {
      const here = Math.exp(each[k]![t]!);
      if (t === tokens.length - 1) return here;
      return here * [0, 1, 2].reduce((all, next) => all + step(tokens[t]!, k, next) * walk(t + 1, next), 0);
    };
    const prior = softmaxOf(model.weights.get('prior')!);
    // The topic may change after the mark that stands before a text, too.
    const first = [0, 1, 2].map((k) => prior.reduce((all, p, from) => all + p * step(boundary, from, k), 0));
    const total = first.reduce((all, p, k) => all + p * walk(0, k), 0);
    expect(sum(await logsOf(model, tokens))).toBeCloseTo(Math.log(total), 4);
  });

  it('says how probable each topic is, by Bayes', async () => {
    const model = example(false);
    const tokens = exampleTokens(12);
    const prior = softmaxOf(model.weights.get('prior')!);
    const joint = await Promise.all(
      prior.map(async (p, k) => p * Math.exp(sum(await logsOf(model, tokens, k)))),
    );
    const total = joint.reduce((a, b) => a + b);
    const [found] = await topicPosteriors(model, [tokens]);
    found!.forEach((share, k) => {
      expect(share).toBeCloseTo(joint[k]! / total, 4);
    });
    await expect(topicPosteriors(exampleLanguage(), [tokens])).rejects.toThrow(/"lstm" has no topics/);
  });
});
