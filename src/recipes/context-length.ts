import { dataError, usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';
import { version } from '../core/version.ts';
import type { RunReport } from '../report/run-report.ts';
import { type Corpus, corpusOf, readCorpus, splitCorpus } from '../train/tasks/language/corpus.ts';
import { checkWhole } from './built-in-data.ts';
import { type ContextSettings, contextCurve } from './context-length/measure.ts';
import { mostResidues, plantedSums } from './context-length/planted.ts';
import { contextReport } from './context-length/report.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `context-length` may be told. */
export interface ContextLengthConfig extends ContextSettings {
  /** Of the example: residues are those of this number; each letter is the sum of the letters so many places before. */
  readonly modulus: number;
  readonly lags: readonly number[];
  readonly count: number;
  readonly length: number;
  /** Share that is tested: whole texts where there are several, else the end of the text. */
  readonly test: number;
}

export const contextLengthDefaults: ContextLengthConfig = {
  modulus: 10,
  lags: [1, 2],
  count: 2400,
  length: 24,
  most: 4,
  hidden: 128,
  embedding: 16,
  test: 0.25,
  training: { epochs: 12, batchSize: 32, rate: 1e-2, optimizerOptions: { decay: 0 } },
};

/** How much of the past is needed: perplexity against the number of tokens that a model looks back. */
export const contextLength: Recipe = {
  id: 'context-length',
  title: 'Context length',
  summary:
    'Any sequences or text → perplexity of n-gram models and neural networks that look back 0, 1, 2 … tokens and not one more.',
  claim:
    'Of x(t) = x(t−1) + x(t−2) modulo m, one token back tells nothing (perplexity near m) and two tell all (below 1.01).',
  input: {
    what: 'FASTA, or plain text (UTF-8).',
    options: [],
  },
  defaults: { ...contextLengthDefaults },
  async run(given, context) {
    const config = { ...contextLengthDefaults, ...given } as ContextLengthConfig;
    checkConfig(config);
    const count = context.quick ? Math.min(config.count, 1200) : config.count;
    const most = context.quick && !context.input ? Math.min(config.most, 2) : config.most;
    const corpus = context.input
      ? await readCorpus(context.input.path)
      : plantedSums({ ...config, count, seed: context.seed });
    return runContextLength(corpus, { ...config, most }, context, { builtIn: !context.input });
  },
};

function checkConfig(config: ContextLengthConfig): void {
  const { modulus, lags, count, length, most, hidden, embedding, training, test } = config;
  checkWhole({ modulus, count, length, most, hidden, embedding, epochs: training.epochs });
  if (modulus < 2 || modulus > mostResidues)
    throw usageError(`modulus: expected 2 to ${mostResidues}, received ${modulus}.`);
  if (
    !Array.isArray(lags) ||
    lags.length === 0 ||
    lags.some((lag) => !(Number.isInteger(lag) && lag >= 1 && lag < length))
  )
    throw usageError(`lags: expected whole numbers from 1, below length, received ${JSON.stringify(lags)}.`);
  if (!(test > 0 && test < 0.9))
    throw usageError(`test: expected a share above 0 and below 0.9, received ${test}.`);
}

/** The recipe on a corpus; `builtIn`: its letters are planted sums. */
export async function runContextLength(
  corpus: Corpus,
  config: ContextLengthConfig,
  context: RecipeContext,
  { builtIn }: { builtIn: boolean },
): Promise<RecipeResult> {
  const began = performance.now();
  const parts = divide(corpus, config.test, context.seed);
  if (!parts.held.texts.some((text) => text.length > config.most))
    throw dataError(
      `no text that is tested is longer than the ${config.most} tokens that are looked back. Give longer texts, or a smaller most.`,
    );
  const curve = await contextCurve(parts, config, context);
  const told = contextReport(curve, config, { builtIn });
  const { history, bestEpoch, seconds } = told.best.fit;
  const report: RunReport = {
    title: contextLength.title,
    recipe: contextLength.id,
    version,
    seed: context.seed,
    seconds: (performance.now() - began) / 1000,
    ...told.report,
    data: {
      records: corpus.texts.length,
      task: 'the next token, given those before',
      lengths: corpus.texts.map(({ length }) => length),
      sources: [...corpus.sources],
    },
    training: { history, bestEpoch, seconds },
  };
  return { report, model: told.best.model };
}

/** Whole texts at random where there are enough, else the end of each. */
function divide(corpus: Corpus, share: number, seed: number): { rest: Corpus; held: Corpus } {
  const { texts } = corpus;
  if (corpus.ends || texts.length < 20) return splitCorpus(corpus, { share, seed });
  const order = randomStream(seed, 'context-length').shuffle(texts.map((_, i) => i));
  const cut = Math.round(share * texts.length);
  return { held: corpusOf(corpus, order.slice(0, cut)), rest: corpusOf(corpus, order.slice(cut)) };
}
