import type { MotifChain } from './chain.ts';
import { bestWindow, siteColumns, windowMatrix } from './columns.ts';
import { fitMotifChain, motifCost, plainChain } from './fit.ts';
import type { Tokens } from './scan.ts';
import { overRepresentedWords, wordSites } from './seeds.ts';
import { likelySites } from './sites.ts';

/** Where and how motifs are looked for. */
export interface SearchShape {
  /** Letters of the alphabet. */
  readonly size: number;
  /** The complement of each letter, to search both strands; null to search sequences as they are read. */
  readonly complement: MotifChain['complement'];
  readonly widths: { readonly least: number; readonly most: number };
  /** Letters of the words that searches start from, and how many starts there are. */
  readonly word: number;
  readonly starts: number;
}

/** The motif that explains sequences best, as a chain of its own. */
export interface StrongestMotif {
  readonly chain: MotifChain;
  /** Gain in ln P over the background alone, less the cost of the motif's parameters. */
  readonly score: number;
  /** Expected sites. */
  readonly sites: number;
}

/** A motif has at least so many expected sites: fewer are no more than what they were found by. */
export const fewestSites = 5;

/**
 * The strongest motif of sequences: Baum and Welch's algorithm from each of the over-represented words; between its rounds
 * width and phase follow the letters around the sites (`bestWindow`). After each round the worse half of the motifs drops out, and the last one is
 * trained to its end. Null where no motif has sites enough.
 * @example strongestMotif([dna.encode('ACGTTTACGA')], shape)?.chain.motifs[0]!.matrix
 */
export function strongestMotif(sequences: readonly Tokens[], shape: SearchShape): StrongestMotif | null {
  const plain = plainChain(sequences, shape);
  if (plain.letters < 2 * shape.widths.least) return null;
  const words = overRepresentedWords(sequences, { ...shape, length: shape.word, count: shape.starts });
  const trained = (chain: MotifChain, iterations: number, tolerance: number) =>
    scored(chain, sequences, plain, shape, { iterations, tolerance });
  let left = words.map(({ letters }) => trained(seedChain(letters, sequences, plain, shape), 2, 1));
  for (let last = 0; left.length > 0; ) {
    const moved = left.map(({ chain }) => rewindowed(chain, 0, sequences, shape));
    if (left.length === 1 && (!moved[0]!.moved || last++ >= 4)) break;
    left = moved
      .map(({ chain }) => trained(chain, 4, 0.5))
      .filter(({ sites }) => sites >= fewestSites)
      .sort((a, b) => b.score - a.score)
      .slice(0, Math.max(1, left.length >> 1));
  }
  const best = left[0] && trained(left[0].chain, 30, 0.1);
  return best && best.sites >= fewestSites ? best : null;
}

/** A motif of the letters at and around all places where a word stands. */
function seedChain(
  letters: readonly number[],
  sequences: readonly Tokens[],
  plain: ReturnType<typeof plainChain>,
  { widths, complement }: SearchShape,
): MotifChain {
  const sites = wordSites(sequences, letters, complement);
  const shape = {
    ...plain.chain,
    width: letters.length,
    reach: widths.most - Math.min(widths.most, letters.length),
  };
  const columns = siteColumns(sequences, sites, shape);
  const window = bestWindow(columns, plain.chain.background, widths);
  const rate = Math.max(1, sites.length) / (plain.letters + sequences.length);
  const matrix = windowMatrix(columns, window, plain.chain.background);
  return { ...plain.chain, motifs: [{ matrix, rates: complement ? [rate / 2, rate / 2] : [rate, 0] }] };
}

function scored(
  chain: MotifChain,
  sequences: readonly Tokens[],
  plain: ReturnType<typeof plainChain>,
  shape: SearchShape,
  options: { iterations: number; tolerance: number },
): StrongestMotif {
  const fit = fitMotifChain(chain, sequences, options);
  const score =
    fit.logLikelihood - plain.logLikelihood - chainCost(fit.chain, fit.sites, plain.letters, shape);
  return { chain: fit.chain, score, sites: fit.sites[0]! };
}

/** What all motifs of a chain must gain together. */
export const chainCost = (
  { motifs }: MotifChain,
  sites: readonly number[],
  letters: number,
  { size, complement }: Pick<SearchShape, 'size' | 'complement'>,
): number =>
  motifs.reduce(
    (sum, { matrix }, m) =>
      sum + motifCost(matrix.length, { sites: sites[m]!, letters, size, strands: complement ? 2 : 1 }),
    0,
  );

/** The chain with one motif moved, widened or narrowed to where the letters around its sites are worth most. */
export function rewindowed(
  chain: MotifChain,
  motif: number,
  sequences: readonly Tokens[],
  { widths }: Pick<SearchShape, 'widths'>,
): { chain: MotifChain; moved: boolean } {
  const { matrix, rates } = chain.motifs[motif]!;
  const sites = likelySites(chain, motif, sequences);
  if (sites.reduce((sum, { weight }) => sum + weight, 0) < 2) return { chain, moved: false };
  const columns = siteColumns(sequences, sites, { ...chain, width: matrix.length, reach: widths.most });
  const window = bestWindow(columns, chain.background, widths);
  if (window.from === 0 && window.width === matrix.length) return { chain, moved: false };
  const next = { matrix: windowMatrix(columns, window, chain.background), rates };
  return {
    chain: { ...chain, motifs: chain.motifs.map((own, m) => (m === motif ? next : own)) },
    moved: true,
  };
}
