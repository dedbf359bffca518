import { usageError } from '../../core/errors.ts';
import type { AmbiguityPolicy } from '../../data/alphabet.ts';
import { network } from '../network.ts';
import type { ModelSpec } from '../spec.ts';
import type { TaggerSpec } from '../tagger/spec.ts';
import { isTagger, type ScanModel, type ScanStrand, scanAlphabet } from './runner.ts';
import type { ScanFormat, StrandRule, TrackOptions } from './tracks.ts';
import { answerWindows, positionWindows, type Windowing } from './windowing.ts';

/** How a model is slid along sequences, and what is written of it. Everything has a default but what only the user knows. */
export interface ScanOptions {
  readonly format?: ScanFormat | undefined;
  /** Classes, labels or values (a bedGraph has one); of a tagger the tag that a bedGraph is of. */
  readonly tracks?: readonly string[] | undefined;
  /** Letters in a window. */
  readonly width?: number | undefined;
  /** Letters from one window to the next, for a model with one answer a sequence (default: a quarter of the width). */
  readonly step?: number | undefined;
  /** Letters at either side of a window that are context only, for a model with a tag a letter (default: an eighth of the width). */
  readonly flank?: number | undefined;
  readonly strand?: ScanStrand | 'both' | undefined;
  /** What becomes of two strands (default: the higher probability; the mean of values; tags are told apart). */
  readonly combine?: StrandRule | undefined;
  /** Segments of answers: where a tile belongs to one (default: 0.5 for probabilities). */
  readonly threshold?: number | undefined;
  /** Segments: letters that may lie between tiles of one. */
  readonly gap?: number | undefined;
  readonly ambiguous?: AmbiguityPolicy | undefined;
  /** Windows that are run together (default: by their width); another number may change the last digit of a value. */
  readonly blockSize?: number | undefined;
}

/** Complete settings of a scan: plain data, which with model and input decide every byte of its output. */
export interface ScanSettings extends TrackOptions {
  readonly width: number;
  readonly step: number | null;
  readonly flank: number | null;
  readonly ambiguous: AmbiguityPolicy;
  /** Windows that are run together. */
  readonly blockSize: number;
}

/** Letters that are run together, and the fewest and most windows. */
const blockLetters = 16_384;
const fewestWindows = 4;
const mostWindows = 512;
const taggerWidth = 2048;

/**
 * Settings of a scan, defaults filled in. Throws a usage error for what does not go with the model: unknown outputs, the other strand of
 * an alphabet without complements, a width other than that of a model in which position has a meaning …
 */
export function scanSettings(model: Pick<ScanModel, 'spec'>, options: ScanOptions = {}): ScanSettings {
  const { spec } = model;
  const { format = 'bedgraph', ambiguous = 'mask', gap = 0, strand } = options;
  if (!Number.isSafeInteger(gap) || gap < 0)
    throw usageError(`--merge-gap: expected a whole number of at least 0, received ${gap}.`);
  const alphabet = scanAlphabet(model);
  if (strand !== undefined && strand !== '+' && !alphabet.complement)
    throw usageError(
      `only dna and rna have another strand; the model reads ${alphabet.name}. Use --strand +.`,
    );
  const own = isTagger(spec)
    ? taggerSettings(spec, { ...options, format })
    : answerSettings(spec, { ...options, format }, alphabet.complement !== undefined);
  const count = Math.round(blockLetters / own.width);
  const { blockSize = Math.min(mostWindows, Math.max(fewestWindows, count)) } = options;
  return { format, ambiguous, gap, ...own, blockSize };
}

type OwnSettings = Omit<ScanSettings, 'format' | 'ambiguous' | 'gap' | 'blockSize'>;
type Given = ScanOptions & { readonly format: ScanFormat };

const strandsOf = (strand: ScanStrand | 'both'): ScanStrand[] => (strand === 'both' ? ['+', '-'] : [strand]);

