import { usageError } from '../../core/errors.ts';
import type { Hmm } from '../hmm/model.ts';
import { dnaComplement, type MotifChain, motifChainHmm } from './chain.ts';
import { fitMotifChain, plainChain } from './fit.ts';
import type { MotifMatrix } from './matrix.ts';
import type { Tokens } from './scan.ts';
import { type ChanceScores, chanceOf, chanceScores } from './significance.ts';
import { betweenSites, type MotifSite, motifSites } from './sites.ts';
import { dividedMotif } from './split.ts';
import { chainCost, fewestSites, rewindowed, type SearchShape, strongestMotif } from './strongest.ts';

/** How motifs are looked for. */
export interface FindMotifsOptions extends Partial<SearchShape> {
  /**
   * Sequences like the searched ones but without motifs, several sets of them: shuffled ones, say. What is found there is what
   * is found by chance. At least three. Or what an earlier search of the like found in its controls.
   */
  readonly controls: readonly (readonly Tokens[])[] | ChanceScores;
  /** A motif is reported if one as strong comes from controls with at most this probability. */
  readonly level?: number;
  /** No more motifs than this. */
  readonly limit?: number;
  /** Called between searches; it may wait, and it may throw to end the search. */
  readonly onProgress?: (progress: MotifProgress) => void | Promise<void>;
}

/** How far a search is. */
export interface MotifProgress {
  readonly stage: 'controls' | 'motifs';
  /** Controls or motifs so far. */
  readonly done: number;
  readonly total: number;
}

/** A motif that was found. */
export interface FoundMotif {
  readonly matrix: MotifMatrix;
  /** Expected number of sites. */
  readonly sites: number;
  /** By how much ln P of all sequences, less the cost of parameters, falls without it. */
  readonly score: number;
  /** P(the strongest motif of a control scores as high). */
  readonly chance: number;
}

/** All that a search found. */
export interface FoundMotifs {
  readonly motifs: readonly FoundMotif[];
  readonly chain: MotifChain;
  /** Background and motifs as a hidden Markov model. */
  readonly model: Hmm<ArrayLike<number>>;
  /** Sites on the most likely path through each sequence. */
  readonly sites: readonly MotifSite[];
  readonly controls: ChanceScores;
  /** Score of the strongest motif that was not significant any more, and its chance; null where the limit was reached first. */
  readonly next: { readonly score: number; readonly chance: number } | null;
}

/**
 * Finds motifs in sequences with no hint of their content, number, width, strand or frequency. The strongest motif is looked for in what
 * the motifs so far leave of the sequences, and kept if controls without motifs seldom have one as strong. With each new motif the
 * whole chain is trained again on whole sequences, and motifs whose sites are better explained by two are divided. At the end each
 * motif must be missed: one whose absence the others make up for is taken out.
 *
 * Tokens outside the alphabet are unknown letters. Throws a usage error for fewer than three controls, sequences without letters, and
 * widths that are none.
 * @example (await findMotifs([dna.encode('ACGTTTACGA')], { controls })).motifs.length // 0
 */
export async function findMotifs(
  sequences: readonly Tokens[],
  {
    controls,
    level = 0.01,
    limit = 12,
    onProgress,
    size = 4,
    complement = dnaComplement,
    widths = { least: 6, most: 20 },
    word = 6,
    starts = 16,
  }: FindMotifsOptions,
): Promise<FoundMotifs> {
  const shape = { size, complement, widths, word, starts };
  checkSearch(sequences, shape);
  const chance = 'scores' in controls ? controls : await searchControls(controls, shape, onProgress);
  const search = chainSearch(sequences, shape);
  let current = search.start;
  let next: FoundMotifs['next'] = null;
  for (let found = 0; found < limit; found++) {
    await onProgress?.({ stage: 'motifs', done: current.chain.motifs.length, total: limit });
    const candidate = search.candidate(current);
    if (!candidate) break;
    const p = chanceOf(candidate.score, chance);
    next = { score: candidate.score, chance: p };
    if (p > level) break;
    current = search.divided(search.trained([...current.chain.motifs, ...candidate.chain.motifs], current));
    next = null;
  }
  const { state, motifs } = search.missed(current, chance, level);
  const model = motifChainHmm(state.chain);
  return {
    motifs,
    chain: state.chain,
    model,
    sites: motifSites(model, state.chain, sequences),
    controls: chance,
    next,
  };
}

