import { randomStream } from '../../core/random.ts';
import { dna } from '../../data/alphabet.ts';
import type { Dataset, SequenceRecord } from '../../data/dataset.ts';

export interface TaskShape {
  readonly count: number;
  readonly length: number;
  readonly seed: number;
}

const datasetOf = (records: SequenceRecord[], classes: string[], truth: number[]): Dataset => ({
  records,
  alphabet: dna,
  target: { kind: 'classes', classes, truth: Int32Array.from(truth) },
  tracks: [],
  sources: [],
  skipped: [],
  notes: [],
});

/**
 * Which comes first, G or T? Sequences of A and C with one of each, in pairs that differ in nothing else: every pair has the same
 * letters, so that whoever counts letters must answer both alike. Lengths vary by a third.
 * @example AACGACTA: G first; AACTACGA: T first
 */
export function orderTask({ count, length, seed }: TaskShape): Dataset {
  const random = randomStream(seed, 'order task');
  const records: SequenceRecord[] = [];
  const truth: number[] = [];
  for (let pair = 0; pair < count / 2; pair++) {
    const letters = background(random, varied(length, random));
    const [a, b] = twoPlaces(letters.length, random);
    for (const [first, second] of ['GT', 'TG']) {
      letters[a] = first!;
      letters[b] = second!;
      records.push({
        id: `pair${pair + 1}${first}${second}`,
        sequence: letters.join(''),
        group: `pair${pair + 1}`,
      });
      truth.push(+(first === 'T'));
    }
  }
  return datasetOf(records, ['G first', 'T first'], truth);
}

/** Are there more As or more Cs? Nothing but counting is asked. */
export function compositionTask({ count, length, seed }: TaskShape): Dataset {
  const random = randomStream(seed, 'composition task');
  const records: SequenceRecord[] = [];
  const truth: number[] = [];
  while (records.length < count) {
    const letters = background(random, varied(length, random));
    const surplus = letters.reduce((sum, letter) => sum + (letter === 'A' ? 1 : -1), 0);
    if (Math.abs(surplus) < 2) continue;
    records.push({ id: `c${records.length + 1}`, sequence: letters.join('') });
    truth.push(+(surplus < 0));
  }
  return datasetOf(records, ['more A', 'more C'], truth);
}

type Random = ReturnType<typeof randomStream>;

const background = (random: Random, length: number): string[] =>
  Array.from({ length }, () => (random.below(2) ? 'A' : 'C'));

const varied = (length: number, random: Random) => {
  const spread = Math.floor(length / 3);
  return Math.max(2, length - spread + random.below(2 * spread + 1));
};

function twoPlaces(length: number, random: Random): [number, number] {
  const a = random.below(length);
  const b = (a + 1 + random.below(length - 1)) % length;
  return [Math.min(a, b), Math.max(a, b)];
}
