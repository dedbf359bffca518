import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { dna } from '../data/alphabet.ts';
import { type Dataset, subset } from '../data/dataset.ts';
import { split } from '../data/split/split.ts';
import type { RunReport } from '../report/run-report.ts';
import { asPredictions, assessPredictions } from '../train/assess.ts';
import { evaluateMetrics } from '../train/metrics/index.ts';
import { checkWhole, classDataset, dataOf } from './built-in-data.ts';
import { trainingOf } from './cross-validation-report.ts';
import { heldOutReport } from './held-out-report.ts';
import {
  labelledSequences,
  labelling,
  type Recipe,
  type RecipeContext,
  type RecipeResult,
} from './recipe.ts';
import { type LeaderOptions, leaders } from './shortcut/leaders.ts';
import { energiesOf, fitMechanism, mechanismProbabilities } from './shortcut/mechanism.ts';
import { networksOn, paired, scanBoth } from './shortcut/networks.ts';
import {
  type Leaning,
  shortcutClaims,
  shortcutFigures,
  shortcutLead,
  shortcutTables,
} from './shortcut/report.ts';

/** What `shortcut` may be told; see `shortcut.defaults`. */
export interface ShortcutConfig {
  /** Of the example: letters of a leader, leaders, the planted word, and the share of translated leaders that hold it. */
  readonly length: number;
  readonly records: number;
  readonly word: string;
  readonly share: number;
  /** Share of the records that is tested. */
  readonly test: number;
  /** Of the user's records: the group that is the shifted test. */
  readonly shifted: string;
  /** Letters of the words that are tried, and how many sequences each is put into. */
  readonly k: number;
  readonly backgrounds: number;
  /** Networks with first weights of their own. */
  readonly seeds: number;
  readonly architecture: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
}

export const shortcutDefaults: ShortcutConfig = {
  length: 40,
  records: 3000,
  word: 'CATACG',
  share: 0.9,
  test: 0.3,
  shifted: 'shifted',
  k: 6,
  backgrounds: 12,
  seeds: 3,
  architecture: 'cnn',
  model: { filters: [64], kernels: [9], pools: [1], pool: 'max', dense: [32], dropout: 0.3 },
  training: { epochs: 15, batchSize: 32, rate: 3e-3 },
};

/** A network that takes the shortcut, and a mechanism that cannot. */
export const shortcut: Recipe = {
  id: 'shortcut',
  title: 'Shortcut',
  summary:
    'Labelled leaders of bacterial messengers + a shifted test → what a network leans on, beside the free energy with which they pair with the ribosome.',
  claim:
    'A network leans on a planted word and falls where the word misleads; a model of two numbers on the duplex free energy of the Shine–Dalgarno sequence holds.',
  input: {
    what: 'FASTA or a table of DNA or RNA, with labels of two classes; records whose group (--group) is "shifted" are the shifted test.',
    options: [...labelling, 'group'],
  },
  defaults: { ...shortcutDefaults },
  async run(given, context) {
    const config = { ...shortcutDefaults, ...given } as ShortcutConfig;
    checkWhole({
      length: config.length,
      records: config.records,
      k: config.k,
      backgrounds: config.backgrounds,
    });
    checkWhole({ seeds: config.seeds, epochs: config.training.epochs });
    if (config.k > 8) throw usageError(`k: ${4 ** config.k} words are too many; expected at most 8 letters.`);
    if (!/^[ACGT]+$/.test(config.word))
      throw usageError(`word: expected letters out of A, C, G, T, received "${config.word}".`);
    const sets = context.input
      ? await givenSets(labelledSequences(context.input), config)
      : plantedSets(config, context);
    return runShortcut(sets, config, context);
  },
};

/** Records to learn from and be tested on, others under changed circumstances, and the word that was planted. */
export interface ShortcutSets {
  readonly dataset: Dataset;
  readonly shifted: readonly { readonly name: string; readonly dataset: Dataset }[];
  readonly word?: string;
}

/** The example: the word goes with the label in training and test, says nothing in one more test, and says the contrary in another. */
export function plantedSets(config: ShortcutConfig, { seed, quick }: RecipeContext): ShortcutSets {
  const { word, share, length } = config;
  const make = (name: string, records: number, own: number) =>
    leaders({ length, records, word, share: own, seed, name } satisfies LeaderOptions);
  const tested = Math.round(config.records * config.test);
  return {
    dataset: make('same', quick ? Math.ceil(config.records / 2) : config.records, share),
    shifted: [
      { name: 'word at random', dataset: make('random', tested, 0.5) },
      { name: 'word reversed', dataset: make('reversed', tested, 1 - share) },
    ],
    word,
  };
}

