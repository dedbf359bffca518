import { type RandomStream, randomStream } from '../../core/random.ts';
import { dna } from '../../data/alphabet.ts';
import { dnaComplement } from '../../markov/motif/chain.ts';
import { columnInformation, type MotifMatrix, reverseComplementMatrix } from '../../markov/motif/matrix.ts';

/** What is drawn at random around what is planted. */
export interface PlantedShape {
  readonly count: number;
  readonly shortest: number;
  readonly longest: number;
  /** How many motifs; 0: two to four, as it falls. */
  readonly motifs: number;
  readonly seed: number;
}

/** A site as it was planted: positions [start, end) of a sequence, both by number. */
export interface PlantedSite {
  readonly sequence: number;
  readonly motif: number;
  readonly start: number;
  readonly end: number;
  readonly strand: '+' | '-';
}

/** Sequences, and the truth about them. */
export interface Planted {
  readonly sequences: readonly string[];
  readonly motifs: readonly MotifMatrix[];
  /** Sites of each motif per sequence, on average. */
  readonly frequencies: readonly number[];
  readonly sites: readonly PlantedSite[];
  readonly background: readonly number[];
}

const background = [0.3, 0.2, 0.2, 0.3];
/**
 * Bits that a motif has at least. Those of bacterial factors have 23 on average, those of eukaryotes 12 (Wunderlich and Mirny 2009). With 12, sites
 * are so often matched by chance in sequences of this length that even the planted parameters find them with an F1 below 0.9 now and then.
 */
const leastInformation = 16;

/**
 * Random sequences of unequal lengths with sites of random motifs. A motif has 10 to 18 positions and 16 bits or more, about three in four of which prefer one letter
 * strongly, the others weakly; each site's letters are drawn from it, on either strand. How many motifs there are, how often each occurs (0.4
 * to 1 site per sequence on average, a Poisson number in each) and where is random; sites do not overlap.
 */
export function plantedSequences({ count, shortest, longest, motifs: asked, seed }: PlantedShape): Planted {
  const random = randomStream(seed, 'planted motifs');
  const motifs = Array.from({ length: asked || 2 + random.below(3) }, () => drawnMotif(random));
  const frequencies = motifs.map(() => 0.4 + 0.6 * random.uniform());
  const sites: PlantedSite[] = [];
  const sequences = Array.from({ length: count }, (_, sequence) => {
    const length = shortest + random.below(longest - shortest + 1);
    const tokens = Array.from({ length }, () => drawn(random, background));
    const taken: PlantedSite[] = [];
    motifs.forEach((matrix, motif) => {
      for (let left = poisson(random, frequencies[motif]!); left > 0; left--) {
        const strand = random.below(2) === 0 ? '+' : '-';
        const own = strand === '+' ? matrix : reverseComplementMatrix(matrix, dnaComplement);
        const start = freePlace(random, taken, { length, width: matrix.length });
        if (start === undefined) continue;
        own.forEach((row, i) => {
          tokens[start + i] = drawn(random, row);
        });
        taken.push({ sequence, motif, start, end: start + matrix.length, strand });
      }
    });
    sites.push(...taken.sort((a, b) => a.start - b.start));
    return tokens.map((token) => dna.letters[token]!).join('');
  });
  return { sequences, motifs, frequencies, sites, background };
}

function drawnMotif(random: RandomStream): MotifMatrix {
  for (;;) {
    const width = 10 + random.below(9);
    const matrix = Array.from({ length: width }, () => {
      const strong = random.uniform() < 0.75;
      const most = strong ? 0.85 + 0.14 * random.uniform() : 0.4 + 0.3 * random.uniform();
      const letter = random.below(4);
      const rest = Array.from({ length: 4 }, (_, i) => (i === letter ? 0 : 0.1 + random.uniform()));
      const sum = rest.reduce((a, b) => a + b, 0);
      return rest.map((x, i) => (i === letter ? most : ((1 - most) * x) / sum));
    });
    if (columnInformation(matrix, background).reduce((a, b) => a + b, 0) >= leastInformation) return matrix;
  }
}

function drawn(random: RandomStream, row: readonly number[]): number {
  let left = random.uniform();
  for (let i = 0; i < row.length - 1; i++) {
    left -= row[i]!;
    if (left < 0) return i;
  }
  return row.length - 1;
}

/** Knuth's method: arrivals until one unit of time is over. */
function poisson(random: RandomStream, mean: number): number {
  let [count, product] = [0, random.uniform()];
  for (const limit = Math.exp(-mean); product > limit; count++) product *= random.uniform();
  return count;
}

/** A start at which nothing stands yet; undefined where a hundred throws find none. */
function freePlace(
  random: RandomStream,
  taken: readonly PlantedSite[],
  { length, width }: { length: number; width: number },
): number | undefined {
  for (let attempt = 0; attempt < 100 && width <= length; attempt++) {
    const start = random.below(length - width + 1);
    if (taken.every((site) => start >= site.end || start + width <= site.start)) return start;
  }
  return undefined;
}
