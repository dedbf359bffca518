import type { ChainMotif, MotifChain } from './chain.ts';
import { type SiteVisitor, siteScanner, type Tokens } from './scan.ts';

/** What is known of a chain once it was trained. */
export interface FittedChain {
  readonly chain: MotifChain;
  /** ln P(sequences) before the last re-estimation. */
  readonly logLikelihood: number;
  /** Expected sites of each motif, both strands. */
  readonly sites: readonly number[];
  /** Rounds that were made. */
  readonly rounds: number;
}

/** How a chain is trained. */
export interface FitOptions {
  /** At most so many rounds. */
  iterations?: number;
  /** Stop when a round gains less than this (natural logarithm). */
  tolerance?: number;
  /** Letters that the prior adds to each position of a motif, dealt as the background. */
  pseudocount?: number;
  /** A motif's sites take up at most this share of the letters: what is commoner is background. */
  most?: number;
}

/**
 * Baum and Welch's algorithm on a motif chain. The letters that both strands are expected to show at a position of a motif are pooled; rates
 * of the two strands are free. A motif whose sites would cover more than `most` of the letters is held there, lest it becomes a second background.
 * @example fitMotifChain(chain, [dna.encode('ACGTTTACGA')], { iterations: 10 }).chain.motifs[0]!.matrix
 */
export function fitMotifChain(
  first: MotifChain,
  sequences: readonly Tokens[],
  { iterations = 20, tolerance = 0.05, pseudocount = 0.25, most = 0.25 }: FitOptions = {},
): FittedChain {
  const letters = lettersOf(sequences, first.background.length);
  const prior = first.background.map((p) => p * pseudocount * first.background.length);
  let chain = first;
  let [logLikelihood, rounds] = [Number.NEGATIVE_INFINITY, 0];
  let counts = expectedCounts(first, []);
  while (rounds < iterations) {
    const before = logLikelihood;
    counts = expectedCounts(chain, sequences);
    logLikelihood = counts.logLikelihood;
    rounds++;
    chain = held(reestimated(chain, counts, { letters, prior, sequences }), most);
    if (Math.abs(logLikelihood - before) < tolerance) break;
  }
  return { chain, logLikelihood, sites: counts.motifs.map(({ sites }) => sites[0] + sites[1]), rounds };
}

/** Letters by number, unknown ones last. */
function lettersOf(sequences: readonly Tokens[], size: number): number[] {
  const counts = new Array<number>(size + 1).fill(0);
  for (const sequence of sequences)
    for (let t = 0; t < sequence.length; t++) counts[Math.min(sequence[t]!, size)]!++;
  return counts;
}

/** How often each motif is expected, on either strand, and with which letters, read as the motif reads. */
export interface ExpectedCounts {
  readonly logLikelihood: number;
  readonly motifs: readonly {
    readonly sites: [forward: number, reverse: number];
    /** By position, letters by number, unknown ones last. */
    readonly letters: readonly number[][];
  }[];
}

/** Posteriors below this are not counted: thousands of them make less than a hundredth of a site. */
const least = 1e-6;

/** The expectation step: Forward and Backward over all sequences. */
export function expectedCounts(chain: MotifChain, sequences: readonly Tokens[]): ExpectedCounts {
  const { motifs, background, complement } = chain;
  const size = background.length;
  const counts = motifs.map(({ matrix }) => ({
    sites: [0, 0] as [number, number],
    letters: matrix.map(() => new Array<number>(size + 1).fill(0)),
  }));
  const scan = siteScanner(chain);
  let logLikelihood = 0;
  const visit = (tokens: Tokens): SiteVisitor => {
    return (motif, strand, start, posterior) => {
      const { sites, letters } = counts[motif]!;
      const width = letters.length;
      sites[strand === '+' ? 0 : 1] += posterior;
      if (strand === '+')
        for (let i = 0; i < width; i++) letters[i]![Math.min(tokens[start + i]!, size)]! += posterior;
      else
        for (let i = 0; i < width; i++) {
          const token = tokens[start + width - 1 - i]!;
          letters[i]![token < size ? complement![token]! : size]! += posterior;
        }
    };
  };
  for (const tokens of sequences) logLikelihood += scan(tokens, visit(tokens), { least });
  return { logLikelihood, motifs: counts };
}

