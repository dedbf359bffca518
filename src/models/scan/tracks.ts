import { usageError } from '../../core/errors.ts';
import { bedGraphLine, bedLine } from '../../data/bed/bed.ts';
import { gff3Header, gff3Line } from '../../data/gff/gff-text.ts';
import type { Strand } from '../../data/interval.ts';
import { spanTag } from '../tagger/constraints.ts';
import type { ScanBlock } from './blocks.ts';
import { isTagger, noTag, type ScanModel, type ScanStrand, type StrandScores } from './runner.ts';
import { type Segment, type SegmentState, segmenter } from './segments.ts';

/** How a scan is written: values along the sequences, or the segments that stand out. */
export const scanFormats = ['bedgraph', 'bed', 'gff3'] as const;
export type ScanFormat = (typeof scanFormats)[number];

/** What becomes of two strands: the higher value, the mean of both, or each for itself (segments only). */
export type StrandRule = 'max' | 'mean' | 'apart';

/** What is written of a model's scores. */
export interface TrackOptions {
  readonly format: ScanFormat;
  readonly strands: readonly ScanStrand[];
  readonly combine: StrandRule;
  /** The outputs that are scored, by name: classes, labels, values; of a tagger the tag that a bedGraph is of, else none. */
  readonly names: readonly string[];
  /** Segments: from which value on a tile belongs to one (answers). */
  readonly threshold: number;
  /** Segments: letters that may lie between tiles of one. */
  readonly gap: number;
}

/** Turns the scores of blocks, in order, into text. */
export interface TrackWriter {
  /** What a whole file begins with. */
  readonly header: string;
  /** How many letters before a place tell whether a segment begins there. */
  readonly lookBack: number;
  /** What can be written after a block; what begins in a block that is not `owned` is never written. */
  block(block: Pick<ScanBlock, 'windows'>, scores: readonly StrandScores[], owned: boolean): string;
  /** What is left when there are no more blocks. */
  end(): string;
  /** Whether something begun has not been written yet. */
  pending(): boolean;
  /** Segments written so far. */
  written(): number;
  state(): TrackState | null;
  load(state: TrackState | null, written: number): void;
}

/** What a writer has begun: plain data. */
export interface TrackState extends SegmentState {
  /** The stretch that was last written of. */
  readonly stretch: { readonly chrom: string; readonly offset: number } | null;
}

/** The writer of a format. Throws a usage error for combinations that there are not. */
export function trackWriter(spec: ScanModel['spec'], options: TrackOptions): TrackWriter {
  if (options.format === 'bedgraph') return bedGraph(isTagger(spec), options);
  const byTile = isTagger(spec) ? tagTiles(spec.tags, options) : answerTiles(options);
  const isShare = isTagger(spec) || spec.output.kind !== 'values';
  return segmentWriter(byTile, options, isTagger(spec) ? 'mean' : 'best', isShare);
}

const sixDigits = (value: number) => Number(value.toPrecision(6));

/** One value of both strands; NaN where there is none. */
function combined(values: readonly number[], combine: StrandRule): { value: number; best: number } {
  let best = 0;
  for (let s = 1; s < values.length; s++) if (values[s]! > values[best]!) best = s;
  const value = combine === 'mean' ? values.reduce((a, b) => a + b, 0) / values.length : values[best]!;
  return { value, best };
}

/**
 * A value for each tile, or each letter; neighbours with the same six digits share a line. Lines end with their block, so that
 * they are the same in whatever shard it is.
 */
function bedGraph(perLetter: boolean, { strands, combine, names }: TrackOptions): TrackWriter {
  if (names.length !== 1)
    throw usageError(
      `a bedGraph holds the values of one output; name one of them with --track, received ${names.join(', ') || 'none'}.`,
    );
  if (combine === 'apart' && strands.length > 1)
    throw usageError(
      'a bedGraph has no strands: combine them by max or mean, or scan one with --strand + or --strand -.',
    );
  return {
    header: '',
    lookBack: 0,
    block({ windows }, scores, owned) {
      if (!owned) return '';
      const text: string[] = [];
      let open: { chrom: string; start: number; end: number; value: number } | undefined;
      const add = (chrom: string, start: number, end: number, i: number) => {
        const { value } = combined(
          scores.map(({ values }) => values[i]!),
          combine,
        );
        if (Number.isNaN(value)) return;
        const shown = sixDigits(value);
        if (open?.chrom === chrom && open.end === start && open.value === shown) open.end = end;
        else {
          if (open) text.push(bedGraphLine(open));
          open = { chrom, start, end, value: shown };
        }
      };
      let at = 0;
      for (const { chrom, offset, from, to } of windows)
        if (perLetter) for (let i = from; i < to; i++) add(chrom, offset + i, offset + i + 1, at++);
        else add(chrom, offset + from, offset + to, at++);
      if (open) text.push(bedGraphLine(open));
      return text.join('');
    },
    end: () => '',
    pending: () => false,
    written: () => 0,
    state: () => null,
    load: () => {},
  };
}

