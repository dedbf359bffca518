import { dataError, usageError } from '../../../core/errors.ts';
import { transcriberOptions } from '../../../models/transcriber/architectures.ts';
import { stepsOf } from '../../../models/transcriber/front.ts';
import { transcriberNetwork } from '../../../models/transcriber/network.ts';
import {
  stepsNeeded,
  type TranscriberInput,
  type TranscriberSpec,
  targetTokenizer,
} from '../../../models/transcriber/spec.ts';
import { charactersOf } from '../../../tokenize/characters.ts';
import { tokenizerFrom } from '../../../tokenize/description.ts';
import type { Tokenizer } from '../../../tokenize/tokenizer.ts';
import { wordsOf } from '../../../tokenize/words.ts';
import { corpusTokenizer } from '../language/tokenizers.ts';
import { type TokenUnit, tokenizerOf } from '../translation-tokenizers.ts';
import { calledRecord, type Observation, type TranscribedRecording, type TranscriptionData } from './data.ts';

/** A transcriber before it has seen data: an architecture, what of its configuration differs from the defaults, and its tokens. */
export interface TranscriberDefinition {
  readonly architecture?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** What it writes in: `characters` (the default), `words`, or a name that `corpusTokenizer` knows, such as `bpe:200`. */
  readonly tokens?: string;
  /** Of symbols, what they are cut into; by default words where they hold white space, else characters. */
  readonly sourceTokens?: TokenUnit;
}

/**
 * The specification of a transcriber for data: channels and their scale, vocabularies, and, where it is not set, how far the convolutions
 * move, come from them. Throws a usage error for an architecture or an option that there is not.
 */
export function transcriberSpec(
  data: TranscriptionData,
  {
    architecture = 'cnn-bilstm',
    config = {},
    tokens = 'characters',
    sourceTokens = 'auto',
  }: TranscriberDefinition = {},
): TranscriberSpec {
  const target = transcriptionTokenizer(
    data.records.map(({ text }) => text),
    tokens,
  );
  const input: TranscriberInput =
    data.kind === 'frames'
      ? { kind: 'frames', channels: data.channels, ...scaleOf(data) }
      : {
          kind: 'symbols',
          tokens: tokenizerOf(
            data.records.map(({ observed }) => (observed as Observation & { kind: 'symbols' }).symbols),
            sourceTokens,
          ).toJSON(),
        };
  const spec: TranscriberSpec = { kind: 'transcriber', architecture, config, input, target: target.toJSON() };
  const strides = config.strides ?? fittingStrides(data, spec, target);
  const whole = { ...spec, config: { ...config, strides } };
  return { ...whole, config: transcriberNetwork(whole).config };
}

/** Every character or word that the training texts hold is a token, and nothing else: a class that is never seen could not be learned. */
function transcriptionTokenizer(texts: readonly string[], name: string): Tokenizer {
  if (name === 'characters' || name === 'auto') return charactersOf(texts);
  if (name === 'words') return wordsOf(texts, { punctuation: 'keep' });
  return corpusTokenizer({ texts, kind: 'text' }, name);
}

/** Mean and deviation of each channel over all frames; a channel that never changes keeps its unit. */
function scaleOf({ records, channels }: TranscriptionData): { mean: number[]; deviation: number[] } {
  const width = channels.length;
  const [sums, squares] = [new Float64Array(width), new Float64Array(width)];
  let count = 0;
  const each = (take: (value: number, channel: number) => void) => {
    for (const { observed } of records)
      if (observed.kind === 'frames')
        observed.values.forEach((value, i) => {
          take(value, i % width);
        });
  };
  each((value, c) => {
    sums[c]! += value;
    count++;
  });
  const mean = Array.from(sums, (sum) => sum / (count / width));
  each((value, c) => {
    squares[c]! += (value - mean[c]!) ** 2;
  });
  const deviation = Array.from(squares, (sum) => Math.sqrt(sum / (count / width)) || 1);
  return { mean, deviation };
}

