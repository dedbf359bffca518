import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { geneticCode } from '../data/genetic-codes.ts';
import type { RunReport } from '../report/run-report.ts';
import { checkWhole } from './built-in-data.ts';
import { type GeneSet, randomGenes, readGenes } from './dna-to-protein/genes.ts';
import { codonProbes, probedPlace, type Taught, taught, translated } from './dna-to-protein/learn.ts';
import { type Found, proteinReport } from './dna-to-protein/report.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `dna-to-protein` may be told. */
export interface ProteinConfig {
  /** A translation table of the NCBI. */
  readonly code: number;
  /** Of the built-in example: genes to learn from, genes that are tested, and the codons of each. */
  readonly genes: number;
  readonly tests: number;
  readonly learn: { readonly from: number; readonly to: number };
  readonly translate: { readonly from: number; readonly to: number };
  /** Networks with first weights of their own. */
  readonly seeds: number;
  readonly model: Readonly<Record<string, unknown>>;
  /** A network that knows of positions in another way, to stand beside it; null: none. */
  readonly beside: Readonly<Record<string, unknown>> | null;
  readonly training: Readonly<Record<string, unknown>>;
}

const size = { size: 64, layers: 1, heads: 4, dropout: 0 };

export const proteinDefaults: ProteinConfig = {
  code: 1,
  genes: 1500,
  tests: 100,
  learn: { from: 4, to: 24 },
  translate: { from: 40, to: 100 },
  seeds: 2,
  // Three bases a residue, and nothing beyond two bases from there is seen: a codon is read alike wherever it stands.
  model: { ...size, positions: 'relative', reach: 2, beyond: 'hidden', pace: 3 },
  beside: { ...size, positions: 'sinusoidal' },
  training: { epochs: 10, batchSize: 16, rate: 8e-3 },
};

/** A transformer that learns to translate genes, and translates longer ones than it ever saw. */
export const dnaToProtein: Recipe = {
  id: 'dna-to-protein',
  title: 'DNA to protein',
  summary:
    'Coding DNA → protein by an encoder–decoder transformer that learns codons and code from pairs; any genetic code.',
  claim:
    'Trained on genes of at most 24 codons, every network translates at least 99 % of genes of 40 to 100 codons to the letter.',
  input: {
    what: 'FASTA of coding sequences, in frame, 50 or more; the longest fifth is held out.',
    options: [],
  },
  defaults: { ...proteinDefaults },
  async run(given, context) {
    const config = { ...proteinDefaults, ...given } as ProteinConfig;
    checkConfig(config);
    const { code, genes, tests, learn, translate } = config;
    const set = context.input
      ? await readGenes(context.input.path, code)
      : randomGenes({ code, genes, tests: context.quick ? 30 : tests, learn, translate, seed: context.seed });
    return runDnaToProtein(set, config, context, { builtIn: !context.input });
  },
};

function checkConfig({ code, genes, tests, learn, translate, seeds }: ProteinConfig): void {
  geneticCode(code);
  checkWhole({ genes, tests, seeds, 'learn.from': learn.from, 'translate.from': translate.from });
  for (const [name, { from, to }] of Object.entries({ learn, translate }))
    if (!(Number.isSafeInteger(to) && to >= from))
      throw usageError(`${name}: expected codons from ${from} to at least as many, received to = ${to}.`);
}

/** The recipe on genes; `builtIn`: these are those that the claim speaks of. */
export async function runDnaToProtein(
  set: GeneSet,
  config: ProteinConfig,
  context: RecipeContext,
  { builtIn }: { builtIn: boolean },
): Promise<RecipeResult> {
  const began = performance.now();
  const seeds = Array.from({ length: context.quick ? 1 : config.seeds }, (_, s) => context.seed + s);
  const beside = context.quick ? null : config.beside;
  const jobs = seeds.length + (beside ? 1 : 0);
  const epochs = context.quick ? 7 : undefined;
  const training = {
    ...config.training,
    ...(epochs && { epochs: Math.min(epochs, Number(config.training.epochs)) }),
  };
  const teach = (model: ProteinConfig['model'], seed: number, job: number) =>
    taught(
      set.fit,
      {
        model,
        training,
        seed,
        onEpoch: (epoch, all) =>
          context.onEvent?.({
            kind: 'progress',
            text: `network ${job + 1} of ${jobs}, epoch ${epoch} of ${all}`,
            done: (0.95 * (job + epoch / all)) / jobs,
          }),
      },
      context,
    );
  const networks: Taught[] = [];
  for (const [job, seed] of seeds.entries()) networks.push(await teach(config.model, seed, job));
  const other = beside && (await teach(beside, seeds[0]!, jobs - 1));
  const found = await measured({ set, networks, other, config, builtIn }, context);
  const report: RunReport = {
    title: dnaToProtein.title,
    recipe: dnaToProtein.id,
    version,
    seed: context.seed,
    seconds: (performance.now() - began) / 1000,
    ...proteinReport(found, { quick: context.quick, seed: context.seed }),
  };
  const { spec, weights, fit } = networks[0]!;
  const record = { recipe: dnaToProtein.id, seed: seeds[0], epochs: fit.history.length, ...lengthsOf(set) };
  return { report, model: { spec, weights, training: record } };
}

/** By what lengths a decoder of the model may go. */
const lengthsOf = ({ fit }: GeneSet) => ({
  longestTarget: fit.pairs.reduce((most, { target }) => Math.max(most, target.length + 1), 0),
  mostPerToken: 0.4,
});

interface Measuring {
  readonly set: GeneSet;
  readonly networks: readonly Taught[];
  readonly other: Taught | null;
  readonly config: ProteinConfig;
  readonly builtIn: boolean;
}

async function measured(
  { set, networks, other, config, builtIn }: Measuring,
  context: RecipeContext,
): Promise<Found> {
  const { aminoAcids, name } = geneticCode(config.code);
  const probes = codonProbes(aminoAcids, context.seed);
  const read = await translated(networks[0]!, probes, context);
  const translations: string[][] = [];
  for (const network of networks) translations.push(await translated(network, set.test.pairs, context));
  return {
    set,
    code: { number: config.code, name },
    builtIn,
    fits: networks.map(({ fit }) => fit),
    parameters: [...networks[0]!.weights.values()].reduce((sum, { length }) => sum + length, 0),
    translations,
    beside: other && (await translated(other, set.test.pairs, context)),
    codons: probes.map(({ id }, i) => ({
      codon: id,
      truth: aminoAcids[id]!,
      read: read[i]![probedPlace] ?? '–',
    })),
  };
}
