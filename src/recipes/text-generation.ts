import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import type { RunReport } from '../report/run-report.ts';
import { type Corpus, readCorpus, splitCorpus } from '../train/tasks/language/corpus.ts';
import { builtInText, checkWhole } from './built-in-data.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';
import { textReport } from './text-generation/report.ts';
import { type TextSettings, writtenAndMeasured } from './text-generation/write.ts';

/** What `text-generation` may be told. */
export interface TextGenerationConfig extends TextSettings {
  /** Share of the text that is tested: its end, or of whole texts a random choice. */
  readonly test: number;
}

export const textGenerationDefaults: TextGenerationConfig = {
  architecture: 'lstm',
  model: { hidden: 192, embedding: 48, dropout: 0.2, context: 80 },
  tokenizer: 'auto',
  test: 0.1,
  orders: [0, 1, 2, 3, 4, 5, 6],
  against: 3,
  samples: { count: 3, length: 300, prompt: '', topP: 0.9 },
  training: { epochs: 12, batchSize: 16, rate: 8e-3, patience: 0 },
};

/** In a quick run: less text, a smaller network, less time, and an easier mark. */
const quickly = {
  letters: 60_000,
  against: 1,
  model: { hidden: 96, embedding: 32, dropout: 0.1, context: 60 },
  training: { epochs: 4, batchSize: 8, rate: 1e-2, patience: 0 },
};

const file = 'kjv_genesis.txt';

/** A network that reads a text letter by letter and goes on in its manner. */
export const textGeneration: Recipe = {
  id: 'text-generation',
  title: 'Text generation',
  summary:
    'Text or sequences → a model of the next letter, its bits per character beside n-grams of every order, and texts that it writes.',
  claim:
    'Fewer bits per character on unseen text than n-gram models that look up to three characters back (one in a quick run).',
  input: { what: 'plain text (UTF-8), or FASTA for a model of whole sequences.', options: [] },
  defaults: { ...textGenerationDefaults },
  async run(given, context) {
    const config = { ...textGenerationDefaults, ...given } as TextGenerationConfig;
    checkConfig(config);
    const corpus = context.input ? await readCorpus(context.input.path) : await genesis();
    return runTextGeneration(corpus, config, context);
  },
};

/** The first book of the King James Bible (1611), a verse a line. */
export async function genesis(): Promise<Corpus> {
  const text = await builtInText(file);
  return {
    ...{ texts: [text], ids: ['Genesis'], ends: false, kind: 'text' },
    sources: [],
  };
}

function checkConfig({ test, orders, against, samples, training }: TextGenerationConfig): void {
  checkWhole({ epochs: training.epochs, 'samples.count': samples.count, 'samples.length': samples.length });
  if (!(test > 0 && test < 0.9))
    throw usageError(`test: expected a share above 0 and below 0.9, received ${test}.`);
  const isOrder = (order: unknown) => Number.isInteger(order) && (order as number) >= 0;
  if (!Array.isArray(orders) || !orders.every(isOrder) || !orders.some((order) => order <= against))
    throw usageError(
      `orders: expected whole numbers from 0, at least one of them up to against (${against}), received ${JSON.stringify(orders)}.`,
    );
}

/** The recipe on a corpus. */
export async function runTextGeneration(
  corpus: Corpus,
  config: TextGenerationConfig,
  context: RecipeContext,
): Promise<RecipeResult> {
  const began = performance.now();
  const { quick } = context;
  const used = quick ? { ...config, ...quickSettings(config) } : config;
  const parts = splitCorpus(quick ? shortened(corpus) : corpus, { share: config.test, seed: context.seed });
  const found = await writtenAndMeasured(parts, used, context);
  const { history, bestEpoch, seconds } = found.trained.fit;
  const letters = (of: Corpus) => of.texts.map(({ length }) => length);
  const report: RunReport = {
    title: textGeneration.title,
    recipe: textGeneration.id,
    version,
    seed: context.seed,
    seconds: (performance.now() - began) / 1000,
    ...textReport(found, used, { quick }),
    data: {
      records: corpus.texts.length,
      task: 'the next token, given those before',
      lengths: letters(corpus),
      sources: corpus.sources.length > 0 ? [...corpus.sources] : [{ path: `examples/data/${file}` }],
    },
    training: {
      ...{ history, bestEpoch, seconds },
      parameters: [...found.trained.model.weights.values()].reduce((sum, { length }) => sum + length, 0),
    },
  };
  return { report, model: found.trained.model };
}

/** What a quick run changes, where nothing else was asked. */
function quickSettings(config: TextGenerationConfig): Partial<TextGenerationConfig> {
  const own = (key: 'model' | 'training') =>
    JSON.stringify(config[key]) === JSON.stringify(textGenerationDefaults[key]);
  return {
    against: Math.min(config.against, quickly.against),
    ...(own('model') && { model: quickly.model }),
    ...(own('training') && { training: quickly.training }),
  };
}

/** The beginning of a long text; of many texts the first ones. */
function shortened(corpus: Corpus): Corpus {
  let left = quickly.letters;
  const texts = corpus.texts.flatMap((text) => {
    const kept = corpus.ends && text.length > left ? '' : text.slice(0, left);
    left -= kept.length;
    return kept === '' ? [] : [kept];
  });
  return texts.length === 0 ? corpus : { ...corpus, texts, ids: corpus.ids.slice(0, texts.length) };
}
