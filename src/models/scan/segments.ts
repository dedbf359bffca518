import type { Strand } from '../../data/interval.ts';

/** A run of tiles of one name. */
export interface Segment {
  readonly chrom: string;
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** The strand on which its best tile was found. */
  readonly strand: Strand;
  /** The highest value of its tiles, and the mean over its letters. */
  readonly best: number;
  readonly mean: number;
}

/** A tile that belongs to a segment. */
export interface SegmentTile {
  readonly chrom: string;
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly value: number;
  readonly strand: Strand;
  /** Whether it may go on with a segment of its name before it, and whether such a tile after it may go on with it. */
  readonly joins: boolean;
  readonly goesOn: boolean;
}

/** A segment that may still grow; plain data. */
interface Open extends Omit<SegmentTile, 'from' | 'to' | 'value' | 'joins'> {
  start: number;
  end: number;
  best: number;
  strand: Strand;
  sum: number;
  letters: number;
  goesOn: boolean;
  owned: boolean;
}

/** What is open and what waits to be written: plain data, kept where a scan is to be continued. */
export interface SegmentState {
  readonly open: readonly (Open | null)[];
  readonly waiting: readonly Segment[];
}

/**
 * Joins tiles to segments, in several channels side by side (a class or a strand each), and gives the segments ordered by start, end, name and strand.
 * Within a channel tiles come in order; those of one name that lie at most `gap` letters apart are one segment. A segment is given out
 * only if the tile it begins with was `owned`: what others began, others give out.
 */
export function segmenter({ channels, gap = 0 }: { channels: number; gap?: number }) {
  let open: (Open | null)[] = Array.from({ length: channels }, () => null);
  let waiting: Segment[] = [];

  const close = (channel: number) => {
    const segment = open[channel];
    open[channel] = null;
    if (!segment?.owned) return;
    const { chrom, start, end, name, strand, best, sum, letters } = segment;
    waiting.push({ chrom, start, end, name, strand, best, mean: sum / letters });
  };

  return {
    /** The next tile of a channel. */
    tile(channel: number, tile: SegmentTile, owned: boolean): void {
      const { from, to, value, joins, ...rest } = tile;
      const before = open[channel];
      if (before && joins && before.goesOn && before.name === tile.name && from - before.end <= gap) {
        before.end = to;
        before.sum += value * (to - from);
        before.letters += to - from;
        before.goesOn = tile.goesOn;
        if (value > before.best) Object.assign(before, { best: value, strand: tile.strand });
        return;
      }
      close(channel);
      const letters = to - from;
      open[channel] = { ...rest, start: from, end: to, best: value, sum: value * letters, letters, owned };
    },
    /** A tile of a channel that belongs to no segment. */
    nothing(channel: number, to: number): void {
      const before = open[channel];
      if (before && to - before.end > gap) close(channel);
    },
    /** The stretch has ended. */
    end(): void {
      for (let channel = 0; channel < channels; channel++) close(channel);
    },
    /** Segments that no later one can come before: those that begin before `position` and whatever is still open. */
    take(position: number): Segment[] {
      const starts = open.map((segment) => (segment?.owned ? segment.start : Infinity));
      const bound = Math.min(position, ...starts);
      const ready = waiting.filter(({ start }) => start < bound).sort(bySegment);
      waiting = waiting.filter(({ start }) => start >= bound);
      return ready;
    },
    /** Whether anything is to be given out that may still grow. */
    pending: () => waiting.length > 0 || open.some((segment) => segment?.owned),
    state: (): SegmentState => structuredClone({ open, waiting }),
    load(state: SegmentState): void {
      const copy = structuredClone(state) as { open: (Open | null)[]; waiting: Segment[] };
      open = copy.open;
      waiting = copy.waiting;
    },
  };
}

const bySegment = (a: Segment, b: Segment) =>
  a.start - b.start || a.end - b.end || compare(a.name, b.name) || compare(a.strand, b.strand);

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
