import { type CompileOptions, compile } from '../../runtime/compile.ts';
import { type MarksPiece, marksFeed } from './feed.ts';
import { marksGraph } from './graph.ts';
import type { MarksSpec } from './spec.ts';
import { type MarksStretch, marksWindows } from './stretch.ts';

type Weights = ReadonlyMap<string, Float32Array>;

/** A model of marks that is ready to be asked. */
export interface MarksRunner {
  /** What is told of every bin of a stretch, row-major [bins, marks]: probabilities of marks, and values in the unit of their track. */
  run(stretch: MarksStretch): Promise<Float32Array>;
  /** The same of the bins that windows answer, each row-major [to − from, marks]. Which windows share a batch changes nothing beyond float32's last digits. */
  windows(pieces: readonly MarksPiece[]): Promise<Float32Array[]>;
  /** Other weights from now on. */
  load(weights: Weights): Promise<void>;
  close(): Promise<void>;
}

/** Letters that are run together. */
const lettersAtOnce = 2 ** 17;

/** Compiles a model of marks; `close` frees the memory of the runtime. */
export async function openMarksRunner(
  spec: MarksSpec,
  weights: Weights,
  where: CompileOptions = {},
): Promise<MarksRunner> {
  const { inputs, outputs, weights: values } = marksGraph(spec);
  const state = Object.fromEntries(
    [...values].map(([path, value]) => [path, { value, initial: weights.get(path)! }]),
  );
  const program = await compile({ inputs, outputs, state }, where);
  const width = spec.marks.length;
  const atOnce = Math.max(1, Math.floor(lettersAtOnce / ((spec.core + 2 * spec.flank) * spec.bin)));
  const runBatch = async (pieces: readonly MarksPiece[]): Promise<Float32Array[]> => {
    const { predictions } = await program.run(marksFeed(spec, pieces));
    const bins = predictions!.shape[1]!;
    const data = predictions!.data as Float32Array;
    return pieces.map(({ window: { start, end, from, to }, reverse }, b) => {
      const found = new Float32Array((to - from) * width);
      for (let t = from; t < to; t++) {
        const row = (b * bins + (reverse ? end - 1 - t : t - start)) * width;
        found.set(data.subarray(row, row + width), (t - from) * width);
      }
      return found;
    });
  };
  const windows = async (pieces: readonly MarksPiece[]): Promise<Float32Array[]> => {
    const found: Float32Array[] = [];
    for (let at = 0; at < pieces.length; at += atOnce)
      found.push(...(await runBatch(pieces.slice(at, at + atOnce))));
    return found;
  };
  return {
    windows,
    async run(stretch) {
      const all = new Float32Array(stretch.bins * width);
      const plan = marksWindows(stretch.bins, spec);
      for (let at = 0; at < plan.length; at += atOnce) {
        const part = plan.slice(at, at + atOnce);
        const found = await runBatch(part.map((window) => ({ stretch, window })));
        part.forEach(({ from }, i) => {
          all.set(found[i]!, from * width);
        });
      }
      return all;
    },
    load: (next) => program.load(Object.fromEntries(next)),
    close: () => program.release(),
  };
}
