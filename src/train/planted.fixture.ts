import { randomStream } from '../core/random.ts';
import { dna } from '../data/alphabet.ts';
import type { Dataset } from '../data/dataset.ts';

/** Sequences of 12 to 20 bases, half of them with a planted TATAAT. */
export function planted(n: number, seed = 1): Dataset {
  const random = randomStream(seed, 'planted');
  const truth = Int32Array.from({ length: n }, (_, i) => i % 2);
  const records = Array.from(truth, (positive, i) => {
    const letters = Array.from({ length: 12 + random.below(9) }, () => 'ACGT'[random.below(4)]!);
    if (positive) letters.splice(random.below(letters.length - 6), 6, ...'TATAAT');
    return { id: `s${i}`, sequence: letters.join('') };
  });
  return {
    records,
    alphabet: dna,
    target: { kind: 'classes', classes: ['no', 'yes'], truth },
    tracks: [],
    sources: [],
    skipped: [],
    notes: [],
  };
}