/** The maximisation step. */
function reestimated(
  { motifs, background, complement }: MotifChain,
  counts: ExpectedCounts,
  {
    letters,
    prior,
    sequences,
  }: { letters: readonly number[]; prior: readonly number[]; sequences: readonly Tokens[] },
): MotifChain {
  const size = background.length;
  const outside = [...letters];
  for (const { letters: own } of counts.motifs)
    for (const row of own)
      for (let a = 0; a <= size; a++) {
        // A letter of a site stands for itself or for its complement; the background is the same on both strands.
        const other = complement && a < size ? complement[a]! : a;
        outside[a]! -= row[a]! / 2;
        outside[other]! -= row[a]! / 2;
      }
  const between = outside.reduce((a, b) => a + b, 0) + sequences.length;
  const entered = counts.motifs.reduce((sum, { sites }) => sum + sites[0] + sites[1], 0);
  const all = Math.max(between + entered, 1e-9);
  const known = outside
    .slice(0, size)
    .map((n, a, own) => Math.max(0, complement ? (n + own[complement[a]!]!) / 2 : n) + 1e-6);
  return {
    motifs: counts.motifs.map(
      ({ sites, letters: rows }, m): ChainMotif => ({
        matrix: rows.map((row, i) =>
          shares(
            row.slice(0, size).map((n, a) => n + prior[a]!),
            motifs[m]!.matrix[i]!,
          ),
        ),
        rates: [sites[0] / all, sites[1] / all],
      }),
    ),
    background: shares(known, background),
    complement,
    end: sequences.length / all,
  };
}

function shares(counts: readonly number[], otherwise: readonly number[]): readonly number[] {
  const sum = counts.reduce((a, b) => a + b, 0);
  return sum > 0 ? counts.map((n) => n / sum) : otherwise;
}

/** Rates no higher than the share of letters that sites may take up. */
function held(chain: MotifChain, most: number): MotifChain {
  const motifs = chain.motifs.map(({ matrix, rates }) => {
    const limit = most / matrix.length;
    const factor = Math.min(1, limit / (rates[0] + rates[1] || 1));
    return { matrix, rates: [rates[0] * factor, rates[1] * factor] as const };
  });
  return { ...chain, motifs };
}

/** The chain without motifs that fits sequences best, and ln P of them under it. */
export function plainChain(
  sequences: readonly Tokens[],
  { complement, size }: { complement: MotifChain['complement']; size: number },
): { chain: MotifChain; logLikelihood: number; letters: number } {
  const counts = new Float64Array(size).fill(1e-3);
  let letters = 0;
  for (const sequence of sequences) {
    letters += sequence.length;
    for (let t = 0; t < sequence.length; t++) if (sequence[t]! < size) counts[sequence[t]!]!++;
  }
  const both = complement ? counts.map((n, i) => (n + counts[complement[i]!]!) / 2) : counts;
  const known = both.reduce((a, b) => a + b, 0);
  const background = Array.from(both, (n) => n / known);
  const end = sequences.length / (letters + sequences.length);
  const logLikelihood =
    counts.reduce((sum, n, i) => sum + n * Math.log(background[i]!), 0) +
    letters * Math.log1p(-end) +
    sequences.length * Math.log(end);
  return { chain: { motifs: [], background, complement, end }, logLikelihood, letters };
}

/**
 * What the parameters of one motif must gain in ln P to be worth having: half the logarithm of the number of observations that each rests on
 * (Schwarz 1978): sites for its letters, letters of the sequences for its rates.
 */
export const motifCost = (
  width: number,
  { sites, letters, size, strands }: { sites: number; letters: number; size: number; strands: number },
): number =>
  0.5 * (size - 1) * width * Math.log(Math.max(2, sites)) + 0.5 * strands * Math.log(Math.max(2, letters));
