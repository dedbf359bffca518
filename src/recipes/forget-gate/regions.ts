import { randomStream } from '../../core/random.ts';

/** A sequence, and where its chromatin is closed (0-based, half-open). */
export interface Regions {
  readonly name: string;
  readonly sequence: string;
  readonly closed: readonly (readonly [start: number, end: number])[];
}

/** How the example is made. */
export interface PlantedRegions {
  readonly count: number;
  readonly length: number;
  /** What stands at the beginning of each open and each closed region. */
  readonly opening: string;
  readonly closing: string;
  readonly shortest: number;
  readonly longest: number;
  readonly seed: number;
}

/**
 * Random bases in regions that are open and closed by turns. A closed region begins with the closing motif and holds no other; an open
 * region begins with the opening motif and holds more of them, as many as chance will have. So what adds up the signs of openness never
 * knows how much to take away where it ends: it has to be forgotten.
 */
export function plantedRegions({
  count,
  length,
  opening,
  closing,
  shortest,
  longest,
  seed,
}: PlantedRegions): Regions[] {
  const random = randomStream(seed, 'chromatin');
  const letters = (n: number) => Array.from({ length: n }, () => 'ACGT'[random.below(4)]).join('');
  const plain = (n: number) => {
    let text = letters(n);
    while (text.includes(opening) || text.includes(closing))
      text = text.replaceAll(opening, letters(opening.length)).replaceAll(closing, letters(closing.length));
    return text;
  };
  /** Opening motifs at the beginning and wherever chance puts more of them. */
  const opened = (size: number) => {
    let region = opening;
    while (region.length < size) {
      const more = random.below(3) === 0 && region.length + opening.length <= size;
      region += more ? opening : plain(Math.min(opening.length, size - region.length));
    }
    return region;
  };
  return Array.from({ length: count }, (_, i) => {
    let sequence = '';
    const closed: [number, number][] = [];
    for (let open = random.below(2) === 1; sequence.length < length; open = !open) {
      const size = shortest + random.below(longest - shortest + 1);
      const region = open ? opened(size) : closing + plain(size - closing.length);
      if (!open) closed.push([sequence.length, Math.min(length, sequence.length + region.length)]);
      sequence += region;
    }
    return { name: `s${i + 1}`, sequence: sequence.slice(0, length), closed };
  });
}

/** Pieces of at most `window` letters with their part of the regions: what a network learns from. */
export function piecesOf(all: readonly Regions[], window: number): Regions[] {
  return all.flatMap(({ name, sequence, closed }) => {
    const count = Math.ceil(sequence.length / window);
    return Array.from({ length: count }, (_, p) => {
      const [from, to] = [p * window, Math.min(sequence.length, (p + 1) * window)];
      return {
        name: count === 1 ? name : `${name}:${from}-${to}`,
        sequence: sequence.slice(from, to),
        closed: closed.flatMap(([a, b]): [number, number][] =>
          b > from && a < to ? [[Math.max(a, from) - from, Math.min(b, to) - from]] : [],
        ),
      };
    });
  });
}

/** One tag a letter. */
export function tagsOf({ sequence, closed }: Regions): string[] {
  const tags = new Array<string>(sequence.length).fill('open');
  for (const [start, end] of closed) tags.fill('closed', start, end);
  return tags;
}

/** Where a sequence goes from open to closed; its first letter is no such place. */
export const boundariesOf = ({ closed }: Regions): number[] =>
  closed.map(([start]) => start).filter((start) => start > 0);

/** Stretches of a sequence: whether a boundary begins in them. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly boundary: boolean;
}

/** A stretch of `width` letters from each boundary on, and what lies between cut into stretches of the same width. */
export function stretchesOf(regions: Regions, width: number): Stretch[] {
  const { length } = regions.sequence;
  const stretches: Stretch[] = [];
  let at = 0;
  for (const boundary of [...boundariesOf(regions).sort((a, b) => a - b), length]) {
    for (; at + width <= boundary; at += width)
      stretches.push({ start: at, end: at + width, boundary: false });
    if (boundary + width > length) break;
    stretches.push({ start: boundary, end: boundary + width, boundary: true });
    at = Math.max(at, boundary + width);
  }
  return stretches;
}
