import { usageError } from '../../core/errors.ts';
import { type RandomStream, randomStream } from '../../core/random.ts';
import { dna } from '../../data/alphabet.ts';
import type { Dataset, SequenceRecord } from '../../data/dataset.ts';
import { eulerShuffle } from '../../data/euler-shuffle.ts';
import { builtInSequences } from '../built-in-data.ts';

/** How windows are cut from genes, and what stands against them. */
export interface CodingWindowOptions {
  /** Letters of a window. */
  readonly window: number;
  /** Windows of a gene, at random places. */
  readonly windows: number;
  /** The controls keep the words of so many letters. */
  readonly control: number;
  /** At most so many genes. */
  readonly genes: number;
  readonly seed: number;
}

/**
 * Windows of 999 genes of E. coli, in whatever reading frame, and as the control of each the same letters in another order that keeps
 * words of `control` letters (see `eulerShuffle`). A gene and its controls are one group. Genes shorter than a window are left out.
 */
export async function codingWindows(options: CodingWindowOptions): Promise<Dataset> {
  const genes = await builtInSequences('ecoli_cds999.fa.gz');
  const random = randomStream(options.seed, 'coding windows');
  const long = genes.records.filter(({ sequence }) => sequence.length >= options.window);
  if (long.length < 2)
    throw usageError(
      `window: no gene of the example has ${options.window} letters; choose a smaller window.`,
    );
  const chosen = random.shuffle([...long]).slice(0, options.genes);
  const records = chosen.flatMap((gene) =>
    Array.from({ length: options.windows }, (_, w) => pairOf(gene, w + 1, options, random)).flat(),
  );
  return {
    ...genes,
    records,
    alphabet: dna,
    target: {
      kind: 'classes',
      classes: ['control', 'coding'],
      truth: Int32Array.from(records, (_, i) => 1 - (i % 2)),
    },
    notes: [
      `Task: coding DNA, or the same letters in another order that keeps all ${options.control}-mers.`,
      ...genes.notes,
    ],
  };
}

function pairOf(
  { id, sequence }: SequenceRecord,
  number: number,
  { window, control }: CodingWindowOptions,
  random: RandomStream,
): SequenceRecord[] {
  const at = random.below(sequence.length - window + 1);
  const coding = sequence.slice(at, at + window).toUpperCase();
  const shuffled = eulerShuffle(coding, control, random);
  return [
    { id: `${id}/${number}/coding`, sequence: coding, group: id },
    { id: `${id}/${number}/control`, sequence: shuffled, group: id },
  ];
}
