import { usageError } from '../../core/errors.ts';
import { type Alphabet, alphabetByName } from '../../data/alphabet.ts';
import type { Model } from '../model.ts';
import type { ModelSpec } from '../spec.ts';
import type { TaggerSpec } from '../tagger/spec.ts';
import type { ScanBlock } from './blocks.ts';

/** Models that can be slid along a sequence of letters: one answer a window, or a tag a letter. */
export type ScanModel =
  | Pick<Model<ModelSpec>, 'spec' | 'weights'>
  | Pick<Model<TaggerSpec>, 'spec' | 'weights'>;

export type ScanStrand = '+' | '-';

/** What is to be run: plain data, so that it crosses to a worker. */
export interface ScanJob {
  readonly model: ScanModel;
  readonly strands: readonly ScanStrand[];
  /** Of an answer for each window: the outputs that are wanted. Of tags: the one whose probability is wanted, or none: that of the best tag. */
  readonly outputs: readonly number[];
  /** Letters in a window, from one to the next (null for tags), and how many windows a block has. */
  readonly windows: { readonly width: number; readonly step: number | null; readonly together: number };
}

/** What a model says of a block on one strand. */
export interface StrandScores {
  /** Windows × outputs, row-major; of tags one for each letter of the tiles, in the order of the strand +. NaN for what is left out. */
  readonly values: Float32Array;
  /** Of tags: the best ones (Viterbi within the window), of each letter of the tiles; `noTag` for what is left out. */
  readonly tags?: Uint8Array;
}

/** Stands for no tag: more tags than this no model may have. */
export const noTag = 255;

/** What a runner needs of a block. */
export type RunnableBlock = Pick<ScanBlock, 'letters'> & {
  readonly windows: readonly Pick<ScanBlock['windows'][number], 'start' | 'end' | 'from' | 'to' | 'place'>[];
};

/** A window that is run: its number in the block, where its letters begin, and how many they are. */
export interface RunnableWindow {
  readonly window: number;
  readonly place: number;
  readonly length: number;
}

/** The windows of a block that are run. */
export const rowsOf = ({ windows }: RunnableBlock): RunnableWindow[] =>
  windows.flatMap(({ place, start, end }, window) =>
    place < 0 ? [] : [{ window, place, length: end - start }],
  );

/** A model that is ready to run blocks. */
export interface ScanRunner {
  /** The scores of each strand of the job. */
  run(block: RunnableBlock): Promise<StrandScores[]>;
  close(): Promise<void>;
}

/** The alphabet that a model reads. Throws a usage error for models of words. */
export function scanAlphabet({ spec }: Pick<ScanModel, 'spec'>): Alphabet {
  if (!isTagger(spec)) return alphabetByName(spec.alphabet.name, spec.alphabet.letters);
  if (spec.input.kind === 'letters')
    return alphabetByName(spec.input.alphabet.name, spec.input.alphabet.letters);
  throw usageError('the model tags words; a genome has letters. It is for seqwright tag.');
}

export const isTagger = (spec: ScanModel['spec']): spec is TaggerSpec => spec.kind === 'tagger';
