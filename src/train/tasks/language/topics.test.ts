import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../core/random.ts';
import { openJudge } from '../../../models/language/judge.ts';
import { tokenizerOf } from '../../../models/language/spec.ts';
import { topicPosteriors } from '../../../models/language/topic-posterior.ts';
import type { Corpus } from './corpus.ts';
import { trainLanguageModel } from './train.ts';

/** What each of three kinds of texts likes to say: three times out of four one of these, else any letter; what came last tells nothing. */
const likes = ['abc', 'cde', 'efa'];
const alphabet = 'abcdef';

/** Texts of one kind each, or with `sentences` of several sentences, each of a kind of its own. */
function planted(
  count: number,
  { seed, sentences = 1, length = 40 }: { seed: number; sentences?: number; length?: number },
) {
  const random = randomStream(seed, 'planted topics');
  const kinds: number[] = [];
  const texts = Array.from({ length: count }, () =>
    Array.from({ length: sentences }, (_, s) => {
      const kind = random.below(3);
      if (s + 1 === sentences) kinds.push(kind);
      return Array.from({ length }, () => {
        const from = random.uniform() < 0.75 ? likes[kind]! : alphabet;
        return from[random.below(from.length)];
      }).join('');
    }).join('.'),
  );
  const corpus: Corpus = { texts, ids: texts.map((_, i) => `${i}`), kind: 'text', ends: true, sources: [] };
  return { corpus, kinds };
}

async function nats(corpus: Corpus, test: Corpus, config: object, epochs: number) {
  const definition = { architecture: 'topics', config: { hidden: 8, embedding: 8, dropout: 0, ...config } };
  const { model } = await trainLanguageModel(corpus, definition, {
    epochs,
    rate: 0.02,
    seed: 1,
    validation: 0.1,
  });
  const judge = await openJudge(model.spec, model.weights);
  const tokenizer = tokenizerOf(model.spec);
  const end = tokenizer.size;
  const sequences = test.texts.map((text) => tokenizer.encode(text));
  const logs = await judge.logs(sequences.map((tokens) => Int32Array.of(...tokens, end)));
  await judge.close();
  const all = logs.flatMap((row) => [...row]);
  return { model, sequences, loss: -all.reduce((a, b) => a + b, 0) / all.length };
}

/** The share of texts whose kind their most probable topic tells, each topic standing for the kind that most of its texts have. */
function purity(shares: readonly Float64Array[], kinds: readonly number[]): number {
  const counts = new Map<number, number[]>();
  shares.forEach((row, i) => {
    const topic = row.indexOf(Math.max(...row));
    const own = counts.get(topic) ?? [0, 0, 0];
    own[kinds[i]!]!++;
    counts.set(topic, own);
  });
  return [...counts.values()].reduce((right, own) => right + Math.max(...own), 0) / kinds.length;
}

describe('latent topics of texts', () => {
  it('are found again, and foretell better than the same network without them', async () => {
    const [train, test] = [planted(200, { seed: 1 }), planted(80, { seed: 2 })];
    const three = await nats(train.corpus, test.corpus, { topics: 3 }, 12);
    const one = await nats(train.corpus, test.corpus, { topics: 1 }, 12);
    expect(purity(await topicPosteriors(three.model, three.sequences), test.kinds)).toBeGreaterThan(0.95);
    expect(three.loss).toBeLessThan(one.loss - 0.03);
  });

  it('follow one another from sentence to sentence where they are a chain', async () => {
    const options = { sentences: 4, length: 20 };
    const [train, test] = [planted(150, { seed: 3, ...options }), planted(60, { seed: 4, ...options })];
    const chain = await nats(train.corpus, test.corpus, { topics: 3, chain: true, context: 200 }, 24);
    const fixed = await nats(train.corpus, test.corpus, { topics: 3, context: 200 }, 24);
    expect(chain.loss).toBeLessThan(fixed.loss - 0.005);
    // The topic at the end of a text is that of its last sentence.
    expect(purity(await topicPosteriors(chain.model, chain.sequences), test.kinds)).toBeGreaterThan(0.9);
    // A full stop is what topics change at, more than at any letter.
    const tokenizer = tokenizerOf(chain.model.spec);
    const changes = chain.model.weights.get('changes')!;
    const stop = changes[tokenizer.encode('.')[0]!]!;
    for (const letter of tokenizer.encode(alphabet)) expect(stop).toBeGreaterThan(changes[letter]! + 0.8);
  });
});
