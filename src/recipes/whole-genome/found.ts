import { dna, reverseComplement } from '../../data/alphabet.ts';
import { bootstrap, type MetricValue } from '../../train/metrics/index.ts';
import type { PlantedGenome, Site } from './planted.ts';

/** Sites that were found, missed, and found where none is. */
export interface Matches {
  readonly right: readonly Site[];
  readonly missed: readonly Site[];
  readonly wrong: readonly Site[];
  /** Of those found, the share on the right strand. */
  readonly strand: number;
}

/** Lines of BED as sites. */
export const bedSites = (text: string): Site[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [chrom, start, end, , , strand] = line.split('\t') as [
        string,
        string,
        string,
        string,
        string,
        '+' | '-',
      ];
      return { chrom, start: Number(start), end: Number(end), strand };
    });

/** Sets what was found against what is there: a site is found where a segment reaches over its middle, each by one segment. */
export function matchSites(truth: readonly Site[], found: readonly Site[]): Matches {
  const right: Site[] = [];
  const missed: Site[] = [];
  const used = new Set<Site>();
  let sameStrand = 0;
  for (const site of truth) {
    const middle = (site.start + site.end) / 2;
    const own = found.find(
      (segment) =>
        !used.has(segment) && segment.chrom === site.chrom && segment.start <= middle && middle < segment.end,
    );
    if (!own) {
      missed.push(site);
      continue;
    }
    used.add(own);
    right.push(site);
    sameStrand += own.strand === site.strand ? 1 : 0;
  }
  const wrong = found.filter((segment) => !used.has(segment));
  return { right, missed, wrong, strand: right.length === 0 ? 0 : sameStrand / right.length };
}

/** Letters of a genome that are drawn together for an interval: what lies near each other does not vary independently. */
const binLetters = 10_000;

/** F1 with its 95 % interval over stretches of ten thousand letters. */
export function f1Of({ right, missed, wrong }: Matches, seed: number): MetricValue {
  const bins = new Map<string, { right: number; missed: number; wrong: number }>();
  const count = (sites: readonly Site[], kind: 'right' | 'missed' | 'wrong') => {
    for (const { chrom, start } of sites) {
      const key = `${chrom} ${Math.floor(start / binLetters)}`;
      const bin = bins.get(key) ?? { right: 0, missed: 0, wrong: 0 };
      bin[kind]++;
      bins.set(key, bin);
    }
  };
  count(right, 'right');
  count(missed, 'missed');
  count(wrong, 'wrong');
  const all = [...bins.values()];
  const f1 = (weights: ArrayLike<number>) => {
    let [hits, others] = [0, 0];
    all.forEach((bin, i) => {
      hits += weights[i]! * bin.right;
      others += weights[i]! * (bin.missed + bin.wrong);
    });
    return (2 * hits) / (2 * hits + others);
  };
  const score = (weights: Float64Array) => [f1(weights)];
  const { low, high } = bootstrap([{ names: ['f1'], score }], all.length, { seed }).f1!;
  return { value: all.length === 0 ? 0 : f1(all.map(() => 1)), low, high };
}

/** Where the motif stands with at most so many letters exchanged, on either strand. */
export function matchingMotif({ chromosomes }: PlantedGenome, motif: string, mismatches: number): Site[] {
  const patterns = [
    { strand: '+' as const, letters: motif },
    { strand: '-' as const, letters: reverseComplement(motif, dna) },
  ];
  const found: Site[] = [];
  for (const [chrom, text] of Object.entries(chromosomes))
    for (let start = 0; start + motif.length <= text.length; start++)
      for (const { strand, letters } of patterns) {
        let wrong = 0;
        for (let i = 0; i < letters.length && wrong <= mismatches; i++)
          if (text.charCodeAt(start + i) !== letters.charCodeAt(i)) wrong++;
        if (wrong <= mismatches) found.push({ chrom, start, end: start + motif.length, strand });
      }
  return found;
}
