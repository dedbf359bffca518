import { usageError } from '../../core/errors.ts';
import type { Alphabet } from '../../data/alphabet.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { Program } from '../../runtime/program.ts';
import type { Model } from '../model.ts';
import { taggerGraph } from '../tagger/graph.ts';
import type { TaggerSpec } from '../tagger/spec.ts';
import {
  noTag,
  type RunnableBlock,
  type RunnableWindow,
  rowsOf,
  type ScanJob,
  type ScanRunner,
  type ScanStrand,
  type StrandScores,
  scanAlphabet,
} from './runner.ts';

/** A job of a model with a tag a letter. */
export type TaggingJob = Omit<ScanJob, 'model'> & {
  readonly model: Pick<Model<TaggerSpec>, 'spec' | 'weights'>;
};

/** Compiles a model with a tag a letter. */
export async function openTagging(
  { model: { spec, weights }, strands, outputs }: TaggingJob,
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
  const onStrand = async (
    block: RunnableBlock,
    rows: RunnableWindow[],
    strand: ScanStrand,
  ): Promise<StrandScores> => {
    const scores = blank(block);
    const found = await runTagger(program, block, rows, strand, alphabet);
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
  return {
    async run(block) {
      const rows = rowsOf(block);
      const scores: StrandScores[] = [];
      for (const strand of strands)
        scores.push(rows.length === 0 ? blank(block) : await onStrand(block, rows, strand));
      return scores;
    },
    close: () => program.release(),
  };
}

/** Where the tile of each window begins among the letters of all tiles. */
function tileStarts({ windows }: RunnableBlock): number[] {
  let sum = 0;
  return windows.map(({ from, to }) => {
    sum += to - from;
    return sum - (to - from);
  });
}

/** Runs windows as one batch, those of the strand − as the complements of their letters from the last to the first. */
function runTagger(
  program: Program,
  { letters }: Pick<RunnableBlock, 'letters'>,
  rows: readonly RunnableWindow[],
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
