import { createHash } from 'node:crypto';
import { failure, usageError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import type { Stretch, Stretches, StretchPiece } from '../../data/stretches.ts';
import type { Device } from '../../runtime/compile.ts';
import {
  type BlockOptions,
  blockCount,
  blockPlace,
  letterCheck,
  type ScanBlock,
  scanBlocks,
} from './blocks.ts';
import { runInOrder } from './in-order.ts';
import { type ScanModel, scanAlphabet } from './runner.ts';
import { outputNumbers, type ScanOptions, type ScanSettings, scanSettings, windowingOf } from './settings.ts';
import { type TrackState, trackWriter } from './tracks.ts';
import type { Windowing } from './windowing.ts';
import { openWorkerRunner } from './worker-runner.ts';

/** One of several equal parts of a scan: their outputs one after the other are the output of the whole. */
export interface Shard {
  /** From 1 to `of`. */
  readonly part: number;
  readonly of: number;
}

/** Where a scan runs; nothing here changes what it writes. */
export interface ScanPlace {
  readonly device?: Device;
  /** Blocks that are run at the same time, each in a thread of its own. */
  readonly threads?: number;
  readonly shard?: Shard | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was scanned so far, and what was not. */
export interface ScanCounts {
  /** Windows that were run, and the letters that their answers count for. */
  readonly windows: number;
  readonly letters: number;
  /** Windows left out for their unknown letters, and the letters that so have no answer. */
  readonly leftOut: number;
  readonly unknownLetters: number;
  /** Sequences, or regions, too short for a window. */
  readonly short: number;
  readonly shortLetters: number;
  /** Segments written. */
  readonly segments: number;
}

/** A state of a scan from which it goes on to the same bytes: plain data. */
export interface ScanPosition {
  /** The next block. */
  readonly block: number;
  readonly counts: ScanCounts;
  readonly tracks: TrackState | null;
}

/** A piece of the output, and how far it is. */
export interface ScanStep {
  readonly text: string;
  readonly done: number;
  /** Blocks of this shard; undefined where the input's length is not known. */
  readonly total: number | undefined;
  readonly counts: ScanCounts;
  /** The position behind this piece. */
  position(): ScanPosition;
}

/** A scan that is ready to run. */
export interface Scan {
  readonly settings: ScanSettings;
  /** Tells this scan from any other: of its model, input, settings and shard. */
  readonly fingerprint: string;
  /** The output piece by piece, from the beginning or a position on. Throws a failure once the signal has asked it to stop. */
  steps(from?: ScanPosition): AsyncGenerator<ScanStep, void, undefined>;
}

const nothing: ScanCounts = {
  windows: 0,
  letters: 0,
  leftOut: 0,
  unknownLetters: 0,
  short: 0,
  shortLetters: 0,
  segments: 0,
};

/**
 * Prepares a scan of stretches by a model: windows that overlap, on one strand or both, stitched to one track. Sequences are measured and their letters
 * checked first, where they can be read twice. The output depends on model, input and settings alone: not on threads, shards, or
 * whether it was interrupted.
 *
 * Throws a usage error for settings that do not fit the model, a data error for letters that it does not read.
 * @example
 * const scan = await openScan(await loadModel('promoters.model'), await openStretches('genome.fa'), { width: 200, tracks: ['yes'] });
 * for await (const { text } of scan.steps()) process.stdout.write(text);
 */
export async function openScan(
  model: ScanModel,
  stretches: Stretches,
  options: ScanOptions = {},
  { device = 'auto', threads = 1, shard, signal }: ScanPlace = {},
): Promise<Scan> {
  const settings = scanSettings(model, options);
  const windowing = windowingOf(settings);
  const { name } = stretches;
  const { blockSize: size, ambiguous } = settings;
  const blocks: BlockOptions = { windowing, size, alphabet: scanAlphabet(model), ambiguous, name };
  trackWriter(model.spec, settings);
  const measured = await stretches.measure(letterCheck(blocks));
  const range = blockRange(measured, blocks, shard, name);
  const { strands, width, step } = settings;
  const windows = { width, step, together: size };
  const job = { model, strands, outputs: outputNumbers(model, settings), windows };
  const open = () => openWorkerRunner(job, { device, threads: 1 });
  return {
    settings,
    fingerprint: fingerprintOf(model, settings, shard, await stretches.stamp()),
    async *steps(from) {
      const writer = trackWriter(model.spec, settings);
      const counter = scanCounter(measured, blocks, from?.counts ?? nothing);
      if (from) writer.load(from.tracks, from.counts.segments);
      const first = from?.block ?? firstBlock(measured, range.first, blocks, writer.lookBack);
      const place = measured ? blockPlace(measured, first, blocks) : undefined;
      const step = (text: string, next: number): ScanStep => {
        const counts = { ...counter.counts(), segments: writer.written() };
        return {
          text,
          counts,
          done: Math.max(0, Math.min(next, range.end) - range.first),
          total: measured && range.end - range.first,
          position: () => ({ block: next, counts, tracks: writer.state() }),
        };
      };
      const isStart = !from && (shard?.part ?? 1) === 1;
      if (isStart && writer.header !== '') yield step(writer.header, first);
      if (range.first >= range.end) return;
      const read = counter.watched(stretches.pieces(place), measured === undefined);
      const results = runInOrder(scanBlocks(read, blocks, place), { open, count: threads });
      let next = first;
      for await (const { block, scores } of results) {
        const owned = block.index >= range.first && block.index < range.end;
        const text = writer.block(block, scores, owned);
        if (owned) counter.add(block);
        next = block.index + 1;
        yield step(text, next);
        if (block.index >= range.end - 1 && !writer.pending()) return;
        if (signal?.aborted) throw failure('interrupted.');
      }
      const text = writer.end();
      yield step(text, next);
    },
  };
}

/** The blocks of a shard: `first` to before `end`. */
function blockRange(
  measured: readonly Stretch[] | undefined,
  blocks: BlockOptions,
  shard: Shard | undefined,
  name: string,
): { first: number; end: number } {
  if (!measured) {
    if (shard)
      throw usageError(
        `a part of ${name} cannot be told from the rest before it is read. Name a file for --shard.`,
      );
    return { first: 0, end: Infinity };
  }
  const total = blockCount(measured, blocks);
  if (!shard) return { first: 0, end: total };
  const { part, of } = shard;
  if (!(Number.isSafeInteger(of) && Number.isSafeInteger(part) && part >= 1 && part <= of))
    throw usageError(`--shard: expected a part of several, such as 2/5, received ${part}/${of}.`);
  const cut = (parts: number) => Math.floor((parts * total) / of);
  return { first: cut(part - 1), end: cut(part) };
}

/** The block to begin with, so that whoever owns what lies before a shard is known where the shard begins. */
function firstBlock(
  measured: readonly Stretch[] | undefined,
  first: number,
  blocks: BlockOptions,
  lookBack: number,
): number {
  if (!measured || lookBack === 0 || first === 0) return first;
  const { stretch, window } = blockPlace(measured, first, blocks);
  const length = measured[stretch]?.length ?? 0;
  const from = (k: number) => blocks.windowing.at(k, length).from;
  const least = from(window) - lookBack;
  let k = window;
  while (k > 0 && from(k) > least) k--;
  return Math.max(0, first - Math.ceil((window - k) / blocks.size));
}

/** Counts what is scanned and what is not. */
function scanCounter(
  measured: readonly Stretch[] | undefined,
  { windowing }: BlockOptions,
  before: ScanCounts,
) {
  const known = (measured ?? []).filter(({ length }) => windowing.count(length) === 0);
  const counts = { ...before };
  if (measured) Object.assign(counts, { short: known.length, shortLetters: lettersOf(known) });
  return {
    counts: (): ScanCounts => ({ ...counts }),
    add({ windows }: ScanBlock) {
      for (const { from, to, place } of windows) {
        counts[place < 0 ? 'leftOut' : 'windows']++;
        counts[place < 0 ? 'unknownLetters' : 'letters'] += to - from;
      }
    },
    /** Passes pieces on; counts stretches without a window where they could not be measured before. */
    async *watched(pieces: AsyncIterable<StretchPiece>, count: boolean) {
      for await (const piece of pieces) {
        const length = piece.at + piece.letters.length;
        if (count && piece.last && isShort(windowing, length)) {
          counts.short++;
          counts.shortLetters += length;
        }
        yield piece;
      }
    },
  };
}

const isShort = (windowing: Windowing, length: number) => windowing.count(length) === 0;
const lettersOf = (stretches: readonly Stretch[]) => stretches.reduce((sum, { length }) => sum + length, 0);

function fingerprintOf(
  { spec, weights }: ScanModel,
  settings: ScanSettings,
  shard: Shard | undefined,
  stamp: string,
): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([version, spec, settings, shard ?? null, stamp]));
  for (const [path, { buffer, byteOffset, byteLength }] of weights)
    hash.update(path).update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
}
