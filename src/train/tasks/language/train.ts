import { dataError } from '../../../core/errors.ts';
import { hash32 } from '../../../core/random.ts';
import { openJudge } from '../../../models/language/judge.ts';
import { languageNetwork, languageSizes } from '../../../models/language/network.ts';
import type { LanguageSpec } from '../../../models/language/spec.ts';
import type { Model } from '../../../models/model.ts';
import { initialize } from '../../../nn/module.ts';
import { fingerprintOf } from '../../checkpoint.ts';
import { type FitResult, fitJob, placeOf } from '../../fit-loop.ts';
import { type FitOptions, fitOptions, type RunOptions } from '../../options.ts';
import { type Starting, startWeights, weightsText } from '../../start.ts';
import { stepProgram } from '../../step-program.ts';
import { type Corpus, splitCorpus } from './corpus.ts';
import { type EncodedCorpus, encodeCorpus } from './encode.ts';
import { languageFeed, languageLoss, tokensOf } from './loss.ts';
import { carriedPlan, windowPlan } from './plan.ts';
import { type LanguageDefinition, languageSpec } from './spec.ts';

/** How a language model is fitted, what chooses its epoch, and where it runs. */
export interface LanguageTrainOptions extends Partial<FitOptions>, RunOptions, Starting {
  /** Share of the corpus held back to choose the epoch, or a corpus for it; 0: none, all epochs run. */
  validation?: number | Corpus;
}

/** A trained language model, and how its training went. */
export interface TrainedLanguageModel {
  readonly model: Model<LanguageSpec>;
  readonly fit: FitResult;
  readonly options: FitOptions;
  /** Tokens that were learned from in an epoch. */
  readonly tokens: number;
}

/**
 * Trains a model of the next token: of one long text, whose hidden state a recurrent network carries from piece to piece (truncated
 * back-propagation through time), or of many whole texts, whose ends it foretells too. Keeps the epoch with the lowest loss, in nats
 * per token, on validation data. Losses of the history are in nats per token.
 *
 * Throws a usage error for an architecture or an option that there is not, a data error for a corpus that is too small and for texts
 * that the tokenizer cannot read.
 * @example
 * const corpus = await readCorpus('shakespeare.txt');
 * const { model } = await trainLanguageModel(corpus, { architecture: 'lstm' }, { epochs: 20, seed: 1 });
 * await saveModel('shakespeare.model', model);
 */
export async function trainLanguageModel(
  corpus: Corpus,
  definition: LanguageDefinition,
  { validation = 0.1, start, ...given }: LanguageTrainOptions = {},
): Promise<TrainedLanguageModel> {
  const { device, threads, worker, checkpoint, resume, checkpointSeconds, onEvent, signal, ...fitting } =
    given;
  const options = fitOptions(fitting);
  const { rest, held } = holdBack(corpus, validation, options.seed);
  const spec = languageSpec(rest, definition);
  const learned = encodeCorpus(spec, rest);
  const judged = held && encodeCorpus(spec, held);
  const run = { device, threads, worker, checkpoint, resume, checkpointSeconds, onEvent, signal };
  const present = Object.fromEntries(Object.entries(run).filter(([, value]) => value !== undefined));
  const fit = await fitLanguage(spec, learned, judged, { ...options, start }, present as RunOptions);
  const training = {
    task: 'language',
    options,
    epochs: fit.history.length,
    bestEpoch: fit.bestEpoch,
    steps: fit.steps,
    texts: rest.texts.length,
    tokens: learned.tokens,
    validationTokens: judged?.tokens ?? 0,
    sources: corpus.sources,
  };
  return {
    model: { spec, weights: fit.weights, training: JSON.parse(JSON.stringify(training)) },
    fit,
    options,
    tokens: learned.tokens,
  };
}

function holdBack(corpus: Corpus, validation: number | Corpus, seed: number) {
  if (typeof validation !== 'number') return { rest: corpus, held: validation };
  if (validation === 0) return { rest: corpus, held: undefined };
  return splitCorpus(corpus, { share: validation, seed });
}

async function fitLanguage(
  spec: LanguageSpec,
  learned: EncodedCorpus,
  judged: EncodedCorpus | undefined,
  { start, ...options }: FitOptions & { start: Starting['start'] },
  run: RunOptions,
): Promise<FitResult> {
  if (learned.tokens < 2)
    throw dataError('The corpus has fewer than two tokens to learn from. Give more text.');
  const network = languageNetwork(spec);
  const { context, sees } = network;
  const { maxTokens, seed, smoothing } = options;
  const lengths = Int32Array.from(learned.sequences, ({ length }) => length);
  const carries = sees === null;
  const batchSize = carries ? rowsFor(lengths, context, options) : options.batchSize;
  const initial = startWeights(initialize(network, seed), start);
  const step = stepProgram(languageLoss(spec, { rows: batchSize, smoothing }), initial, options);
  const judge = judged && (await openJudge(spec, initial, placeOf(run)));
  const plan = (epoch: number) =>
    (carries ? carriedPlan : windowPlan)(lengths, {
      ...{ context, batchSize, maxTokens, seed, epoch, ends: spec.ends },
    });
  const boundary = languageSizes(spec).reads - 1;
  try {
    return await fitJob(
      {
        step,
        options,
        plan,
        feed: (batch) => languageFeed(learned.sequences, batch, { boundary, carries }),
        count: tokensOf,
        validate:
          judge &&
          (async (weights) => {
            await judge.load(weights);
            return meanLoss(await judge.logs(judged!.sequences));
          }),
        fingerprint: fingerprintOf(
          {
            spec,
            options,
            ...(start && { start: weightsText(initial) }),
            data: [learned, judged].map((corpus) => corpus?.sequences.map((s) => hash32(s.join()))),
          },
          [],
        ),
      },
      run,
    );
  } finally {
    await judge?.close();
  }
}

/** Rows that all have something to read: at most `batchSize`, fewer for a small corpus and for pieces of many tokens. */
function rowsFor(
  lengths: Int32Array,
  context: number,
  { batchSize, maxTokens }: Pick<FitOptions, 'batchSize' | 'maxTokens'>,
): number {
  const pieces = lengths.reduce((sum, length) => sum + Math.ceil(length / context), 0);
  return Math.max(1, Math.min(batchSize, pieces, Math.floor(maxTokens / context)));
}

/** Mean −ln P. */
function meanLoss(logs: readonly Float64Array[]): number {
  let [sum, count] = [0, 0];
  for (const own of logs) {
    for (const log of own) sum -= log;
    count += own.length;
  }
  return sum / count;
}
