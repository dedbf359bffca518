import { openJudge } from '../../models/language/judge.ts';
import { languageSizes } from '../../models/language/network.ts';
import type { Metrics } from '../../train/metrics/index.ts';
import type { Corpus } from '../../train/tasks/language/corpus.ts';
import { encodeCorpus } from '../../train/tasks/language/encode.ts';
import { foretelling } from '../../train/tasks/language/foretelling.ts';
import { corpusNgrams } from '../../train/tasks/language/ngrams.ts';
import { type TrainedLanguageModel, trainLanguageModel } from '../../train/tasks/language/train.ts';
import type { RecipeContext } from '../recipe.ts';

/** How well the next token is foretold from so many tokens before it. */
export interface AtOrder {
  readonly order: number;
  readonly ngram: Metrics;
  /** None at order 0. */
  readonly neural: Metrics | undefined;
}

export interface ContextCurve {
  readonly orders: readonly AtOrder[];
  readonly models: readonly TrainedLanguageModel[];
  readonly tokens: number;
  readonly drawn: string;
}

/** How the networks are made and learn. */
export interface ContextSettings {
  /** The most tokens that are looked back. */
  readonly most: number;
  readonly hidden: number;
  readonly embedding: number;
  readonly training: Readonly<Record<string, unknown>>;
}

/**
 * Perplexity of n-gram models and of neural ones (Bengio et al. 2003) that look back 0, 1, … `most` tokens, on texts that they have not
 * seen. The first `most` tokens of a text do not count, so that every model has all of its context.
 */
export async function contextCurve(
  { rest, held }: { rest: Corpus; held: Corpus },
  { most, hidden, embedding, training }: ContextSettings,
  { seed, threads, device, signal, onEvent }: RecipeContext,
): Promise<ContextCurve> {
  const orders: AtOrder[] = [];
  const models: TrainedLanguageModel[] = [];
  const options = { skip: most, seed };
  let drawn = '';
  for (let order = 1; order <= most; order++) {
    onEvent?.({ kind: 'progress', text: `looking back ${order} of ${most}`, done: (order - 1) / most });
    const trained = await trainLanguageModel(
      rest,
      { architecture: 'feed-forward', config: { order, hidden, embedding } },
      {
        ...training,
        validation: 0.1,
        seed,
        threads: Math.min(2, threads),
        device,
        ...(signal && { signal }),
      },
    );
    const { spec, weights } = trained.model;
    const [learned, judged] = [encodeCorpus(spec, rest), encodeCorpus(spec, held)];
    const judge = await openJudge(spec, weights, { device });
    const logs = await judge.logs(judged.sequences).finally(() => judge.close());
    const counted = (k: number) => {
      const ngram = corpusNgrams(learned, languageSizes(spec), k);
      return foretelling(
        judged.sequences.map((tokens) => ngram.logs(tokens)),
        judged,
        options,
      );
    };
    if (order === 1) {
      const none = counted(0);
      orders.push({ order: 0, ngram: none.metrics, neural: undefined });
      drawn = none.drawn;
    }
    orders.push({
      order,
      ngram: counted(order).metrics,
      neural: foretelling(logs, judged, options).metrics,
    });
    models.push(trained);
  }
  const tokens = encodeCorpus(models[0]!.model.spec, held).sequences.reduce(
    (sum, { length }) => sum + Math.max(0, length - most),
    0,
  );
  return { orders, models, tokens, drawn };
}

export const perplexityOf = (metrics: Metrics | undefined): number =>
  metrics?.perplexity?.value ?? Number.POSITIVE_INFINITY;
