import type { FoundMotif } from '../../markov/motif/find-motifs.ts';
import { consensus } from '../../markov/motif/matrix.ts';
import type { MotifSite } from '../../markov/motif/sites.ts';

/** The −10 box of sigma-70 promoters (Pribnow 1975; Hawley and McClure 1983). The search knows nothing of it. */
export const pribnow = 'TATAAT';

/** How a motif and a box lie on each other. */
export interface Agreement {
  /** Number of the motif. */
  readonly motif: number;
  /** Letters of the box that are the motif's most probable ones. */
  readonly letters: number;
  /** Where in the motif, as its own or its other strand reads, the box begins; −1: one letter before it. */
  readonly offset: number;
  /** The box is read on the motif's other strand. */
  readonly flipped: boolean;
}

/** The motif that is most like a box, on either strand and at any offset of which at most one letter lies outside; null without motifs. */
export function mostLike(motifs: readonly Pick<FoundMotif, 'matrix'>[], box: string): Agreement | null {
  let best: Agreement | null = null;
  motifs.forEach(({ matrix }, motif) => {
    const own = consensus(matrix, 'ACGT', { sure: 0 });
    for (const flipped of [false, true]) {
      const text = flipped ? flippedText(own) : own;
      for (let offset = -1; offset + box.length <= text.length + 1; offset++) {
        const letters = Array.from(box).filter((letter, i) => text[offset + i] === letter).length;
        if (letters > (best?.letters ?? -1)) best = { motif, letters, offset, flipped };
      }
    }
  });
  return best;
}

const flippedText = (text: string) =>
  Array.from(text, (letter) => 'TGCA'['ACGT'.indexOf(letter)]!)
    .reverse()
    .join('');

/** Where the box begins in each site of a motif, on the strand on which the box reads; positions as on the strand of the sequence. */
export function boxStarts(
  sites: readonly MotifSite[],
  { motif, offset, flipped }: Agreement,
  box: string,
): { sequence: number; start: number; strand: '+' | '-' }[] {
  return sites
    .filter((site) => site.motif === motif)
    .map(({ sequence, start, end, strand }) => {
      const forward = (strand === '+') !== flipped;
      return {
        sequence,
        start: forward ? start + offset : end - offset - box.length,
        strand: forward ? ('+' as const) : ('-' as const),
      };
    });
}

/**
 * P(at least `k` of `n`) where each has probability p: the binomial tail.
 * @example binomialTail(2, 2, 0.5) // 0.25
 */
export function binomialTail(k: number, n: number, p: number): number {
  let [sum, log] = [0, n * Math.log1p(-p)];
  for (let i = 0; i <= n; i++) {
    if (i >= k) sum += Math.exp(log);
    log += Math.log((n - i) / (i + 1)) + Math.log(p / (1 - p));
  }
  return Math.min(1, sum);
}

/**
 * P(at least `a` of the first `m` are among the `a + c` marked of all `m + n`): Fisher's exact test, one-sided.
 * @example fisherTail({ a: 2, m: 2, c: 0, n: 2 }) // 1/6
 */
export function fisherTail({ a, m, c, n }: { a: number; m: number; c: number; n: number }): number {
  const marked = a + c;
  const logs = [0];
  for (let i = 1; i <= m + n; i++) logs.push(logs[i - 1]! + Math.log(i));
  const choose = (from: number, count: number) => logs[from]! - logs[count]! - logs[from - count]!;
  let sum = 0;
  for (let i = a; i <= Math.min(m, marked); i++)
    if (marked - i <= n) sum += Math.exp(choose(m, i) + choose(n, marked - i) - choose(m + n, marked));
  return Math.min(1, sum);
}
