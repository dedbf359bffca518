import { SeqwrightError, usageError } from '../../../core/errors.ts';
import type { Constraint } from '../../../decode/constraints/constraint.ts';
import { type CtcLanguage, ctcBeam, ctcGreedy } from '../../../decode/ctc.ts';
import type { Model } from '../../../models/model.ts';
import { openTranscriberRunner, placesOf, type StepLogs } from '../../../models/transcriber/runner.ts';
import { blank, type TranscriberSpec, targetTokenizer } from '../../../models/transcriber/spec.ts';
import type { CompileOptions } from '../../../runtime/compile.ts';
import { labellingLogProbability, labelSpans } from './alignment.ts';
import type { Recording } from './data.ts';
import { observationEncoder } from './encode.ts';

/** How transcriptions are looked for. */
export interface TranscribeOptions {
  /** Prefixes of the beam search; by default the most probable class of every step decides (greedy). */
  beam?: number | undefined;
  /** Transcriptions of each recording, the best first; more than one needs a beam at least as wide. */
  best?: number;
  /** A language model over the tokens that helps to choose (with a beam). */
  language?: CtcLanguage | undefined;
  /** What every transcription must be, in the letters that its tokens spell (with a beam). */
  where?: readonly Constraint[];
  /** Recordings that are read at once. */
  batchSize?: number;
}

/** A token that was written. */
export interface WrittenToken {
  readonly token: number;
  /** Places of the input that it stands for in the most probable alignment, from 0: the first, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** The highest probability of the token within them. */
  readonly confidence: number;
}

/** What was written for a recording. */
export interface Transcribed {
  readonly id: string;
  readonly text: string;
  readonly tokens: readonly WrittenToken[];
  /** ln P of the transcription, all alignments together. */
  readonly logProbability: number;
  /** This one and the next best, where more than one is asked for. */
  readonly alternatives: readonly { readonly text: string; readonly logProbability: number }[];
  /** Places of the input. */
  readonly places: number;
}

/** Transcribes, recording after recording. */
export interface Transcriber {
  /** In the order of the recordings; a batch of them is held in memory at a time. */
  transcribe<R extends Recording>(
    recordings: AsyncIterable<R> | Iterable<R>,
    options?: TranscribeOptions,
  ): AsyncGenerator<Transcribed & { readonly recording: R }>;
  close(): Promise<void>;
}

/**
 * Opens a transcriber for use; `close` frees the runtime's memory.
 * @example
 * const transcriber = await openTranscriber(await loadModelOf('transcriber', 'basecaller.model'));
 * for await (const { id, text } of transcriber.transcribe(recordings, { beam: 16 })) console.log(id, text);
 */
export async function openTranscriber(
  { spec, weights }: Pick<Model<TranscriberSpec>, 'spec' | 'weights'>,
  where: CompileOptions = {},
): Promise<Transcriber> {
  const runner = await openTranscriberRunner(spec, weights, where);
  const { classes, stride } = runner;
  const encode = observationEncoder(spec);
  const tokenizer = targetTokenizer(spec);
  const spelling = targetSpelling(spec);
  const textOf = (labels: readonly number[]) => tokenizer.decode(labels.map((label) => label - 1));

  async function written(
    recording: Pick<Recording, 'id'>,
    places: number,
    { logs }: StepLogs,
    options: TranscribeOptions,
  ): Promise<Transcribed> {
    const labellings = await named(recording.id, () => search(logs, classes, spelling, options));
    const found = labellings.map((labelling) => ({
      ...labelling,
      text: textOf(labelling.labels),
    }));
    const { labels, text, logProbability } = found[0]!;
    const tokens = labelSpans({ logs, classes }, labels).map(({ from, to, confidence }, i) => ({
      token: labels[i]! - 1,
      from: from * stride,
      to: Math.min(to * stride, places),
      confidence,
    }));
    const alternatives = found.map(({ text: other, logProbability: log }) => ({
      text: other,
      logProbability: log,
    }));
    return { id: recording.id, text, tokens, logProbability, alternatives, places };
  }

  async function* batch<R extends Recording>(recordings: readonly R[], options: TranscribeOptions) {
    const encoded = recordings.map(({ observed }) => encode(observed));
    const found = await runner.run(encoded);
    for (const [i, recording] of recordings.entries())
      yield { ...(await written(recording, placesOf(encoded[i]!, spec), found[i]!, options)), recording };
  }
  return {
    async *transcribe(recordings, options = {}) {
      checkOptions(options);
      const { batchSize = 64 } = options;
      let waiting: (typeof recordings extends AsyncIterable<infer R> | Iterable<infer R> ? R : never)[] = [];
      for await (const recording of recordings) {
        waiting.push(recording);
        if (waiting.length < batchSize) continue;
        yield* batch(waiting, options);
        waiting = [];
      }
      if (waiting.length > 0) yield* batch(waiting, options);
    },
    close: () => runner.close(),
  };
}

/** What each token spells, as constraints read it: words with a blank after them, all else as it is. */
export function targetSpelling(spec: Pick<TranscriberSpec, 'target'>): string[] {
  const tokenizer = targetTokenizer(spec);
  const after = tokenizer.name === 'words' ? ' ' : '';
  return Array.from({ length: tokenizer.size }, (_, id) => tokenizer.token(id) + after);
}

/** What cannot be found is told with the recording that it was looked for in. */
async function named<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SeqwrightError)) throw error;
    throw new SeqwrightError(error.kind, `record "${id}": ${error.message}`, { cause: error });
  }
}

/** A labelling with its probability, all alignments together. */
interface Labelling {
  readonly labels: readonly number[];
  readonly logProbability: number;
}

/**
 * The best labellings. A beam knows of each only the alignments that it followed, so what it found is weighed anew by all of them; the greedy one is
 * among them, unless a language model or constraints have a say.
 */
async function search(
  logs: Float32Array,
  classes: number,
  spelling: readonly string[],
  { beam, best = 1, language, where = [] }: TranscribeOptions,
): Promise<Labelling[]> {
  const weighed = (labels: readonly number[]) => ({
    labels,
    logProbability: labellingLogProbability({ logs, classes }, labels),
  });
  const greedy = ctcGreedy(logs, { classes, blank }).labels;
  if (beam === undefined) return [weighed(greedy)];
  const followed = await ctcBeam(logs, {
    ...{ classes, blank, width: beam, count: beam },
    ...(language && { language }),
    ...(where.length > 0 && { where, spelling }),
  });
  const found = followed.map(({ labels, logProbability, score }) => {
    const all = weighed(labels);
    return { ...all, score: score - logProbability + all.logProbability };
  });
  const isFree = !language && where.length === 0;
  if (isFree && !found.some(({ labels }) => labels.join() === greedy.join())) {
    const all = weighed(greedy);
    found.push({ ...all, score: all.logProbability });
  }
  return found.sort((a, b) => b.score - a.score).slice(0, best);
}

function checkOptions({ beam, best = 1, language, where = [], batchSize = 64 }: TranscribeOptions): void {
  for (const [name, value] of Object.entries({ beam: beam ?? 1, best, batchSize }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw usageError(`${name}: expected a whole number of at least 1, received ${value}.`);
  if (beam === undefined && (best > 1 || language || where.length > 0))
    throw usageError(
      'several transcriptions of a recording, a language model and constraints need a beam: give one, such as 16.',
    );
  if (beam !== undefined && best > beam)
    throw usageError(`a beam of ${beam} cannot give the ${best} best transcriptions; widen it.`);
}
