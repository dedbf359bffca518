import { usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { dna } from '../data/alphabet.ts';
import type { MotifSite } from '../markov/motif/sites.ts';
import type { DataSummary } from '../report/run-report.ts';
import { checkWhole } from './built-in-data.ts';
import type { SiteComparison } from './motif-hmm/compare.ts';
import { searchPlanted, searchPromoters } from './motif-hmm/examples.ts';
import { searchGiven } from './motif-hmm/given.ts';
import { motifReport } from './motif-hmm/report.ts';
import type { Searched, SearchSettings } from './motif-hmm/search.ts';
import type { Planted } from './motif-hmm/simulate.ts';
import type { Recipe, RecipeContext, RecipeResult } from './recipe.ts';

/** What `motif-hmm` may be told. */
export interface MotifHmmConfig extends SearchSettings {
  /** The built-in example: planted motifs, real promoters of E. coli, or one after the other. */
  readonly data: 'planted' | 'promoters' | 'both';
  /** Of the planted example: sequences, their shortest and longest length, and motifs (0: two to four, as it falls). */
  readonly count: number;
  readonly shortest: number;
  readonly longest: number;
  readonly motifs: number;
  /** Sites on both strands, or as the sequences are read alone. */
  readonly strands: 'both' | 'forward';
  /** Narrowest and widest motif. */
  readonly least: number;
  readonly most: number;
  /** Letters of the over-represented words that searches start from, and how many starts each has. */
  readonly word: number;
  readonly starts: number;
  /** Greatest chance of a motif that is reported, and how many are reported at most. */
  readonly level: number;
  readonly limit: number;
  /** Shuffled copies of the sequences that are searched to know what comes by chance, and the words that shuffling keeps. */
  readonly controls: number;
  readonly keep: number;
  /** Letters that are searched at most; sites are found in all of them. */
  readonly letters: number;
  /** Shuffle the sequences of the example: then there is nothing to find, and the claims must fail. */
  readonly shuffled: boolean;
}

export const motifHmmDefaults: MotifHmmConfig = {
  data: 'both',
  count: 200,
  shortest: 80,
  longest: 240,
  motifs: 0,
  strands: 'both',
  least: 6,
  most: 20,
  word: 6,
  starts: 16,
  level: 0.01,
  limit: 12,
  controls: 8,
  keep: 2,
  letters: 100_000,
  shuffled: false,
};

/** Motifs found by a hidden Markov model of background and motif chains, which is told nothing of them. */
export const motifHmm: Recipe = {
  id: 'motif-hmm',
  title: 'Motifs without a hint',
  summary:
    'FASTA → motif sites (BED) and motifs (MEME, logos) by a hidden Markov model of background and motif chains on both strands.',
  claim:
    'Finds planted motifs with no hint of content or number: site F1 above 0.9, and nothing in shuffled sequences; in real promoters it comes upon the −10 box.',
  input: {
    what: 'FASTA or a table of DNA sequences to find motifs in.',
    options: ['id', 'sequence', 'ambiguous'],
  },
  defaults: { ...motifHmmDefaults },
  run: (given, context) => runMotifHmm({ ...motifHmmDefaults, ...given } as MotifHmmConfig, context),
};

/** All that a run found out; of the three parts, those that there were. */
export interface MotifHmmFindings {
  readonly config: MotifHmmConfig;
  readonly planted?: PlantedFindings;
  readonly promoters?: PromoterFindings;
  readonly given?: NamedSearch;
  readonly data: DataSummary;
}

/** A search of sequences that have names. */
export interface NamedSearch {
  readonly names: readonly string[];
  readonly sequences: readonly string[];
  readonly search: Searched;
}

/** The search of the planted example beside the truth. */
export interface PlantedFindings extends NamedSearch {
  readonly planted: Planted;
  readonly own: SiteComparison;
  /** Sites decoded with the planted parameters: what is possible. */
  readonly ideal: SiteComparison;
  /** Occurrences of as many over-represented words, with one letter of each free. */
  readonly words: SiteComparison;
  /** Motifs found in the same sequences, shuffled. */
  readonly inShuffled: number;
}

/** The search of the real promoters, and the sites of the same motifs in sequences that are none. */
export interface PromoterFindings extends NamedSearch {
  /** Promoters that were left out as copies of others. */
  readonly copies: number;
  readonly others: { readonly count: number; readonly sites: readonly MotifSite[] };
}

/** The recipe; see `motifHmm`. */
export async function runMotifHmm(config: MotifHmmConfig, context: RecipeContext): Promise<RecipeResult> {
  const began = performance.now();
  checkConfig(config);
  const findings = context.input ? await searchGiven(config, context) : await searchExample(config, context);
  const { extraFiles, ...report } = motifReport(findings, context);
  return {
    report: {
      title: motifHmm.title,
      recipe: motifHmm.id,
      version,
      seconds: (performance.now() - began) / 1000,
      ...report,
    },
    extraFiles,
  };
}

function checkConfig(config: MotifHmmConfig): void {
  const { data, strands, level, least, most, word, controls, shortest, longest } = config;
  const { count, starts, limit, keep, letters, motifs } = config;
  checkWhole({ count, shortest, longest, least, most, word, starts, limit, controls, keep, letters });
  const oneOf = (name: string, value: string, choices: readonly string[]) => {
    if (!choices.includes(value))
      throw usageError(`${name}: expected ${choices.join(' or ')}, received ${JSON.stringify(value)}.`);
  };
  oneOf('data', data, ['planted', 'promoters', 'both']);
  oneOf('strands', strands, ['both', 'forward']);
  if (!(level > 0 && level < 1))
    throw usageError(`level: expected a probability between 0 and 1, received ${level}.`);
  if (!(Number.isSafeInteger(motifs) && motifs >= 0))
    throw usageError(`motifs: expected a whole number, or 0 for two to four, received ${motifs}.`);
  if (longest < shortest || shortest < 40)
    throw usageError(
      `shortest and longest: expected at least 40 letters, received ${shortest} and ${longest}.`,
    );
  if (controls < 3) throw usageError(`controls: expected at least 3, received ${controls}.`);
}

async function searchExample(config: MotifHmmConfig, context: RecipeContext): Promise<MotifHmmFindings> {
  const both = config.data === 'both';
  const planted =
    config.data === 'promoters'
      ? undefined
      : await searchPlanted(config, context, both ? [0, 0.75] : [0, 0.95]);
  const real =
    config.data === 'planted'
      ? undefined
      : await searchPromoters(config, context, both ? [0.75, 0.95] : [0, 0.95]);
  const sequences = [...(planted?.sequences ?? []), ...(real?.findings.sequences ?? [])];
  return {
    config,
    ...(planted && { planted }),
    ...(real && { promoters: real.findings }),
    data: {
      records: sequences.length,
      alphabet: dna.name,
      lengths: sequences.map(({ length }) => length),
      sources: [...(real?.sources ?? [])],
    },
  };
}
