import { bedGraphLine } from '../../../data/bed/bed.ts';
import type { MarksSpec } from '../../../models/marks/spec.ts';
import type { PredictedStretch } from './predict.ts';

/**
 * A mark as bedGraph, a piece of text a stretch: probabilities with three digits, values with four. Neighbours of one value are one line, bins of unknown
 * letters have none.
 */
export async function* bedGraphOf(
  stretches: AsyncIterable<PredictedStretch> | Iterable<PredictedStretch>,
  { marks }: Pick<MarksSpec, 'marks'>,
  mark: number,
): AsyncGenerator<string, void, undefined> {
  for await (const stretch of stretches) yield bedGraphText(stretch, marks, mark);
}

/** The lines of one stretch. */
export function bedGraphText(
  { chrom, start, length, bin, values }: PredictedStretch,
  marks: MarksSpec['marks'],
  mark: number,
): string {
  const width = marks.length;
  const digits = (x: number) =>
    marks[mark]!.kind === 'binary' ? Number(x.toFixed(3)) : Number(x.toPrecision(4));
  const bins = values.length / width;
  const valueAt = (b: number) => digits(values[b * width + mark]!);
  const lines: string[] = [];
  for (let from = 0; from < bins; ) {
    const value = valueAt(from);
    let to = from + 1;
    while (to < bins && valueAt(to) === value) to++;
    if (!Number.isNaN(value))
      lines.push(
        bedGraphLine({ chrom, start: start + from * bin, end: start + Math.min(length, to * bin), value }),
      );
    from = to;
  }
  return lines.join('');
}
