import { usageError } from '../../core/errors.ts';
import { type Alphabet, alphabetByName } from '../../data/alphabet.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { Program } from '../../runtime/program.ts';
import type { Model } from '../model.ts';
import { inferenceGraph } from '../network.ts';
import { type ModelSpec, outputCount } from '../spec.ts';
import { taggerGraph } from '../tagger/graph.ts';
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

/** Compiles a model for scanning. `close` frees the runtime's memory. */
export function openScanRunner(job: ScanJob, where: CompileOptions = {}): Promise<ScanRunner> {
  const { spec, weights } = job.model;
  return isTagger(spec)
    ? openTagging({ ...job, spec, weights }, where)
    : openAnswers({ ...job, spec, weights }, where);
}

async function openAnswers(
  { spec, weights, strands, outputs }: Omit<ScanJob, 'model'> & Pick<Model, 'spec' | 'weights'>,
  where: CompileOptions,
): Promise<ScanRunner> {
  const graph = inferenceGraph(spec);
  const { predictions } = graph.outputs;
  const constants = new Map([...graph.weights].map(([path, value]) => [value, weights.get(path)!]));
  const program = await compile({ inputs: graph.inputs, outputs: { predictions }, constants }, where);
  const alphabet = scanAlphabet({ spec });
  const all = outputCount(spec.output);
  const onStrand = async (block: RunnableBlock, rows: Row[], strand: ScanStrand): Promise<StrandScores> => {
    const values = new Float32Array(block.windows.length * outputs.length).fill(Number.NaN);
    const found = await runRows(program, block, rows, strand, alphabet);
    const data = found.predictions!.data;
    rows.forEach(({ window }, b) => {
      outputs.forEach((output, o) => {
        values[window * outputs.length + o] = data[b * all + output]!;
      });
    });
    return { values };
  };
  return runnerOf(program, strands, onStrand, ({ windows }) => ({
    values: new Float32Array(windows.length * outputs.length).fill(Number.NaN),
  }));
}

async function openTagging(
  { spec, weights, strands, outputs }: Omit<ScanJob, 'model'> & Pick<Model<TaggerSpec>, 'spec' | 'weights'>,
  where: CompileOptions,
): Promise<ScanRunner> {
  if (spec.tags.length > noTag)
    throw usageError(`the model has ${spec.tags.length} tags; a scan takes up to ${noTag}.`);
  const graph = taggerGraph(spec);
  const { tags, probabilities } = graph.outputs;
  const constants = new Map([...graph.weights].map(([path, value]) => [value, weights.get(path)!]));
  const program = await compile({ inputs: graph.inputs, outputs: { tags, probabilities }, constants }, where);
  const alphabet = scanAlphabet({ spec });
  const [wanted] = outputs;
  const k = spec.tags.length;
  const blank = ({ windows }: RunnableBlock) => {
    const letters = windows.reduce((sum, { from, to }) => sum + to - from, 0);
    const values = new Float32Array(letters).fill(Number.NaN);
    return { values, tags: new Uint8Array(letters).fill(noTag) };
  };
  const onStrand = async (block: RunnableBlock, rows: Row[], strand: ScanStrand): Promise<StrandScores> => {
    const scores = blank(block);
    const found = await runRows(program, block, rows, strand, alphabet);
    const time = found.tags!.shape[1]!;
    const [best, share] = [found.tags!.data, found.probabilities!.data];
    const tiles = tileStarts(block);
    rows.forEach(({ window }, b) => {
      const { start, end, from, to } = block.windows[window]!;
      for (let i = from; i < to; i++) {
        const t = b * time + (strand === '+' ? i - start : end - 1 - i);
        const at = tiles[window]! + i - from;
        scores.tags[at] = best[t]!;
        scores.values[at] = share[t * k + (wanted ?? best[t]!)]!;
      }
    });
    return scores;
  };
  return runnerOf(program, strands, onStrand, blank);
}

/** Where the tile of each window begins among the letters of all tiles. */
function tileStarts({ windows }: RunnableBlock): number[] {
  let sum = 0;
  return windows.map(({ from, to }) => {
    sum += to - from;
    return sum - (to - from);
  });
}

/** A window that is run. */
interface Row {
  readonly window: number;
  readonly place: number;
  readonly length: number;
}

function runnerOf(
  program: Program,
  strands: readonly ScanStrand[],
  onStrand: (block: RunnableBlock, rows: Row[], strand: ScanStrand) => Promise<StrandScores>,
  blank: (block: RunnableBlock) => StrandScores,
): ScanRunner {
  return {
    async run(block) {
      const rows = block.windows.flatMap(({ place, start, end }, window) =>
        place < 0 ? [] : [{ window, place, length: end - start }],
      );
      const scores: StrandScores[] = [];
      for (const strand of strands)
        scores.push(rows.length === 0 ? blank(block) : await onStrand(block, rows, strand));
      return scores;
    },
    close: () => program.release(),
  };
}

/** Runs windows as one batch, those of the strand − as the complements of their letters from the last to the first. */
function runRows(
  program: Program,
  { letters }: Pick<RunnableBlock, 'letters'>,
  rows: readonly Row[],
  strand: ScanStrand,
  { padding, complement }: Alphabet,
) {
  const time = rows.reduce((most, { length }) => Math.max(most, length), 0);
  const tokens = new Int32Array(rows.length * time).fill(padding);
  rows.forEach(({ place, length }, b) => {
    if (strand === '+') tokens.set(letters.subarray(place, place + length), b * time);
    else
      for (let t = 0; t < length; t++) tokens[b * time + t] = complement![letters[place + length - 1 - t]!]!;
  });
  const lengths = Int32Array.from(rows, ({ length }) => length);
  return program.run({
    tokens: { dtype: 'int32', shape: [rows.length, time], data: tokens },
    lengths: { dtype: 'int32', shape: [rows.length], data: lengths },
  });
}
