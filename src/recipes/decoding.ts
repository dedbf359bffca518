import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { ngramCounts, ngramModel, ngramScorer } from '../markov/index.ts';
import { translationScorer } from '../models/translator/scorer.ts';
import { translatorTokenizers } from '../models/translator/spec.ts';
import type { RunReport } from '../report/run-report.ts';
import { encodePairs, type TrainedPairs, trainTranslator } from '../train/tasks/translation.ts';
import { type PairData, readPairs, splitPairs } from '../train/tasks/translation-data.ts';
import { checkWhole } from './built-in-data.ts';
import { decodeAll, type Models } from './decoding/decode-all.ts';
import {
  type Answers,
  decodingClaims,
  decodingFigures,
  decodingLead,
  decodingMetrics,
  decodingTables,
  type Talk,
} from './decoding/report.ts';
import { smallSpaces } from './decoding/small-spaces.ts';
import { type Prompt, type SmallTalkOptions, smallTalk } from './decoding/small-talk.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `decoding` may be told; see `decodingDefaults`. */
export interface DecodingConfig {
  /** Of the example: share of evasive replies by kind of prompt, replies drawn for each prompt. */
  readonly evasive: SmallTalkOptions['evasive'];
  readonly replies: number;
  /** Share of the prompts that are held out. */
  readonly test: number;
  /** Tokens of a reply, at most. */
  readonly length: number;
  readonly widths: readonly number[];
  readonly lengthPenalty: number;
  /** Candidates of the beam that are ranked again, λ, and how many first words are held against what is said to anything. */
  readonly mmi: { readonly candidates: number; readonly weight: number; readonly first: number };
  readonly temperatures: readonly number[];
  readonly k: number;
  readonly p: number;
  /** Draws for each prompt. */
  readonly draws: number;
  /** Tokens of the small spaces that are enumerated, and prompts for which they are. */
  readonly small: { readonly length: number; readonly prompts: number };
  /** Words before, in the model of replies alone. */
  readonly order: number;
  /** Networks with first weights of their own. */
  readonly seeds: number;
  readonly architecture: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
}

export const decodingDefaults: DecodingConfig = {
  evasive: { clear: 0.08, vague: 0.35 },
  replies: 14,
  test: 0.2,
  length: 8,
  widths: [2, 4, 8],
  lengthPenalty: 1,
  mmi: { candidates: 8, weight: 0.8, first: 1 },
  temperatures: [0.5, 1],
  k: 3,
  p: 0.9,
  draws: 6,
  small: { length: 2, prompts: 4 },
  order: 4,
  seeds: 2,
  architecture: 'gru',
  model: { size: 32, hidden: 48, dropout: 0.3 },
  training: { epochs: 24, batchSize: 64, rate: 5e-3 },
};

/** What is said depends on how it is looked for, and on what is looked for. */
export const decoding: Recipe = {
  id: 'decoding',
  title: 'Decoding',
  summary:
    'Pairs of texts → a model of replies given prompts, decoded greedily, by beams, by sampling, and against what is said to anything (MMI).',
  claim:
    'A beam is never less probable than greedy search and agrees with exhaustive search on small spaces; the most probable reply of all is the generic one, the most probable given the prompt is right.',
  input: {
    what: 'a table (TSV, CSV, JSON Lines) of pairs of texts in the columns source and target.',
    options: [],
  },
  defaults: { ...decodingDefaults },
  async run(given, context) {
    const config = { ...decodingDefaults, ...given } as DecodingConfig;
    checkConfig(config);
    const { test } = config;
    const talk = context.input
      ? givenTalk(await readPairs(context.input.path), { test, seed: context.seed })
      : smallTalk({ ...config, seed: context.seed });
    return runDecoding(talk, config, context);
  },
};

function checkConfig({
  replies,
  length,
  widths,
  mmi,
  k,
  draws,
  small,
  seeds,
  training,
  order,
}: DecodingConfig) {
  checkWhole({ replies, length, k, draws, seeds, order });
  checkWhole({ 'mmi.candidates': mmi.candidates, 'mmi.first': mmi.first });
  checkWhole({ 'small.length': small.length, 'small.prompts': small.prompts, epochs: training.epochs });
  checkWhole(Object.fromEntries(widths.map((width, i) => [`widths[${i}]`, width])));
  if (widths.length === 0) throw usageError('widths: expected at least one width of a beam, received none.');
}

/** What there is to learn from and to reply to; the built-in example knows what is right. */
export interface Conversation {
  readonly fit: PairData;
  readonly prompts: readonly (Omit<Prompt, 'kind'> & Partial<Pick<Prompt, 'kind'>>)[];
  readonly evasion?: string;
}

/** The user's pairs: every prompt once, with all that is said to it. */
function givenTalk(data: PairData, options: { test: number; seed: number }): Conversation {
  const { fit, test } = splitPairs(data, options);
  const replies = new Map<string, string[]>();
  for (const { source, target } of test.pairs) replies.set(source, [...(replies.get(source) ?? []), target]);
  return {
    fit: { ...fit, sources: data.sources },
    prompts: [...replies].map(([text, references]) => ({ text, references })),
  };
}

