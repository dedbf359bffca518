import { randomStream } from '../../../core/random.ts';
import { dna } from '../../../data/alphabet.ts';
import type { MarkedStretch, MarkName, MarksData } from './data.ts';

/** Bins of four letters. */
export const bin = 4;

/** What a bin of the planted data is told from. */
export interface PlantedBin {
  /** Whether its letters are `GATC`. */
  readonly word: boolean;
  readonly track: number;
}

/**
 * Stretches of random letters with a track: one bin in five says GATC, and marks are whatever is told of the bins around; `truth` is asked
 * for each bin and gives a number a mark.
 */
export function plantedData(
  lengths: readonly number[],
  marks: readonly MarkName[],
  truth: (bins: readonly PlantedBin[], at: number) => readonly number[],
  seed = 1,
): MarksData {
  const stretches = lengths.map((bins, s): MarkedStretch => {
    const random = randomStream(seed, 'planted', s);
    const plan = Array.from({ length: bins }, () => ({
      word: random.below(5) === 0,
      track: Math.round(40 * random.uniform()) / 10,
    }));
    const text = plan.map(({ word }) =>
      word ? 'GATC' : Array.from({ length: bin }, () => 'ACGT'[random.below(4)]).join(''),
    );
    return {
      ...{ chrom: `c${s + 1}`, start: 0, length: bins * bin, bins },
      tokens: Uint8Array.from(dna.encode(text.join(''))),
      tracks: Float32Array.from(plan, ({ track }) => track),
      truth: Float32Array.from(plan.flatMap((_, at) => [...truth(plan, at)])),
      known: new Array<boolean>(bins).fill(true),
    };
  });
  return { alphabet: dna, bin, marks, tracks: ['atac'], stretches, sources: [], notes: [] };
}

/** Whether the word stands within so many bins. */
export const near = (bins: readonly PlantedBin[], at: number, reach: number): boolean =>
  bins.slice(Math.max(0, at - reach), at + reach + 1).some(({ word }) => word);
