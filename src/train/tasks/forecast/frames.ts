import { dataError } from '../../../core/errors.ts';
import { randomStream } from '../../../core/random.ts';
import type { FrameRunner } from '../../../models/forecaster/runner.ts';
import { type FramePiece, framesBefore } from './loss.ts';
import type { SeriesPart } from './series.ts';

/** The frames of a part in pieces of at most `context`, each read by itself; with a seed, where a long series is cut depends on the epoch. */
export function trainingPieces(
  { spans }: SeriesPart,
  context: number,
  { seed, epoch }: { seed: number; epoch: number },
): FramePiece[] {
  const stream = randomStream(seed, 'frames', epoch);
  return spans.flatMap(({ series, from, to }) => {
    const length = to - from;
    const offset = length > context ? 1 + stream.below(context) : length;
    const pieces: FramePiece[] = [];
    for (let at = from, end = from + offset; at < to; at = end, end = Math.min(to, end + context))
      pieces.push({ series, start: at, from: at, to: end });
    return pieces;
  });
}

/** Long series are judged in pieces, each after as much of what stands before it as training looked back. */
const longest = 4096;

/** The frames of a part as they are judged: all that stands before them is read, up to a limit. */
export function judgedPieces({ spans }: SeriesPart, context: number): FramePiece[] {
  return spans.flatMap(({ series, from, to }) => {
    const pieces: FramePiece[] = [];
    for (let at = from; at < to; at += longest) {
      const end = Math.min(to, at + longest);
      pieces.push({ series, start: end <= longest ? 0 : Math.max(0, at - context), from: at, to: end });
    }
    return pieces;
  });
}

/** Logits of the frames of each span of a part, row-major [frames, targets]. */
export async function frameLogits(
  runner: FrameRunner,
  part: SeriesPart,
  { context, width }: { context: number; width: number },
): Promise<Float32Array[]> {
  const values = part.data.series.map((own) => own.values);
  const pieces = judgedPieces(part, context);
  const found = await runner.run(pieces.map((piece) => framesBefore(values[piece.series]!, piece, width)));
  let next = 0;
  return part.spans.map(({ from, to }) => {
    const logits = new Float32Array((to - from) * width);
    for (let at = from; at < to; next++) {
      const { start, to: end } = pieces[next]!;
      logits.set(found[next]!.subarray((at - start) * width), (at - from) * width);
      at = end;
    }
    return logits;
  });
}

/** −ln P of each frame of each span of a part, its targets together: softplus(x) − y x for a logit x of y. */
export function frameNats(part: SeriesPart, logits: readonly ArrayLike<number>[]): Float64Array[] {
  const width = part.data.targets.length;
  return part.spans.map(({ series, from, to }, s) => {
    const truth = part.data.series[series]!.values;
    return Float64Array.from({ length: to - from }, (_, t) => {
      let nats = 0;
      for (let k = 0; k < width; k++) {
        const x = logits[s]![t * width + k]!;
        nats += Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) - truth[(from + t) * width + k]! * x;
      }
      return nats;
    });
  });
}

/** Throws a data error where a part has nothing to learn from or be judged on. */
export function requireFrames(part: SeriesPart, name: string): void {
  if (!part.spans.some(({ from, to }) => to > from))
    throw dataError(`there is no step in the ${name} part. Give more rows.`);
}