/** The recipe on a conversation. */
export async function runDecoding(
  talk: Conversation,
  given: DecodingConfig,
  context: RecipeContext,
): Promise<RecipeResult> {
  const began = performance.now();
  const { seed, quick } = context;
  refuseFew(talk);
  const config = quick ? briefly(given) : given;
  const notes = notesOn(config, { quick, planted: talk.evasion !== undefined });
  for (const text of notes) context.onEvent?.({ kind: 'note', text });
  const answers: Answers[] = [];
  let kept: TrainedPairs | undefined;
  for (let s = 0; s < config.seeds; s++) {
    const trained = await trainOne(talk.fit, config, { ...context, seed: seed + s }, s);
    kept ??= trained;
    answers.push(await answersOf(trained, talk, config, { ...context, seed: seed + s }));
  }
  const all: Talk = { talk, answers, config, seed };
  const { fit } = kept!;
  const report: RunReport = {
    title: decoding.title,
    lead: decodingLead(all),
    recipe: decoding.id,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    claims: decodingClaims(all),
    data: {
      records: talk.fit.pairs.length,
      task: `reply to ${talk.prompts.length} prompts that were held out`,
      sources: [...talk.fit.sources],
    },
    training: {
      history: fit.history,
      bestEpoch: fit.bestEpoch,
      seconds: fit.seconds,
      parameters: [...fit.weights.values()].reduce((sum, { length }) => sum + length, 0),
    },
    ...decodingMetrics(all),
    notes,
    figures: decodingFigures(all),
    tables: decodingTables(all),
  };
  return { report, model: kept!.model };
}

/** Shares of nothing have no meaning. */
function refuseFew({ prompts, evasion }: Conversation): void {
  const kinds = evasion === undefined ? [undefined] : (['clear', 'vague'] as const);
  const absent = kinds.filter((wanted) => prompts.every(({ kind }) => kind !== wanted));
  if (absent.length === 0) return;
  const what = absent[0] ? `${absent[0]} prompt` : 'prompt';
  throw usageError(`test: no ${what} was held out to be replied to; choose a larger share.`);
}

const briefly = (config: DecodingConfig): DecodingConfig => ({
  ...config,
  seeds: 1,
  draws: Math.min(config.draws, 2),
  small: { ...config.small, prompts: Math.min(config.small.prompts, 2) },
});

function trainOne(
  fit: PairData,
  { architecture, model, training, seeds }: DecodingConfig,
  { seed, device, signal, onEvent }: RecipeContext,
  place: number,
): Promise<TrainedPairs> {
  return trainTranslator({ architecture, config: model }, fit, {
    ...training,
    device,
    threads: 1,
    ...(signal && { signal }),
    validation: 0,
    seed,
    onEvent: (event) =>
      event.kind === 'epoch' &&
      onEvent?.({
        kind: 'progress',
        text: `network ${place + 1} of ${seeds}, epoch ${event.epoch} of ${event.epochs}`,
        done: (0.8 * (place + event.epoch / event.epochs)) / seeds,
      }),
  });
}

/** Everything that one network, and a model of replies alone, say to the prompts. */
async function answersOf(
  { model }: TrainedPairs,
  { fit, prompts }: Conversation,
  config: DecodingConfig,
  { device, seed }: RecipeContext,
): Promise<Answers> {
  const conditional = await translationScorer(model, { device, threads: 1 });
  try {
    const { source, target } = translatorTokenizers(model.spec);
    const { vocabulary, end } = conditional;
    const counts = ngramCounts({ vocabulary, order: config.order, end });
    for (const pair of encodePairs(model.spec, fit)) counts.add(pair.target);
    const models: Models = { conditional, marginal: ngramScorer(ngramModel(counts)) };
    const asked = prompts.map(({ text }) => source.encode(text));
    return {
      said: await decodeAll(models, asked, config, seed),
      small: await smallSpaces(conditional, asked, config, seed),
      spell: (tokens) => target.decode(tokens),
    };
  } finally {
    await conditional.close();
  }
}

function notesOn(
  { mmi, order, small, architecture }: DecodingConfig,
  { quick, planted }: { quick: boolean; planted: boolean },
): string[] {
  return [
    `p(reply given prompt) is an encoder–decoder (${architecture}) trained on the pairs; p(reply) is a Markov model of order ${order} of the same replies (Witten–Bell). Prompts that are tested were never seen.`,
    'The accuracy above is the share of right replies after MMI re-ranking; the others stand beside it.',
    `MMI re-ranking takes the ${mmi.candidates} best of a beam and orders them by ln p(reply given prompt) − ${mmi.weight} · ln p(reply), where of p(reply) the first ${mmi.first === 1 ? 'word counts' : `${mmi.first} words count`} (Li et al. 2016): what is said to anything loses, and no reply wins by bad grammar.`,
    `Small spaces: replies cut after ${small.length} words, all of which are looked at. A beam as wide as there are prefixes must find the same.`,
    ...(planted
      ? [
          'The conversation is made: each subject has its answer, which four wordings say; the rest is evasion, which is the same to everybody. "Right" is one of those wordings, word for word.',
        ]
      : []),
    ...(quick ? ['A quick run: one network, fewer draws. Its figures are rough.'] : []),
  ];
}