type Joiner = ReturnType<typeof segmenter>;
/** Hands the tiles of a block's window to the channels; `at` counts windows, or letters, of the block. */
interface Tiles {
  readonly channels: number;
  window(
    joiner: Joiner,
    window: ScanBlock['windows'][number],
    scores: readonly StrandScores[],
    at: number,
    owned: boolean,
  ): number;
}

/** A tile of an output is part of a segment where its value reaches the threshold. */
function answerTiles({ strands, combine, names, threshold }: TrackOptions): Tiles {
  const apart = combine === 'apart';
  const steps = { joins: true, goesOn: true };
  return {
    channels: names.length * (apart ? strands.length : 1),
    window(joiner, { chrom, offset, from, to }, scores, at, owned) {
      const tile = (channel: number, name: string, value: number, strand: Strand) => {
        if (value >= threshold)
          joiner.tile(
            channel,
            { chrom, from: offset + from, to: offset + to, name, value, strand, ...steps },
            owned,
          );
        else joiner.nothing(channel, offset + to);
      };
      names.forEach((name, n) => {
        const values = scores.map((own) => own.values[at * names.length + n]!);
        if (apart)
          values.forEach((value, s) => {
            tile(n * strands.length + s, name, value, strands[s]!);
          });
        else {
          const { value, best } = combined(values, combine);
          tile(n, name, value, combine === 'mean' && strands.length > 1 ? '.' : strands[best]!);
        }
      });
      return at + 1;
    },
  };
}

/** A letter is part of a segment where its tag is one of a span, or any but O where tags write no spans. */
function tagTiles(tags: readonly string[], { strands }: TrackOptions): Tiles {
  const spans = tags.map(spanTag);
  const scheme = spans.every((found) => found !== undefined) && tags.some((tag) => tag !== 'O');
  const kinds = tags.map((tag, t) => {
    if (tag === 'O') return undefined;
    if (!scheme) return { name: tag, joins: true, goesOn: true };
    const { place, kind } = spans[t]!;
    return { name: kind, joins: place === 'I' || place === 'E', goesOn: place === 'B' || place === 'I' };
  });
  return {
    channels: strands.length,
    window(joiner, { chrom, offset, from, to }, scores, first, owned) {
      strands.forEach((strand, s) => {
        const { values, tags: found } = scores[s]!;
        // On the other strand a span is met from its end on.
        const backward = strand === '-';
        for (let i = from, at = first; i < to; i++, at++) {
          const kind = found![at] === noTag ? undefined : kinds[found![at]!];
          if (!kind) joiner.nothing(s, offset + i + 1);
          else {
            const [joins, goesOn] = backward ? [kind.goesOn, kind.joins] : [kind.joins, kind.goesOn];
            const place = { chrom, from: offset + i, to: offset + i + 1 };
            joiner.tile(s, { ...place, name: kind.name, value: values[at]!, strand, joins, goesOn }, owned);
          }
        }
      });
      return first + to - from;
    },
  };
}

function segmentWriter(
  tiles: Tiles,
  { format, gap }: TrackOptions,
  score: 'best' | 'mean',
  isShare: boolean,
): TrackWriter {
  const joiner = segmenter({ channels: tiles.channels, gap });
  const line = format === 'bed' ? bedOf : gff3Of;
  let open: { chrom: string; offset: number } | undefined;
  let written = 0;
  const lines = (position: number) => {
    const ready = joiner.take(position);
    written += ready.length;
    return ready.map((segment) => line(segment, segment[score], isShare)).join('');
  };
  return {
    header: format === 'gff3' ? gff3Header : '',
    lookBack: gap + 1,
    block({ windows }, scores, owned) {
      const text: string[] = [];
      let at = 0;
      for (const window of windows) {
        const { chrom, offset } = window;
        if (open && (open.chrom !== chrom || open.offset !== offset)) {
          joiner.end();
          text.push(lines(Infinity));
        }
        open = { chrom, offset };
        at = tiles.window(joiner, window, scores, at, owned);
      }
      const last = windows.at(-1);
      if (last) text.push(lines(last.offset + last.to));
      return text.join('');
    },
    end() {
      joiner.end();
      return lines(Infinity);
    },
    pending: joiner.pending,
    written: () => written,
    state: () => ({ ...joiner.state(), stretch: open ?? null }),
    load(state, before) {
      written = before;
      if (!state) return;
      joiner.load(state);
      open = state.stretch ?? undefined;
    },
  };
}

/** BED scores are whole numbers up to 1000 for what is a probability, and the value itself for what is not. */
function bedOf({ best, mean, ...segment }: Segment, score: number, isShare: boolean): string {
  return bedLine({ ...segment, score: isShare ? Math.round(1000 * score) : sixDigits(score) });
}

function gff3Of({ best, mean, ...segment }: Segment, score: number): string {
  return gff3Line({ ...segment, source: 'seqwright', type: 'region', parents: [], score: sixDigits(score) });
}
