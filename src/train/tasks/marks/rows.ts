import type { MarksData } from './data.ts';

/** Bins that are judged, or that a baseline learns from: a stretch and a bin of it each. */
export interface BinRows {
  readonly stretch: Int32Array;
  readonly bin: Int32Array;
}

/**
 * Bins of which all marks, or any, are known; where there are more than `most`, blocks of `block` neighbours evenly over all of them.
 */
export function knownRows(
  { stretches, marks }: MarksData,
  { every, most, block = 1 }: { every: boolean; most: number; block?: number },
): BinRows {
  const width = marks.length;
  const [of, at]: [number[], number[]] = [[], []];
  stretches.forEach(({ truth, bins }, s) => {
    for (let b = 0; b < bins; b++) {
      let known = 0;
      for (let m = 0; m < width; m++) if (!Number.isNaN(truth[b * width + m]!)) known++;
      if (every ? known < width : known === 0) continue;
      of.push(s);
      at.push(b);
    }
  });
  // Of blocks, as many as make up `most` bins, evenly.
  const share = Math.min(1, most / of.length);
  const kept = (_: unknown, i: number) => {
    const k = Math.floor(i / block);
    return Math.floor((k + 1) * share) > Math.floor(k * share);
  };
  return { stretch: Int32Array.from(of.filter(kept)), bin: Int32Array.from(at.filter(kept)) };
}

/** A column of row-major tables, one a stretch, at some rows. */
export function columnAt(
  tables: readonly Float32Array[],
  { stretch, bin }: BinRows,
  width: number,
  column: number,
): Float64Array {
  return Float64Array.from(stretch, (s, i) => tables[s]![bin[i]! * width + column]!);
}

/**
 * What intervals of metrics draw: whole sequences where there are many, else blocks of neighbouring bins, since bins side by side are
 * alike. `core`: no block is shorter. Undefined where there are fewer than five.
 */
export function drawGroups(
  { stretches }: MarksData,
  { stretch, bin }: BinRows,
  core: number,
): { groups: string[]; of: string; count: number } | undefined {
  const chromosomes = new Set(Array.from(new Set(stretch), (s) => stretches[s]!.chrom));
  const whole = chromosomes.size >= 20;
  const size = Math.max(core, Math.floor(stretch.length / 60));
  const groups = Array.from(stretch, (s, i) =>
    whole ? stretches[s]!.chrom : `${s} ${Math.floor(bin[i]! / size)}`,
  );
  const count = new Set(groups).size;
  if (count < 5) return undefined;
  return { groups, count, of: whole ? 'sequences' : `blocks of ${size} neighbouring bins` };
}
