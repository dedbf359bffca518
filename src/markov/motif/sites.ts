import type { Hmm } from '../hmm/model.ts';
import { visitPosteriors } from '../hmm/posterior.ts';
import { viterbi } from '../hmm/viterbi.ts';
import { firstStates, type MotifChain } from './chain.ts';
import { siteScanner, type Tokens } from './scan.ts';

/** A site of a motif: positions [start, end) of a sequence, both by number, and the probability that it begins there on this strand. */
export interface MotifSite {
  readonly sequence: number;
  readonly motif: number;
  readonly start: number;
  readonly end: number;
  readonly strand: '+' | '-';
  readonly posterior: number;
}

/**
 * The sites on the most likely path through each sequence (Viterbi), with the posterior probability of each (Forward and Backward):
 * sites do not overlap. Throws a data error for a sequence of probability zero.
 * @example motifSites(motifChainHmm(chain), chain, [dna.encode('ACGTTTACGA')])[0]!.start
 */
export function motifSites(
  model: Hmm<ArrayLike<number>>,
  chain: MotifChain,
  sequences: readonly Tokens[],
): MotifSite[] {
  const begins = beginnings(chain);
  return sequences.flatMap((tokens, sequence) => {
    const { states } = viterbi(model, tokens);
    const found = Array.from(states.keys()).filter((t) => begins.has(states[t]!));
    if (found.length === 0) return [];
    const posterior = new Float64Array(tokens.length);
    visitPosteriors(model, tokens, (t, row) => {
      posterior[t] = row[states[t]!]!;
    });
    return found.map((start): MotifSite => {
      const { motif, strand, width } = begins.get(states[start]!)!;
      return { sequence, motif, start, end: start + width, strand, posterior: posterior[start]! };
    });
  });
}

/** A place where a site may begin, with its posterior probability as weight. */
export interface WeightedSite {
  readonly sequence: number;
  readonly start: number;
  readonly strand: '+' | '-';
  readonly weight: number;
}

/** All places where a site of one motif begins with a probability of at least `least`. */
export function likelySites(
  chain: MotifChain,
  motif: number,
  sequences: readonly Tokens[],
  { least = 0.02 }: { least?: number } = {},
): WeightedSite[] {
  const scan = siteScanner(chain);
  const found: WeightedSite[] = [];
  sequences.forEach((tokens, sequence) => {
    scan(
      tokens,
      (own, strand, start, weight) => {
        if (own === motif) found.push({ sequence, start, strand, weight });
      },
      { least },
    );
  });
  return found;
}

function beginnings({ motifs, complement }: MotifChain) {
  const all = new Map<number, { motif: number; strand: '+' | '-'; width: number }>();
  firstStates(motifs, complement).forEach(([forward, reverse], motif) => {
    const width = motifs[motif]!.matrix.length;
    all.set(forward, { motif, strand: '+', width });
    if (reverse >= 0) all.set(reverse, { motif, strand: '-', width });
  });
  return all;
}

/** What is left of sequences between sites, in stretches of at least `least` letters. */
export function betweenSites(
  sequences: readonly Tokens[],
  sites: readonly Pick<MotifSite, 'sequence' | 'start' | 'end'>[],
  { least }: { least: number },
): Tokens[] {
  const bySequence = sequences.map((): Pick<MotifSite, 'start' | 'end'>[] => []);
  for (const site of sites) bySequence[site.sequence]!.push(site);
  return sequences.flatMap((tokens, i) => {
    const ends = [...bySequence[i]!.sort((a, b) => a.start - b.start), { start: tokens.length, end: 0 }];
    let from = 0;
    return ends.flatMap(({ start, end }) => {
      const stretch = tokens.subarray(from, start);
      from = end;
      return stretch.length >= least ? [stretch] : [];
    });
  });
}
