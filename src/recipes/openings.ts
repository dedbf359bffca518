import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { pgnText } from '../data/pgn/pgn-text.ts';
import { tsvLine } from '../data/table/tsv-text.ts';
import type { RunReport } from '../report/run-report.ts';
import { checkWhole } from './built-in-data.ts';
import { type CurveSettings, type Curves, learningCurves } from './openings/curves.ts';
import { type GameOptions, type OpeningGames, readGames } from './openings/games.ts';
import { classifierFile } from './openings/network.ts';
import { type PlantedOptions, plantedGames } from './openings/planted.ts';
import { openingReport } from './openings/report.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `openings` may be told. */
export interface OpeningsConfig extends CurveSettings, GameOptions, Omit<PlantedOptions, 'seed'> {}

export const openingsDefaults: OpeningsConfig = {
  games: 4000,
  white: 0.35,
  black: 0.85,
  aside: 0.25,
  taste: 4,
  label: 'family',
  skip: 0,
  plies: 20,
  least: 20,
  smallest: 30,
  seeds: 3,
  test: 0.2,
  orders: [0, 1, 2],
  embedding: 16,
  hidden: 32,
  dropout: 0.2,
  training: { epochs: 8, steps: 200, batchSize: 32, rate: 5e-3 },
};

/** A model of how games are made against one of what tells them apart. */
export const openings: Recipe = {
  id: 'openings',
  title: 'Openings',
  summary:
    'Chess games (PGN) → opening; a language model of each opening with Bayes’ rule against discriminative models, by the number of games learned from.',
  claim:
    'The generative model is ahead on few games, the discriminative one at least level on many; where the curves cross, with its interval.',
  input: {
    what: 'games as PGN (gzip too), with a tag Opening, or ECO with --set label=eco or label=volume.',
    options: [],
  },
  defaults: { ...openingsDefaults },
  async run(given, context) {
    const config = { ...openingsDefaults, ...given } as OpeningsConfig;
    checkConfig(config);
    const games = context.quick ? Math.min(config.games, 2000) : config.games;
    const drawn = context.input
      ? await readGames(context.input.path, config)
      : plantedGames({ ...config, games, seed: context.seed });
    return runOpenings(drawn, config, context, { builtIn: !context.input });
  },
};

function checkConfig(config: OpeningsConfig): void {
  const { games, plies, least, smallest, seeds, embedding, hidden, training } = config;
  checkWhole({ games, plies, least, smallest, seeds, embedding, hidden });
  checkWhole({
    'training.epochs': training.epochs,
    'training.steps': training.steps,
    'training.batchSize': training.batchSize,
  });
  const { skip, orders } = config;
  if (!Number.isInteger(skip) || skip < 0)
    throw usageError(`skip: expected a whole number from 0, received ${JSON.stringify(skip)}.`);
  if (!Array.isArray(orders) || orders.length === 0 || orders.some((o) => !Number.isInteger(o) || o < 0))
    throw usageError(
      `orders: expected a list of whole numbers from 0, such as [0, 1], received ${JSON.stringify(orders)}.`,
    );
  for (const [name, value] of Object.entries({
    white: config.white,
    black: config.black,
    aside: config.aside,
  }))
    if (!(value >= 0 && value <= 1))
      throw usageError(`${name}: expected a share from 0 to 1, received ${JSON.stringify(value)}.`);
  if (!(config.taste > 0)) throw usageError(`taste: expected a factor above 0, received ${config.taste}.`);
  if (!(config.test > 0 && config.test < 0.9))
    throw usageError(`test: expected a share above 0 and below 0.9, received ${config.test}.`);
  if (games < 100) throw usageError(`games: expected at least 100, received ${games}.`);
}

/** The recipe on games with one of several openings each; `builtIn`: they are planted. */
export async function runOpenings(
  games: OpeningGames,
  config: OpeningsConfig,
  context: RecipeContext,
  { builtIn }: { builtIn: boolean },
): Promise<RecipeResult> {
  const began = performance.now();
  const { seed, quick } = context;
  const curves = await learningCurves(games, config, context);
  const report: RunReport = {
    title: openings.title,
    recipe: openings.id,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    ...openingReport({ games, curves, seed, quick, builtIn }),
  };
  const { shape, fit, moves } = curves.kept;
  return {
    report,
    extraFiles: {
      'classifier.onnx': classifierFile(shape, fit.weights, { moves, openings: games.classes }),
      'predictions.tsv': predictionTable(games, curves),
      ...(builtIn && { 'example.pgn': exampleFile(games) }),
    },
  };
}

/** What the network that learned from most games says to those of the first test. */
function predictionTable({ ids, classes, truth }: OpeningGames, { repetitions }: Curves): string {
  const { tested, predicted } = repetitions[0]!;
  const p = predicted.network.at(-1)!;
  const k = classes.length;
  const rows = Array.from(tested, (g, i) => {
    const own = Array.from(p.subarray(i * k, (i + 1) * k));
    const best = classes[own.indexOf(Math.max(...own))]!;
    return tsvLine([ids[g]!, ...own.map((v) => v.toFixed(6)), best, classes[truth[g]!]!]);
  });
  return [tsvLine(['id', ...classes, 'prediction', 'truth']), ...rows].join('');
}

/** The first of the planted games, as a file of the kind that `--input` reads. */
const exampleFile = ({ moves, classes, truth }: OpeningGames): string =>
  moves
    .slice(0, 100)
    .map((game, g) =>
      pgnText({
        tags: { Event: 'made up', Round: String(g + 1), Result: '*', Opening: classes[truth[g]!]! },
        moves: game,
        result: '*',
      }),
    )
    .join('');