function answerSettings(spec: ModelSpec, given: Given, complements: boolean): OwnSettings {
  const { output, tracks, features = [], config } = spec;
  if (features.length > 0)
    throw usageError(
      `the model reads ${features.map(({ name }) => name).join(', ')} of a table beside the sequence, which a scan does not have. Train a model of letters alone.`,
    );
  if (tracks.length > 0)
    throw usageError(
      `the model reads ${tracks.join(', ')} beside the letters, which a scan does not have. Train a model of letters alone.`,
    );
  if (given.flank !== undefined)
    throw usageError('--flank goes with taggers; this model has one answer a window: set --step.');
  const names = wantedOutputs(spec, given);
  const { fixedLength } = network(spec);
  const width = given.width ?? fixedLength ?? undefined;
  if (width === undefined)
    throw usageError(
      'the model says nothing of the length of its sequences: give --width, the letters of those that it was trained on.',
    );
  if (fixedLength !== null && width !== fixedLength)
    throw usageError(
      `--width: the model was trained on windows of ${fixedLength}, in which position has a meaning; received ${width}.`,
    );
  const step = given.step ?? Math.max(1, Math.floor(width / 4));
  answerWindows({ width, step });
  // Such a model says the same of both strands.
  const symmetric = config.reverseComplement === 'average' || config.reverseComplement === 'shared';
  const usual = complements && !symmetric && output.kind !== 'values' ? 'both' : '+';
  const threshold = given.threshold ?? (output.kind === 'values' ? undefined : 0.5);
  if (threshold === undefined && given.format !== 'bedgraph')
    throw usageError(
      'segments of values need --threshold, the value from which on a window belongs to one; or write a bedGraph.',
    );
  return {
    names,
    width,
    step,
    flank: null,
    strands: strandsOf(given.strand ?? usual),
    combine: given.combine ?? (output.kind === 'values' ? 'mean' : 'max'),
    threshold: threshold ?? 0,
  };
}

function wantedOutputs({ output }: ModelSpec, { tracks = [], format }: Given): string[] {
  const known = output.kind === 'values' ? output.names : output.classes;
  const unknown = tracks.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw usageError(`--track: the model has no output "${unknown}"; it has ${known.join(', ')}.`);
  const wanted = tracks.length > 0 ? known.filter((name) => tracks.includes(name)) : known;
  const one = format === 'bedgraph' && wanted.length > 1;
  const every = tracks.length === 0 && output.kind === 'classes';
  if (one || every)
    throw usageError(
      `say which ${output.kind === 'values' ? 'value' : 'class'} is scanned for: --track with ${one ? 'one' : 'one or more'} of ${known.join(', ')}${one ? ' (a bedGraph holds one)' : ''}.`,
    );
  return [...wanted];
}

function taggerSettings({ tags }: TaggerSpec, given: Given): OwnSettings {
  const { tracks = [], format, width = taggerWidth, flank = Math.floor(width / 8) } = given;
  if (given.step !== undefined || given.threshold !== undefined)
    throw usageError(
      `--${given.step === undefined ? 'threshold' : 'step'} goes with models that have one answer a window; this is a tagger.`,
    );
  const wrong = tracks.find((tag) => !tags.includes(tag));
  if (wrong !== undefined)
    throw usageError(`--track: the model has no tag "${wrong}"; it has ${tags.join(', ')}.`);
  if (format === 'bedgraph' && tracks.length !== 1)
    throw usageError(
      `a bedGraph holds the probability of one tag: give --track with one of ${tags.join(', ')}.`,
    );
  if (format !== 'bedgraph' && tracks.length > 0)
    throw usageError(`--track names the tag of a bedGraph; ${format} has the spans of all tags.`);
  positionWindows({ width, flank });
  const rule = format === 'bedgraph' ? 'max' : 'apart';
  if (format !== 'bedgraph' && given.combine !== undefined && given.combine !== 'apart')
    throw usageError('tags of two strands cannot be combined; leave --combine out.');
  return {
    names: [...tracks],
    width,
    step: null,
    flank,
    strands: strandsOf(given.strand ?? '+'),
    combine: given.combine ?? rule,
    threshold: 0,
  };
}

/** The windows that settings describe. */
export const windowingOf = ({ width, step, flank }: ScanSettings): Windowing =>
  step === null ? positionWindows({ width, flank: flank! }) : answerWindows({ width, step });

/** The numbers of the outputs that are wanted. */
export function outputNumbers({ spec }: Pick<ScanModel, 'spec'>, { names }: ScanSettings): number[] {
  if (isTagger(spec)) return names.map((tag) => spec.tags.indexOf(tag));
  const { output } = spec;
  const known = output.kind === 'values' ? output.names : output.classes;
  return names.map((name) => known.indexOf(name));
}
