import { dataError, usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';
import { version } from '../core/version.ts';
import { openRecords } from '../data/read-records.ts';
import type { SourceDigest } from '../data/source.ts';
import type { RunReport } from '../report/run-report.ts';
import { alignedByAttention, alignedByProgramming, taughtAligner } from './align/learn.ts';
import { alignmentText, alignReport, type Level, type Yours, yourReport } from './align/report.ts';
import { divergedPair } from './align/simulate.ts';
import { checkWhole } from './built-in-data.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `align` may be told. */
export interface AlignConfig {
  /** Letters of a simulated sequence, give or take six. */
  readonly length: number;
  /** Letters of the words that tell a place by what stands before it. */
  readonly k: number;
  /** Simulated pairs to learn from, of divergences up to `most`. */
  readonly pairs: number;
  readonly most: number;
  /** Divergences that are tested, and pairs of each. */
  readonly divergences: readonly number[];
  readonly tests: number;
  /** The weight of attention below which a letter is left unaligned. */
  readonly gap: number;
  /** Networks with first weights of their own. */
  readonly seeds: number;
  /** False: it learns from pairs that have nothing to do with one another, so that the claim must fail. */
  readonly related: boolean;
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
}

export const alignDefaults: AlignConfig = {
  length: 28,
  k: 4,
  pairs: 3000,
  most: 0.4,
  divergences: [0.05, 0.1, 0.2, 0.3, 0.4],
  tests: 80,
  gap: 0.1,
  seeds: 1,
  related: true,
  model: { size: 48, layers: 1, heads: 6, positions: 'relative', reach: 8, dropout: 0 },
  training: { epochs: 8, batchSize: 16, rate: 5e-3 },
};

/** An alignment read off what a network looks at. */
export const align: Recipe = {
  id: 'align',
  title: 'Alignment by attention',
  summary:
    'Two sequences → an alignment, by reading the attention of an encoder–decoder monotonically; Needleman–Wunsch beside it.',
  claim:
    'At 10 % divergence at least 85 % of letters get their true partner, clearly more than along the diagonal; the network was never told of an alignment.',
  input: { what: 'FASTA of DNA sequences; the first is aligned to each of the others.', options: [] },
  defaults: { ...alignDefaults },
  async run(given, context) {
    const config = { ...alignDefaults, ...given } as AlignConfig;
    checkConfig(config);
    const yours = context.input && (await readSequences(context.input.path));
    return runAlign(config, context, yours);
  },
};

function checkConfig({ length, k, pairs, most, divergences, tests, gap, seeds }: AlignConfig): void {
  checkWhole({ length, k, pairs, tests, seeds });
  if (length < 10) throw usageError(`length: expected at least 10 letters, received ${length}.`);
  if (k > 6) throw usageError(`k: expected words of at most 6 letters, received ${k}.`);
  for (const value of [most, ...divergences])
    if (!(value > 0 && value <= 0.8))
      throw usageError(`divergence: expected above 0 and at most 0.8, received ${value}.`);
  if (!divergences.includes(0.1))
    throw usageError('divergences: expected 0.1 among them, of which the claim speaks.');
  if (!(gap >= 0 && gap < 1)) throw usageError(`gap: expected from 0 up to but not 1, received ${gap}.`);
}

/** The user's sequences. */
interface Sequences {
  readonly records: readonly { readonly id: string; readonly letters: Int32Array }[];
  readonly source: SourceDigest;
}

async function readSequences(path: string): Promise<Sequences> {
  const opened = await openRecords(path, { foldCase: true });
  const records: { id: string; letters: Int32Array }[] = [];
  for await (const { id, sequence } of opened.records) {
    const letters = Int32Array.from(sequence.replaceAll('U', 'T'), (letter) => 'ACGT'.indexOf(letter));
    const strange = letters.indexOf(-1);
    if (strange >= 0)
      throw dataError(
        `${opened.name}: record "${id}" has "${sequence[strange]}" at ${strange + 1}; expected A, C, G and T.`,
      );
    if (letters.length > 2000)
      throw dataError(`${opened.name}: record "${id}" has ${letters.length} letters; expected at most 2000.`);
    records.push({ id, letters });
  }
  if (records.length < 2)
    throw dataError(`${opened.name} holds ${records.length} sequences; expected at least two.`);
  return { records, source: opened.digest() };
}

/** The recipe on simulated pairs and, where they are given, on the user's sequences. */
export async function runAlign(
  config: AlignConfig,
  context: RecipeContext,
  yours?: Sequences,
): Promise<RecipeResult> {
  const began = performance.now();
  const { quick, device } = context;
  const seeds = Array.from({ length: quick ? 1 : config.seeds }, (_, s) => context.seed + s);
  const less = quick
    ? {
        pairs: Math.min(1500, config.pairs),
        training: { ...config.training, epochs: Math.min(6, Number(config.training.epochs)) },
      }
    : {};
  const networks = [];
  for (const [s, seed] of seeds.entries())
    networks.push(
      await taughtAligner(
        {
          ...config,
          ...less,
          seed,
          onEpoch: (epoch, epochs) =>
            context.onEvent?.({
              kind: 'progress',
              text: `network ${s + 1} of ${seeds.length}, epoch ${epoch} of ${epochs}`,
              done: (0.95 * (s + epoch / epochs)) / seeds.length,
            }),
        },
        context,
      ),
    );
  const reading = { k: config.k, gap: config.gap, device };
  const levels: Level[] = [];
  for (const divergence of config.divergences) {
    const random = randomStream(context.seed, 'align', 'test', divergence);
    const pairs = Array.from({ length: config.tests }, () =>
      divergedPair(random, { length: config.length, divergence }),
    );
    const byNetwork: number[][][] = [];
    for (const network of networks) byNetwork.push(await alignedByAttention(network, pairs, reading));
    const programmed = alignedByProgramming(pairs, { divergence, length: config.length });
    levels.push({ divergence, pairs, byNetwork, programmed });
  }
  const first = networks[0]!;
  const mine = yours && (await aligned(yours, first, config, context));
  const report: RunReport = {
    title: align.title,
    recipe: align.id,
    version,
    seed: context.seed,
    seconds: (performance.now() - began) / 1000,
    ...alignReport({ levels, config, quick, fits: networks.map(({ fit }) => fit) }, context.seed),
    ...(mine && yourReport(mine)),
  };
  const { spec, weights } = first;
  const model = { spec, weights, training: { recipe: align.id, seed: seeds[0]! } };
  return {
    report,
    model,
    ...(mine && { extraFiles: { 'alignments.txt': mine.pairs.map(alignmentText).join('\n') } }),
  };
}

async function aligned(
  { records, source }: Sequences,
  network: Parameters<typeof alignedByAttention>[0],
  { k, gap }: AlignConfig,
  { device }: RecipeContext,
): Promise<Yours> {
  const [first, ...others] = records;
  const pairs = others.map(({ letters }) => ({ a: first!.letters, b: letters }));
  const looked = await alignedByAttention(network, pairs, { k, gap, device });
  const programmed = alignedByProgramming(pairs, { divergence: 0.1, length: first!.letters.length });
  return {
    source,
    pairs: others.map(({ id }, i) => ({
      names: [first!.id, id],
      ...pairs[i]!,
      looked: looked[i]!,
      programmed: programmed[i]!,
    })),
  };
}