async function searchControls(
  controls: readonly (readonly Tokens[])[],
  shape: SearchShape,
  onProgress: FindMotifsOptions['onProgress'],
): Promise<ChanceScores> {
  const scores: number[] = [];
  for (const [done, control] of controls.entries()) {
    await onProgress?.({ stage: 'controls', done, total: controls.length });
    scores.push(strongestMotif(control, shape)?.score ?? 0);
  }
  return chanceScores(scores);
}

function checkSearch(
  sequences: readonly Tokens[],
  { widths: { least, most }, word, size }: SearchShape,
): void {
  if (!(least >= 2 && most >= least && word >= 2 && word <= most && size ** word <= 2 ** 22))
    throw usageError(
      `Motifs of ${least} to ${most} letters from words of ${word}; expected at least 2, the first no larger than the second, and words no longer than motifs.`,
    );
  if (!sequences.some(({ length }) => length >= least))
    throw usageError(`No sequence has ${least} letters, which is the least width of a motif.`);
}

/** A chain, trained, with what it gains over the background alone, less the cost of its parameters. */
interface ChainState {
  readonly chain: MotifChain;
  readonly sites: readonly number[];
  readonly score: number;
}

/** The steps of the search over one set of sequences. */
function chainSearch(sequences: readonly Tokens[], shape: SearchShape) {
  const plain = plainChain(sequences, shape);
  const start: ChainState = { chain: plain.chain, sites: [], score: 0 };
  const trained = (
    motifs: MotifChain['motifs'],
    { chain }: ChainState,
    { settle = true }: { settle?: boolean } = {},
  ): ChainState => {
    if (motifs.length === 0) return start;
    let next = fitMotifChain({ ...chain, motifs }, sequences, { iterations: 6 }).chain;
    for (let m = 0; settle && m < motifs.length; m++) next = rewindowed(next, m, sequences, shape).chain;
    const fit = fitMotifChain(next, sequences, { iterations: 20 });
    const cost = chainCost(fit.chain, fit.sites, plain.letters, shape);
    return { chain: fit.chain, sites: fit.sites, score: fit.logLikelihood - plain.logLikelihood - cost };
  };
  const sitesOf = ({ chain }: ChainState) => motifSites(motifChainHmm(chain), chain, sequences);
  return {
    start,
    trained,
    candidate: (state: ChainState) =>
      strongestMotif(betweenSites(sequences, sitesOf(state), { least: shape.widths.least }), shape),
    /** Motifs divided in two as long as the whole chain is better for it. */
    divided(first: ChainState): ChainState {
      let state = first;
      for (let m = 0; m < state.chain.motifs.length; m++) {
        const parts = dividedMotif(state.chain, m, sequences, sitesOf(state), shape);
        if (!parts) continue;
        const motifs = state.chain.motifs.flatMap((motif, i) => (i === m ? parts : [motif]));
        const split = trained(motifs, state);
        if (split.score > state.score) state = split;
      }
      return state;
    },
    /** The chain of the motifs that each are missed, and how much. */
    missed(
      first: ChainState,
      chance: ChanceScores,
      level: number,
    ): { state: ChainState; motifs: FoundMotif[] } {
      let state = first;
      for (;;) {
        const without = state.chain.motifs.map((_, m) =>
          trained(
            state.chain.motifs.filter((_, i) => i !== m),
            state,
            { settle: false },
          ),
        );
        // A motif that lost its sites to the others is not missed at all.
        const scores = without.map(({ score }, m) =>
          state.sites[m]! < fewestSites ? Number.NEGATIVE_INFINITY : state.score - score,
        );
        const least = scores.indexOf(Math.min(...scores));
        if (scores.length === 0 || chanceOf(scores[least]!, chance) <= level) {
          const motifs = state.chain.motifs.map(({ matrix }, m) => ({
            matrix,
            sites: state.sites[m]!,
            score: scores[m]!,
            chance: chanceOf(scores[m]!, chance),
          }));
          return { state, motifs };
        }
        state = without[least]!;
      }
    },
  };
}
