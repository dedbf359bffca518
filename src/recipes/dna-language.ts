import { dataError, usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { guessAlphabet } from '../data/letters.ts';
import type { MaskedSpec } from '../models/masked/spec.ts';
import { maskedVocabulary } from '../models/masked/vocabulary.ts';
import type { Model } from '../models/model.ts';
import type { RunReport } from '../report/run-report.ts';
import { type Corpus, readCorpus } from '../train/tasks/language/corpus.ts';
import { checkWhole } from './built-in-data.ts';
import { attentionByDistance, type HeadReach } from './dna-language/attention.ts';
import { recoveredMotifs } from './dna-language/compare.ts';
import type { MotifSearch } from './dna-language/cuts.ts';
import { type DnaModel, importanceTracks, importantGain } from './dna-language/importance.ts';
import { architectureOf, type LearnSettings, learnedLanguage } from './dna-language/learn.ts';
import { discoveredMotifs } from './dna-language/motifs.ts';
import { drawnParts, familyParts } from './dna-language/parts.ts';
import { claimedOrder, type DnaFindings, dnaFiles, dnaReport } from './dna-language/report.ts';
import { type PlantedGenome, type PlantedSettings, plantedGenome } from './dna-language/simulate.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `dna-language` may be told. */
export interface DnaLanguageConfig extends LearnSettings {
  /** The built-in example. */
  readonly planted: PlantedSettings;
  /** Share of the sequences that is held out, of the user's whole families of them: bits are measured there, and motifs looked for. */
  readonly test: number;
  /** How motifs are looked for, and in how many letters of what was held out at most. */
  readonly search: MotifSearch & { readonly letters: number };
}

export const dnaLanguageDefaults: DnaLanguageConfig = {
  objective: 'masked',
  architecture: 'transformer',
  tokenizer: 'letters',
  masking: { how: 'span', share: 0.2, length: 3 },
  model: { size: 48, layers: 2, heads: 4, kernel: 21, dropout: 0, context: 60 },
  training: { epochs: 14, batchSize: 32, rate: 5e-3, patience: 0 },
  orders: [0, 1, 2, 3, 4, 5, 6, 8],
  periods: null,
  places: 6000,
  planted: {
    ...{
      count: 4000,
      length: 60,
      motifs: 2,
      blocks: 3,
      block: 3,
      gaps: [5, 7],
      frequency: 0.8,
      fidelity: 0.95,
    },
    scrambled: false,
  },
  test: 0.1,
  search: { window: 12, width: 36, alike: 0.6, least: 8, letters: 10_000 },
};

/** A quick run: an easier example, of one motif in short sequences, less of everything else. */
const quickly = {
  ...{ count: 2400, length: 34, motifs: 1, frequency: 0.95 },
  ...{ places: 1500, letters: 3000, epochs: 8 },
};

/** What a quick run learns by, where nothing else was asked for: a small network, and single letters hidden, which teach it sooner than spans. */
const quickLearning = {
  masking: { how: 'base', share: 0.25, length: 1 },
  model: { ...dnaLanguageDefaults.model, size: 32, layers: 1, kernel: 23 },
  training: { ...dnaLanguageDefaults.training, epochs: quickly.epochs, rate: 1e-2 },
} as const;

/** A language model of DNA, and the motifs that it goes by. */
export const dnaLanguage: Recipe = {
  id: 'dna-language',
  title: 'The language of DNA',
  summary:
    'FASTA → a masked or autoregressive network (transformer, convolutions, LSTM …) over bases, k-mers or codons; its importance, attention and the motifs it discovers (logos, MEME, BED).',
  claim: `Fewer bits per base on held-out sequences than the best Markov chain up to order ${claimedOrder} that is told as much, and every planted motif among the first that it discovers.`,
  input: { what: 'FASTA of DNA sequences.', options: [] },
  defaults: { ...dnaLanguageDefaults },
  async run(given, context) {
    const config = { ...dnaLanguageDefaults, ...given } as DnaLanguageConfig;
    checkConfig(config);
    const used = context.quick ? { ...config, ...quickSettings(config) } : config;
    if (!context.input) {
      const planted = plantedGenome({ ...used.planted, seed: context.seed });
      return runDnaLanguage(planted.corpus, used, context, planted);
    }
    return runDnaLanguage(await dnaCorpus(context.input.path), used, context);
  },
};

function quickSettings(config: DnaLanguageConfig): Partial<DnaLanguageConfig> {
  const { planted, training, search, places } = config;
  const left = (['masking', 'model', 'training'] as const).filter(
    (name) => JSON.stringify(config[name]) === JSON.stringify(dnaLanguageDefaults[name]),
  );
  return {
    planted: {
      ...planted,
      count: Math.min(planted.count, quickly.count),
      length: Math.min(planted.length, quickly.length),
      motifs: Math.min(planted.motifs, quickly.motifs),
      frequency: Math.max(planted.frequency, quickly.frequency),
    },
    training: { ...training, epochs: Math.min(Number(training.epochs), quickly.epochs) },
    ...Object.fromEntries(left.map((name) => [name, quickLearning[name]])),
    places: Math.min(places, quickly.places),
    search: { ...search, letters: Math.min(search.letters, quickly.letters) },
  };
}

function checkConfig({
  objective,
  architecture,
  planted,
  orders,
  periods,
  places,
  test,
  search,
  training,
}: DnaLanguageConfig): void {
  if (!['masked', 'autoregressive'].includes(objective))
    throw usageError(`objective: expected masked or autoregressive, received ${JSON.stringify(objective)}.`);
  architectureOf({ objective, architecture });
  const { count, length, motifs, blocks, block, gaps, frequency, fidelity } = planted;
  const { window, width, least, letters, alike } = search;
  checkWhole({
    epochs: training.epochs,
    places,
    count,
    length,
    motifs,
    blocks,
    block,
    window,
    width,
    least,
    letters,
  });
  for (const [name, share] of Object.entries({ test, frequency, fidelity, alike }))
    if (!(share > 0 && share <= 1))
      throw usageError(`${name}: expected a share above 0, at most 1, received ${share}.`);
  if (test > 0.9) throw usageError(`test: expected a share of at most 0.9, received ${test}.`);
  const [fewest, most] = gaps;
  if (!(Number.isInteger(fewest) && Number.isInteger(most) && fewest >= 0 && most >= fewest && most < length))
    throw usageError(`gaps: expected two whole numbers, the fewest first, received ${JSON.stringify(gaps)}.`);
  if (window > width) throw usageError(`window: expected at most width (${width}), received ${window}.`);
  const isOrder = (order: unknown) => Number.isInteger(order) && (order as number) >= 0;
  if (!Array.isArray(orders) || !orders.every(isOrder) || !orders.includes(claimedOrder))
    throw usageError(
      `orders: expected whole numbers from 0, ${claimedOrder} among them, received ${JSON.stringify(orders)}.`,
    );
  if (periods !== null && !(Array.isArray(periods) && periods.length > 0))
    throw usageError(`periods: expected null or a list such as [1, 3], received ${JSON.stringify(periods)}.`);
  checkWhole(Object.fromEntries((periods ?? []).map((period, i) => [`periods.${i}`, period])));
}

/** The user's sequences. Throws a data error for what is no FASTA of DNA. */
async function dnaCorpus(path: string): Promise<Corpus> {
  const corpus = await readCorpus(path);
  if (corpus.kind !== 'letters') throw dataError(`${path} is plain text; expected FASTA of DNA sequences.`);
  const { alphabet } = guessAlphabet(corpus.texts);
  if (alphabet.name !== 'dna')
    throw dataError(
      `${path} holds ${alphabet.name}; expected DNA (A C G T). Write U as T, or give other sequences.`,
    );
  return corpus;
}

/** The recipe on a corpus; `planted`: what is in the built-in example. */
export async function runDnaLanguage(
  corpus: Corpus,
  config: DnaLanguageConfig,
  context: RecipeContext,
  planted?: PlantedGenome,
): Promise<RecipeResult> {
  const began = performance.now();
  const { seed, quick } = context;
  const { test, tokenizer } = config;
  const parts = planted
    ? drawnParts(corpus, {
        test,
        seed,
        note: 'Every sequence was drawn by itself; those held out were chosen at random.',
      })
    : familyParts(corpus, { test, seed, coding: tokenizer === 'codons' });
  const learned = await learnedLanguage(parts, config, context);
  context.onEvent?.({ kind: 'progress', text: 'looking for motifs', done: 0.8 });
  const searched = firstLetters(parts.held, config.search.letters);
  const found = await discovered(learned.model, searched, config, context);
  const findings: DnaFindings = {
    ...{ learned, corpus: searched, ...found, division: parts.note },
    planted: planted && comparedWith(planted, searched, found.motifs),
  };
  const { history, bestEpoch, seconds } = learned.fit;
  const report: RunReport = {
    title: dnaLanguage.title,
    recipe: dnaLanguage.id,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    ...dnaReport(findings, config, { quick }),
    data: {
      records: corpus.texts.length,
      task: config.objective === 'masked' ? 'what is hidden, given all around it' : 'the next token',
      alphabet: 'dna',
      lengths: corpus.texts.map(({ length }) => length),
      sources: [...corpus.sources],
    },
    training: {
      ...{ history, bestEpoch, seconds },
      parameters: [...learned.model.weights.values()].reduce((sum, { length }) => sum + length, 0),
    },
  };
  return { report, model: learned.model, extraFiles: dnaFiles(findings) };
}

/** The first sequences, and of the one that goes beyond so many letters its beginning. */
function firstLetters(corpus: Corpus, letters: number): Corpus {
  let left = letters;
  const texts = corpus.texts.flatMap((text) => {
    const kept = text.slice(0, Math.max(0, left));
    left -= kept.length;
    return kept === '' ? [] : [kept];
  });
  return { ...corpus, texts, ids: corpus.ids.slice(0, texts.length) };
}

/** Distances at which attention is looked at: so near that most places have a neighbour there. */
const nearby = (texts: readonly string[]): number => {
  const lengths = texts.map(({ length }) => length).sort((a, b) => a - b);
  return Math.max(1, Math.min(30, lengths[lengths.length >> 1]! >> 1));
};

/** What the model finds important, and the motifs that it shows; nothing where its tokens do not tell single letters apart. */
async function discovered(
  model: DnaModel,
  { texts }: Corpus,
  { search }: DnaLanguageConfig,
  { seed, device, quick }: RecipeContext,
): Promise<Pick<DnaFindings, 'tracks' | 'threshold' | 'motifs' | 'reaches'>> {
  const where = { device, threads: 1 };
  const { spec } = model;
  const masked = spec.kind === 'masked';
  const tells = masked ? maskedVocabulary(spec).alphabet !== undefined : spec.tokenizer.kind === 'letters';
  const reaches: HeadReach[] = masked
    ? await attentionByDistance(model as Model<MaskedSpec>, texts.slice(0, 100), nearby(texts), where)
    : [];
  if (!tells) return { tracks: [], threshold: Number.NaN, motifs: [], reaches };
  const tracks = await importanceTracks(model, texts, where);
  const control = quick ? texts.slice(0, Math.ceil(texts.length / 2)) : texts;
  const threshold = await importantGain(model, control, { window: search.window, seed }, where);
  return { tracks, threshold, motifs: discoveredMotifs(tracks, threshold, search), reaches };
}

/** Planted motifs beside what was found in the same sequences. */
function comparedWith(
  { corpus, motifs: planted, sites }: PlantedGenome,
  searched: Corpus,
  motifs: DnaFindings['motifs'],
): NonNullable<DnaFindings['planted']> {
  const place = new Map(searched.ids.map((id, i) => [id, i]));
  const own = sites.flatMap((site) => {
    const sequence = place.get(corpus.ids[site.sequence]!);
    return sequence === undefined ? [] : [{ ...site, sequence }];
  });
  return { motifs: planted, recovered: recoveredMotifs(planted, motifs, own, planted.length) };
}
