import { dataError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { dna } from '../../data/alphabet.ts';
import { eulerShuffle } from '../../data/euler-shuffle.ts';
import { motifSites } from '../../markov/motif/sites.ts';
import type { SourceFile } from '../../report/run-report.ts';
import { builtInDataset, dataOf } from '../built-in-data.ts';
import type { MotifHmmConfig, PlantedFindings, PromoterFindings } from '../motif-hmm.ts';
import type { RecipeContext } from '../recipe.ts';
import { idealSites, wordSites } from './baselines.ts';
import { compareSites, type Site } from './compare.ts';
import { searched } from './search.ts';
import { plantedSequences } from './simulate.ts';

/** Plants motifs, searches, and searches the same sequences shuffled. */
export async function searchPlanted(
  config: MotifHmmConfig,
  context: RecipeContext,
  [from, to]: readonly [number, number],
): Promise<PlantedFindings> {
  const { seed, quick } = context;
  const count = quick ? Math.min(config.count, 100) : config.count;
  const planted = plantedSequences({ ...config, count, seed });
  const shuffle = (name: string) =>
    planted.sequences.map((text, i) => eulerShuffle(text, config.keep, randomStream(seed, name, i)));
  const sequences = config.shuffled ? shuffle('instead of the sequences') : planted.sequences;
  const middle = from + 0.9 * (to - from);
  const search = await searched(sequences, config, context, {
    what: 'planted motifs',
    done: [from, middle],
  });
  const again = await searched(shuffle('once more'), config, context, {
    what: 'the same, shuffled',
    done: [middle, to],
    known: search.found.controls,
  });
  const compare = (sites: readonly Site[]) => compareSites(sites, planted.sites, { sequences: count });
  return {
    names: planted.sequences.map((_, i) => `planted${i + 1}`),
    sequences,
    search,
    planted,
    own: compare(search.sites),
    ideal: compare(idealSites(planted)),
    words: compare(
      wordSites(sequences, {
        count: search.found.motifs.length || planted.motifs.length,
        length: config.word,
      }),
    ),
    inShuffled: again.found.motifs.length,
  };
}

/** Searches the real promoters, and finds the same motifs' sites in the sequences beside them that are none. */
export async function searchPromoters(
  config: MotifHmmConfig,
  context: RecipeContext,
  done: readonly [number, number],
): Promise<{ findings: PromoterFindings; sources: readonly SourceFile[] }> {
  const dataset = await builtInDataset('ecoli_promoters.tsv');
  const { target, records } = dataset;
  if (target?.kind !== 'classes') throw dataError('The built-in promoters have lost their labels.');
  const positive = target.classes.indexOf('promoter');
  const [own, others] = [true, false].map((yes) =>
    records.filter((_, i) => (target.truth[i] === positive) === yes),
  ) as [typeof records, typeof records];
  const kept = distinct(own.map(({ sequence }) => sequence)).map((i) => own[i]!);
  const sequences = kept.map(({ id, sequence }) =>
    config.shuffled
      ? eulerShuffle(sequence, config.keep, randomStream(context.seed, 'promoter', id))
      : sequence,
  );
  const search = await searched(sequences, config, context, { what: 'promoters', done });
  const { model, chain } = search.found;
  const sites = motifSites(
    model,
    chain,
    others.map(({ sequence }) => dna.encode(sequence)),
  );
  const findings: PromoterFindings = {
    names: kept.map(({ id }) => id),
    sequences,
    search,
    copies: own.length - kept.length,
    others: { count: others.length, sites },
  };
  return { findings, sources: dataOf(dataset).sources ?? [] };
}

/** Sequences that agree in so many of their letters are copies of one another, not two witnesses of a motif. */
const copy = 0.6;
/** By how many letters they may be shifted for that. */
const shifts = [-3, -2, -1, 0, 1, 2, 3];

/** Which sequences to keep so that none is a copy of an earlier one: genes of ribosomal RNA have several, promoters included. */
export function distinct(sequences: readonly string[]): number[] {
  const kept: number[] = [];
  sequences.forEach((text, i) => {
    const agrees = (other: string) =>
      shifts.some(
        (shift) =>
          Array.from(text).filter((letter, t) => other[t + shift] === letter).length >= copy * text.length,
      );
    if (!kept.some((k) => agrees(sequences[k]!))) kept.push(i);
  });
  return kept;
}
