import type { Alphabet } from '../../data/alphabet.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { Program } from '../../runtime/program.ts';
import { type Sharing, sharedStride, sharing, type WindowRows } from '../architectures/overlapping.ts';
import type { Model } from '../model.ts';
import { network } from '../network.ts';
import { type ModelSpec, outputCount } from '../spec.ts';
import { type AnswerGraph, rowGraph, windowGraph } from './answer-graph.ts';
import { layOut, rowsFor } from './rows.ts';
import {
  type RunnableBlock,
  type RunnableWindow,
  rowsOf,
  type ScanJob,
  type ScanRunner,
  scanAlphabet,
} from './runner.ts';

/** A job of a model with one answer a window. */
export type AnswerJob = Omit<ScanJob, 'model'> & {
  readonly model: Pick<Model<ModelSpec>, 'spec' | 'weights'>;
};

/** The answers of windows of a block on one strand, in their order: [windows, all outputs]. */
type Answer = (letters: Uint8Array, windows: readonly RunnableWindow[]) => Promise<ArrayLike<number>>;

/** Compiles a model with one answer a window, so that windows share what they have in common where the model allows it. */
export async function openAnswers(job: AnswerJob, where: CompileOptions): Promise<ScanRunner> {
  const { model, strands, outputs } = job;
  const alphabet = scanAlphabet(model);
  const { program, answer } = await openProgramOf(job, alphabet, where);
  const all = outputCount(model.spec.output);
  return {
    async run(block) {
      const windows = rowsOf(block);
      const scores = [];
      for (const strand of strands) {
        const values = new Float32Array(block.windows.length * outputs.length).fill(Number.NaN);
        const turned =
          strand === '+' ? { letters: block.letters, windows } : otherStrand(block, windows, alphabet);
        const found = windows.length === 0 ? [] : await answer(turned.letters, turned.windows);
        turned.windows.forEach(({ window }, b) => {
          outputs.forEach((output, o) => {
            values[window * outputs.length + o] = found[b * all + output]!;
          });
        });
        scores.push({ values });
      }
      return scores;
    },
    close: () => program.release(),
  };
}

/** The complements of the letters from the last to the first, and where the windows are in them, again in ascending order. */
function otherStrand(
  { letters }: Pick<RunnableBlock, 'letters'>,
  windows: readonly RunnableWindow[],
  { complement }: Alphabet,
): { letters: Uint8Array; windows: RunnableWindow[] } {
  const { length: total } = letters;
  const turned = letters.map((_, i) => complement![letters[total - 1 - i]!]!);
  const places = windows.map(({ window, place, length }) => ({
    window,
    length,
    place: total - place - length,
  }));
  return { letters: turned, windows: places.reverse() };
}

async function openProgramOf(
  { model: { spec, weights }, windows }: AnswerJob,
  alphabet: Alphabet,
  where: CompileOptions,
): Promise<{ program: Program; answer: Answer }> {
  const open = ({ inputs, predictions, weights: held }: AnswerGraph) => {
    const constants = new Map([...held].map(([path, value]) => [value, weights.get(path)!]));
    return compile({ inputs, outputs: { predictions }, constants }, where);
  };
  const { width, step, together } = windows;
  const net = network(spec);
  const stride = sharedStride(net);
  const rows = stride === undefined ? undefined : rowsFor(width, step!, stride, together);
  const shared = rows && rows.count > 1 ? sharing(net, rows) : undefined;
  if (!shared) {
    const program = await open(windowGraph(spec, width));
    return { program, answer: (letters, places) => runWindows(program, letters, places, width) };
  }
  const program = await open(rowGraph(spec, rows!, shared));
  const layout = { ...rows!, ...shared, padding: alphabet.padding, outputs: outputCount(spec.output) };
  return { program, answer: (letters, places) => runRows(program, letters, places, layout) };
}

const tensorOf = (data: Int32Array, rows: number) => ({
  dtype: 'int32' as const,
  shape: [rows, data.length / rows],
  data,
});

/** Runs windows as one batch, each by itself. */
async function runWindows(
  program: Program,
  letters: Uint8Array,
  windows: readonly RunnableWindow[],
  width: number,
): Promise<ArrayLike<number>> {
  const tokens = new Int32Array(windows.length * width);
  windows.forEach(({ place }, b) => {
    tokens.set(letters.subarray(place, place + width), b * width);
  });
  const { predictions } = await program.run({ tokens: tensorOf(tokens, windows.length) });
  return predictions!.data;
}

/** Runs windows in rows that they share, with the ends of each beside them; see `overlappingCnn`. */
async function runRows(
  program: Program,
  letters: Uint8Array,
  windows: readonly RunnableWindow[],
  layout: WindowRows & Sharing & { padding: number; outputs: number },
): Promise<ArrayLike<number>> {
  const { width, step, count, beginning, ending, padding, outputs } = layout;
  const places = windows.map(({ place }) => place);
  const { starts, slots } = layOut(places, { step, count });
  /** So many letters from each of some places on, in rows of their own. */
  const cut = (from: readonly number[], into: (i: number) => number, rows: number, size: number) => {
    const tokens = new Int32Array(rows * size).fill(padding);
    from.forEach((at, i) => {
      tokens.set(letters.subarray(at, at + size), into(i) * size);
    });
    return tensorOf(tokens, rows);
  };
  const all = starts.length * count;
  const slot = (b: number) => slots[b]!;
  const last = places.map((place) => place + width - ending);
  const { predictions } = await program.run({
    rows: cut(starts, (r) => r, starts.length, width + (count - 1) * step),
    beginnings: cut(places, slot, all, beginning),
    endings: cut(last, slot, all, ending),
  });
  const found = new Float32Array(windows.length * outputs);
  slots.forEach((at, b) => {
    for (let o = 0; o < outputs; o++) found[b * outputs + o] = predictions!.data[at * outputs + o]!;
  });
  return found;
}
