import { randomStream } from '../../core/random.ts';
import type { Alphabet } from '../../data/alphabet.ts';
import type { Dataset } from '../../data/dataset.ts';

/** Random sequences of 40 letters, half of them with a planted TATAAT: something that any model can learn within seconds. */
export function planted(alphabet: Alphabet, { count = 128, length = 40 } = {}): Dataset {
  const random = randomStream(1, 'planted');
  const records = Array.from({ length: count }, (_, i) => {
    const letters = Array.from({ length }, () => alphabet.letters[random.below(4)]!).join('');
    const at = random.below(length - 6);
    const sequence = i % 2 === 0 ? letters : `${letters.slice(0, at)}TATAAT${letters.slice(at + 6)}`;
    return { id: `s${i + 1}`, sequence };
  });
  const truth = Int32Array.from({ length: count }, (_, i) => i % 2);
  return {
    records,
    alphabet,
    target: { kind: 'classes', classes: ['no', 'yes'], truth },
    tracks: [],
    sources: [],
    skipped: [],
    notes: [],
  };
}
