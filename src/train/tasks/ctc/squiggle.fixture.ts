import { randomStream } from '../../../core/random.ts';
import type { TranscribedRecording, TranscriptionData } from './data.ts';

/** How a made-up pore behaves. */
export interface Squiggle {
  reads?: number;
  /** Letters of a read at least and at most. */
  letters?: readonly [number, number];
  /** Letters that the pore sees at once. */
  k?: number;
  /** Samples that a letter stays at least, and how many more at most. */
  dwell?: readonly [number, number];
  /** Deviation of the noise, where levels have the deviation 1. */
  noise?: number;
  seed?: number;
}

/**
 * DNA drawn through a pore: each k-mer has a level of its own, stays for a random time and is blurred by noise, as in nanopore sequencing, in picoamperes.
 * Where one letter ends and the next begins is not told.
 */
export function squiggles({
  reads = 200,
  letters: [fewest, most] = [8, 16],
  k = 2,
  dwell: [shortest, longer] = [5, 5],
  noise = 0.15,
  seed = 1,
}: Squiggle = {}): TranscriptionData {
  const table = randomStream(11, 'levels', k);
  const levels = Float64Array.from({ length: 4 ** k }, () => table.normal());
  const random = randomStream(seed, 'reads');
  const records = Array.from({ length: reads }, (_, r): TranscribedRecording => {
    const bases = Array.from({ length: fewest + random.below(most - fewest + 1) }, () => random.below(4));
    const samples: number[] = [];
    bases.forEach((_, i) => {
      let mer = 0;
      for (let j = 0; j < k; j++) mer = 4 * mer + (bases[i - j] ?? 0);
      const stay = shortest + random.below(longer + 1);
      for (let t = 0; t < stay; t++) samples.push(90 + 12 * (levels[mer]! + noise * random.normal()));
    });
    return {
      ...{ id: `r${r}`, place: `squiggles.jsonl:${r + 1}` },
      observed: { kind: 'frames', values: Float32Array.from(samples), channels: 1 },
      text: bases.map((base) => 'ACGT'[base]).join(''),
    };
  });
  return { kind: 'frames', channels: ['signal'], records, sources: [] };
}
