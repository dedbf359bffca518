import { dataError } from '../../../core/errors.ts';
import { randomStream } from '../../../core/random.ts';
import type { SourceDigest } from '../../../data/source.ts';
import { groupNumbers, groupSplit } from '../../../data/split/groups.ts';

/** What was observed: numbers at every moment, or symbols. */
export type Observation =
  | {
      readonly kind: 'frames';
      /** Row-major [time, channels], in the units of the file. */
      readonly values: Float32Array;
      readonly channels: number;
    }
  | { readonly kind: 'symbols'; readonly symbols: string };

/** Something to be transcribed. */
export interface Recording {
  readonly id: string;
  /** Where it stands, for messages: `squiggles.jsonl:4`. */
  readonly place: string;
  readonly observed: Observation;
}

/** A recording and what it says; which part of it says what is not known. */
export interface TranscribedRecording extends Recording {
  /** May be empty: then nothing is to be written. */
  readonly text: string;
  /** What it belongs to (a speaker, a flow cell), where that was asked for. */
  readonly group?: string;
}

/** Recordings of one kind with their transcriptions. */
export interface TranscriptionData {
  readonly kind: Observation['kind'];
  /** What the numbers of a frame are; empty for symbols. */
  readonly channels: readonly string[];
  readonly records: readonly TranscribedRecording[];
  readonly sources: readonly SourceDigest[];
  /** What the reader noticed, in sentences. */
  readonly notes?: readonly string[];
}

/** Where in a file recordings and their transcriptions stand. */
export interface RecordingColumns {
  /** The column of ids; by default `id`, else row numbers from 1 are the ids (of a long table: the first column). */
  id?: string | undefined;
  /** The column of what was observed; by default the first of `frames`, `signal`, `sequence`, `source` that there is. */
  source?: string | undefined;
  /** The column of transcriptions; by default the first of `text`, `target`, `transcription`, `label`. */
  target?: string | undefined;
  group?: string | undefined;
  /** Of a table with one row a frame: the column of times, by which the frames of a record are ordered. */
  time?: string | undefined;
  /** Of such a table: the columns of numbers; by default all that are not named here. */
  channels?: readonly string[] | undefined;
  /** A table of transcriptions, joined by id. */
  labels?: string | undefined;
  /** Read what was observed as symbols even where it looks like numbers. */
  symbols?: boolean | undefined;
}

/** A recording as it comes out of a file, with what else stands beside it. */
export interface RawRecording {
  readonly id: string;
  readonly place: string;
  readonly observed: Observation;
  readonly text?: string;
  readonly group?: string;
}

/** Recordings that are still to come. */
export interface Recordings {
  readonly name: string;
  /** What the numbers of a frame are called, where the file says so. */
  readonly channels: readonly string[] | undefined;
  readonly records: AsyncIterable<RawRecording>;
  digest(): SourceDigest;
}

/** How many frames or symbols (UTF-16 units) there are. */
export const observedLength = (observed: Observation): number =>
  observed.kind === 'frames' ? observed.values.length / observed.channels : observed.symbols.length;

/** A record as messages call it: place and id. */
export const calledRecord = ({ place, id }: Pick<Recording, 'place' | 'id'>): string =>
  `${place}: record "${id}"`;

/** Some of the records, in the given order. */
export const transcriptionSubset = (
  data: TranscriptionData,
  indices: ArrayLike<number>,
): TranscriptionData => ({ ...data, records: Array.from(indices, (i) => data.records[i]!) });

/**
 * Splits records at random, or, where they have groups, so that no group stands on both sides.
 * Throws a data error where there are too few of them.
 */
export function splitTranscriptions(
  data: TranscriptionData,
  { test = 0.2, seed = 42 }: { test?: number; seed?: number } = {},
): { fit: TranscriptionData; test: TranscriptionData } {
  const { records } = data;
  const groups = records.map(({ group }) => group);
  if (groups.every((group) => group !== undefined)) {
    const split = groupSplit(groupNumbers(groups as string[]), { test, seed });
    return { fit: transcriptionSubset(data, split.train), test: transcriptionSubset(data, split.test) };
  }
  const count = Math.min(records.length - 1, Math.max(1, Math.round(test * records.length)));
  if (count < 1)
    throw dataError(
      `There is only ${records.length} record, of which nothing can be held out. Give more, or --no-test and --no-validation.`,
    );
  const order = randomStream(seed, 'split', 'transcriptions').shuffle(records.map((_, i) => i));
  const held = new Set(order.slice(0, count));
  const side = (isHeld: boolean) => records.map((_, i) => i).filter((i) => held.has(i) === isHeld);
  return { fit: transcriptionSubset(data, side(false)), test: transcriptionSubset(data, side(true)) };
}
