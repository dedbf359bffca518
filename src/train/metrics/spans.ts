import { spanTag } from '../../models/tagger/constraints.ts';

/** Tokens `start` to before `end` that belong together. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/**
 * The spans that tags of a scheme write, as conlleval reads them (Tjong Kim Sang and Buchholz 2000): an I or E goes on where a B or I of
 * its kind stands before it, and begins a span of its own where none does. Tags of no scheme are outside.
 * @example spansOf(['B-gene', 'I-gene', 'O', 'I-cell']) // gene from 0 to 2, cell from 3 to 4
 */
export function spansOf(tags: readonly string[]): Span[] {
  const spans: Span[] = [];
  let open: { start: number; kind: string; goesOn: boolean } | undefined;
  const close = (end: number) => {
    if (open) spans.push({ start: open.start, end, kind: open.kind });
    open = undefined;
  };
  tags.forEach((tag, t) => {
    const { place, kind } = spanTag(tag) ?? { place: 'O', kind: '' };
    const continues = open?.goesOn && open.kind === kind && (place === 'I' || place === 'E');
    if (!continues) {
      close(t);
      if (place !== 'O') open = { start: t, kind, goesOn: true };
    }
    if (open) open.goesOn = place === 'B' || place === 'I';
  });
  close(tags.length);
  return spans;
}

/** Runs of one tag, for tags of no scheme: helix, strand. */
export function runsOf(tags: readonly string[]): Span[] {
  const runs: Span[] = [];
  tags.forEach((kind, t) => {
    const last = runs[runs.length - 1];
    if (last?.kind === kind) runs[runs.length - 1] = { ...last, end: t + 1 };
    else runs.push({ start: t, end: t + 1, kind });
  });
  return runs;
}

/** Whether tags write spans: all are `O` or of the forms B-, I-, E-, S-, and some are not O. */
export const writeSpans = (tags: readonly string[]): boolean =>
  tags.every((tag) => spanTag(tag) !== undefined) && tags.some((tag) => tag !== 'O');

/** How many spans there are, how many were predicted, and how many of these agree in place and kind. */
export interface SpanCounts {
  truth: number;
  predicted: number;
  right: number;
}

/** Counts of every kind of span in one sequence. */
export function spanCounts(truth: readonly string[], predicted: readonly string[]): Map<string, SpanCounts> {
  const counts = new Map<string, SpanCounts>();
  const of = (kind: string) => {
    const found = counts.get(kind) ?? { truth: 0, predicted: 0, right: 0 };
    counts.set(kind, found);
    return found;
  };
  const key = ({ start, end, kind }: Span) => `${start} ${end} ${kind}`;
  const real = spansOf(truth);
  const known = new Set(real.map(key));
  for (const { kind } of real) of(kind).truth++;
  for (const span of spansOf(predicted)) {
    of(span.kind).predicted++;
    if (known.has(key(span))) of(span.kind).right++;
  }
  return counts;
}

/** Precision, recall and F1 of counts; as in conlleval they are 0 where nothing was right, NaN where there was nothing at all. */
export function spanScores({ truth, predicted, right }: SpanCounts): {
  precision: number;
  recall: number;
  f1: number;
} {
  if (truth + predicted === 0) return { precision: Number.NaN, recall: Number.NaN, f1: Number.NaN };
  return {
    precision: predicted === 0 ? 0 : right / predicted,
    recall: truth === 0 ? 0 : right / truth,
    f1: (2 * right) / (truth + predicted),
  };
}