async function givenSets(
  options: ReturnType<typeof labelledSequences>,
  { shifted }: ShortcutConfig,
): Promise<ShortcutSets> {
  const dataset = await classDataset({ ...options, alphabet: dna, ambiguous: 'error' }, 2);
  const of = (wanted: boolean) =>
    dataset.records.flatMap(({ group }, i) => ((group === shifted) === wanted ? [i] : []));
  const there = of(true);
  return {
    dataset: subset(dataset, of(false)),
    shifted: there.length > 0 ? [{ name: shifted, dataset: subset(dataset, there) }] : [],
  };
}

/** The recipe on records with two classes; the last of the shifted sets is that of the claims. */
export async function runShortcut(
  sets: ShortcutSets,
  config: ShortcutConfig,
  context: RecipeContext,
): Promise<RecipeResult> {
  const began = performance.now();
  const { seed, quick } = context;
  const { dataset, shifted, word } = sets;
  const notes = notesOn(config, { quick, planted: word !== undefined, shifted: shifted.length > 0 });
  for (const text of notes) context.onEvent?.({ kind: 'note', text });
  const parts = split(dataset, { test: config.test, seed, by: 'stratified' });
  const tests = [{ name: 'same', dataset: parts.test }, ...shifted];
  const { kept, networks } = await networksOn(parts, tests, config, context);
  const sequencesOf = ({ records }: Dataset) => records.map(({ sequence }) => sequence);
  const mechanism = fitMechanism(energiesOf(sequencesOf(parts.fit)), parts.fit.target!.truth);
  const physics = tests.map((test) =>
    asPredictions(test.dataset, paired(mechanismProbabilities(mechanism, sequencesOf(test.dataset)))),
  );
  const backgrounds = sequencesOf(parts.test)
    .filter((sequence) => sequence.length >= config.k)
    .slice(0, quick ? Math.ceil(config.backgrounds / 3) : config.backgrounds);
  const scan = await scanBoth(kept, mechanism, { config, backgrounds, word, seed, device: context.device });
  const found: Leaning = { tests: tests.map(({ name }) => name), networks, physics, mechanism, scan, seed };
  const where = { device: context.device, threads: 1 };
  const assessed = await assessPredictions(kept.model.spec.output, networks[0]![0]!, parts.test, {
    train: parts.fit,
    seed,
    ...where,
  });
  const shown = heldOutReport(assessed, parts);
  const report: RunReport = {
    title: shortcut.title,
    lead: shortcutLead(found),
    recipe: shortcut.id,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    claims: shortcutClaims(found),
    data: dataOf(dataset),
    training: trainingOf(kept),
    ...shown,
    baselines: { ...shown.baselines, 'duplex energy': evaluateMetrics(physics[0]!, { seed }) },
    notes,
    figures: shortcutFigures(found),
    tables: shortcutTables(found),
  };
  return { report, model: kept.model };
}

function notesOn(
  { word, share, k, backgrounds, shifted: group }: ShortcutConfig,
  { quick, planted, shifted }: { quick: boolean; planted: boolean; shifted: boolean },
): string[] {
  return [
    'The mechanism is one number: the free energy of the strongest helix without bulges with the 3′ end of the 16S ribosomal RNA of E. coli, by nearest neighbours (Xia et al. 1998; with G·U Mathews et al. 1999), and a logistic curve on it.',
    `What a model leans on is measured by putting each of all ${k}-letter words into ${backgrounds} test sequences, at the same places for all, and taking the mean change of the log-odds. It works for any model.`,
    ...(planted
      ? [
          `The leaders are made: the label is drawn from the free energy, so the mechanism has the true form. The word ${word} stands in ${Math.round(100 * share)} % of the translated leaders and in ${Math.round(100 - 100 * share)} % of the others, where it changes no helix; in the shifted tests it goes with nothing, or with the contrary.`,
        ]
      : []),
    ...(shifted || planted
      ? []
      : [
          `No record has the group "${group}", so nothing is known of how the network does elsewhere; the scan says what it goes by.`,
        ]),
    ...(quick
      ? ['A quick run: one network, half the records, fewer backgrounds. Its figures are rough.']
      : []),
  ];
}
