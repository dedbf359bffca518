import { dataError, usageError } from '../../../core/errors.ts';
import { groupNumbers, groupSplit } from '../../../data/split/groups.ts';
import type { MarkedStretch, MarksData } from './data.ts';

/** What is held back: a share of all, or sequences by their names, divided by commas; false: nothing. */
export type HeldMarks = number | string | false;

/** Who goes where, and how in a sentence. */
export interface MarksParts {
  readonly fit: MarksData;
  readonly validation: MarksData | undefined;
  readonly test: MarksData | undefined;
  readonly note: string;
}

/** From so many sequences on, whole ones are held back. */
const enough = 5;

/**
 * Divides stretches so that no base is in two parts: by the names of sequences, or by shares: whole sequences where there are at least five,
 * else blocks of neighbouring bins, so long that few marks lie on their edges. `core`: bins of a window, which no block is shorter than.
 * Throws a usage error for names that there are not, a data error where nothing is left.
 * @example splitMarks(data, { test: 'chr8,chr9', validation: 0.1, core: 96 })
 */
export function splitMarks(
  data: MarksData,
  {
    test = 0.2,
    validation = 0.1,
    seed = 42,
    core,
  }: { test?: HeldMarks; validation?: HeldMarks; seed?: number; core: number },
): MarksParts {
  const tested = byName(data, test, 'test');
  const judged = byName(tested.rest, validation, 'validation');
  const shares = {
    test: typeof test === 'number' ? test : 0,
    validation: typeof validation === 'number' ? validation : 0,
  };
  const share = shares.test + shares.validation;
  const dealt = share > 0 ? byShare(judged.rest, { ...shares, seed, core }) : undefined;
  const fit = dealt?.fit ?? judged.rest;
  const parts = {
    fit,
    validation: judged.held ?? (shares.validation > 0 ? dealt?.validation : undefined),
    test: tested.held ?? (shares.test > 0 ? dealt?.test : undefined),
  };
  if (fit.stretches.length === 0) throw dataError('nothing is left to learn from. Hold less back.');
  const names = [test, validation].some((held) => typeof held === 'string');
  const how = [names && 'by the names of sequences', dealt?.how].filter(Boolean).join(' and ');
  return { ...parts, note: how === '' ? 'Nothing is held out.' : `Split ${how}.` };
}

const part = (data: MarksData, stretches: readonly MarkedStretch[]): MarksData => ({ ...data, stretches });

function byName(data: MarksData, held: HeldMarks, name: string): { rest: MarksData; held?: MarksData } {
  if (typeof held !== 'string') return { rest: data };
  const wanted = new Set(held.split(','));
  const there = new Set(data.stretches.map(({ chrom }) => chrom));
  const lost = [...wanted].find((chrom) => !there.has(chrom));
  if (lost !== undefined)
    throw usageError(
      `--${name} ${held}: "${lost}" is no sequence that is left; there are ${[...there].slice(0, 8).join(', ')}${there.size > 8 ? ' …' : ''}. Give names of sequences, or a share such as 0.2.`,
    );
  const of = (inside: boolean) => data.stretches.filter(({ chrom }) => wanted.has(chrom) === inside);
  return { rest: part(data, of(false)), held: part(data, of(true)) };
}

function byShare(
  data: MarksData,
  { test, validation, seed, core }: { test: number; validation: number; seed: number; core: number },
): { fit: MarksData; validation: MarksData; test: MarksData; how: string } {
  const { stretches } = data;
  const total = stretches.reduce((sum, { bins }) => sum + bins, 0);
  const chromosomes = new Set(stretches.map(({ chrom }) => chrom)).size;
  const whole = chromosomes >= enough;
  const size = whole ? core : Math.max(core, Math.min(8 * core, Math.floor(total / 30)));
  const blocks = stretches.flatMap(({ bins }, s) => {
    const count = Math.max(1, Math.floor(bins / size));
    return Array.from({ length: count }, (_, i) => ({
      stretch: s,
      from: i * size,
      to: i === count - 1 ? bins : (i + 1) * size,
    }));
  });
  const groups = groupNumbers(blocks.map(({ stretch }, i) => (whole ? stretches[stretch]!.chrom : `${i}`)));
  if (new Set(groups).size < 1 + Number(test > 0) + Number(validation > 0))
    throw dataError(
      `${total} bins are too few to be divided into parts of at least ${size}. Use shorter windows (--window), smaller bins, or --no-test.`,
    );
  const { train, test: held, validation: judged } = groupSplit(groups, { test, validation, seed });
  const pick = (indices: Int32Array | undefined) =>
    part(
      data,
      joinedBlocks(
        Array.from(indices ?? []).sort((a, b) => a - b),
        blocks,
        data,
      ),
    );
  return {
    fit: pick(train),
    validation: pick(judged),
    test: pick(held),
    how: whole
      ? 'by whole sequences'
      : `by blocks of ${size * data.bin} letters: there are fewer than ${enough} sequences`,
  };
}

/** Blocks as stretches; those that lie side by side are one. */
function joinedBlocks(
  indices: readonly number[],
  blocks: readonly { stretch: number; from: number; to: number }[],
  { stretches, bin, marks, tracks }: MarksData,
): MarkedStretch[] {
  const joined: { stretch: number; from: number; to: number }[] = [];
  for (const i of indices) {
    const { stretch, from, to } = blocks[i]!;
    const open = joined.at(-1);
    if (open?.stretch === stretch && open.to === from) open.to = to;
    else joined.push({ stretch, from, to });
  }
  const sizes = { bin, marks: marks.length, tracks: tracks.length };
  return joined.map(({ stretch, from, to }) => cutStretch(stretches[stretch]!, from, to, sizes));
}

/** Bins `from` to before `to` of a stretch. */
export function cutStretch(
  stretch: MarkedStretch,
  from: number,
  to: number,
  { bin, marks, tracks }: { bin: number; marks: number; tracks: number },
): MarkedStretch {
  if (from === 0 && to === stretch.bins) return stretch;
  return {
    chrom: stretch.chrom,
    start: stretch.start + from * bin,
    length: Math.min(stretch.length, to * bin) - from * bin,
    bins: to - from,
    tokens: stretch.tokens.subarray(from * bin, to * bin),
    tracks: stretch.tracks.subarray(from * tracks, to * tracks),
    truth: stretch.truth.subarray(from * marks, to * marks),
    known: stretch.known.slice(from, to),
  };
}

/** Bins in all stretches. */
export const binTotal = ({ stretches }: Pick<MarksData, 'stretches'>): number =>
  stretches.reduce((sum, { bins }) => sum + bins, 0);
