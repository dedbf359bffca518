import { usageError } from '../../core/errors.ts';
import type { MotifChain } from './chain.ts';
import { type MotifMatrix, reverseComplementMatrix } from './matrix.ts';

/** A sequence as letters' numbers; those outside the alphabet are unknown letters. */
export type Tokens = Int32Array | Uint8Array;

/** Told of each place where a site may begin, with its posterior probability. */
export type SiteVisitor = (motif: number, strand: '+' | '-', start: number, posterior: number) => void;

/** A motif on one strand, ready to be laid on a sequence. */
interface Strand {
  readonly motif: number;
  readonly strand: '+' | '-';
  readonly width: number;
  /** P(letter) against the background [position, letter and, last, unknown]. */
  readonly ratios: Float64Array;
  /** Rate of sites, against as many background letters. */
  readonly weight: number;
}

/** Sums are divided by `1 / step` whenever they grow beyond it, so that they never overflow. */
const step = 1e-100;
/** Beside the background's own way, which counts one, less than this is nothing in double precision. */
const nothing = 1e-25;

/**
 * Forward and Backward on the motif chain, between letters alone: since a site is entered at its beginning and left at its end, the sums
 * before a letter are all that there is, f(t) = f(t − 1) + Σ f(t − w)·site(t − w), each against the background's own way. Exactly what the general
 * algorithms give on `motifChainHmm`, in a fraction of the time, for it is done thousands of times in a search.
 *
 * Returns a function that tells `visit` of every place where a site begins with a posterior of at least `least`, and returns ln P(sequence).
 */
export function siteScanner(
  chain: MotifChain,
): (tokens: Tokens, visit?: SiteVisitor, options?: { least?: number }) => number {
  const { background, end } = chain;
  const size = background.length;
  const { strands, free } = strandsOf(chain);
  const logs = Float64Array.from(background, Math.log);
  // Room for the longest sequence so far, used again for each.
  let laid: Laid[] = [];
  let [before, after] = [newSums(0), newSums(0)];
  let room = -1;
  return (tokens, visit, { least = 1e-9 } = {}) => {
    const n = tokens.length;
    let logBackground = n * Math.log(free) + Math.log(end);
    for (let t = 0; t < n; t++) {
      const token = tokens[t]!;
      if (token < size) logBackground += logs[token]!;
    }
    if (n > room) {
      room = n;
      laid = strands.map((strand) => ({ ...strand, at: new Float64Array(n) }));
      [before, after] = [newSums(n), newSums(n)];
    }
    for (const strand of laid) lay(strand, tokens, size, strand.at);
    sum(n, laid, 'forward', before);
    if (visit) {
      sum(n, laid, 'backward', after);
      for (const each of laid) visitStrand(each, n, { before, after, least, visit });
    }
    return logBackground + Math.log(before.values[n]!) - before.levels[n]! * Math.log(step);
  };
}

/** A strand with what a site at each place of a sequence is worth. */
interface Laid extends Strand {
  readonly at: Float64Array;
}

function visitStrand(
  { motif, strand, width, at }: Laid,
  n: number,
  { before, after, least, visit }: { before: Sums; after: Sums; least: number; visit: SiteVisitor },
): void {
  const [f, b] = [before.values, after.values];
  const total = f[n]!;
  const level = before.levels[n]!;
  for (let t = 0; t + width <= n; t++) {
    let posterior = (f[t]! / total) * at[t]! * b[t + width]!;
    if (level > 0) posterior *= step ** (level - before.levels[t]! - after.levels[t + width]!);
    if (posterior >= least) visit(motif, strand, t, Math.min(1, posterior));
  }
}

function strandsOf({ motifs, background, complement, end }: MotifChain): { strands: Strand[]; free: number } {
  const free = 1 - end - motifs.reduce((sum, { rates }) => sum + rates[0] + rates[1], 0);
  if (!(free > 0 && end > 0))
    throw usageError(`Rates and end leave the background ${free}, end ${end}; expected numbers above 0.`);
  const strandOf = (matrix: MotifMatrix, motif: number, strand: '+' | '-', rate: number): Strand => ({
    motif,
    strand,
    width: matrix.length,
    ratios: Float64Array.from(matrix.flatMap((row) => [...row.map((p, a) => p / background[a]!), 1])),
    weight: rate / free ** matrix.length,
  });
  const strands = motifs.flatMap(({ matrix, rates }, m) => [
    strandOf(matrix, m, '+', rates[0]),
    ...(complement ? [strandOf(reverseComplementMatrix(matrix, complement), m, '-', rates[1])] : []),
  ]);
  return { strands, free };
}

/** What a site that begins at each place is worth, against the background's letters; 0 where that is nothing. */
function lay({ ratios, width, weight }: Strand, tokens: Tokens, size: number, out: Float64Array): void {
  const columns = size + 1;
  const last = tokens.length - width;
  for (let t = 0; t < tokens.length; t++) {
    let worth = t <= last ? weight : 0;
    for (let i = 0; i < width && worth > nothing; i++) {
      const token = tokens[t + i]!;
      worth *= ratios[i * columns + Math.min(token, size)]!;
    }
    out[t] = worth > nothing ? worth : 0;
  }
}

/** Sums over all ways to a place between letters, from the beginning or from the end; the true value is values·step^−levels. */
interface Sums {
  readonly values: Float64Array;
  readonly levels: Int32Array;
}

const newSums = (n: number): Sums => ({ values: new Float64Array(n + 1), levels: new Int32Array(n + 1) });

function sum(
  n: number,
  strands: readonly Laid[],
  direction: 'forward' | 'backward',
  { values, levels }: Sums,
): void {
  const forward = direction === 'forward';
  const first = forward ? 0 : n;
  const ahead = forward ? 1 : -1;
  values[first] = 1;
  levels[first] = 0;
  let level = 0;
  for (let k = 1, t = first + ahead; k <= n; k++, t += ahead) {
    let all = values[t - ahead]!;
    for (let s = 0; s < strands.length; s++) {
      const { width, at } = strands[s]!;
      if (width > k) continue;
      const from = t - ahead * width;
      const worth = at[forward ? from : t]!;
      if (worth === 0) continue;
      const lower = level - levels[from]!;
      all += worth * values[from]! * (lower === 0 ? 1 : step ** lower);
    }
    if (all > 1 / step) {
      // What is read next from here is on the new level; what lies behind keeps its own.
      all *= step;
      level++;
    }
    values[t] = all;
    levels[t] = level;
  }
}
