import { randomStream } from '../../core/random.ts';
import { dna } from '../../data/alphabet.ts';

/** A chromosome with planted motifs, and what decides how active its promoters are. */
export interface Planted {
  readonly length: number;
  readonly enhancer: string;
  readonly promoter: string;
  /** Letters from one planted motif to the next, on average. */
  readonly enhancerEvery: number;
  readonly promoterEvery: number;
  readonly seed: number;
}

/** Random bases with both motifs planted at random places; an IUPAC code is written as one of its bases. */
export function plantedChromosome({
  length,
  enhancer,
  promoter,
  enhancerEvery,
  promoterEvery,
  seed,
}: Planted): Uint8Array {
  const random = randomStream(seed, 'chromosome');
  const bases = new TextEncoder().encode('ACGT');
  const letters = Uint8Array.from({ length }, () => bases[random.below(4)]!);
  const plant = (motif: string, every: number) => {
    const count = Math.floor(length / every);
    for (let i = 0; i < count; i++) {
      const at = random.below(length - motif.length);
      Array.from(motif, (code, k) => {
        const members = dna.members(code);
        letters[at + k] = members.charCodeAt(random.below(members.length));
        return k;
      });
    }
  };
  plant(enhancer, enhancerEvery);
  plant(promoter, promoterEvery);
  return letters;
}

/** Activity of promoters with levels h: base 1, weight 2, and normal noise. */
export function plantedActivity(
  levels: ArrayLike<number>,
  { noise, seed }: { noise: number; seed: number },
): Float64Array {
  const random = randomStream(seed, 'activity');
  return Float64Array.from(levels, (h) => 1 + 2 * h + noise * random.normal());
}