/** The widest stride that is chosen unasked. */
const widestStride = 8;

/** Strides of the convolutions, the last one as wide as leaves two steps for each that the longest transcription needs, by its length. */
function fittingStrides(data: TranscriptionData, spec: TranscriberSpec, target: Tokenizer): number[] {
  const { strides, filters } = transcriberOptions(spec.architecture, data.kind);
  const given = (spec.config.filters ?? filters!.default) as readonly number[];
  const base = given.map((_, i) => (strides!.default as readonly number[])[i] ?? 1);
  if (base.length === 0) return base;
  const places = placeCounter(spec);
  const room = data.records.reduce((least, { observed, text }) => {
    const needed = stepsNeeded(target.encode(text));
    const there = places(observed);
    return needed === 0 || needed > there ? least : Math.min(least, there / needed);
  }, Number.POSITIVE_INFINITY);
  base[base.length - 1] =
    room === Number.POSITIVE_INFINITY ? 1 : Math.max(1, Math.min(widestStride, Math.floor(room / 2)));
  return base;
}

/** How many places a network sees of what was observed. */
export function placeCounter({ input }: Pick<TranscriberSpec, 'input'>): (observed: Observation) => number {
  const tokenizer = input.kind === 'symbols' ? tokenizerFrom(input.tokens, 'the tokenizer') : undefined;
  return (observed) =>
    observed.kind === 'frames'
      ? observed.values.length / observed.channels
      : tokenizer!.encode(observed.symbols).length;
}

/** What becomes of training records whose transcription is longer than their steps: refused, or left out. */
export const unalignablePolicies = ['error', 'skip'] as const;
export type UnalignablePolicy = (typeof unalignablePolicies)[number];

/**
 * The data without records that no alignment fits: a transcription needs a step for each token and one for the blank between two that are the
 * same. Throws a data error that names the first of them, unless they are to be skipped; and where none is left.
 */
export function alignable(
  data: TranscriptionData,
  spec: TranscriberSpec,
  policy: UnalignablePolicy = 'error',
): { data: TranscriptionData; skipped: readonly TranscribedRecording[] } {
  if (!unalignablePolicies.includes(policy))
    throw usageError(`expected unalignable to be error or skip; received ${JSON.stringify(policy)}.`);
  const { stride } = transcriberNetwork(spec);
  const [tokenizer, places] = [targetTokenizer(spec), placeCounter(spec)];
  const skipped: TranscribedRecording[] = [];
  const kept = data.records.filter((record) => {
    const tokens = tokenizer.encode(record.text);
    const [needed, seen] = [stepsNeeded(tokens), places(record.observed)];
    const steps = stepsOf(seen, stride);
    if (needed <= steps) return true;
    if (policy === 'error')
      throw unalignableError(record, { tokens: tokens.length, needed, steps, stride, seen });
    skipped.push(record);
    return false;
  });
  if (kept.length === 0)
    throw dataError(
      `No transcription fits the steps of its record (stride ${stride}); nothing is left to learn from. Use --set strides=1,1, or check which column is which.`,
    );
  return { data: { ...data, records: kept }, skipped };
}

function unalignableError(
  record: TranscribedRecording,
  { tokens, needed, steps, stride, seen }: Record<'tokens' | 'needed' | 'steps' | 'stride' | 'seen', number>,
) {
  const repeats = needed - tokens;
  const blanks = repeats > 0 ? `, and ${repeats} more between tokens that repeat` : '';
  const why = stride > 1 ? `its ${seen} places give ${steps} at stride ${stride}` : `it has ${steps}`;
  const advice = stride > 1 && needed <= seen ? 'Set smaller strides (--set strides=1,1), or give' : 'Give';
  return dataError(
    `${calledRecord(record)} needs ${needed} steps: one for each of ${tokens} tokens${blanks}; ${why}. ${advice} --unalignable skip to leave such records out.`,
  );
}
